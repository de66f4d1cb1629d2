"""Gates of an appeal: its time, its panel, and what it gives back."""

from datetime import datetime
from typing import Any

from licensing.states import LicenceState
from pvara.kernel.gates import Open, Shut, gate
from pvara.kernel.models import User


@gate("The time to appeal has ended, and no leave is recorded.")
def appeal_is_in_time_or_has_leave(appeal: Any) -> bool | Open | Shut:
    last = appeal.last_day()
    if appeal.filed_on <= last:
        return True
    return Open({"leave": appeal.leave}) if appeal.leave else Shut(f"The last day was {last:%-d %B %Y}.")


@gate("The panel is not complete.")
def panel_is_complete(appeal: Any, at: datetime) -> Open | Shut:
    members = [str(each) for each in appeal.panel.all()]
    size = appeal.panel_size(at)
    if len(members) < size:
        return Shut(f"{len(members)} of {size} members are named.")
    return Open({"panel": members})


@gate("Somebody on the panel took part in the decision.")
def panel_took_no_part(appeal: Any) -> bool | Shut:
    took_part = appeal.participant_ids()
    found = [f"{each}." for each in appeal.panel.all() if each.pk in took_part]
    return Shut(*found) if found else True


@gate("Whoever took part in the decision keeps away from the appeal.")
def recorder_took_no_part(appeal: Any, by: User | None) -> bool:
    return by is None or by.pk not in appeal.participant_ids()


@gate("No appeal against this refusal succeeded.")
def appeal_took_the_refusal_away(case: Any) -> Open | Shut:
    found = case.appeal_to_follow()
    return Open({"appeal": found.reference}) if found else Shut()


@gate("After an appeal others decide than those whose decision it took away.")
def decider_is_new_after_an_appeal(case: Any, by: User | None) -> bool:
    return by is None or by.pk not in case.former_decider_ids()


# ── Stays ────────────────────────────────────────────────────────────────────────────────────────────────────────────
# Nothing is built on a restriction or on the end of AML services, so that their stay holds nothing (decisions/0008).
def _is_not_stayed(case: Any, *events: str) -> bool | Shut:
    stays = case.stays(*events)
    return Shut(*stays) if stays else True


@gate("The suspension is stayed until the appeal against it is decided: nothing more is built on it.")
def suspension_is_not_stayed(case: Any) -> bool | Shut:
    if case.state != LicenceState.SUSPENDED:
        return True
    of_a_licence = ("suspend", "prolong_suspension", "urgent_suspend")
    return _is_not_stayed(case, *of_a_licence, "suspend_noc", "suspend_noc_urgently")


@gate("The refusal of the renewal is stayed until the appeal against it is decided.")
def refusal_of_the_renewal_is_not_stayed(licence: Any) -> bool | Shut:
    stays = licence.stays_of_the_renewal()
    return Shut(*stays) if stays else True


# ── What is given back ───────────────────────────────────────────────────────────────────────────────────────────────
@gate("No appeal against the NOC's revocation or suspension succeeded.")
def appeal_took_the_loss_of_the_noc_away(noc: Any) -> Open | Shut:
    found = noc.appeal_to_follow()
    return Open({"appeal": found.reference}) if found else Shut()


@gate("The firm holds another NOC.")
def no_other_noc_is_live(noc: Any) -> bool | Shut:
    others = noc.other_live_nocs()
    return Shut(f"See {', '.join(others)}.") if others else True


# What any NOC that comes back waits for, beside its term.
OF_A_NOC_THAT_COMES_BACK = (appeal_took_the_loss_of_the_noc_away, no_other_noc_is_live)


@gate("A suspension stands, against which no appeal succeeded.")
def no_suspension_lies_beneath(noc: Any) -> bool:
    return noc.suspension_beneath() is None


@gate("No suspension stood when the NOC was revoked, or an appeal took it away.")
def a_suspension_lies_beneath(noc: Any) -> bool:
    return noc.suspension_beneath() is not None


@gate("The set-up did not lapse with its NOC.")
def setup_lapsed_with_its_noc(setup: Any) -> bool:
    return bool(setup.lapsed_with_noc())


@gate("No appeal against the end of the permission succeeded.")
def appeal_took_the_end_away(registration: Any) -> Open | Shut:
    held = registration.decision_that_holds()
    found = registration.appeal_to_follow() if held and held.event == "end_aml_services" else None
    return Open({"appeal": found.reference}) if found else Shut()


@gate("Another request of the same kind is open, or was granted.")
def no_other_request_is_live(case: Any) -> bool | Shut:
    others = [each.reference for each in case.open_siblings()]
    return Shut(f"See {', '.join(others)}.") if others else True


@gate("The renewal did not end with its licence.")
def renewal_ended_with_its_licence(renewal: Any) -> bool:
    held = renewal.decision_that_holds()
    return held is not None and held.event == "end_with_licence"


@gate("No restriction stands that an appeal took away.")
def appeal_took_a_restriction_away(licence: Any) -> Open | Shut:
    taken = licence.restrictions_taken_away()
    found = {each.reference: appeal.reference for each, appeal in taken.items()}
    return Open({"measures": found}) if found else Shut()


@gate("Other restrictions stand.")
def no_other_restriction_stands(licence: Any) -> bool | Shut:
    taken = licence.restrictions_taken_away()
    left = [f"{each.reference}." for each in licence.restrictions if each not in taken]
    return Shut(*left) if left else True


@gate("No other restriction stands.")
def another_restriction_stands(licence: Any) -> bool:
    return len(licence.restrictions) > len(licence.restrictions_taken_away())


@gate("No appeal against the refusal of the last surrender succeeded.")
def appeal_took_the_refusal_of_surrender_away(licence: Any) -> Open | Shut:
    found = licence.appeal_for_surrender()
    return Open({"appeal": found.reference}) if found else Shut()
