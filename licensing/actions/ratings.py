"""Rating and moderation. Each change of a score changes the firm's standing in the same transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from licensing import scoring, standing
from licensing.access import MODERATE, RATE
from licensing.actions.interests import require_no_interest
from licensing.models import (
    Criterion,
    Evidence,
    EvidenceLink,
    Firm,
    LicenceApplication,
    NocApplication,
    Rating,
    SealedRating,
)
from licensing.models.assessed import assessed_by
from licensing.models.evidence import WAS_ACCEPTED
from licensing.models.ratings import judged
from licensing.states import WAS_PUBLISHED
from pvara.kernel import audit, figures
from pvara.kernel.models import AuditEntry, User
from pvara.kernel.seen import require_seen
from pvara.kernel.uploads import Scan


@dataclass(frozen=True)
class Judgement:
    """What an assessor says of a criterion: 0 to 4 or not applicable, with the reasons.

    `evidence` are the firm's documents for the criterion that it rests on; `seen` is the mark of what was said before.
    """

    criterion: Criterion
    rating: int | None
    rationale: str
    not_applicable: bool = False
    evidence: Iterable[Evidence] = ()
    seen: str = ""

    @property
    def number(self) -> int | None:
        """What is kept as its rating: none where it does not apply."""
        return None if self.not_applicable else self.rating


def rate(firm: Firm, criterion: Criterion, *, by: User, at: datetime, **said: Any) -> Rating:
    """Rate a firm on a criterion; `said` is the rest of a `Judgement`. The former rating stays on record.

    Raises PermissionDenied for who is no assessor; ValidationError for a rating off the scale or without reasons, for
    one that rests on what proves nothing, and for a criterion of a framework that nobody has published;
    ChangedMeanwhile where somebody rated or moderated it since.
    """
    with transaction.atomic():
        given = written(firm, Judgement(criterion, **said), by=by, at=at)
        standing.refresh_firm(firm, by=by, at=at)
        return given


def written(firm: Firm, judgement: Judgement, *, by: User, at: datetime) -> Rating:
    """Check a rating and write it, in a transaction that refreshes the firm before it ends. Raises what `rate` does."""
    criterion = judgement.criterion
    require_fit(firm, judgement, by=by, at=at)
    if criterion.domain.framework.rated_twice:
        raise ValidationError({"criterion": f"{criterion.code} is rated twice, blindly: the first rating is sealed."})
    former, pieces = begun(firm, judgement, by=by, at=at)
    former.update(current=False)
    # Sealed under a version that asks for two: the one that asks for one now does not wait for it.
    SealedRating.objects.filter(firm=firm, criterion__code=criterion.code, waits=True).update(waits=False)
    given = Rating.objects.create(
        firm=firm,
        criterion=criterion,
        rating=judgement.number,
        not_applicable=judgement.not_applicable,
        rationale=judgement.rationale,
        assessor=by,
        rated_at=at,
    )
    given.evidence.set(pieces)
    audit.record(
        firm,
        event="rated",
        by=by,
        at=at,
        note=judgement.rationale,
        data={
            "rating_id": given.pk,
            "criterion": criterion.code,
            "rating": scoring.NOT_APPLICABLE if judgement.not_applicable else judgement.rating,
            **({"evidence": [each.reference for each in pieces]} if pieces else {}),
        },
    )
    return given


def require_fit(firm: Firm, judgement: Judgement, *, by: User, at: datetime) -> None:
    """What holds of every rating, the only one or one of two: who gives it, on the scale, with reasons."""
    if not by.has_perm(RATE):
        raise PermissionDenied("Only assessors rate.")
    require_no_interest(by, firm, at=at, case=firm)
    _check(judgement.rating, judgement.not_applicable)
    if not judgement.rationale.strip():
        raise ValidationError({"rationale": "Say why: the rationale is part of the record."})
    criterion = judgement.criterion
    if judgement.not_applicable and criterion.mark:
        raise ValidationError(
            {"not_applicable": f"{criterion.code} is {criterion.get_mark_display().lower()}: it always applies."}
        )
    if judgement.not_applicable and criterion.waivable_by_committee:
        raise ValidationError(
            {"not_applicable": f"That {criterion.code} is not asked of a firm is the committee's to decide: rate it."}
        )
    framework = criterion.domain.framework
    if framework.state not in WAS_PUBLISHED:
        raise ValidationError({"criterion": f"{framework} is not published: nothing is rated by it."})


def begun(firm: Firm, judgement: Judgement, *, by: User, at: datetime) -> tuple[QuerySet[Rating], list[Evidence]]:
    """Begin to rate, in a transaction: the rating that stands until now, and the documents that were chosen."""
    criterion = judgement.criterion
    # Two assessors at once: the second waits here and takes the place of the first.
    standing.lock_firm(firm.pk)
    _require_no_recommendation(firm, by)
    # Not locked: whoever rejects one of them holds it and waits for the firm, so rejects it after this rating.
    pieces = list(Evidence.objects.filter(pk__in={each.pk for each in judgement.evidence}).order_by("pk"))
    _check_evidence(firm, criterion, pieces, judgement.number, at=at)
    # By code: the new rating also replaces what was given under an older version of the framework.
    former = Rating.objects.filter(firm=firm, criterion__code=criterion.code, current=True)
    last = former.select_related("assessor", "second_assessor").first()
    require_seen(judgement.seen, judged(last), log=_judgements(firm, criterion))
    return former, pieces


def moderate(
    given: Rating, *, by: User, at: datetime, rating: int | None = None, note: str = "", seen: str = ""
) -> Rating:
    """Confirm a rating, or change it to `rating`; both are kept. A difference of more than one step needs a note.

    Of two ratings the first is the one that is confirmed; a step too far from either needs the note.

    `seen` is the mark of what was said of the criterion: nobody moderates what they have not read. Raises
    ChangedMeanwhile where something else is said by now.
    """
    with transaction.atomic():
        # The firm before its rating, as whoever rates anew takes them.
        begin_to_moderate(given.firm, by=by, at=at)
        given = moderated(given.pk, by=by, at=at, rating=rating, note=note, seen=seen)
        standing.refresh_firm(given.firm, by=by, at=at)
        return given


def begin_to_moderate(firm: Firm, *, by: User, at: datetime) -> None:
    """Begin to moderate, in a transaction: who may, of this firm, whatever it was given."""
    if not by.has_perm(MODERATE):
        raise PermissionDenied("Only moderators moderate.")
    require_no_interest(by, firm, at=at, case=firm)
    standing.lock_firm(firm.pk)
    _require_no_recommendation(firm, by)


def moderated(given_id: int, *, by: User, at: datetime, rating: int | None, note: str, seen: str) -> Rating:
    """Check what a moderator says and write it, in a transaction that refreshes the firm before it ends."""
    if rating is not None:
        _check(rating, False)
    rows = Rating.objects.select_for_update(of=("self",)).select_related(
        "firm", "criterion__domain__framework", "assessor", "second_assessor"
    )
    given = rows.get(pk=given_id)
    if not given.current:
        raise ValidationError("This rating has been replaced by a newer one; moderate that one.")
    require_seen(seen, judged(given), log=_judgements(given.firm, given.criterion))
    if given.is_overridden:
        raise ValidationError("A body has overridden this rating by its votes: have the criterion rated anew.")
    if by.pk in (given.assessor_id, given.second_assessor_id):
        raise PermissionDenied("Whoever gave a rating does not moderate it.")
    _require_second(given, at=at)
    if given.not_applicable and rating is not None:
        raise ValidationError({"rating": "This criterion was found not applicable; have it rated first."})
    becomes = given.rating if rating is None else rating
    words = [each for each in (given.rating, given.second_rating) if each is not None]
    if becomes is not None and any(abs(becomes - each) > 1 for each in words) and not note.strip():
        raise ValidationError({"note": "A change of more than one step needs a note."})
    given.moderated_rating = becomes
    given.moderator = by
    given.moderated_at = at
    given.moderation_note = note
    given.save(update_fields=["moderated_rating", "moderator", "moderated_at", "moderation_note"])
    audit.record(
        given.firm,
        event="moderated",
        by=by,
        at=at,
        note=note,
        data={
            "rating_id": given.pk,
            "criterion": given.criterion.code,
            "from": given.rating,
            "to": given.moderated_rating,
        },
    )
    return given


def _require_second(given: Rating, *, at: datetime) -> None:
    """Nothing is moderated alone where the version asks for two: that of the rating, or that of the case by now."""
    asked = given.criterion.domain.framework.rated_twice or assessed_by(given.firm, at).rated_twice
    if asked and not given.has_second:
        raise ValidationError("Its second rating is not in: have the criterion rated by two assessors, blindly.")


def _judgements(firm: Firm, criterion: Criterion) -> QuerySet[AuditEntry]:
    """Whatever the log has of how a firm meets a criterion."""
    about = Q(data__criterion=criterion.code) | Q(data__criteria__contains=[criterion.code])
    return audit.history(firm).filter(about)


def _require_no_recommendation(firm: Firm, by: User) -> None:
    """Whoever recommended a case that is still open neither rates nor moderates what it is decided by."""
    for model in (NocApplication, LicenceApplication):
        cases = model.objects.filter(firm=firm, recommended_by=by).exclude(state__in=model.closed_states)
        if found := cases.first():
            raise PermissionDenied(f"You recommended {found.reference}, which is not decided yet.")


def reopen(firm: Firm, codes: Iterable[str], *, by: User | None, at: datetime, why: str) -> None:
    """Have criteria rated anew because what they were rated by has changed.

    The ratings are kept but are nobody's current word, so the criteria are outstanding; until a new rating is
    moderated, the last moderated one goes on counting, as it does whenever a criterion is rated anew.
    """
    with transaction.atomic():
        standing.lock_firm(firm.pk)
        asked = list(codes)
        current = Rating.objects.filter(firm=firm, criterion__code__in=asked, current=True)
        sealed = SealedRating.objects.filter(firm=firm, criterion__code__in=asked, waits=True)
        reopened = sorted({*_codes(current), *_codes(sealed)})
        if not reopened:
            return
        current.update(current=False)
        sealed.update(waits=False)
        audit.record(firm, event="criteria_reopened", by=by, at=at, note=why, data={"criteria": reopened})
        standing.refresh_firm(firm, by=by, at=at)


def _codes(rows: QuerySet[Any]) -> list[str]:
    return list(rows.order_by().values_list("criterion__code", flat=True))


def _check(rating: int | None, not_applicable: bool) -> None:
    if not_applicable:
        return
    if isinstance(rating, bool) or not isinstance(rating, int) or not 0 <= rating <= scoring.BEST:
        raise ValidationError({"rating": f"Give a rating from 0 (not met) to {scoring.BEST} (fully met)."})


def _check_evidence(
    firm: Firm, criterion: Criterion, pieces: list[Evidence], rating: int | None, *, at: datetime
) -> None:
    """What a rating may rest on: the firm's own documents for the criterion and, from partly met on, good ones only.

    What is said to be weak or not met may rest on a document that was rejected: that is often what it rests on.
    """
    serving = EvidenceLink.objects.filter(criterion__code=criterion.code, evidence__firm=firm)
    for_it = set(serving.values_list("evidence", flat=True))
    wrong = [
        f"{each.reference} is no document of this firm for {criterion.code}: choose another."
        for each in pieces
        if each.pk not in for_it
    ]
    if rating is not None and rating > scoring.WITHOUT_EVIDENCE:
        unscanned_counts = figures.value("evidence.unscanned_counts", on=timezone.localdate(at))
        for each in pieces:
            if each.scan == Scan.INFECTED:
                wrong.append(f"{each.reference} is infected: rate on something else.")
            elif each.scan == Scan.UNSCANNED and not unscanned_counts:
                wrong.append(f"{each.reference} was never scanned for viruses: have it uploaded again and scanned.")
            elif each.state not in WAS_ACCEPTED:
                state = each.get_state_display().lower()
                wrong.append(f"{each.reference} is {state}: a rating of {rating} rests on what is accepted.")
    if wrong:
        raise ValidationError({"evidence": wrong})
