"""Filling in an application: the task list, a section at a time, the check of all answers, signature and submission.

What is typed is kept section by section; one may stop anywhere and go on another day.
"""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licensing.access import SIGN
from licensing.actions import applications
from licensing.faces import clocks
from licensing.faces.answers import answered
from licensing.faces.cases import plainly
from licensing.faces.forms import AnswersForm
from licensing.faces.panels import made
from licensing.faces.portal.panels import PANELS as CASE_PANELS
from licensing.faces.staff.cases import letters_about
from licensing.models import LicenceApplication, NocApplication
from pvara.kernel.forms import SharedForm
from pvara.kernel.seen import ChangedMeanwhile
from pvara.kernel.web import applicants_only, explain_on, person, sent

KINDS: dict[str, type[Any]] = {"noc": NocApplication, "full": LicenceApplication}
TITLES = {"noc": "Application for a No Objection Certificate", "full": "Application for the full licence"}


class FeeForm(SharedForm):
    """Under which reference the fee was paid."""

    fee_reference = forms.CharField(
        label="Reference of the fee payment", max_length=60, help_text="As on the bank's receipt."
    )


class DeclarationForm(SharedForm):
    """The signatory's word that the answers are true."""

    agreed = forms.BooleanField(
        label="I declare, for the applicant, that the answers are true and complete.",
        error_messages={"required": "Tick the declaration before you sign it."},
    )

    def read_anew(self, newer: ChangedMeanwhile) -> None:
        """Ask for the signature under the answers as they now are: the page shows them all, above the form."""
        self.data = self.data.copy()
        self.data["seen"] = newer.seen
        self.data.pop("agreed", None)
        self.add_error(None, f"{newer} Read the answers again above, then sign.")


def the_case(request: HttpRequest, kind: str, pk: int) -> Any:
    if kind not in KINDS:
        raise Http404(f"There is no application of the kind {kind}.")
    cases = KINDS[kind].objects.visible_to(request.user).select_related("firm", "submitted_by", "declaration_signed_by")
    return get_object_or_404(cases, pk=pk)


@require_safe
@applicants_only
def application(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """A draft as a task list; afterwards where the case stands and what was answered."""
    case = the_case(request, kind, pk)
    sections = answered(case.form, case.answers)
    shown = {
        "case": case,
        "kind": kind,
        "title": TITLES[kind],
        "words": plainly(case),
        "sections": sections,
        "ready": sum(not each.missing for each in sections),
        "documents": documents_of(case, timezone.now()),
        "letters": letters_about(case).for_firms(),
        "panels": made(CASE_PANELS, case, person(request), timezone.now()),
        "clocks": clocks.for_firm(case, timezone.now()),
    }
    return render(request, "portal/application.html", shown)


def documents_of(case: Any, at: datetime) -> dict[str, str]:
    """How the documents stand that have to come with an application, in words and a tone."""
    if not case.is_open_to_change:
        return {}
    missing = len(case.documents_missing(at))
    return (
        {"words": f"{missing} missing", "tone": "secondary"} if missing else {"words": "All there", "tone": "success"}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def section(request: HttpRequest, kind: str, pk: int, key: str) -> HttpResponse:
    """One section. Saved as far as it is filled in, then on to the next."""
    case = the_case(request, kind, pk)
    keys = [each.key for each in case.form]
    if key not in keys:
        raise Http404(f"The form has no section {key}.")
    place = keys.index(key)
    asked = case.form[place]
    form = AnswersForm(asked.questions, said=case.answers_of(key), data=sent(request)[0])
    if request.method == "POST" and form.is_valid():
        try:
            seen = form.cleaned_data["seen"]
            applications.save_answers(case, key, form.answers, by=person(request), at=timezone.now(), seen=seen)
        except ValidationError as refusal:
            explain_on(form, refusal)
        except ChangedMeanwhile as newer:
            form.tell(newer)
        else:
            messages.success(request, f"“{asked.title}” is saved.")
            if request.POST.get("then") == "next" and place + 1 < len(keys):
                return redirect("portal:section", kind=kind, pk=pk, key=keys[place + 1])
            return redirect("portal:application", kind=kind, pk=pk)
    shown = {
        "case": case,
        "kind": kind,
        "title": TITLES[kind],
        "section": asked,
        "form": form,
        "place": f"{TITLES[kind]}, section {place + 1} of {len(keys)}",
        "is_last": place + 1 == len(keys),
    }
    return render(request, "portal/section.html", shown, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD"])
@applicants_only
def review(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """All answers on one page, the fee reference, the declaration, and the submission."""
    return _review(request, the_case(request, kind, pk), kind)


def _review(request: HttpRequest, case: Any, kind: str, *, bound: forms.Form | None = None) -> HttpResponse:
    shown = {
        "case": case,
        "kind": kind,
        "title": TITLES[kind],
        "sections": answered(case.form, case.answers),
        "fee_form": bound if isinstance(bound, FeeForm) else FeeForm(shows={"fee_reference": case.fee_reference}),
        "declaration_form": bound if isinstance(bound, DeclarationForm) else DeclarationForm(shows=case.answers),
        "fee_due": case.fee_due(timezone.now()),
        "may_sign": request.user.has_perm(SIGN, case.firm),
        "form": bound,
    }
    return render(request, "portal/review.html", shown, status=422 if bound is not None else 200)


@require_POST
@applicants_only
def fee(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    case = the_case(request, kind, pk)
    form = FeeForm(request.POST, shows={"fee_reference": case.fee_reference})
    if form.is_valid():
        try:
            applications.give_fee_reference(
                case,
                form.cleaned_data["fee_reference"],
                by=person(request),
                at=timezone.now(),
                seen=form.cleaned_data["seen"],
            )
        except ValidationError as refusal:
            explain_on(form, refusal)
        except ChangedMeanwhile as newer:
            form.tell(newer)
        else:
            messages.success(request, "The fee reference is saved.")
            return redirect("portal:review", kind=kind, pk=pk)
    return _review(request, case, kind, bound=form)


@require_POST
@applicants_only
def declare(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    case = the_case(request, kind, pk)
    form = DeclarationForm(request.POST, shows=case.answers)
    if form.is_valid():
        try:
            applications.sign_declaration(case, by=person(request), at=timezone.now(), seen=form.cleaned_data["seen"])
        except ValidationError as refusal:
            explain_on(form, refusal)
        except ChangedMeanwhile as newer:
            # The page shows every answer anyway, as it now is; the tick is for those.
            form.read_anew(newer)
        else:
            messages.success(request, "The declaration is signed. Submit the application as the last step.")
            return redirect("portal:review", kind=kind, pk=pk)
    return _review(request, case, kind, bound=form)
