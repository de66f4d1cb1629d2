"""What came back to a firm: deficiencies to make good and questions to answer, one at a time."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from licensing.actions import deficiencies, requests
from licensing.faces.panels import Panel
from licensing.faces.returns import asked, by_round, documents_of_all, words_of
from licensing.models import (
    Deficiency,
    InformationRequest,
    LicenceApplication,
    NocApplication,
    RequestItem,
    RequestMessage,
)
from pvara.kernel import audit
from pvara.kernel.forms import SharedForm
from pvara.kernel.machine import Stateful
from pvara.kernel.models import User
from pvara.kernel.seen import ChangedMeanwhile
from pvara.kernel.web import applicants_only, explain_on, person, sent


class AnswerForm(SharedForm):
    """An answer, with a document if there is one."""

    answer = forms.CharField(
        label="Your answer",
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Say what you did or what is the case, even where a document says the rest.",
    )
    title = forms.CharField(label="Title of the document", max_length=200, required=False)
    file = forms.FileField(
        label="File", required=False, help_text="PDF, Word, Excel, PNG, JPEG, text or CSV, 10 MB at most."
    )


class RemarkForm(forms.Form):
    """A message to whoever asks."""

    words = forms.CharField(label="Message", widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # The page has the answer's form too: their fields must not share an id.
        super().__init__(*args, **{**kwargs, "auto_id": "remark_%s"})


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def deficiency(request: HttpRequest, pk: int) -> HttpResponse:
    """One thing that was missing, and what the firm says to it."""
    row = get_object_or_404(Deficiency.objects.visible_to(request.user).select_related("firm"), pk=pk)
    case = row.case
    form = AnswerForm(*sent(request), shows=row.answered)
    if request.method == "POST" and form.is_valid():
        try:
            deficiencies.answer_deficiency(row, by=person(request), at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        except ChangedMeanwhile as newer:
            form.tell(newer)
        else:
            messages.success(request, "Your answer is saved. Submit the application again when every item has one.")
            return redirect("portal:application", kind=row.kind, pk=case.pk)
    shown = {
        "row": row,
        "case": case,
        "kind": row.kind,
        "documents": documents_of_all([row])[row.pk],
        "form": form,
        "is_open": row.is_open and case.state == "returned_incomplete",
    }
    return render(request, "portal/deficiency.html", shown, status=422 if form.errors else 200)


@require_safe
@applicants_only
def information_request(request: HttpRequest, pk: int) -> HttpResponse:
    """The questions of one request; each is answered on a page of its own."""
    rows = InformationRequest.objects.visible_to(request.user).select_related("firm").prefetch_related("items")
    found = get_object_or_404(rows, pk=pk)
    items = list(found.items.all())
    for each in items:
        each.request = found
    shown = {
        "found": found,
        "case": found.case,
        "items": [(each, *words_of(each)) for each in items],
        "is_open": found.state == "open",
        "declined": audit.history(found).filter(event="decline_more_time").last(),
    }
    return render(request, "portal/request.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def request_item(request: HttpRequest, pk: int) -> HttpResponse:
    """One question: what was said about it, the answer with its documents, and a message to whoever asks."""
    rows = RequestItem.objects.visible_to(request.user).select_related("request__firm")
    item = get_object_or_404(rows.prefetch_related("messages"), pk=pk)
    posted, files = sent(request)
    remarks = posted is not None and posted.get("form") == "remark"
    answer_form = AnswerForm(None if remarks else posted, None if remarks else files, shows=item.answered)
    remark_form = RemarkForm(posted if remarks else None)
    bound: forms.Form = remark_form if remarks else answer_form
    if posted is not None and bound.is_valid():
        act: Any = requests.remark if remarks else requests.answer_question
        try:
            act(item, by=person(request), at=timezone.now(), **bound.cleaned_data)
        except ValidationError as refusal:
            explain_on(bound, refusal)
        except ChangedMeanwhile as newer:
            # A remark is added and writes over nothing.
            answer_form.tell(newer)
        else:
            messages.success(request, "Your message is sent." if remarks else "Your answer is saved.")
            return redirect(
                "portal:request_item" if remarks else "portal:request", pk=pk if remarks else item.request_id
            )
    shown = {
        "item": item,
        "found": item.request,
        "said": [each for each in item.messages.all() if each.kind != RequestMessage.Kind.ANSWER or not item.is_open],
        "documents": documents_of_all([item])[item.pk],
        "form": bound,
        "answer_form": answer_form,
        "remark_form": remark_form,
        "is_open": item.is_open,
    }
    return render(request, "portal/request_item.html", shown, status=422 if bound.errors else 200)


# ── On the page of an application ────────────────────────────────────────────────────────────────────────────────────
def deficiencies_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """What is missing, item by item."""
    if not isinstance(case, NocApplication | LicenceApplication) or case.state == "draft":
        return None
    rows = list(Deficiency.objects.about(case).visible_to(user))
    if not rows:
        return None
    waits = case.state == "returned_incomplete"
    context = {"rounds": by_round(rows), "due_on": case.answer_due_on() if waits else None}
    return Panel("What is missing", "deficiencies", "portal/panels/deficiencies.html", context)


def requests_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """What we ask, and how many answers are there."""
    if not isinstance(case, NocApplication | LicenceApplication) or case.state == "draft":
        return None
    rows = list(InformationRequest.objects.about(case).visible_to(user).prefetch_related("items"))
    if not rows:
        return None
    return Panel("Requests for information", "requests", "portal/panels/requests.html", {"requests": asked(rows)})
