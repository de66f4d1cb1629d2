"""The rating sheet of a firm at a phase, and the page of one criterion with its evidence, rating and moderation.

The pages on which a whole domain is rated or moderated are in `sheets.py`.
"""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from licensing.access import DRAFT_DECISIONS, MODERATE, RATE, READ_CASES
from licensing.actions import ratings, seconds
from licensing.faces.staff.cases import GATES
from licensing.models import Criterion, Evidence, EvidenceLink, Firm, Rating, SealedRating
from licensing.models.assessed import assessed_by, criteria_asked_of
from licensing.models.ratings import judged
from licensing.models.scores import ratings_of, score_of
from licensing.models.sealed import waiting_for_a_second
from licensing.scoring import NOT_APPLICABLE, PHASES, Mark
from pvara.kernel import figures
from pvara.kernel.forms import SharedForm
from pvara.kernel.models import User
from pvara.kernel.seen import ChangedMeanwhile
from pvara.kernel.web import explain_on, holding, person

SCALE = [(str(number), f"{number} – {words}") for number, words in Rating.LABELS.items()]
PHASE_TITLES = {"NOC": "registration (NOC)", "SETUP": "set-up", "FULL": "full licence"}


class RatingForm(SharedForm):
    """An assessor's rating with its reasons."""

    rating = forms.ChoiceField(label="Rating", widget=forms.RadioSelect)
    rationale = forms.CharField(
        label="Rationale",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What the evidence shows and what it does not. It is part of the record.",
    )

    evidence = forms.ModelMultipleChoiceField(
        Evidence.objects.none(),
        label="Documents that the rating rests on",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="From 2 (partial) on, only documents that are accepted.",
    )

    def __init__(self, *args: Any, criterion: Criterion, pieces: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        documents = self.fields["evidence"]
        assert isinstance(documents, forms.ModelMultipleChoiceField)
        documents.queryset = pieces
        field = self.fields["rating"]
        assert isinstance(field, forms.ChoiceField)
        # What is mandatory always applies; what may be waived is waived by the committee alone.
        always = criterion.mark or criterion.waivable_by_committee
        field.choices = SCALE if always else [*SCALE, (NOT_APPLICABLE, "Does not apply to this firm")]

    def said(self) -> dict[str, Any]:
        """What the form says, as a judgement takes it."""
        rating = self.cleaned_data["rating"]
        absent = rating == NOT_APPLICABLE
        return {
            "rating": None if absent else int(rating),
            "not_applicable": absent,
            "rationale": self.cleaned_data["rationale"],
            "evidence": self.cleaned_data.get("evidence", ()),
            "seen": self.cleaned_data["seen"],
        }


class ModerationForm(SharedForm):
    """A moderator's word on a rating: confirmed, or changed."""

    rating = forms.ChoiceField(
        label="Your decision", widget=forms.RadioSelect, choices=[("", "Confirm the rating as it is"), *SCALE]
    )
    note = forms.CharField(
        label="Note",
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        help_text="Needed when you change the rating by more than one step.",
    )

    def __init__(self, *args: Any, given: Rating | None, **kwargs: Any) -> None:
        # The page has both forms: their fields must not share an id.
        super().__init__(*args, **{**kwargs, "auto_id": "moderation_%s"})
        self.fields["rating"].required = False
        # To confirm is a decision too, so the page does not call it optional.
        self.fields["rating"].needed = True  # type: ignore[attr-defined]  # read by elements/field.html
        if given is not None and given.not_applicable:
            field = self.fields["rating"]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "Confirm that it does not apply")]

    def said(self) -> dict[str, Any]:
        rating = self.cleaned_data["rating"]
        return {
            "rating": int(rating) if rating else None,
            "note": self.cleaned_data["note"],
            "seen": self.cleaned_data["seen"],
        }


def is_to_be_rated(user: User, given: Rating | None, first: SealedRating | None) -> bool:
    """Whether a criterion waits for a rating by this person: of two, whoever gave the first waits for another."""
    return given is None and (first is None or first.assessor_id != user.pk)


def is_to_be_moderated(user: User, given: Rating | None) -> bool:
    """Whether a criterion waits for this person's word: nobody moderates what they gave."""
    return given is not None and not given.is_moderated and user.pk not in (given.assessor_id, given.second_assessor_id)


def firm_and_phase(request: HttpRequest, pk: int, phase: str) -> Firm:
    if phase not in PHASES:
        raise Http404(f"There is no phase {phase}.")
    return get_object_or_404(Firm.objects.visible_to(request.user).prefetch_related("mous"), pk=pk)


def takes_part_in(firm: Firm, request: HttpRequest, at: datetime) -> bool:
    """Whether nothing keeps a person from judging the firm; whoever sends a form all the same is told what does."""
    return not firm.conflicts_of(person(request), at, case=firm)


@require_safe
@holding(READ_CASES)
def sheet(request: HttpRequest, pk: int, phase: str) -> HttpResponse:
    """Every criterion of the phase with its rating, its moderation and what it comes to."""
    firm = firm_and_phase(request, pk, phase)
    at = timezone.now()
    framework = assessed_by(firm, at)
    score, given = score_of(firm, phase, at, framework), ratings_of(firm)
    criteria = Criterion.objects.filter(domain__framework=framework).select_related("domain")
    rows = {each.code: each for each in criteria}
    lines = [(rows[line.criterion.code], line, given.get(line.criterion.code)) for line in score.lines]
    sealed, user = waiting_for_a_second(firm), person(request)
    takes_part = takes_part_in(firm, request, at)
    rates, moderates = takes_part and user.has_perm(RATE), takes_part and user.has_perm(MODERATE)
    shown = {
        "firm": firm,
        "phase": phase,
        "phase_title": PHASE_TITLES[phase],
        "score": score,
        "lines": lines,
        "sealed": sealed,
        # The domains of which this person may rate or moderate something.
        "to_rate": {
            row.domain_id for row, _, each in lines if rates and is_to_be_rated(user, each, sealed.get(row.code))
        },
        "to_moderate": {row.domain_id for row, _, each in lines if moderates and is_to_be_moderated(user, each)},
        "verdicts": [score.verdict(code) for code in GATES[phase]],
        "phases": [(each, PHASE_TITLES[each]) for each in PHASES],
    }
    return render(request, "staff/ratings.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(READ_CASES)
def criterion(request: HttpRequest, pk: int, phase: str, code: str) -> HttpResponse:
    """One criterion: its evidence, what was given, and the forms of whoever may rate or moderate."""
    firm = firm_and_phase(request, pk, phase)
    at = timezone.now()
    row = get_object_or_404(criteria_asked_of(firm, at), code=code)
    # By code: what was given under another version holds for this one.
    ratings_given = Rating.objects.filter(firm=firm, criterion__code=row.code).select_related(
        "assessor", "second_assessor", "moderator"
    )
    ratings_given = ratings_given.prefetch_related("evidence", "second_evidence", "overrides")
    sealed = SealedRating.objects.filter(firm=firm, criterion__code=row.code, waits=True).select_related("assessor")
    # Read by who gave it and by nobody else, whatever else they may.
    first = sealed.first()
    own = first if first is not None and first.assessor_id == request.user.pk else None
    given = ratings_given.filter(current=True).first()
    pieces = Evidence.objects.filter(firm=firm, links__criterion__code=row.code)
    rating_form = moderation_form = None
    takes_part = request.method == "POST" or takes_part_in(firm, request, at)
    if takes_part and request.user.has_perm(RATE):
        rating_form = RatingForm(
            _posted(request, "rate"), criterion=row, pieces=pieces, shows=judged(given), initial=_as_given(own or given)
        )
    if takes_part and given and request.user.has_perm(MODERATE):
        moderation_form = ModerationForm(
            _posted(request, "moderate"), given=given, shows=judged(given), initial={"rating": ""}
        )
    if request.method == "POST":
        done = _rated(request, rating_form, firm, row, at) or _moderated(request, moderation_form, given, at)
        if done:
            messages.success(request, done)
            return redirect("staff:ratings", pk=firm.pk, phase=phase)
    shown = {
        "firm": firm,
        "phase": phase,
        "phase_title": PHASE_TITLES[phase],
        "criterion": row,
        "asks_home_regulator": row.code in figures.value("home_regulators.criteria", on=timezone.localdate(at)),
        "recognised": firm.regulator_is_recognised(timezone.localdate(at)),
        "given": given,
        "first": first,
        "own": own,
        "rated_twice": row.domain.framework.rated_twice,
        "former": ratings_given.filter(current=False).order_by("-pk"),
        "links": EvidenceLink.objects.filter(evidence__firm=firm, criterion__code=row.code).select_related(
            "evidence__replaces", "evidence__replaced_by"
        ),
        "may_override": takes_part and _may_override(request, given, row),
        "override_title": f"Propose an override{' or a waiver' if row.waivable_by_committee else ''}",
        "rating_form": rating_form,
        "moderation_form": moderation_form,
        "form": moderation_form if moderation_form and moderation_form.is_bound else rating_form,
    }
    wrong = any(each is not None and each.errors for each in (rating_form, moderation_form))
    return render(request, "staff/criterion.html", shown, status=422 if wrong else 200)


def _may_override(request: HttpRequest, given: Rating | None, row: Criterion) -> bool:
    """Whether this person may propose that the rating counts as another."""
    stands = given is not None and given.is_moderated and not given.not_applicable
    return stands and row.mark != Mark.KNOCK_OUT and request.user.has_perm(DRAFT_DECISIONS)


def _posted(request: HttpRequest, which: str) -> Any:
    """The data of one of the page's two forms, if it is the one that was sent."""
    return request.POST if request.method == "POST" and request.POST.get("form") == which else None


def _as_given(given: Rating | SealedRating | None) -> dict[str, Any]:
    if given is None:
        return {}
    return {
        "rating": NOT_APPLICABLE if given.not_applicable else str(given.rating),
        "rationale": given.rationale,
        "evidence": [each.pk for each in given.evidence.all()],
    }


def _rated(request: HttpRequest, form: RatingForm | None, firm: Firm, row: Criterion, at: Any) -> str:
    """What was done, in a sentence; empty when the form was not sent or was refused."""
    if form is None or not form.is_bound or not form.is_valid():
        return ""
    try:
        given = seconds.give_rating(firm, row, by=person(request), at=at, **form.said())
    except ValidationError as refusal:
        explain_on(form, refusal)
        return ""
    except ChangedMeanwhile as newer:
        form.tell(newer)
        return ""
    if isinstance(given, SealedRating):
        return f"{row.code} is rated and sealed; another assessor rates it next, without seeing what you gave."
    return f"{row.code} is rated; a moderator looks at it next."


def _moderated(request: HttpRequest, form: ModerationForm | None, given: Rating | None, at: Any) -> str:
    if form is None or given is None or not form.is_bound or not form.is_valid():
        return ""
    try:
        ratings.moderate(given, by=person(request), at=at, **form.said())
    except ValidationError as refusal:
        explain_on(form, refusal)
        return ""
    except ChangedMeanwhile as newer:
        form.tell(newer)
        return ""
    return f"{given.criterion.code} is moderated."
