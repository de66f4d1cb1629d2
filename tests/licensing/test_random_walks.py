"""Random people make random moves on every machine of licensing, for thousands of steps; the house stays in order.

Some steps try anything at all, some what the machine itself offers, and some do the work that moves wait for, so that
walks get far into the regime. What must hold is worked out again here from the audit log, the holidays and the table
of intervals, not by asking the code that made the move. `make soak STEPS=50000` walks for as long as one likes.
"""

import os
import sys
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from licensing import standing
from licensing.actions import timers
from licensing.actions.firms import register_firm
from licensing.models import (
    Deliverable,
    Firm,
    KeyIndividual,
    Licence,
    LicenceApplication,
    Measure,
    Milestone,
    NocApplication,
)
from licensing.models.votes import DecidedByVote
from pvara.demo import life, path
from pvara.demo.answers import owners_of
from pvara.kernel import audit, deadlines, looks
from pvara.kernel.machine import MoveRefused, StaleVersion, Stateful, machines, may, moves, moves_of, perform
from pvara.kernel.models import AuditEntry, ClockInterval, Holiday, User
from tests.licensing.errands import errands

STEPS_A_WALK = 50
WALKS = max(int(os.environ.get("STEPS", "400")) // STEPS_A_WALK, 1)

MACHINES = [model for model in machines() if model._meta.app_label == "licensing"]
GIVES_UP = ("withdraw", "reject_incomplete", "find_deficient", "request_surrender", "report_departure", "end", "drop")
# The machines on which most hangs come up more often.
OFTEN = [*MACHINES, *[NocApplication, LicenceApplication, Licence] * 4]
NOTES = ["", "The reasons are on file.", "1.1: The policy was never approved by the board.", "First.\nSecond."]

# Whoever made the first move, as it was last made, does not make the second.
DECIDE_NOC = ("grant_noc", "grant_with_conditions", "notify_refusal", "refuse_noc", "reopen")
DECIDE_FULL = ("approve_in_principle", "approve_with_conditions", "notify_refusal", "refuse_licence", "reopen")
APART: dict[type[Stateful], list[tuple[str, str]]] = {
    NocApplication: [
        ("accept_intake", "recommend"),
        *(("accept_intake", each) for each in DECIDE_NOC),
        *(("recommend", each) for each in DECIDE_NOC),
        ("suspend_noc", "reinstate_noc"),
        ("suspend_noc", "revoke_noc"),
    ],
    LicenceApplication: [
        ("accept_intake", "recommend"),
        ("accept_intake", "grant_licence"),
        ("recommend", "grant_licence"),
        ("approve_in_principle", "grant_licence"),
        ("approve_with_conditions", "grant_licence"),
        *(("accept_intake", each) for each in DECIDE_FULL),
        *(("recommend", each) for each in DECIDE_FULL),
    ],
    Milestone: [("submit", "verify")],
    Licence: [("suspend", "reinstate")],
    Deliverable: [("record_delivery", "accept")],
    KeyIndividual: [("take_up", "approve"), ("take_up", "approve_with_conditions"), ("take_up", "object_to")],
}
DECIDES_NOTHING = ("Aisha", "Adil", "Stranger")

INDEX = st.integers(0, 9999)
PLACE = st.tuples(INDEX, INDEX)  # which machine, and which of its rows


def moves_made(subject: Stateful) -> list[AuditEntry]:
    """The entries of moves, oldest first; a row's first entry only says where it began."""
    return [each for each in audit.history(subject).exclude(to_state="").order_by("seq") if each.from_state]


def last_of(entries: list[AuditEntry], event: str) -> AuditEntry | None:
    return next((each for each in reversed(entries) if each.event == event), None)


# ── A calendar counted on the fingers ────────────────────────────────────────────────────────────────────────────────
def days_counted(first: date, last: date, unit: str, shut: set[date]) -> int:
    """How many days lie after the first, up to and including the last, looked at one by one."""
    span = [first + timedelta(days=i + 1) for i in range((last - first).days)]
    return len(span) if unit == "days" else sum(day.weekday() < 5 and day not in shut for day in span)


def counted_by_hand(rows: list[ClockInterval], unit: str, at: datetime, shut: set[date]) -> tuple[int, int]:
    """Elapsed and paused days of the newest run."""
    total = {True: 0, False: 0}
    for row in rows:
        if row.run == rows[-1].run:
            ended = timezone.localdate(row.ended_at or at)
            total[row.running] += days_counted(timezone.localdate(row.started_at), ended, unit, shut)
    return total[True], total[False]


@pytest.fixture
def world(regime: None, people: path.People, at: datetime) -> path.People:
    """Firms at every stage: each walk begins from here."""

    def firm(name: str) -> Firm:
        return register_firm(name, by=people.applicant, at=at, country="Pakistan", invented=True)

    for state in ("draft", "submitted", "under_assessment", "recommended"):
        path.noc_case(firm(f"Noc {state}"), people=people, at=at, until=state)
    path.noc_case(firm("Open"), people=people, at=at)
    done = path.confirmed_setup(path.noc_case(firm("Principle"), people=people, at=at), people=people, at=at)
    path.full_case(done, people=people, at=at, until="in_principle")
    path.nominate(done.firm, "director", people=people, at=at)
    path.returned(
        path.noc_case(firm("Returned"), people=people, at=at, until="completeness_check"),
        "The minute is missing.",
        people=people,
        at=at,
    )
    path.asked(
        path.noc_case(firm("Asked"), people=people, at=at, until="under_assessment"),
        "Which tool?",
        people=people,
        at=at,
    )
    path.noc_case(firm("Minded"), people=people, at=at, until="minded_to_refuse")
    then = at + timedelta(days=2)
    life.suspend(path.licensed(firm("Suspended"), people=people, at=at), people=people, at=then)
    life.notify(path.licensed(firm("Noticed"), people=people, at=at), people=people, at=then)
    life.surrender_asked(path.licensed(firm("Leaving"), people=people, at=at), people=people, at=then)
    set_up = path.noc_case(firm("Sets up"), people=people, at=at).setup
    path.aml_request(set_up, people=people, at=then)
    licence = path.licensed(firm("Licensed"), people=people, at=at)
    life.supervised(licence, people=people, at=then)
    life.variation_asked(licence, people=people, at=then)
    refused = path.noc_case(firm("Refused"), people=people, at=at, until="refused")
    life.appealed(refused.firm, people=people, at=then)
    path.inspection(licence, people=people, at=then)
    path.finding(licence, people=people, at=then)
    path.agreement("A university", people=people, at=then)
    path.propose_setting("noc.decision", 45, effective_from=date(2026, 5, 1), people=people, at=then)
    path.notify_change(licence.firm, people=people, at=then, rows=owners_of(licence.firm.legal_name, first_owner=55))
    return people


def test_no_walk_leaves_the_regime(world, at, later, danish, basma, laila, tahir, aisha, adil, stranger):
    people = world
    cast: list[User | None] = [*User.objects.order_by("pk"), None]
    begins_at = later(3)
    reached: Counter[tuple[str, str]] = Counter()

    class Walk(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.at = begins_at
            self.undone = transaction.atomic()
            self.undone.__enter__()
            self.seen = AuditEntry.objects.latest("pk").pk

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)

        def subject(self, which: int, row: int) -> Any:
            model = OFTEN[which % len(OFTEN)]
            pks = list(model._base_manager.order_by("pk").values_list("pk", flat=True))
            return model._base_manager.get(pk=pks[row % len(pks)]) if pks else None

        # ── Steps ────────────────────────────────────────────────────────────────────────────────────────────────────
        @rule(days=st.integers(0, 12), minutes=st.integers(0, 1439))
        def wait(self, days, minutes):
            self.at += timedelta(days=days, minutes=minutes)

        @rule(which=INDEX, row=INDEX, who=INDEX, move=INDEX, note=st.sampled_from(NOTES), behind=st.integers(0, 9))
        def try_anything(self, which, row, who, move, note, behind):
            subject = self.subject(which, row)
            if subject is not None:
                names = list(moves_of(type(subject)))
                self.make(subject, names[move % len(names)], cast[who % len(cast)], note, stale=behind == 0)

        def take_an_offer(self, which, row, who, move, note):
            subject = self.subject(which, row)
            if subject is None:
                return
            # The first, from a random person on, who may do anything with it.
            for by in cast[who % len(cast) :] + cast[: who % len(cast)]:
                # As on a page: what is asked twice is looked up once.
                with looks.one_look():
                    possible = [each.name for each in moves(subject, by=by, at=self.at) if each.possible]
                # A walk that gives up whenever it may does not get far.
                open_to_them = [each for each in possible if each not in GIVES_UP or move % 7 == 0]
                if open_to_them:
                    self.make(subject, open_to_them[move % len(open_to_them)], by, note)
                    return

        # Three times as often as anything else: without the work the moves that wait for it are hardly ever open.
        @rule(at=PLACE, jobs=INDEX, who=INDEX, move=INDEX, note=st.sampled_from(NOTES[1:]))
        def work(self, at, jobs, who, move, note):
            self.work_and_go_on(*at, jobs, who, move, note)

        @rule(at=PLACE, jobs=INDEX, who=INDEX, move=INDEX, note=st.sampled_from(NOTES[1:]))
        def work_on(self, at, jobs, who, move, note):
            self.work_and_go_on(*at, jobs, who, move, note)

        @rule(at=PLACE, jobs=INDEX, who=INDEX, move=INDEX, note=st.sampled_from(NOTES[1:]))
        def work_more(self, at, jobs, who, move, note):
            self.work_and_go_on(*at, jobs, who, move, note)

        def work_and_go_on(self, which, row, jobs, who, move, note):
            """Some of the work that a row waits for, and then a move that stands open."""
            subject = self.subject(which, row)
            to_do = errands(subject, people, self.at) if subject is not None else []
            for number, errand in enumerate(to_do):
                if jobs >> number & 1:
                    try:
                        with transaction.atomic():
                            errand()
                    except (MoveRefused, ValidationError, PermissionDenied):
                        pass  # its time has not come, or whoever would do it has no more part in the case
            self.take_an_offer(which, row, who, move, note)

        @rule()
        def let_the_scheduler_look(self):
            timers.run(at=self.at)

        def make(self, subject: Any, name: str, by: User | None, note: str, *, stale: bool = False) -> None:
            row = moves_of(type(subject))[name]
            before = (subject.state, subject.version)
            allowed = may(by, row, subject)
            try:
                perform(subject, name, by=by, at=self.at, expected_version=subject.version - stale, note=note)
            except PermissionDenied:
                told = "denied"
            except StaleVersion:
                told = "stale"
            except MoveRefused as refusal:
                told = f"refused: {refusal.unmet[0].code}"
            else:
                told = "made"
            now = type(subject)._base_manager.get(pk=subject.pk)
            if told == "made":
                assert (allowed, stale, before[0] in row.sources) == (True, False, True)
                assert (now.state, now.version) == (row.target, before[1] + 1)
                assert note or not row.note_required
            else:
                assert (told == "denied", told == "stale") == (not allowed, allowed and stale)
                assert (now.state, now.version) == before

        # ── What holds after each ────────────────────────────────────────────────────────────────────────────────────
        @invariant()
        def everything_that_changed_is_in_order(self):
            new = AuditEntry.objects.filter(pk__gt=self.seen).order_by("pk")
            touched = {(each.subject_type, each.subject_id) for each in new}
            self.seen = max((each.pk for each in new), default=self.seen)
            by_label = {model._meta.label_lower: model for model in MACHINES}
            reached.update(
                (by_label[each.subject_type].__name__, each.event)
                for each in new
                if each.from_state and each.subject_type in by_label
            )
            for label, pk in sorted(touched):
                if label in by_label:
                    subject = by_label[label]._base_manager.get(pk=pk)
                    states_follow_the_table(subject)
                    checkers_are_not_makers(subject)
                    clocks_recompute(subject, self.at)
            for licence in Licence.objects.all():
                standing_is_fresh(licence, self.at)

    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=WALKS,
            stateful_step_count=STEPS_A_WALK,
            deadline=None,
            # A shorter walk to the same fault takes minutes to find; the walk that found it is printed as it is.
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )

    if "STEPS" in os.environ:
        every = {(model.__name__, name) for model in MACHINES for name in moves_of(model)}
        never = ", ".join(f"{model}.{name}" for model, name in sorted(every - set(reached)))
        made = f"{sum(reached.values())} moves of {len(reached)} kinds out of {len(every)}"
        sys.stdout.write(f"\nMade {made}. Never made: {never}.\n")


def states_follow_the_table(subject: Stateful) -> None:
    table, entries = moves_of(type(subject)), moves_made(subject)
    first = audit.history(subject).exclude(to_state="").order_by("seq").first()
    states = [first.to_state if first else subject.state, *(each.to_state for each in entries)]
    if first is not None and first.from_state:
        states[0] = first.from_state
    for (came_from, went_to), entry in zip(pairwise(states), entries, strict=True):
        assert (entry.from_state, entry.to_state) == (came_from, went_to)
        assert came_from in table[entry.event].sources
        assert went_to == table[entry.event].target
        assert entry.actor_name not in DECIDES_NOTHING
    assert subject.state == states[-1]
    # What voters read makes a version without a move: a condition, a ground, a representation.
    others = subject.version - len(entries)
    assert others >= 0 if isinstance(subject, DecidedByVote) else others == 0


def checkers_are_not_makers(subject: Stateful) -> None:
    entries = moves_made(subject)
    for maker, checker in APART.get(type(subject), []):
        for position, entry in enumerate(entries):
            made = last_of(entries[:position], maker)
            if entry.event == checker and made is not None and entry.actor_id is not None:
                assert entry.actor_id != made.actor_id, f"{subject}: one person made {maker} and {checker}."


def clocks_recompute(subject: Stateful, at: datetime) -> None:
    shut = set(Holiday.objects.values_list("date", flat=True))
    rows: dict[str, list[ClockInterval]] = defaultdict(list)
    of_subject = ClockInterval.objects.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)
    for row in of_subject.order_by("pk"):
        rows[row.clock].append(row)
    for one, next_one in (pair for each in rows.values() for pair in pairwise(each)):
        assert one.ended_at is not None
        assert one.ended_at == next_one.started_at if one.run == next_one.run else one.ended_at <= next_one.started_at
        assert one.running is not next_one.running if one.run == next_one.run else next_one.running
    shown = {each.rule.name: each.reading for each in deadlines.of(subject, at)}
    assert {name: (each.elapsed, each.paused) for name, each in shown.items()} == {
        name: counted_by_hand(each, shown[name].limit.unit, at, shut) for name, each in rows.items()
    }


def standing_is_fresh(licence: Licence, at: datetime) -> None:
    kept = standing.standing_of(licence)
    assert kept is not None
    # Counted from the rows of its measures: what was decided, has not ended and is about exchange, or about everything.
    stops = [
        each
        for each in Measure.objects.filter(licence=licence, decided_at__isnull=False, ended_at__isnull=True)
        if "exchange" in each.activities or (each.kind in ("suspension", "urgent_suspension") and not each.activities)
        if each.kind in ("restriction", "suspension", "urgent_suspension")
    ]
    if stops or licence.state in ("revoked", "surrendered", "expired"):
        assert not kept.may_distribute
