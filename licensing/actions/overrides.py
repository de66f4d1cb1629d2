"""Proposing to override a moderated rating, and what the decision of a body does to the score."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from licensing import scoring, standing
from licensing.access import DRAFT_DECISIONS
from licensing.actions.fees import require
from licensing.actions.interests import require_no_interest
from licensing.models import Rating, RatingOverride
from licensing.models.overrides import closed_to_waivers
from licensing.scoring import Mark
from pvara.kernel import audit
from pvara.kernel.machine import follows
from pvara.kernel.models import AuditEntry, User


def propose_override(given: Rating, *, by: User, at: datetime, to_rating: int | None, reasons: str) -> RatingOverride:
    """Propose that a moderated rating counts as another. The committee or the board decides by its votes.

    Without `to_rating` the criterion is to be waived, which is the committee's alone. Raises PermissionDenied for who
    does not draft decisions; ValidationError by field for a knock-out, for a rating that is not moderated or does not
    stand any more, for the same value, for a waiver where a version of the framework by which it was rated or the
    firm is assessed has none, without reasons, or where one waits already.
    """
    require(by, DRAFT_DECISIONS)
    require_no_interest(by, given.firm, at=at, case=given.firm)
    with transaction.atomic():
        standing.lock_firm(given.firm_id)
        given = Rating.objects.select_related("firm", "criterion__domain__framework").get(pk=given.pk)
        criterion = given.criterion
        wrong: dict[str, str] = {}
        if to_rating is None:
            if closed := closed_to_waivers(given, at):
                wrong["to_rating"] = f"{closed[0]} asks {criterion} of everybody: propose another rating."
            elif given.waived:
                wrong["to_rating"] = "It is waived already."
        elif isinstance(to_rating, bool) or not 0 <= to_rating <= scoring.BEST:
            wrong["to_rating"] = f"Give a rating from 0 (not met) to {scoring.BEST} (fully met)."
        elif given.counts == to_rating:
            wrong["to_rating"] = f"It counts {given.label} already."
        if not reasons.strip():
            wrong["reasons"] = "Give the reasons: they are part of the record."
        if wrong:
            raise ValidationError(wrong)
        if criterion.mark == Mark.KNOCK_OUT:
            raise ValidationError(f"{criterion} is a knock-out, which is never overridden: have it rated anew.")
        if given.not_applicable or not given.current or not given.is_moderated:
            raise ValidationError("Only a rating that stands and is moderated is overridden: have it moderated first.")
        override = RatingOverride(
            firm=given.firm,
            rating=given,
            mark=criterion.mark,
            to_rating=to_rating,
            reasons=reasons.strip(),
            proposed_by=by,
            proposed_at=at,
        )
        _save_the_only_one(override)
        audit.record(
            override,
            event="proposed",
            by=by,
            at=at,
            to_state=override.state,
            note=override.reasons,
            data={"criterion": criterion.code, "from": given.counts, "to": _becomes(override)},
        )
        return override


def _save_the_only_one(override: RatingOverride) -> None:
    """Of two who propose at once the database lets one in, and the other is told."""
    try:
        with transaction.atomic():
            override.save()
    except IntegrityError as clash:
        if "one_override_proposed_a_rating" not in str(clash):
            raise
        raise ValidationError("An override of this rating is proposed already: decide on that, or drop it.") from None


def _becomes(override: RatingOverride) -> scoring.Rating:
    return scoring.WAIVED if override.waives else override.to_rating


@follows(RatingOverride, "override", "override_as_board", "waive")
def let_it_count(override: RatingOverride, *, by: User, at: datetime, entry: AuditEntry) -> None:
    """The rating counts as decided from now on; what was given and moderated stays beside it."""
    standing.lock_firm(override.firm_id)
    rating = Rating.objects.select_related("firm", "criterion").get(pk=override.rating_id)
    was = rating.counts
    rating.overridden_rating, rating.waived = override.to_rating, override.waives
    rating.save(update_fields=["overridden_rating", "waived"])
    audit.record(
        rating.firm,
        event="waived" if override.waives else "overridden",
        by=by,
        at=at,
        note=entry.note,
        data={
            "rating_id": rating.pk,
            "criterion": rating.criterion.code,
            "override": override.reference,
            "from": was,
            "to": _becomes(override),
        },
    )
    standing.refresh_firm(rating.firm, by=by, at=at)
