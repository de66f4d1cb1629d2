"""Who may not check what they made, worked out anew: the pairs from the machines' tables, the makers from the record.

A gate that asks who acts either reads who signed its own row, such as `recommended_by`, and then the moves that sign so
and those that it guards are pairs of a maker and a checker; or it asks about rows beside it, and then `BESIDE` asks the
same of the database in another way. A gate that does neither is missed by nobody: the test of the walks names it.
"""

from collections.abc import Callable, Iterator
from typing import Any

from licensing.models import (
    Appeal,
    Deficiency,
    FitAndProperCheck,
    Invoice,
    LicenceApplication,
    Measure,
    Milestone,
    NocApplication,
    Payment,
    Rating,
    Recusal,
    SetUp,
    Surrender,
    Vote,
)
from licensing.models.aml import NEEDED
from licensing.models.noc import GIVES_NOTICE, SETTLES_NOTICE
from pvara.kernel import audit
from pvara.kernel.gates import Gate
from pvara.kernel.machine import Move, Stateful, moves_of
from pvara.kernel.models import AuditEntry, User

People = set[int | None]
# Whatever took a suspension away as if it had not been made took its maker's part in it away too.
FORGETS_WHO_SUSPENDED = (
    "restore_noc",
    "lift_unratified",
    "lift_unratified_restricted",
    "lift_unratified_noticed",
)
SENT_BACK = ("remit", "take_up_surrender_again")


def gates_that_ask_who(row: Move) -> Iterator[Gate]:
    yield from (gate for gate in row.gates if "by" in gate.wants)


def signatures_read(gate: Gate) -> set[str]:
    """The fields of people on its own row that a gate reads, such as `recommended_by`."""
    if gate.code in BESIDE:
        return set()
    names: tuple[str, ...] = getattr(gate.predicate, "__code__").co_names  # noqa: B009  a protocol has no code
    return {name.removesuffix("_id") for name in names if name.endswith("_id")}


def pairs(model: type[Stateful]) -> set[tuple[str, str]]:
    """Each maker's move with each move that whoever made it, as it was last made, does not make."""
    rows = moves_of(model).values()
    return {
        (maker.name, checker.name)
        for checker in rows
        for gate in gates_that_ask_who(checker)
        for maker in rows
        if maker.signed_as in signatures_read(gate)
    }


def kept_apart_from(subject: Any, entry: AuditEntry) -> dict[str, People]:
    """Who may not have made a move that is just made, by the gate that says so."""
    found: dict[str, People] = {}
    for gate in gates_that_ask_who(moves_of(type(subject))[entry.event]):
        if gate.code in BESIDE:
            found[gate.code] = BESIDE[gate.code](subject, entry)
        else:
            found[gate.code] = {_signed(subject, field, entry) for field in signatures_read(gate)}
    return found


def _before(subject: Any, entry: AuditEntry) -> list[AuditEntry]:
    return list(audit.history(subject).filter(seq__lt=entry.seq).order_by("seq"))


def _last(entries: list[AuditEntry], *events: str) -> AuditEntry | None:
    return next((each for each in reversed(entries) if each.event in events), None)


def _signed(subject: Any, field: str, entry: AuditEntry) -> int | None:
    """Who signed a row before a move: by the log where a move signs, and else by the row, on which it never changes."""
    signing = [row.name for row in moves_of(type(subject)).values() if row.signed_as == field]
    if not signing:
        person: int | None = getattr(subject, f"{field}_id")
        return person
    last = _last(_before(subject, entry), *signing, *FORGETS_WHO_SUSPENDED)
    return last.actor_id if last is not None and last.event in signing else None


# ── What stands beside the row ───────────────────────────────────────────────────────────────────────────────────────
def _application_of(row: Any) -> Any:
    """The application that a row came of, found by its own relations; the row itself where there is none."""
    for up in ("subject", "licence", "case", "setup", "noc", "application"):
        if isinstance(row, NocApplication | LicenceApplication):
            return row
        row = getattr(row, up, None) or row
    return row


def _had_it_in_hand(subject: Any, entry: AuditEntry) -> People:
    """Whoever took the case up that a row came of, or was handed it."""
    theirs = audit.history(_application_of(subject)).filter(event__in=("accept_intake", "handed_over"))
    handed_to = [each.data["to"] for each in theirs if each.event == "handed_over"]
    took_up = {each.actor_id for each in theirs if each.event == "accept_intake"}
    return {*took_up, *User.objects.filter(email__in=handed_to).values_list("pk", flat=True)}


def _gave_the_notice(noc: Any, entry: AuditEntry) -> People:
    """Who gave the notice that a NOC may be lost, until that is settled."""
    last = _last(_before(noc, entry), *GIVES_NOTICE, *SETTLES_NOTICE)
    return {last.actor_id} if last is not None and last.event in GIVES_NOTICE else set()


def _stepped_back(letter: Any, entry: AuditEntry) -> People:
    rows = Recusal.objects.filter(subject_type=letter.subject_type, subject_id=letter.subject_id)
    return set(rows.values_list("person", flat=True))


def _assessed(subject: Any, entry: AuditEntry) -> People:
    ratings = Rating.objects.filter(firm=subject.firm, current=True)
    return {person for pair in ratings.values_list("assessor", "moderator") for person in pair}


def _verified(subject: Any, entry: AuditEntry) -> People:
    """Who verified the milestones of a set-up; for AML services those that these need."""
    of_setup = isinstance(subject, SetUp)
    rows = Milestone.objects.filter(setup=subject if of_setup else subject.setup, state="verified")
    rows = rows if of_setup else rows.filter(code__in=NEEDED)
    last = (_last(list(audit.history(each).order_by("seq")), "verify") for each in rows)
    return {each.actor_id for each in last if each is not None}


def _drafted_what_went_back(subject: Any, entry: AuditEntry) -> People:
    rows = Deficiency.objects.about(subject).filter(round__isnull=False)
    latest = max(rows.values_list("round", flat=True))
    return set(rows.filter(round=latest).values_list("drafted_by", flat=True))


def _recorded_a_payment(subject: Any, entry: AuditEntry) -> People:
    invoices = Invoice.objects.about(subject)
    return set(Payment.objects.filter(invoice__in=invoices).values_list("recorded_by", flat=True))


def _decided_what_is_appealed(appeal: Appeal, entry: AuditEntry) -> People:
    decision = appeal.decision
    ballots = Vote.objects.filter(
        motion__subject_type=appeal.subject_type, motion__subject_id=appeal.subject_id, motion__move=decision.event
    )
    return {decision.actor_id, *ballots.filter(cast_at__lte=decision.at).values_list("member", flat=True)}


def _decided_before_the_appeal(subject: Any, entry: AuditEntry) -> People:
    """Who refused what an appeal sent back; a surrender that is asked for anew is a new matter."""
    before = _before(subject, entry)
    back = _last(before, *SENT_BACK, "request_surrender")
    if back is None or back.event == "request_surrender":
        return set()
    refused = _last([each for each in before if each.seq < back.seq], *subject.refusals)
    return {refused.actor_id} if refused is not None else set()


def _proposed(*kinds: str) -> Callable[[Any, AuditEntry], People]:
    def proposed(licence: Any, entry: AuditEntry) -> People:
        taken = Measure.objects.filter(licence=licence, kind__in=kinds, decided_at=entry.at, decided_by=entry.actor_id)
        return set(taken.values_list("proposed_by", flat=True))

    return proposed


def _suspended_at_once(case: Any, entry: AuditEntry) -> People:
    """Who made the urgent suspension, and who proposed it."""
    made = _last(_before(case, entry), "urgent_suspend", "suspend_noc_urgently")
    proposed = Measure.objects.filter(licence=case.pk, kind="urgent_suspension", ratified_at=entry.at)
    proposers = proposed.values_list("proposed_by", flat=True) if case._meta.model_name == "licence" else []
    return {made.actor_id if made else None, *proposers}


def _of_what_ended(field: str) -> Callable[[Any, AuditEntry], People]:
    def found(licence: Any, entry: AuditEntry) -> People:
        ended = Measure.objects.filter(licence=licence, ended_at=entry.at, ended_by=entry.actor_id)
        return set(ended.values_list(field, flat=True))

    return found


def _confirmed_the_assets(licence: Any, entry: AuditEntry) -> People:
    return set(
        Surrender.objects.filter(licence=licence).order_by("-pk").values_list("assets_confirmed_by", flat=True)[:1]
    )


def _checked(individual: Any, entry: AuditEntry) -> People:
    checks = FitAndProperCheck.objects.filter(individual=individual)
    return {*checks.values_list("recorded_by", flat=True), _signed(individual, "vetted_by", entry)}


def _everybody_but_the_proposer(change: Any, entry: AuditEntry) -> People:
    return {entry.actor_id} - {change.proposed_by_id}


BESIDE: dict[str, Callable[[Any, AuditEntry], People]] = {
    "decider_is_not_case_officer": _had_it_in_hand,
    "recommender_is_not_case_officer": _had_it_in_hand,
    "recorder_is_not_the_case_officer": _had_it_in_hand,
    "decider_did_not_give_the_notice": _gave_the_notice,
    "checker_is_not_recused_from_the_case": _stepped_back,
    "recommender_did_not_assess": _assessed,
    "decider_did_not_assess": _assessed,
    "confirmer_did_not_verify": _verified,
    "decider_did_not_verify": _verified,
    "returner_did_not_draft": _drafted_what_went_back,
    "officer_did_not_record_the_payment": _recorded_a_payment,
    "recorder_took_no_part": _decided_what_is_appealed,
    "decider_is_new_after_an_appeal": _decided_before_the_appeal,
    "decider_did_not_propose_restriction": _proposed("restriction"),
    "decider_did_not_propose_suspension": _proposed("suspension"),
    "confirmer_did_not_propose": _proposed("urgent_suspension"),
    "ratifier_did_not_suspend": _suspended_at_once,
    "revoker_did_not_propose": _proposed("revocation"),
    "lifter_did_not_propose_it": _of_what_ended("lifting_proposed_by"),
    "reinstater_did_not_verify_the_remedy": _of_what_ended("remedy_verified_by"),
    "decider_did_not_confirm_the_assets": _confirmed_the_assets,
    "decider_made_no_check": _checked,
    "withdrawn_by_its_proposer": _everybody_but_the_proposer,
}
