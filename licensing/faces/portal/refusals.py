"""A notice that we are minded to refuse, as the firm reads it, and the firm's representations."""

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

from licensing.actions.refusals import make_representations
from licensing.faces.panels import Panel
from licensing.models import Document, LicenceApplication, NocApplication, Representation
from licensing.models.refusals import MayBeRefused
from licensing.states import NocState
from pvara.kernel.machine import Stateful
from pvara.kernel.models import User
from pvara.kernel.web import applicants_only, explain_on, person, sent

KINDS: dict[str, type[Any]] = {"noc": NocApplication, "full": LicenceApplication}


class RepresentationForm(forms.Form):
    """The firm's answer to a notice."""

    text = forms.CharField(
        label="Your answer to the grounds",
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Take the grounds one by one. You may add to it until the last day.",
    )
    title = forms.CharField(label="Title of the document", max_length=200, required=False)
    file = forms.FileField(
        label="Document",
        required=False,
        help_text="PDF, Word, Excel, PNG, JPEG, text or CSV, 10 MB at most. Send another answer for another document.",
    )


def grounds_of(notice: Any) -> Any:
    return notice.grounds.select_related("criterion", "noc", "application")


def refusal_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """While the firm may answer: on what grounds, until when, and how often it has."""
    if not isinstance(case, MayBeRefused):
        return None
    notice = case.notice_that_waits()
    if notice is None:
        return None
    kind = "noc" if isinstance(case, NocApplication) else "full"
    shown = {
        "notice": notice,
        "grounds": grounds_of(notice),
        "made": notice.representations.count(),
        "is_over": notice.time_is_over(at),
        "href": reverse("portal:representations", args=[kind, case.pk]),
    }
    title = "We are minded to refuse" if case.state == NocState.MINDED_TO_REFUSE else "You may lose your NOC"
    return Panel(title, "refusal", "portal/panels/refusal.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def representations(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """What the firm said so far, and the form for saying more while its time runs."""
    if kind not in KINDS:
        raise Http404(f"There is no application of the kind {kind}.")
    case = get_object_or_404(KINDS[kind].objects.visible_to(request.user).select_related("firm"), pk=pk)
    at = timezone.now()
    waiting = case.notice_that_waits()
    notice = waiting or case.notice_of_refusal()
    may_answer = waiting is not None and not waiting.time_is_over(at)
    form = RepresentationForm(*sent(request)) if may_answer else None
    if request.method == "POST" and form is None:
        messages.error(request, "No notice waits for an answer, or the time for it is over.")
        return redirect("portal:representations", kind=kind, pk=pk)
    if form is not None and request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        file, title = said["file"], said["title"]
        try:
            make_representations(
                case, by=person(request), at=at, text=said["text"], files=[(title, file)] if file else []
            )
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, "Your representations are with us. We consider them before we decide.")
            return redirect("portal:representations", kind=kind, pk=pk)
    rows = Representation.objects.filter(notice__in=case.refusalnotices.all()).select_related("notice", "made_by")
    made: list[tuple[Representation, list[Document]]] = [(each, []) for each in rows.order_by("-pk")]
    documents: dict[int, list[Document]] = {each.pk: found for each, found in made}
    for document in Document.objects.filter(subject_type="licensing.representation", subject_id__in=documents):
        documents[document.subject_id].append(document)
    shown = {
        "case": case,
        "kind": kind,
        "notice": notice,
        "grounds": grounds_of(notice) if notice is not None else [],
        "made": made,
        "form": form,
    }
    return render(
        request, "portal/representations.html", shown, status=422 if form is not None and form.errors else 200
    )
