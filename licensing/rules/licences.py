"""Gates of the licence's own life: what was proposed, whether the firm was heard, and who decides."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from licensing.states import URGENT_GROUNDS, LicenceState, MeasureKind
from pvara.kernel import figures
from pvara.kernel.gates import Open, Shut, gate
from pvara.kernel.models import User


@gate("The term of the licence has ended.")
def licence_is_in_term(licence: Any, at: datetime) -> bool | Shut:
    return licence.is_in_term(at) or Shut(f"It ended on {licence.valid_to:%-d %B %Y}.")


# ── What was proposed ────────────────────────────────────────────────────────────────────────────────────────────────
def _proposal(licence: Any, kind: str) -> Open | Shut:
    """The facts of a proposal go into the audit entry of the move that takes it."""
    measure = licence.proposed(kind)
    if measure is None:
        return Shut()
    return Open(
        {
            "measure": measure.reference,
            "proposed_by": str(measure.proposed_by),
            "grounds": list(measure.grounds),
            "activities": list(measure.activities),
            "ends_on": str(measure.ends_on or ""),
        }
    )


@gate("No restriction is proposed.")
def restriction_is_proposed(licence: Any) -> Open | Shut:
    return _proposal(licence, MeasureKind.RESTRICTION)


@gate("Neither an open finding nor the firm's score is behind a restriction.")
def restriction_has_a_cause(licence: Any) -> Open | Shut:
    findings, level = licence.behind_a_restriction()
    if findings or level:
        return Open({"findings": findings, "score": level})
    return Shut("Raise the finding first; the score asks nothing of supervision.")


@gate("No show-cause notice is drafted.")
def show_cause_is_drafted(licence: Any) -> Open | Shut:
    return _proposal(licence, MeasureKind.SHOW_CAUSE)


@gate("No suspension is proposed.")
def suspension_is_proposed(licence: Any) -> Open | Shut:
    return _proposal(licence, MeasureKind.SUSPENSION)


@gate("No urgent suspension is proposed.")
def urgent_suspension_is_proposed(licence: Any) -> Open | Shut:
    return _proposal(licence, MeasureKind.URGENT_SUSPENSION)


@gate("No revocation is proposed.")
def revocation_is_proposed(licence: Any) -> Open | Shut:
    return _proposal(licence, MeasureKind.REVOCATION)


def _period(licence: Any, kind: str, at: datetime) -> bool | Open | Shut:
    measure = licence.proposed(kind)
    if measure is None:
        return True  # that none is proposed is another gate's
    today = timezone.localdate(at)
    longest = figures.limit("suspension.longest", on=today)
    if measure.starts_on > today:
        return Shut(f"It starts on {measure.starts_on:%-d %B %Y}: decide on that day, or propose another start.")
    if measure.ends_on <= today:
        return Shut(f"Its last day, {measure.ends_on:%-d %B %Y}, has come: propose another period.")
    if (measure.ends_on - today).days > longest.length:
        return Shut(f"It runs to {measure.ends_on:%-d %B %Y}; at most {longest} are allowed, and may be prolonged.")
    return True


@gate("The period of the suspension does not suit.")
def period_suits(licence: Any, at: datetime) -> bool | Open | Shut:
    return _period(licence, MeasureKind.SUSPENSION, at)


@gate("The period of the urgent suspension does not suit.")
def urgent_period_suits(licence: Any, at: datetime) -> bool | Open | Shut:
    return _period(licence, MeasureKind.URGENT_SUSPENSION, at)


@gate("None of the grounds carries a suspension without a hearing before it.")
def grounds_are_urgent(licence: Any) -> bool:
    measure = licence.proposed(MeasureKind.URGENT_SUSPENSION)
    return measure is None or bool(set(measure.grounds) & set(URGENT_GROUNDS))


def _is_not_the_proposer(licence: Any, by: User | None, *kinds: str) -> bool:
    return by is None or all(each is None or each.proposed_by_id != by.pk for each in map(licence.proposed, kinds))


@gate("Whoever proposed a restriction does not decide on it.")
def decider_did_not_propose_restriction(licence: Any, by: User | None) -> bool:
    return _is_not_the_proposer(licence, by, MeasureKind.RESTRICTION)


@gate("Whoever proposed a suspension does not decide on it.")
def decider_did_not_propose_suspension(licence: Any, by: User | None) -> bool:
    return _is_not_the_proposer(licence, by, MeasureKind.SUSPENSION)


@gate("Whoever proposed an urgent suspension does not confirm it.")
def confirmer_did_not_propose(licence: Any, by: User | None) -> bool:
    return _is_not_the_proposer(licence, by, MeasureKind.URGENT_SUSPENSION)


@gate("Whoever proposed the revocation does not decide on it.")
def revoker_did_not_propose(licence: Any, by: User | None) -> bool:
    return _is_not_the_proposer(licence, by, MeasureKind.REVOCATION)


@gate("Whoever issued the show-cause notice does not decide on what follows.")
def decider_did_not_issue_the_notice(licence: Any, by: User | None) -> bool:
    return by is None or licence.show_cause_by_id != by.pk


@gate("Whoever suspended a licence does not revoke it.")
def revoker_is_not_suspender(licence: Any, by: User | None) -> bool:
    return by is None or licence.suspended_by_id != by.pk


@gate("Whoever suspended a licence does not reinstate it.")
def reinstater_is_not_suspender(licence: Any, by: User | None) -> bool:
    return by is None or licence.suspended_by_id != by.pk


# ── Hearing the firm ─────────────────────────────────────────────────────────────────────────────────────────────────
@gate("The firm has not been heard, and its time has not ended.")
def firm_was_heard(licence: Any, at: datetime) -> bool | Shut:
    to_hear = [licence.show_cause] if licence.state == LicenceState.SHOW_CAUSE else licence.suspensions
    today = timezone.localdate(at)
    waiting = [
        each
        for each in to_hear
        if each and each.heard_at is None and each.hear_by is not None and today <= each.hear_by
    ]
    return Shut(*(f"{each.reference}: it has until {each.hear_by:%-d %B %Y}." for each in waiting)) if waiting else True


@gate("A show-cause notice is in force.")
def no_notice_is_in_force(licence: Any) -> bool | Shut:
    found = licence.show_cause
    return Shut(f"{found.reference}.") if found else True


@gate("No show-cause notice is in force.", premise=True)
def a_notice_is_in_force(licence: Any) -> bool:
    return licence.show_cause is not None


@gate("No hearing is outstanding.")
def hearing_is_outstanding(licence: Any) -> bool:
    return any(each.hear_by is not None and each.heard_at is None for each in licence.suspensions)


# ── Ending measures ──────────────────────────────────────────────────────────────────────────────────────────────────
@gate("It is not proposed to lift a restriction.")
def lifting_is_proposed(licence: Any) -> Open | Shut:
    lifted = [each.reference for each in licence.restrictions if each.lifting_proposed_by_id is not None]
    return Open({"measures": lifted}) if lifted else Shut()


@gate("Whoever proposed to lift a restriction does not decide on it.")
def lifter_did_not_propose_it(licence: Any, by: User | None) -> bool:
    return by is None or all(each.lifting_proposed_by_id != by.pk for each in licence.restrictions)


@gate("Other restrictions remain: ease the restrictions instead.")
def every_restriction_is_to_be_lifted(licence: Any) -> bool:
    return all(each.lifting_proposed_by_id is not None for each in licence.restrictions)


@gate("No restriction would remain: lift the restrictions instead.")
def a_restriction_remains(licence: Any) -> bool:
    return any(each.lifting_proposed_by_id is None for each in licence.restrictions)


@gate("A restriction stands.")
def no_restriction_stands(licence: Any) -> bool | Shut:
    found = licence.restrictions
    return Shut(*(f"{each.reference}: {each.public_text}" for each in found)) if found else True


@gate("No restriction stands.", premise=True)
def a_restriction_stands(licence: Any) -> bool:
    return bool(licence.restrictions)


@gate("No restriction stands, and none is proposed.")
def a_restriction_stands_or_is_proposed(licence: Any) -> bool:
    return bool(licence.restrictions) or licence.proposed(MeasureKind.RESTRICTION) is not None


@gate("That the causes of the suspension are remedied is not verified.")
def remedy_is_verified(licence: Any) -> Open | Shut:
    waiting = [each for each in licence.suspensions if each.remedy_verified_by_id is None]
    if waiting or not licence.suspensions:
        return Shut(*(f"{each.reference}." for each in waiting))
    return Open({each.reference: str(each.remedy_verified_by) for each in licence.suspensions})


@gate("Whoever verified the remedy does not reinstate the licence.")
def reinstater_did_not_verify_the_remedy(licence: Any, by: User | None) -> bool:
    return by is None or all(each.remedy_verified_by_id != by.pk for each in licence.suspensions)


# ── Surrender and expiry ─────────────────────────────────────────────────────────────────────────────────────────────
@gate("No surrender is declared.")
def surrender_is_declared(licence: Any) -> Open | Shut:
    found = licence.open_surrender
    return Open({"surrender": found.reference}) if found else Shut("Declare what is held for clients first.")


@gate("That the assets of clients are returned is not confirmed.")
def client_assets_are_returned(licence: Any) -> Open | Shut:
    found = licence.open_surrender
    if found is None or found.assets_confirmed_at is None:
        return Shut()
    return Open({"surrender": found.reference, "confirmed_by": str(found.assets_confirmed_by)})


@gate("Enforcement is open against the holder.")
def no_enforcement_is_open(licence: Any) -> bool | Shut:
    against = [MeasureKind.SHOW_CAUSE, MeasureKind.SUSPENSION, MeasureKind.URGENT_SUSPENSION, MeasureKind.REVOCATION]
    drafts = [found for kind in against if (found := licence.proposed(kind))]
    found = [*drafts, *licence.in_force(*against)]
    return Shut(*(f"{each.reference}: {each.get_kind_display()}." for each in found)) if found else True


@gate("Whoever confirmed the return of assets does not decide on the surrender.")
def decider_did_not_confirm_the_assets(licence: Any, by: User | None) -> bool:
    found = licence.open_surrender
    return by is None or found is None or found.assets_confirmed_by_id != by.pk


@gate("The term of the licence and its grace have not ended.")
def term_and_grace_have_ended(licence: Any, at: datetime) -> bool | Shut:
    last = licence.last_day_of_grace()
    return timezone.localdate(at) > last or Shut(f"The grace ends on {last:%-d %B %Y}.")


@gate("A renewal that was asked for in time is not decided yet.")
def no_renewal_is_pending(licence: Any) -> bool:
    return not licence.renewal_is_pending()


# ── After an appeal ──────────────────────────────────────────────────────────────────────────────────────────────────
@gate("No appeal against this licence's revocation or suspension succeeded.")
def appeal_took_the_decision_away(licence: Any) -> Open | Shut:
    found = licence.appeal_to_follow()
    return Open({"appeal": found.reference}) if found else Shut()


@gate("A suspension stands.")
def no_suspension_stands(licence: Any) -> bool:
    return not licence.suspensions


@gate("No suspension stands.")
def a_suspension_stands(licence: Any) -> bool:
    return bool(licence.suspensions)


@gate("The firm holds another licence.")
def no_other_licence_is_live(licence: Any) -> bool | Shut:
    others = licence.other_live_licences()
    return Shut(f"See {', '.join(others)}.") if others else True
