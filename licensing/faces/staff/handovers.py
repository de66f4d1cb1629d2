"""Who has a case in hand and who had it before; and the form with which it goes to another officer."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from licensing.access import HAND_OVER_CASES
from licensing.actions.handovers import hand_over, may_take_over
from licensing.faces.panels import Panel
from licensing.models import LicenceApplication, NocApplication
from licensing.models.handovers import handovers_of
from pvara.kernel.machine import Stateful
from pvara.kernel.models import User
from pvara.kernel.refusals import StaleVersion
from pvara.kernel.web import explain_on, holding, person, sent

HANDED_OVER: dict[str, Any] = {"noc": NocApplication, "full": LicenceApplication}


class HandoverForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    to = forms.ModelChoiceField(
        label="To",
        queryset=User.objects.none(),
        empty_label="Choose",
        help_text="Officers without an interest in the firm, a part in a decision on the case, or a hand on its money.",
    )
    reasons = forms.CharField(
        label="Reasons",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="They are part of the record; the firm does not read them.",
    )

    def __init__(self, data: Any, *, officers: list[User], version: int) -> None:
        super().__init__(data, initial={"version": version})
        self.fields["to"].queryset = User.objects.filter(pk__in=[each.pk for each in officers])  # type: ignore[attr-defined]


def officer_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """The officer of an application, those before, and the way to hand it over."""
    if not isinstance(case, NocApplication | LicenceApplication) or case.case_officer_id is None:
        return None
    kind = next(name for name, model in HANDED_OVER.items() if isinstance(case, model))
    shown = {
        "officer": case.case_officer,
        "rows": handovers_of(case),
        "href": reverse("staff:hand_over", args=[kind, case.pk])
        if case.has_an_officer_at_work and user.has_perm(HAND_OVER_CASES)
        else "",
    }
    return Panel("Case officer", "officer", "staff/panels/officer.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(HAND_OVER_CASES)
def handover(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Hand a case over; what is refused comes back with everything that was typed."""
    if kind not in HANDED_OVER:
        raise Http404(f"No case of the kind {kind} is handed over.")
    cases = HANDED_OVER[kind].objects.visible_to(request.user).select_related("firm", "case_officer")
    case = get_object_or_404(cases, pk=pk)
    at = timezone.now()
    form = HandoverForm(sent(request)[0], officers=may_take_over(case, at=at), version=case.version)
    status = 200
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        try:
            hand_over(
                case, said["to"], by=person(request), at=at, reasons=said["reasons"], expected_version=said["version"]
            )
        except ValidationError as refusal:
            explain_on(form, refusal)
        except StaleVersion:
            form.add_error(None, "The case has changed since you opened it: look at it again, then hand it over.")
            form.data = {**request.POST.dict(), "version": case.version}
            status = 409
        else:
            messages.success(request, f"{case.reference} is in the hands of {said['to']} from now.")
            return redirect(case.get_absolute_url())
    status = 422 if form.errors and status == 200 else status
    return render(request, "staff/hand_over.html", {"case": case, "firm": case.firm, "form": form}, status=status)
