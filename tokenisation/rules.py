"""The gates of the registry. A gate reads its subject and says why it is shut; it writes nothing and asks no clock.

Gates are for people: they say beforehand what stands in the way. What must hold whoever writes and however many write
at once stands again in the database: the cap in the programme's CHECK, standing and limits in the posting function.
"""

from datetime import datetime
from typing import Any

from django.utils import timezone

from pvara.kernel import clock, figures
from pvara.kernel.gates import Open, Shut, gate
from pvara.kernel.models import User
from tokenisation import instruments
from tokenisation.states import EVENTS, PAYMENTS, ActionKind, ActionState, AssetState
from tokenisation.valuation import dollars


# ── Assets ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@gate("The terms of the asset are not complete.")
def terms_are_complete(asset: Any) -> bool | Shut:
    if asset.terms is None:
        return Shut("A debt has debt terms; a commodity has its quantity, place, custodian and price.")
    if not asset.is_commodity and not asset.unit_nominal:
        return Shut("A unit of debt has a nominal.")
    return True


@gate("The terms of the asset are not those of its kind.")
def terms_suit_their_kind(asset: Any, at: datetime) -> bool | Shut:
    wrong = instruments.faults(asset, asset.terms, on=timezone.localdate(at))
    return Shut(*wrong.values()) if wrong else True


@gate("Not every authority has approved the asset.")
def authorities_have_approved(asset: Any) -> Open | Shut:
    given = {approval.authority: approval.reference for approval in asset.approvals.all()}
    missing = [each.label for each in asset.authorities if each not in given]
    return Shut(*(f"{name} has not approved it." for name in missing)) if missing else Open(given)


@gate("Whoever proposed the asset cannot approve it.")
def approver_is_not_proposer(asset: Any, by: User | None) -> bool:
    return by is None or asset.proposed_by_id != by.pk


@gate("Whoever approved the asset cannot issue it.")
def issuer_is_not_approver(asset: Any, by: User | None) -> bool:
    return by is None or asset.approved_by_id != by.pk


@gate("The asset cannot be valued in US dollars.")
def value_is_known(asset: Any, at: datetime) -> bool | Shut:
    if asset.terms is None or asset.valuation(at) is None:
        source = figures.value("fx.source", on=timezone.localdate(at))
        return Shut(f"There is no dated rate for {asset.currency} by this source: {source}.")
    return True


@gate("The programme's cap leaves no room for this asset.")
def programme_has_headroom(asset: Any, at: datetime) -> Open | Shut:
    valuation = asset.valuation(at) if asset.terms else None
    if valuation is None:
        return Open()  # value_is_known says so
    headroom = asset.programme.headroom_usd_cents
    if valuation.total_cents > headroom:
        return Shut(f"It counts {dollars(valuation.total_cents)}; the headroom is {dollars(headroom)}.")
    return Open({"counts_usd_cents": valuation.total_cents, "headroom_usd_cents": headroom})


@gate("The sub-limit of this class of assets leaves no room for this asset.")
def class_has_headroom(asset: Any, at: datetime) -> Open | Shut:
    valuation = asset.valuation(at) if asset.terms else None
    room = asset.class_room(timezone.localdate(at))
    if valuation is None or room is None:
        return Open()  # value_is_known says so; or the programme has no such limit
    if valuation.total_cents > room:
        return Shut(f"It counts {dollars(valuation.total_cents)}; {dollars(max(room, 0))} are left for the class.")
    return Open({"class_room_usd_cents": room})


@gate("The reserve behind the asset is not attested.")
def reserve_is_attested(asset: Any, at: datetime) -> bool | Open | Shut:
    if not asset.is_commodity or asset.terms is None:
        return True
    attestation = asset.attestation_at(at)
    if attestation is None:
        waiting = [f"{each.reference} waits to be accepted." for each in asset.attestations.waiting(at)]
        return Shut("No accepted attestation of the reserve is in force.", *waiting)
    terms = asset.terms
    needed = asset.authorised_units * terms.quantity_per_unit
    covered = attestation.quantity * (10_000 - terms.haircut_bp) // 10_000
    if covered < needed:
        unit = terms.unit_of_measure
        return Shut(
            f"The units need {needed:,} {unit}; {attestation.quantity:,} {unit} are attested, "
            f"which cover {covered:,} after the haircut."
        )
    return Open({"attestation": attestation.pk, "quantity": attestation.quantity})


@gate("The asset has matured.")
def asset_has_not_matured(asset: Any, at: datetime) -> bool:
    return asset.matures_on is None or timezone.localdate(at) < asset.matures_on


@gate("The approval has not run out.")
def approval_has_run_out(asset: Any, at: datetime) -> bool:
    if asset.approved_at is None:
        return False
    approved = timezone.localdate(asset.approved_at)
    months = int(figures.value("programme.approval_months", on=approved))
    return timezone.localdate(at) > clock.last_day_of_months(approved, months)


@gate("The approval has run out.")
def approval_is_in_time(asset: Any, at: datetime) -> bool | Shut:
    return Shut("Propose the asset anew.") if approval_has_run_out.predicate(asset, at=at) else True


@gate("Units are still outstanding.")
def nothing_is_outstanding(asset: Any) -> bool | Shut:
    left = asset.outstanding_units
    return Shut(f"{left:,} units have not been redeemed.") if left else True


@gate("The maturity date has not come.")
def maturity_has_come(asset: Any, at: datetime) -> bool:
    return asset.matures_on is not None and timezone.localdate(at) >= asset.matures_on


@gate("No default of the issuer is established.")
def default_is_established(asset: Any) -> bool | Shut:
    found = asset.corporate_actions.filter(kind=ActionKind.DEFAULT, state=ActionState.ESTABLISHED)
    return found.exists() or Shut("One person proposes it as a corporate action, and another establishes it.")


@gate("A document that the asset rests on is missing.")
def documents_are_handed_in(asset: Any) -> Open | Shut:
    here = asset.documents.here()
    missing = [each.label for each in asset.needed_documents if each not in here]
    return Shut(*(f"Hand in: {name}." for name in missing)) if missing else Open(here)


# ── Attestations ─────────────────────────────────────────────────────────────────────────────────────────────────────
@gate("Whoever recorded the attestation cannot decide on it.")
def attestation_decider_is_not_recorder(attestation: Any, by: User | None) -> bool:
    return by is None or attestation.recorded_by_id != by.pk


@gate("The attestation is not in force.")
def attestation_is_in_force(attestation: Any, at: datetime) -> bool | Shut:
    if at < attestation.as_of:
        return Shut(f"It speaks of {timezone.localtime(attestation.as_of):%-d %B %Y, %H:%M}.")
    ended = timezone.localtime(attestation.expires_at)
    return at < attestation.expires_at or Shut(f"It ran out on {ended:%-d %B %Y, %H:%M}: ask for a newer one.")


@gate("The attestation is not of what the terms name.")
def attestation_suits_the_terms(attestation: Any) -> bool | Shut:
    wrong = attestation.differences()
    return Shut(*wrong.values()) if wrong else True


@gate("A later attestation of the same reserve is accepted already.")
def no_later_attestation_is_accepted(attestation: Any) -> bool | Shut:
    later = attestation.accepted_later()
    return later is None or Shut(f"{later.reference} speaks of {timezone.localtime(later.as_of):%-d %B %Y, %H:%M}.")


@gate("No later attestation of the same reserve is accepted.")
def a_later_attestation_is_accepted(attestation: Any) -> bool:
    return attestation.accepted_later() is not None


@gate("The attestation has not run out.")
def attestation_has_run_out(attestation: Any, at: datetime) -> bool:
    return bool(at >= attestation.expires_at)


# ── Documents ────────────────────────────────────────────────────────────────────────────────────────────────────────
@gate("Whoever handed the document in cannot publish it.")
def publisher_is_not_uploader(document: Any, by: User | None) -> bool:
    return by is None or document.uploaded_by_id != by.pk


@gate("A later edition is published already.")
def no_later_edition_is_published(document: Any) -> bool | Shut:
    later = document.published_later()
    return later is None or Shut(f"It is edition {later.edition}, {later.reference}.")


# ── Authorisations ───────────────────────────────────────────────────────────────────────────────────────────────────
@gate("The venue is not in good standing.")
def venue_is_in_good_standing(authorisation: Any, at: datetime) -> Open | Shut:
    venue = authorisation.venue
    if not venue.may_distribute:
        return Shut(*venue.reasons)
    if venue.holds_until is not None and at >= venue.holds_until:
        return Shut(f"Its standing ended on {timezone.localdate(venue.holds_until)}.")
    return Open({"standing_version": venue.standing_version})


@gate("The asset is not issued.")
def asset_is_issued(authorisation: Any) -> bool:
    return authorisation.asset.state == AssetState.ISSUED


@gate("The last day of the authorisation is not over.")
def authorisation_has_run_out(authorisation: Any, at: datetime) -> bool:
    return authorisation.valid_to is not None and timezone.localdate(at) > authorisation.valid_to


@gate("The last day of the authorisation is over.")
def authorisation_has_not_run_out(authorisation: Any, at: datetime) -> bool | Shut:
    if authorisation_has_run_out.predicate(authorisation, at=at):
        return Shut(f"It was {authorisation.valid_to:%-d %B %Y}. Move the last day first.")
    return True


# ── Breaks ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@gate("A break of this asset stands: another record differs from the ledger, or a condition is not kept.")
def no_break_stands(asset: Any) -> Open | Shut:
    standing = asset.breaks.standing()
    return Shut(*(f"{each.reference}, {each}." for each in standing)) if standing else Open()


@gate("The figures do not agree yet.")
def figures_agree_again(difference: Any) -> Open | Shut:
    latest = difference.latest
    if difference.is_of_a_condition and (latest is None or not latest.agrees):
        return Shut("Have the venue put it right and hand in a return that keeps the condition.")
    if latest is None or not latest.agrees:
        return Shut("Correct the wrong record, or have it corrected, and hand its figure in again.")
    return Open({"as_of": str(latest.as_of), "units": latest.ledger_units})


@gate("Whoever explained the break cannot close it.")
def closer_is_not_explainer(difference: Any, by: User | None) -> bool:
    return by is None or difference.explained_by_id != by.pk


# ── Orders ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@gate("Whoever proposed the order cannot confirm it.")
def confirmer_is_not_proposer(order: Any, by: User | None) -> bool:
    return by is None or order.proposed_by_id != by.pk


# ── Corporate actions ────────────────────────────────────────────────────────────────────────────────────────────────
@gate("It is no payment.")
def action_is_a_payment(action: Any) -> bool | Shut:
    return action.kind in PAYMENTS or Shut("A credit event is established, not announced.")


@gate("It is no credit event.")
def action_is_an_event(action: Any) -> bool | Shut:
    return action.kind in EVENTS or Shut("A payment is announced, not established.")


@gate("Whoever proposed the corporate action cannot decide on it.")
def decider_is_not_proposer(action: Any, by: User | None) -> bool | Shut:
    if by is None:
        # The scheduler announces what the terms promise, which two people have approved already.
        return action.proposed_by_id is None or Shut("A person proposed it, so another person decides.")
    return action.proposed_by_id != by.pk


@gate("The terms promise this payment.")
def payment_is_not_of_the_terms(action: Any) -> bool | Shut:
    return not action.is_of_terms or Shut("Only what was announced beside the terms can be called off.")


@gate("The record date is not over.")
def record_date_is_over(action: Any, at: datetime) -> bool:
    return action.record_date is not None and timezone.localdate(at) > action.record_date


@gate("Somebody held units at the record date.")
def nobody_held_units(action: Any) -> bool:
    return action.held_units == 0


@gate("The due date has not come.")
def due_date_has_come(action: Any, at: datetime) -> bool:
    return action.due_date is not None and timezone.localdate(at) >= action.due_date


@gate("The time for the evidence of payment is not over.")
def time_for_evidence_is_over(action: Any, at: datetime) -> bool | Shut:
    last = figures.last_day("programme.payment_grace", action.due_date)
    return timezone.localdate(at) > last or Shut(f"It is over after {last}.")


@gate("The amount is not known.")
def amount_is_known(action: Any) -> bool | Shut:
    return action.per_unit is not None or Shut("The rate of its period has not been fixed.")


@gate("The evidence does not cover what is due.")
def evidence_covers_what_is_due(action: Any) -> bool | Open | Shut:
    due, evidence = action.total_due, action.latest_evidence
    if due is None:
        return True  # amount_is_known says so
    if evidence is None:
        return Shut("No evidence of payment is recorded.")
    if evidence.amount < due:
        return Shut(f"It shows {evidence.amount:,} {action.asset.currency}; {due:,} are due.")
    return Open({"evidence": evidence.pk, "reference": evidence.reference, "due": str(due)})


@gate("Whoever recorded the evidence cannot confirm the payment.")
def confirmer_is_not_recorder(action: Any, by: User | None) -> bool:
    return by is None or action.evidenced_by_id != by.pk


@gate("Whoever proposed the rate cannot fix it.")
def fixer_is_not_proposer(fixing: Any, by: User | None) -> bool:
    return by is None or fixing.proposed_by_id != by.pk


@gate("The rate of this period is fixed.")
def rate_is_open(fixing: Any) -> bool:
    return fixing.action.rate_bp is None


# ── Sub-limits ───────────────────────────────────────────────────────────────────────────────────────────────────────
@gate("Whoever proposed the sub-limit cannot confirm it.")
def limit_confirmer_is_not_proposer(limit: Any, by: User | None) -> bool:
    return by is None or limit.proposed_by_id != by.pk


@gate("Its first day has passed: nobody is bound by a limit that came afterwards.")
def limit_begins_today_or_later(limit: Any, at: datetime) -> bool:
    return bool(limit.effective_from >= timezone.localdate(at))


@gate("A sub-limit of the same that takes effect on that day or later is confirmed already.")
def no_later_limit_is_confirmed(limit: Any) -> bool | Shut:
    later = limit.confirmed_later()
    return later is None or Shut(f"{later.reference} takes effect on {later.effective_from:%-d %B %Y}.")


# ── Permissions to settle ────────────────────────────────────────────────────────────────────────────────────────────
@gate("Whoever proposed the permission or its end cannot confirm it.")
def permit_confirmer_is_not_proposer(permission: Any, by: User | None) -> bool:
    return by is None or permission.proposed_by_id != by.pk


@gate("Its first day has come: all placements of one day are settled by one list.")
def permit_begins_on_a_day_to_come(permission: Any, at: datetime) -> bool:
    return bool(permission.effective_from > timezone.localdate(at))


@gate("The list says something of this settlement asset from that day or a later one already.")
def no_later_row_is_listed(permission: Any) -> bool | Shut:
    later = permission.listed_later()
    return later is None or Shut(f"{later.code} is {later.in_words} from {later.effective_from:%-d %B %Y}.")


@gate("It would change nothing.")
def permit_is_a_change(permission: Any) -> bool | Shut:
    listed = permission.listed()
    same = listed.permitted == permission.permitted if listed else not permission.permitted
    return not same or Shut(f"{permission.code} is {'permitted' if permission.permitted else 'not permitted'} then.")


@gate("It counts where a placement names nothing, so its permission does not end.")
def default_stays_permitted(permission: Any) -> bool:
    listed = permission.listed()
    return bool(permission.permitted) or listed is None or not listed.is_default
