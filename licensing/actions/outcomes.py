"""P4: what the outcome of an appeal does: a decision that was overturned is taken back, as far as that can be done.

One that was varied goes back for a new decision in line with the tribunal's words; a measure that lasts stays in force
until the committee has brought it into line, and the committee is told (decisions/0018).

All of it happens in the transaction of the outcome, by moves that the scheduler alone may make. What only stands in the
way for now, such as another case of the firm, is said by the gates of those moves: the outcome is not recorded until
they are open. What can never be given back, such as a NOC whose term has ended, is written down as that.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from licensing.actions.applications import new_version
from licensing.actions.licences import end_restrictions
from licensing.actions.notices import tell_people
from licensing.models import (
    AmlRegistration,
    Appeal,
    Licence,
    LicenceApplication,
    Measure,
    NocApplication,
    Renewal,
    Variation,
)
from licensing.models.appeals import LASTING
from licensing.models.licences import imposed_by
from licensing.models.overdue import told
from licensing.states import ENDED, AmlState, AppealState, LicenceState, NocState, RenewalState, VariationState
from pvara.kernel import audit
from pvara.kernel.machine import Stateful, follows, perform, the_move, unmet
from pvara.kernel.models import AuditEntry, User

# Which measure a decision put into force, as far as taking the decision away ends it.
ENDS = {
    "suspend": "suspension",
    "prolong_suspension": "suspension",
    "urgent_suspend": "urgent_suspension",
    "revoke": "revocation",
}
# The bodies that bring a varied decision into line.
DECIDERS = ("committee_member", "board_member")
# Gates that no waiting opens again: a term that ended, and what rested on something that is over.
FOR_GOOD = ("noc_is_in_term", "noc_is_in_force", "licence_is_live", "full_licence_is_not_decided")


@dataclass(frozen=True)
class Effect:
    """What became of a decision that was taken away: whether something was given back, and which or why not."""

    given: bool
    words: str


@follows(Appeal, "set_aside", "remit")
def take_the_decision_away(appeal: Appeal, *, by: User, at: datetime, entry: AuditEntry) -> None:
    """Give the outcome its effect, or say that there is none to give."""
    subject = appeal.subject
    effect = _EFFECTS[type(subject)](subject, appeal, f"{appeal.reference}: {entry.note}", at)
    _write_down(appeal, "effect_given" if effect.given else "nothing_given_back", effect.words, by=by, at=at)
    if effect.given:
        appeal.effect_given_at = at
        appeal.save(update_fields=["effect_given_at"])


@follows(Appeal, "vary_decision")
def carry_the_variation_out(appeal: Appeal, *, by: User, at: datetime, entry: AuditEntry) -> None:
    """Send the matter back with the tribunal's words, or leave a measure in force until it is brought into line."""
    lasts = appeal.decision.event in LASTING
    if not lasts:
        take_the_decision_away(appeal, by=by, at=at, entry=entry)
    waits = Appeal.objects.to_be_carried_out().filter(pk=appeal.pk).exists()
    if lasts and not waits:
        _write_down(appeal, "nothing_given_back", _nothing(appeal.subject, appeal).words, by=by, at=at)
    if lasts and waits:
        stays = f"It stays in force until it is brought into line with the tribunal's words: {_stands(appeal.subject)}."
        _write_down(appeal, "left_in_force", stays, by=by, at=at)
    # A refusal that goes back waits for its votes as any other case does; this waits for somebody to begin.
    if waits:
        _tell_those_who_decide(appeal, entry.note, at=at)


def _write_down(appeal: Appeal, event: str, words: str, *, by: User, at: datetime) -> None:
    audit.record(appeal, event=event, by=by, at=at, note=words, data={"subject": appeal.subject.reference})


def _tell_those_who_decide(appeal: Appeal, words: str, *, at: datetime) -> None:
    subject = appeal.subject
    people = {each.pk: each for role in DECIDERS for each in told(appeal, role, at)}
    tell_people(
        people.values(),
        subject=f"{subject.reference}: a decision that was varied is to be carried out",
        template="decision_varied",
        context={"appeal": appeal, "subject": subject, "words": words},
        key=f"varied:{appeal.pk}",
        at=at,
    )


def _move(subject: Any, name: str, note: str, at: datetime) -> Effect:
    """Make a move that gives something back. Raises MoveRefused where that must wait for something."""
    ended = [each for each in unmet(subject, name, by=None, at=at) if each.code in FOR_GOOD]
    if ended:
        why = " ".join(part for each in ended for part in (each.reason, *each.details))
        return Effect(False, f"{subject.reference} cannot be brought back. {why}")
    moved = perform(subject, name, by=None, at=at, expected_version=subject.version, note=note)
    title = the_move(type(subject), name).title
    return Effect(True, f"{title}: {_stands(moved)}.")


def _stands(subject: Any) -> str:
    return f"{subject.reference} stands as “{subject.get_state_display()}”"


def _nothing(subject: Any, appeal: Appeal) -> Effect:
    """What was decided since stands, and leaves nothing of this decision that could come back by itself."""
    if appeal.state == AppealState.VARIED:
        return Effect(False, f"Nothing of the decision is left to be varied: {_stands(subject)}.")
    return Effect(False, f"The decision is taken away, by which nothing comes back: {_stands(subject)}.")


def _remit(*states: str) -> Callable[[Any, Appeal, str, datetime], Effect]:
    """What was refused goes back for a new decision, from where a refusal leaves it."""

    def remit(subject: Stateful, appeal: Appeal, note: str, at: datetime) -> Effect:
        held = subject.decision_that_holds()  # type: ignore[attr-defined]  # of what may be appealed
        if subject.state not in states or held != appeal.decision:
            return _nothing(subject, appeal)
        return _move(subject, "remit", note, at)

    return remit


def _noc(noc: NocApplication, appeal: Appeal, note: str, at: datetime) -> Effect:
    if appeal.decision.event == "refuse_noc":
        return _remit(NocState.REFUSED)(noc, appeal, note, at)
    if noc.state not in (NocState.SUSPENDED, NocState.REVOKED) or noc.decision_that_holds() != appeal.decision:
        return _nothing(noc, appeal)
    name = "restore_noc_suspended" if noc.state == NocState.REVOKED and noc.suspension_beneath() else "restore_noc"
    effect = _move(noc, name, note, at)
    gone = [
        f"{each.reference} ended with it, and is to be asked for anew."
        for each in AmlRegistration.objects.filter(setup__noc=noc, state=AmlState.ENDED).order_by("pk")
        if audit.history(each).filter(event="end_with_noc", at=appeal.decision.at).exists()
    ]
    return Effect(effect.given, " ".join([effect.words, *gone]) if effect.given else effect.words)


def _aml(registration: AmlRegistration, appeal: Appeal, note: str, at: datetime) -> Effect:
    if appeal.decision.event in registration.refusals:
        return _remit(AmlState.REFUSED)(registration, appeal, note, at)
    if registration.state != AmlState.ENDED or registration.decision_that_holds() != appeal.decision:
        return _nothing(registration, appeal)
    return _move(registration, "restore_aml_services", note, at)


# ── Licences ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _licence(licence: Licence, appeal: Appeal, note: str, at: datetime) -> Effect:
    event = appeal.decision.event
    if event == "impose_restriction":
        return _end_the_restriction(licence, appeal, note, at)
    if event in licence.refusals:
        return _take_up_the_surrender(licence, appeal, note, at)
    return _give_back(licence, appeal, note, at)


def _give_back(licence: Licence, appeal: Appeal, note: str, at: datetime) -> Effect:
    event = appeal.decision.event
    if event != "revoke":
        Measure.objects.filter(licence=licence, kind=ENDS[event], decided_at=appeal.decision.at, ended_at=None).update(
            ended_at=at, ended_why=f"Taken away by {appeal.reference}"
        )
    suspended = bool(licence.suspensions)
    if licence.state == LicenceState.REVOKED and event == "revoke":
        name = "restore_suspended" if suspended else "restore_restricted" if licence.restrictions else "restore"
    elif licence.state == LicenceState.SUSPENDED and not suspended:
        name = "restore_restricted" if licence.restrictions else "restore"
    else:
        # It was reinstated, prolonged or revoked meanwhile.
        return _nothing(licence, appeal)
    return _move(licence, name, note, at)


def _end_the_restriction(licence: Licence, appeal: Appeal, note: str, at: datetime) -> Effect:
    taken = [each for each in licence.restrictions if each.reference == imposed_by(appeal.decision)]
    if not taken:
        return _nothing(licence, appeal)
    if licence.state == LicenceState.RESTRICTED:
        name = "ease_after_appeal" if len(licence.restrictions) > len(taken) else "lift_after_appeal"
        return _move(licence, name, note, at)
    # In any other state the restriction stands beneath something else, which goes on.
    ended = f"{taken[0].reference} is ended"
    new_version(licence)
    entry = audit.record(licence, event="restriction_taken_away", by=None, at=at, note=note)
    end_restrictions(licence, taken, f"Taken away by {appeal.reference}", entry=entry, at=at)
    if licence.state in ENDED:
        return Effect(False, f"{ended}, which gives nothing back: {licence.reference} is over.")
    return Effect(True, f"{ended}: {_stands(licence)}.")


def _take_up_the_surrender(licence: Licence, appeal: Appeal, note: str, at: datetime) -> Effect:
    refused = licence.surrenders.filter(decided_at=appeal.decision.at).first()
    if refused is None or licence.refusal_of_surrender() != appeal.decision or licence.state in ENDED:
        # The firm asked again meanwhile, or holds the licence no longer.
        return _nothing(licence, appeal)
    # The wish is open again for whoever decides now; who refused it stands in the log.
    refused.outcome, refused.decided_by, refused.decided_at = "", None, None
    refused.save(update_fields=["outcome", "decided_by", "decided_at"])
    return _move(Licence.objects.get(pk=licence.pk), "take_up_surrender_again", note, at)


_EFFECTS: dict[type[Any], Callable[[Any, Appeal, str, datetime], Effect]] = {
    NocApplication: _noc,
    LicenceApplication: _remit(NocState.REFUSED),
    AmlRegistration: _aml,
    Renewal: _remit(RenewalState.FAILED),
    Variation: _remit(VariationState.REFUSED),
    Licence: _licence,
}


# ── What follows ─────────────────────────────────────────────────────────────────────────────────────────────────────
@follows(NocApplication, "remit")
@follows(LicenceApplication, "remit")
def others_decide(case: NocApplication | LicenceApplication, *, by: None, at: datetime, entry: AuditEntry) -> None:
    case.remitted_at = at
    case.save(update_fields=["remitted_at"])
