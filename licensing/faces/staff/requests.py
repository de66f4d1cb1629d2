"""Requests for information, for the regulator: drafting questions, reading answers, following up, giving more time."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licensing.access import CHECK_INTAKE, RATE, READ_CASES
from licensing.actions import requests as actions
from licensing.faces.panels import Panel
from licensing.faces.returns import ASKED_IN, asked, case_of, documents_of_all, words_of
from licensing.models import InformationRequest, LicenceApplication, NocApplication, RequestItem
from licensing.states import RequestState
from pvara.kernel.forms import SharedForm
from pvara.kernel.machine import Stateful
from pvara.kernel.models import User
from pvara.kernel.seen import ChangedMeanwhile
from pvara.kernel.web import explain_on, holding, person, sent


class QuestionForm(SharedForm):
    """One question."""

    question = forms.CharField(
        label="Question",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One thing at a time: each question is answered, documented and followed up on its own.",
    )


class RemarkForm(forms.Form):
    """Something to say about a question while its answer is awaited."""

    words = forms.CharField(
        label="Message", widget=forms.Textarea(attrs={"rows": 3}), help_text="The firm is told by e-mail."
    )


class FollowUpForm(SharedForm):
    """What is still to be asked, after an answer."""

    words = forms.CharField(
        label="What is still to be told",
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        help_text="It is put with the next request. Leave it empty to take a draft back.",
    )


def may_ask(user: Any) -> bool:
    return user.has_perm(CHECK_INTAKE) or user.has_perm(RATE)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(READ_CASES)
def questions(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """What is drafted for the next request, and the form for one more question."""
    case = case_of(request, kind, pk)
    form = QuestionForm(sent(request)[0], shows=None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.draft_question(case, by=person(request), at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, "Drafted. The firm reads it when you request the information.")
            return redirect("staff:questions", kind=kind, pk=pk)
    drafted = RequestItem.objects.filter(
        request__in=InformationRequest.objects.about(case), request__state=RequestState.DRAFT
    )
    again = RequestItem.objects.filter(request__in=InformationRequest.objects.about(case)).exclude(follow_up="")
    allowed = case.state in ASKED_IN and may_ask(request.user)
    shown = {
        "case": case,
        "firm": case.firm,
        "drafted": drafted,
        "again": again.select_related("request"),
        "form": form if allowed or form.errors else None,
    }
    return render(request, "staff/questions.html", shown, status=422 if form.errors else 200)


@require_safe
@holding(READ_CASES)
def information_request(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: every question with its thread, its answer and its documents; and what may be done with it."""
    rows = InformationRequest.objects.visible_to(request.user).select_related("firm", "drafted_by", "raised_by")
    found = get_object_or_404(rows.prefetch_related("items__messages__said_by"), pk=pk)
    items = list(found.items.all())
    for each in items:
        each.request = found
    documents = documents_of_all(items)
    shown = {
        "found": found,
        "case": found.case,
        "firm": found.firm,
        "items": [(each, *words_of(each), list(each.messages.all()), documents[each.pk]) for each in items],
        "may_ask": may_ask(request.user),
    }
    return render(request, "staff/request.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(READ_CASES)
def request_item(request: HttpRequest, pk: int) -> HttpResponse:
    """One question: its words while it is drafted, a message while the answer is awaited, a follow-up after it."""
    rows = RequestItem.objects.visible_to(request.user).select_related("request__firm")
    item = get_object_or_404(rows.prefetch_related("messages__said_by"), pk=pk)
    form = _form_for(item, sent(request)[0]) if may_ask(request.user) or request.method == "POST" else None
    if request.method == "POST" and form is None:
        messages.error(request, "Nothing more is said about this question now.")
        return redirect("staff:request_item", pk=pk)
    if form is not None and request.method == "POST" and form.is_valid():
        act: Any = _ACTS[type(form)]
        try:
            act(item, by=person(request), at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        except ChangedMeanwhile as newer:
            form.tell(newer)
        else:
            messages.success(request, "Saved.")
            return redirect("staff:request", pk=item.request_id)
    shown = {
        "item": item,
        "found": item.request,
        "firm": item.request.firm,
        "said": item.messages.all(),
        "documents": documents_of_all([item])[item.pk],
        "form": form,
        "is_draft": item.request.state == RequestState.DRAFT,
        "submit": _submit_of(form),
    }
    return render(request, "staff/request_item.html", shown, status=422 if form is not None and form.errors else 200)


_ACTS: dict[type[forms.Form], Any] = {
    QuestionForm: actions.redraft_question,
    RemarkForm: actions.remark,
    FollowUpForm: actions.follow_up,
}


def _form_for(item: RequestItem, data: Any) -> Any:
    match item.request.state:
        case RequestState.DRAFT:
            return QuestionForm(data, shows=item.drafted)
        case RequestState.OPEN if item.is_asked:
            return RemarkForm(data)
        case RequestState.ANSWERED:
            return FollowUpForm(data, shows=item.followed_up)
    return None


def _submit_of(form: forms.Form | None) -> str:
    titles: dict[Any, str] = {QuestionForm: "Save the question", RemarkForm: "Send the message"}
    return titles.get(type(form), "Save the follow-up")


@require_POST
@holding(READ_CASES)
def question_drop(request: HttpRequest, pk: int) -> HttpResponse:
    item = get_object_or_404(RequestItem.objects.visible_to(request.user).select_related("request"), pk=pk)
    kind, number = item.request.kind, item.request.subject_id
    try:
        actions.drop_question(item, by=person(request), at=timezone.now(), seen=request.POST.get("seen", ""))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    except ChangedMeanwhile as newer:
        messages.error(request, f"{newer} Read the question again; it is not dropped.")
        return redirect("staff:request_item", pk=pk)
    else:
        messages.success(request, "The question is dropped.")
    return redirect("staff:questions", kind=kind, pk=number)


def requests_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """What was asked of the applicant, and how far the answers are."""
    if not isinstance(case, NocApplication | LicenceApplication) or case.state in ("draft", "submitted"):
        return None
    rows = list(InformationRequest.objects.about(case).prefetch_related("items"))
    if not rows and case.state not in ASKED_IN:
        return None
    context = {
        "case": case,
        "kind": "noc" if isinstance(case, NocApplication) else "full",
        "requests": asked(rows),
        "may_ask": case.state in ASKED_IN and may_ask(user),
    }
    return Panel("Requests for information", "requests", "staff/panels/requests.html", context)
