"""A whole domain on one page: an assessor rates what is to be rated of it, a moderator moderates what waits.

Each criterion has the form that its own page has. What is left as it was is not sent; what is sent is written
together or not at all, and what is wrong with a criterion stands beside it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from licensing.access import MODERATE, RATE
from licensing.actions import sheets
from licensing.actions.interests import require_no_interest
from licensing.actions.ratings import Judgement
from licensing.actions.sheets import SomeRefused, Word
from licensing.faces.staff.ratings import (
    PHASE_TITLES,
    ModerationForm,
    RatingForm,
    firm_and_phase,
    is_to_be_moderated,
    is_to_be_rated,
)
from licensing.models import Criterion, Domain, Evidence, EvidenceLink, Firm, Rating, SealedRating
from licensing.models.assessed import criteria_asked_of
from licensing.models.ratings import judged
from licensing.models.sealed import waiting_for_a_second
from licensing.scoring import PHASES
from pvara.kernel.seen import ChangedMeanwhile
from pvara.kernel.web import explain_on, holding, person

LATER = "later"


class RatingRow(RatingForm):
    """The rating of one criterion among others."""

    def __init__(self, data: Any, *, criterion: Criterion, pieces: list[Evidence], shows: dict[str, Any]) -> None:
        super().__init__(
            data,
            criterion=criterion,
            pieces=Evidence.objects.filter(pk__in=[each.pk for each in pieces]),
            shows=shows,
            initial={"rating": LATER},
            prefix=criterion.code,
        )
        later_first(self, "Do not rate it now")
        documents = self.fields["evidence"]
        assert isinstance(documents, forms.ModelMultipleChoiceField)
        # They were read for all the rows at once.
        documents.choices = [(each.pk, str(each)) for each in pieces]
        if not pieces:
            del self.fields["evidence"]

    def clean_rating(self) -> str:
        return decided(self, "Choose a rating, or take back what you wrote for this criterion.")

    @staticmethod
    def is_filled(data: Any, code: str) -> bool:
        """Whether something was sent for the criterion of this code."""
        return data.get(f"{code}-rating", LATER) != LATER or any(
            data.get(f"{code}-{name}", "").strip() for name in ("rationale", "evidence")
        )


class ModerationRow(ModerationForm):
    """A moderator's word on one rating among others."""

    def __init__(self, data: Any, *, code: str, given: Rating | None) -> None:
        super().__init__(data, given=given, shows=judged(given), initial={"rating": LATER}, prefix=code)
        later_first(self, "Do not decide now")

    def clean_rating(self) -> str:
        return decided(self, "Choose your decision, or take back the note.")

    @staticmethod
    def is_filled(data: Any, code: str) -> bool:
        return data.get(f"{code}-rating", LATER) != LATER or bool(data.get(f"{code}-note", "").strip())


def later_first(form: RatingForm | ModerationForm, words: str) -> None:
    """Let a row be left out: what was once chosen can be taken back."""
    field = form.fields["rating"]
    assert isinstance(field, forms.ChoiceField)
    others: Any = field.choices
    field.choices = [(LATER, words), *others]


def decided(form: RatingForm | ModerationForm, otherwise: str) -> str:
    """What was chosen. Where nothing was, not even to leave it, nothing is taken for granted."""
    said: str = form.cleaned_data["rating"]
    if said == LATER or form["rating"].data is None:
        raise ValidationError(otherwise)
    return said


@dataclass
class Row:
    """A criterion on the page, with its form; it is bound where something was filled in."""

    criterion: Criterion
    form: RatingRow | ModerationRow
    links: list[EvidenceLink]
    given: Rating | None = None
    is_second: bool = False  # of two ratings, the first is sealed and another's


@require_http_methods(["GET", "HEAD", "POST"])
@holding(RATE)
def rate_domain(request: HttpRequest, pk: int, phase: str, code: str) -> HttpResponse:
    """Every criterion of a domain that is to be rated, each with the form of its own page."""
    firm = firm_and_phase(request, pk, phase)
    at = timezone.now()
    require_no_interest(person(request), firm, at=at, case=firm)
    criteria = _criteria(firm, phase, code, at)
    rows = _to_rate(request, firm, criteria)

    def rate(filled: list[Row]) -> str:
        judgements = [Judgement(each.criterion, **each.form.said()) for each in filled]
        return _what_was_rated(sheets.rate_together(firm, judgements, by=person(request), at=at))

    return _answer(request, firm, phase, criteria[0].domain, rows, rate, "staff/rate_domain.html")


@require_http_methods(["GET", "HEAD", "POST"])
@holding(MODERATE)
def moderate_domain(request: HttpRequest, pk: int, phase: str, code: str) -> HttpResponse:
    """Every rating of a domain that waits for its moderation, each with the form of its own page."""
    firm = firm_and_phase(request, pk, phase)
    at = timezone.now()
    require_no_interest(person(request), firm, at=at, case=firm)
    criteria = _criteria(firm, phase, code, at)
    rows = _to_moderate(request, firm, criteria)

    def moderate(filled: list[Row]) -> str:
        words = {each.criterion.code: Word(**each.form.said()) for each in filled}
        return f"{_counted(sheets.moderate_together(firm, words, by=person(request), at=at))} moderated."

    return _answer(request, firm, phase, criteria[0].domain, rows, moderate, "staff/moderate_domain.html")


# ── The rows ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _criteria(firm: Firm, phase: str, code: str, at: datetime) -> list[Criterion]:
    """The criteria of a domain that are asked of the firm at a phase."""
    so_far = PHASES[: PHASES.index(phase) + 1]
    found = list(criteria_asked_of(firm, at).filter(domain__code=code, applies_from__in=so_far).order_by("order"))
    if not found:
        raise Http404(f"Nothing of a domain {code} is asked at this phase.")
    return found


def _to_rate(request: HttpRequest, firm: Firm, criteria: list[Criterion]) -> list[Row]:
    """What this person may rate, and what they filled in, whoever rated it meanwhile."""
    given, links, sealed = _given(firm, criteria), _links(firm, criteria), waiting_for_a_second(firm)
    rows = []
    for each in criteria:
        code, rating, first = each.code, given.get(each.code), sealed.get(each.code)
        filled = request.method == "POST" and RatingRow.is_filled(request.POST, code)
        if filled or is_to_be_rated(person(request), rating, first):
            pieces = [link.evidence for link in links[code]]
            form = RatingRow(request.POST if filled else None, criterion=each, pieces=pieces, shows=judged(rating))
            is_second = first is not None and first.assessor_id != person(request).pk
            rows.append(Row(each, form, links[code], is_second=is_second))
    return rows


def _to_moderate(request: HttpRequest, firm: Firm, criteria: list[Criterion]) -> list[Row]:
    """What this person may moderate, and what they filled in, whatever became of it meanwhile."""
    given, links = _given(firm, criteria), _links(firm, criteria)
    prefetch_related_objects(list(given.values()), "evidence", "second_evidence")
    rows = []
    for each in criteria:
        rating = given.get(each.code)
        filled = request.method == "POST" and ModerationRow.is_filled(request.POST, each.code)
        if filled or is_to_be_moderated(person(request), rating):
            form = ModerationRow(request.POST if filled else None, code=each.code, given=rating)
            rows.append(Row(each, form, links[each.code], given=rating))
    return rows


def _given(firm: Firm, criteria: list[Criterion]) -> dict[str, Rating]:
    """The rating of each criterion as it stands, by its code, with those who gave it."""
    # By code: what was given under another version holds for this one.
    rows = Rating.objects.filter(firm=firm, current=True, criterion__code__in=[each.code for each in criteria])
    rows = rows.select_related("criterion", "assessor", "second_assessor", "moderator")
    return {each.criterion.code: each for each in rows}


def _links(firm: Firm, criteria: list[Criterion]) -> dict[str, list[EvidenceLink]]:
    """The documents that the firm gave for each criterion, by its code."""
    found: dict[str, list[EvidenceLink]] = defaultdict(list)
    links = EvidenceLink.objects.filter(evidence__firm=firm, criterion__code__in=[each.code for each in criteria])
    for each in links.select_related("evidence__replaces", "evidence__replaced_by", "criterion").order_by("pk"):
        found[each.criterion.code].append(each)
    return found


# ── What is sent ─────────────────────────────────────────────────────────────────────────────────────────────────────
def _answer(
    request: HttpRequest,
    firm: Firm,
    phase: str,
    domain: Domain,
    rows: list[Row],
    act: Callable[[list[Row]], str],
    template: str,
) -> HttpResponse:
    """Do what was filled in, all of it or nothing, and go back to the sheet; or show the page with what is wrong."""
    wrong: list[str] = []
    filled = [each for each in rows if each.form.is_bound]
    if request.method == "POST" and all(each.form.is_valid() for each in filled):
        try:
            messages.success(request, act(filled))
        except SomeRefused as refusal:
            _explain(filled, refusal)
        except ValidationError as refusal:
            wrong = refusal.messages
        else:
            return redirect("staff:ratings", pk=firm.pk, phase=phase)
    refused = bool(wrong) or any(each.form.errors for each in filled)
    shown = {
        "firm": firm,
        "phase": phase,
        "phase_title": PHASE_TITLES[phase],
        "domain": domain,
        "rows": rows,
        "wrong": wrong,
        "refused": refused,
    }
    return render(request, template, shown, status=422 if refused else 200)


def _explain(rows: list[Row], refusal: SomeRefused) -> None:
    for each in rows:
        match refusal.refused.get(each.criterion.code):
            case ValidationError() as said:
                explain_on(each.form, said)
            case ChangedMeanwhile() as newer:
                each.form.tell(newer)
            case PermissionDenied() as said:
                each.form.add_error(None, str(said))


def _what_was_rated(given: Iterable[Rating | SealedRating]) -> str:
    rated = [each for each in given if isinstance(each, Rating)]
    sealed = [each for each in given if isinstance(each, SealedRating)]
    said = []
    if rated:
        said.append(f"{_counted(rated)} rated; a moderator looks at this next.")
    if sealed:
        said.append(f"{_counted(sealed)} rated and sealed; another assessor rates next, without seeing what you gave.")
    return " ".join(said)


def _counted(some: list[Any]) -> str:
    return "One criterion is" if len(some) == 1 else f"{len(some)} criteria are"
