"""Gates of renewals and variations; each asks about the licence that it is for."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from licensing.rules.activities import capital_is_paid_up, criteria_of_the_activities_are_met
from licensing.rules.fees import is_settled
from licensing.states import ENDED, IN_FORCE
from pvara.kernel.gates import Open, Shut, gate


@gate("The licence is not in force.")
def licence_is_in_force(case: Any) -> bool | Shut:
    licence = case.licence
    return licence.state in IN_FORCE or Shut(f"{licence.reference} is {licence.get_state_display().lower()}.")


@gate("The licence is over.")
def licence_is_live(case: Any) -> bool:
    return case.licence.state not in ENDED


@gate("The licence is not over.")
def licence_is_over(case: Any) -> bool:
    return case.licence.state in ENDED


# ── Renewal ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@gate("It is too early to renew the licence.")
def renewal_window_is_open(renewal: Any, at: datetime) -> bool | Shut:
    opens = renewal.opens_on(at)
    return timezone.localdate(at) >= opens or Shut(f"The renewal opens on {opens:%-d %B %Y}.")


@gate("The declaration of the renewal is not given.")
def renewal_is_declared(renewal: Any) -> bool:
    return bool(renewal.declaration.strip())


@gate("The renewal fee is not paid.")
def renewal_fee_is_paid(renewal: Any, at: datetime) -> Open | Shut:
    return is_settled(renewal.fee_invoice, renewal.fee_due(renewal.submitted_at or at))


@gate("The firm has invoices that are not paid.")
def no_invoice_is_unpaid(renewal: Any) -> bool | Shut:
    waiting = [f"{each.number}: PKR {each.outstanding_pkr:,.2f}." for each in renewal.unpaid_invoices()]
    return Shut(*waiting) if waiting else True


# ── Variation ────────────────────────────────────────────────────────────────────────────────────────────────────────
@gate("The fee of the variation is not paid.")
def variation_fee_is_paid(variation: Any) -> Open | Shut:
    return is_settled(variation.fee_invoice, variation.fee_due(variation.requested_at))


@gate("The criteria of the activities to be added are not all largely met.")
def criteria_of_the_added_activities_are_met(variation: Any, at: datetime) -> bool | Open | Shut:
    return criteria_of_the_activities_are_met.predicate(variation, at=at) if variation.added else True


@gate("The paid-up capital does not reach the minimum of the licence as varied.")
def capital_reaches_the_varied_licence(variation: Any) -> bool | Open | Shut:
    return capital_is_paid_up.predicate(variation) if variation.added else True


@gate("The variation does not suit the licence as it is now.")
def variation_suits_the_licence(variation: Any) -> bool | Shut:
    covered = set(variation.licence.activities)
    if set(variation.added) & covered or not set(variation.removed) <= covered:
        return Shut("What it adds is covered, or what it removes is not.")
    return bool(variation.resulting_activities()) or Shut("No activity would be left: surrender the licence instead.")
