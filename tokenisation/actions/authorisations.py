"""Authorising a venue to distribute an asset, and what a change of its standing does to its authorisations."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from licensing import standing
from pvara.kernel import audit
from pvara.kernel.gates import Shut
from pvara.kernel.machine import MoveRefused, Unmet, perform, unmet
from pvara.kernel.models import User
from tokenisation.access import AUTHORISE, demand
from tokenisation.ledger import refusals_explained
from tokenisation.models import Account, Asset, DistributionAuthorisation
from tokenisation.rules import asset_is_issued, venue_is_in_good_standing
from tokenisation.states import AT_VENUE, AuthorisationState


def authorise_venue(
    asset: Asset,
    venue: standing.VenueStanding,
    *,
    limit_units: int,
    valid_from: date | None = None,
    valid_to: date | None = None,
    by: User,
    at: datetime,
) -> DistributionAuthorisation:
    """Let a venue distribute an asset up to a limit, from today unless another day is given, to a last day if one is.

    Refused with the reasons unless gate G6 holds at this moment.
    """
    demand(by, AUTHORISE)
    valid_from = valid_from or timezone.localdate(at)
    authorisation = DistributionAuthorisation(
        asset=asset,
        venue=venue,
        limit_units=limit_units,
        valid_from=valid_from,
        valid_to=valid_to,
        authorised_by=by,
        authorised_at=at,
    )
    unmet = []
    if valid_from < timezone.localdate(at):
        unmet.append(Unmet("validity_begins_today_or_later", "Its first day has passed: give today or a later day."))
    if valid_to is not None and valid_to < valid_from:
        unmet.append(Unmet("validity_ends_after_it_begins", "Its last day is before its first."))
    for gate in (venue_is_in_good_standing, asset_is_issued):
        verdict = gate.verdict(authorisation, by=by, at=at)
        if isinstance(verdict, Shut):
            unmet.append(Unmet(gate.code, gate.reason, verdict.details))
    if not 0 < limit_units <= asset.minted_units:
        left = f"The limit is between 1 and {asset.minted_units:,} units."
        unmet.append(Unmet("limit_suits_asset", "The limit does not suit the asset.", (left,)))
    if DistributionAuthorisation.objects.filter(asset=asset, venue=venue).exists():
        unmet.append(Unmet("venue_is_new_to_asset", "The venue has an authorisation for this asset."))
    if unmet:
        raise MoveRefused(authorisation, "authorise_venue", unmet)
    with refusals_explained(authorisation, "authorise_venue"), transaction.atomic():
        # The trigger asks for the standing again, under the venue's lock.
        authorisation.save(force_insert=True)
        Account.objects.bulk_create(Account(asset=asset, kind=kind, venue=venue) for kind in AT_VENUE)
        audit.record(
            authorisation,
            event="created",
            by=by,
            at=at,
            data={
                "asset": asset.code,
                "venue": venue.reference,
                "limit_units": limit_units,
                "valid_from": str(valid_from),
                "valid_to": valid_to and str(valid_to),
                "standing_version": venue.standing_version,
            },
        )
    return authorisation


def change_last_day(
    authorisation: DistributionAuthorisation,
    *,
    valid_to: date,
    reasons: str,
    expected_version: int,
    by: User,
    at: datetime,
) -> DistributionAuthorisation:
    """Move the last day of an authorisation, to today or later. One that has lapsed is then renewed by a move."""
    demand(by, AUTHORISE)
    with transaction.atomic():
        row = DistributionAuthorisation.objects.select_for_update(no_key=True).get(pk=authorisation.pk)
        refused = []
        if row.version != expected_version or row.state == AuthorisationState.TERMINATED:
            refused.append(
                Unmet("authorisation_is_as_it_was", "It has changed meanwhile, or was terminated: look again.")
            )
        if valid_to < max(timezone.localdate(at), row.valid_from or valid_to):
            refused.append(Unmet("last_day_is_to_come", "Its last day is today or later, and not before its first."))
        if not reasons.strip():
            refused.append(Unmet("reasons_are_given", "Say why the last day is moved."))
        if refused:
            raise MoveRefused(row, "change_last_day", refused)
        before, row.valid_to, row.version = row.valid_to, valid_to, row.version + 1
        row.save(update_fields=["valid_to", "version"])
        data = {"from": before and str(before), "to": str(valid_to)}
        audit.record(row, event="last_day_changed", by=by, at=at, note=reasons, data=data)
    return row


@standing.follower
def follow_standing(venue: standing.VenueStanding, *, by: User | None, at: datetime) -> None:
    """In the transaction in which standing is lost: stop the venue's authorisations, for good if its licence is over.

    Standing regained changes nothing here: only the debt office sets an authorisation going again, or the end of the
    very measure that stopped it (`resume_after`). The system stops them, whoever suspended the licence: a licensing
    officer holds no power over the registry.
    """
    if venue.may_distribute:
        return
    over = standing.has_ended(venue)
    stopping = [AuthorisationState.ACTIVE]
    if over:
        stopping += [AuthorisationState.SUSPENDED, AuthorisationState.LAPSED]
    # Locked before their versions are read, so that nobody's move can make this transaction stale.
    live = DistributionAuthorisation.objects.filter(venue=venue, state__in=stopping).order_by("pk")
    for each in live.select_for_update(of=("self",), no_key=True):
        perform(
            each,
            "terminate" if over else "suspend",
            by=None,
            at=at,
            expected_version=each.version,
            note=" ".join(venue.reasons),
            data={"standing_version": venue.standing_version},
        )


@standing.brings_back
def resume_after(venue: standing.VenueStanding, versions: set[int], *, at: datetime) -> None:
    """When a suspension of the licence ends: resume what it stopped, as long as nobody has touched it since.

    An authorisation tells what stopped it by the version of the standing in its last entry. One that the debt office
    suspended itself stays suspended, and so does one whose asset cannot be distributed at present.
    """
    stopped = DistributionAuthorisation.objects.filter(venue=venue, state=AuthorisationState.SUSPENDED).order_by("pk")
    for each in stopped.select_for_update(of=("self",), no_key=True):
        last = audit.history(each).filter(event__in=("suspend", "resume")).last()
        if last is None or last.actor_id is not None or last.data.get("standing_version") not in versions:
            continue
        if not unmet(each, "resume", by=None, at=at):
            note = "The measure that stopped it has ended."
            data = {"standing_version": venue.standing_version}
            perform(each, "resume", by=None, at=at, expected_version=each.version, note=note, data=data)
