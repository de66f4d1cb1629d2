"""A firm's own conditions: which bind it, by when, and the evidence that it hands in for one."""

from datetime import datetime

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from licensing.actions.conditions import prove_condition
from licensing.faces.panels import Panel
from licensing.models import Condition, Document
from licensing.models.conditions import HasConditions
from licensing.states import ConditionState
from pvara.kernel import audit
from pvara.kernel.machine import Stateful
from pvara.kernel.models import User
from pvara.kernel.web import applicants_only, explain_on, person, sent

# What a condition waits for, as one would say it on the telephone.
WORDS = {
    "open": "Attach what proves that you meet the condition, then submit the evidence.",
    "overdue": "Its day has passed. Attach what proves that you meet it, and submit the evidence at once.",
    "evidence_submitted": "We have your evidence. A case officer looks at it.",
    "satisfied": "We find the condition satisfied. There is nothing left to do.",
    "waived": "The condition was waived. There is nothing left to do.",
}


class EvidenceForm(forms.Form):
    """A document that proves that a condition is met."""

    title = forms.CharField(label="Title", max_length=200, help_text="Such as “Audited accounts 2025”.")
    file = forms.FileField(label="File", help_text="PDF, Word, Excel, PNG, JPEG, text or CSV, 10 MB at most.")


def conditions_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    if not isinstance(case, HasConditions):
        return None
    rows = case.imposed_conditions
    return Panel("Conditions", "conditions", "portal/panels/conditions.html", {"rows": rows}) if rows else None


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def condition(request: HttpRequest, pk: int) -> HttpResponse:
    """One condition: what it asks for, what was handed in, and, as long as it is open, the form for more."""
    rows = Condition.objects.visible_to(request.user).select_related("firm", "noc", "application", "licence")
    found = get_object_or_404(rows, pk=pk)
    is_open = found.state in (ConditionState.OPEN, ConditionState.OVERDUE)
    form = EvidenceForm(*sent(request)) if is_open else None
    if request.method == "POST" and form is None:
        messages.error(request, "Nothing can be added to this condition now.")
        return redirect("portal:condition", pk=pk)
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            prove_condition(found, by=person(request), at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, "The document is attached. Submit the evidence when everything is there.")
            return redirect("portal:condition", pk=pk)
    last = audit.history(found).exclude(from_state="").last()
    shown = {
        "condition": found,
        "firm": found.firm,
        "words": WORDS[found.state],
        "documents": Document.objects.about(found),
        "sent_back": last if is_open and last is not None and last.event == "send_back" else None,
        "form": form,
    }
    return render(request, "portal/condition.html", shown, status=422 if form is not None and form.errors else 200)
