"""What a licence's holder does with it: answers a notice, asks for renewal, variation or surrender, appeals."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from licensing.actions import appeals, measures, renewals
from licensing.actions import surrender as surrenders
from licensing.faces import clocks
from licensing.faces.cases import plainly
from licensing.faces.panels import Panel
from licensing.faces.staff.appeals import AppealForm
from licensing.faces.staff.cases import letters_about
from licensing.models import Appeal, Document, Licence, Renewal, Reply, Surrender, Variation, WindDown
from licensing.models.appeals import decisions_of
from licensing.models.firms import firms_of
from licensing.states import ENDED, IN_FORCE, Activity, LicenceState, MeasureKind, RenewalState, VariationState
from pvara.kernel.machine import MoveRefused, StaleVersion, Stateful
from pvara.kernel.models import User
from pvara.kernel.web import applicants_only, explain_on, person, sent

LONG = forms.Textarea(attrs={"rows": 6})
MOVED_ON = "This changed after you opened the page. Read it again, then send the form once more."


def _licence(request: HttpRequest, pk: int) -> Licence:
    rows = Licence.objects.visible_to(request.user).select_related("firm").prefetch_related("measures")
    found: Licence = get_object_or_404(rows, pk=pk)
    return found


def _page(request: HttpRequest, template: str, form: forms.Form | None, **shown: Any) -> HttpResponse:
    wrong = form is not None and form.errors
    return render(request, template, {"form": form, **shown}, status=422 if wrong else 200)


# ── Show-cause ───────────────────────────────────────────────────────────────────────────────────────────────────────
class ReplyForm(forms.Form):
    """The answer to a notice."""

    text = forms.CharField(label="Your reply", widget=forms.Textarea(attrs={"rows": 10}), max_length=50_000)
    file = forms.FileField(
        label="Document",
        required=False,
        help_text="PDF, Word, Excel, PNG, JPEG, text or CSV, 10 MB at most. Send more replies for more documents.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """The show-cause notice on a licence, or its urgent suspension until the hearing, and what is answered to it."""
    licence = _licence(request, pk)
    asked = licence.asked
    form = ReplyForm(*sent(request)) if asked is not None else None
    if request.method == "POST" and (form is None or asked is None):
        messages.error(request, "Nothing waits for a reply.")
        return redirect("portal:licence", pk=pk)
    if request.method == "POST" and form is not None and asked is not None and form.is_valid():
        try:
            measures.reply(asked, by=person(request), at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, "Your reply is with us. You may add to it until we decide.")
            return redirect("portal:notice", pk=pk)
    given = list(Reply.objects.filter(measure=asked)) if asked is not None else []
    files = Document.objects.filter(subject_type="licensing.reply", subject_id__in=[each.pk for each in given])
    return _page(
        request, "portal/notice.html", form, licence=licence, notice=asked, replies=given, documents=list(files)
    )


# ── Renewal ──────────────────────────────────────────────────────────────────────────────────────────────────────────
class RenewalForm(forms.Form):
    """What a firm declares when it asks for renewal."""

    declaration = forms.CharField(
        label="Declaration",
        widget=LONG,
        max_length=20_000,
        help_text="That nothing has changed since the licence was granted or last renewed; or what has.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def renewal(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Renewal.objects.visible_to(request.user).select_related("firm", "licence")
    case = get_object_or_404(rows, pk=pk)
    at = timezone.now()
    form = None
    if case.state == RenewalState.DUE:
        form = RenewalForm(sent(request)[0], initial={"version": case.version})
    if request.method == "POST" and form is None:
        messages.error(request, f"The renewal is {case.get_state_display().lower()}: nothing can be asked for now.")
        return redirect("portal:renewal", pk=pk)
    if request.method == "POST" and form is not None and form.is_valid():
        said = form.cleaned_data
        try:
            renewals.submit_renewal(
                case,
                declaration=said["declaration"],
                by=person(request),
                at=at,
                expected_version=said["version"],
            )
        except (ValidationError, MoveRefused) as refusal:
            explain_on(form, refusal)
        except StaleVersion:
            form.add_error(None, MOVED_ON)
        else:
            messages.success(request, "You have asked for renewal. The licence runs on until we decide.")
            return redirect("portal:renewal", pk=pk)
    shown = {"case": case, "words": plainly(case), "opens_on": case.opens_on(at), "invoice": case.fee_invoice}
    more = {"letters": letters_about(case).for_firms(), "clocks": clocks.for_firm(case, at)}
    return _page(request, "portal/renewal.html", form, **shown, **more)


# ── Variation ────────────────────────────────────────────────────────────────────────────────────────────────────────
class VariationForm(forms.Form):
    """What a licence is to cover besides, or no longer."""

    add = forms.MultipleChoiceField(label="Activities to add", widget=forms.CheckboxSelectMultiple, required=False)
    remove = forms.MultipleChoiceField(
        label="Activities to take off", widget=forms.CheckboxSelectMultiple, required=False
    )
    reasons = forms.CharField(
        label="Reasons",
        widget=LONG,
        max_length=20_000,
        help_text="What is to be offered, to whom, from when; or why it is given up, and what becomes of its clients.",
    )

    def __init__(self, licence: Licence, data: Any = None) -> None:
        super().__init__(data)
        covered = set(licence.activities)
        for name, wanted in (("add", False), ("remove", True)):
            field = self.fields[name]
            assert isinstance(field, forms.MultipleChoiceField)
            field.choices = [each for each in Activity.choices if (each[0] in covered) is wanted]


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def variation_new(request: HttpRequest, pk: int) -> HttpResponse:
    licence = _licence(request, pk)
    form = VariationForm(licence, sent(request)[0])
    if request.method == "POST" and form.is_valid():
        try:
            made = renewals.request_variation(licence, by=person(request), at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"The request is registered under {made.reference}.")
            return redirect("portal:variation", pk=made.pk)
    return _page(
        request,
        "portal/licence_form.html",
        form,
        licence=licence,
        title="Change what the licence covers",
        lead="We look whether the criteria of what you add are met and its capital is paid up. Until we decide, "
        "the licence covers what it covers now.",
        submit="Ask for the change",
    )


@require_safe
@applicants_only
def variation(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Variation.objects.visible_to(request.user).select_related("firm", "licence")
    case = get_object_or_404(rows, pk=pk)
    shown = {
        "case": case,
        "words": plainly(case),
        "invoice": case.fee_invoice,
        "letters": letters_about(case).for_firms(),
        "clocks": clocks.for_firm(case, timezone.now()),
    }
    return _page(request, "portal/variation.html", None, **shown)


# ── Surrender ────────────────────────────────────────────────────────────────────────────────────────────────────────
class SurrenderForm(forms.Form):
    """What is declared with a surrender."""

    reasons = forms.CharField(label="Reasons", widget=LONG, max_length=20_000)
    declaration = forms.CharField(
        label="Declaration on client assets",
        widget=LONG,
        max_length=20_000,
        help_text="What you hold for clients, and how and by when it is returned; or that nothing is held any more.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def surrender(request: HttpRequest, pk: int) -> HttpResponse:
    licence = _licence(request, pk)
    form = SurrenderForm(sent(request)[0], initial={"version": licence.version})
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        version = said.pop("version")
        try:
            surrenders.request_surrender(
                licence, by=person(request), at=timezone.now(), expected_version=version, **said
            )
        except (ValidationError, MoveRefused) as refusal:
            explain_on(form, refusal)
        except StaleVersion:
            form.add_error(None, MOVED_ON)
        else:
            messages.success(request, "You have asked to surrender the licence. We look at client assets first.")
            return redirect("portal:licence", pk=pk)
    return _page(
        request,
        "portal/licence_form.html",
        form,
        licence=licence,
        title="Surrender the licence",
        lead="A surrender is accepted when the assets of clients are returned and no enforcement is open. Until then "
        "every duty of the licence goes on.",
        submit="Ask to surrender the licence",
    )


# ── Appeals ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def appeal_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Notice of an appeal against a decision on the firm."""
    firm = get_object_or_404(firms_of(request.user), pk=pk)
    at = timezone.now()
    form = AppealForm(decisions_of(firm), sent(request)[0])
    if request.method == "POST" and form.is_valid():
        try:
            made = appeals.give_notice(
                firm, by=person(request), at=at, filed_on=timezone.localdate(at), **form.cleaned_data
            )
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"Your notice is registered under {made.reference}.")
            return redirect("portal:appeal", pk=made.pk)
    return _page(request, "portal/appeal_new.html", form, firm=firm)


@require_safe
@applicants_only
def appeal(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Appeal.objects.visible_to(request.user).select_related("firm", "decision").prefetch_related("panel")
    case = get_object_or_404(rows, pk=pk)
    shown = {
        "case": case,
        "words": plainly(case),
        "reference": case.subject.reference,
        "letters": letters_about(case).for_firms(),
        "clocks": clocks.for_firm(case, timezone.now()),
    }
    return _page(request, "portal/appeal.html", None, **shown)


# ── On the page of a licence, and of an application ──────────────────────────────────────────────────────────────────
def measures_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """What was decided against the licence; proposals are the regulator's own until then."""
    if not isinstance(case, Licence):
        return None
    decided = [each for each in case.measures.all() if each.decided_at is not None]
    notice, asked = case.show_cause, case.asked
    if not decided:
        return None
    shown = [each for each in decided if each.is_in_force and each.kind != MeasureKind.SHOW_CAUSE]
    context = {"licence": case, "rows": shown, "notice": notice, "hearing": asked if asked != notice else None}
    return Panel("Restrictions and enforcement", "measures", "portal/panels/measures.html", context)


def licence_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """Renewal, variation and surrender: where each stands, and what may be asked for."""
    if not isinstance(case, Licence):
        return None
    variations = list(Variation.objects.filter(licence=case))
    under_way = any(each.state == VariationState.REQUESTED for each in variations)
    context = {
        "licence": case,
        "renewals": case.renewals.all(),
        "variations": variations,
        "surrenders": Surrender.objects.filter(licence=case),
        "windings": WindDown.objects.filter(licence=case),
        "may_vary": case.state in IN_FORCE and not under_way,
        "may_surrender": case.state in (LicenceState.ACTIVE, LicenceState.RESTRICTED),
        "is_over": case.state in ENDED,
    }
    return Panel("Renewal, changes and surrender", "renewal", "portal/panels/licence.html", context)


def appeals_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """Appeals, and the way to one while a decision may be appealed."""
    firm: Any = case.access_anchor
    rows = list(Appeal.objects.filter(firm=firm).select_related("decision"))
    if not isinstance(case, Licence) and not rows and case.state not in ("refused", "revoked", "suspended"):
        return None
    return Panel("Appeals", "appeals", "portal/panels/appeals.html", {"rows": rows, "firm": firm})
