"""Random people make random moves on every machine of licensing, for thousands of steps; the house stays in order.

Some steps try anything at all, some what the machine itself offers, and some do the work that moves wait for, so that
walks get far into the regime. What must hold is worked out again here from the audit log, the holidays and the table
of intervals, not by asking the code that made the move. `make soak STEPS=50000` walks for as long as one likes.
"""

import os
import sys
from collections import Counter
from datetime import datetime, timedelta
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
from licensing.models import (
    Appeal,
    Deliverable,
    Filing,
    Finding,
    Framework,
    Licence,
    LicenceApplication,
    Measure,
    Milestone,
    Mou,
    NocApplication,
)
from licensing.models.votes import DecidedByVote
from pvara.demo import path
from pvara.kernel import audit, looks
from pvara.kernel.machine import MoveRefused, StaleVersion, Stateful, machines, may, moves, moves_of, perform, unmet
from pvara.kernel.models import AuditEntry, User
from pvara.kernel.seen import ChangedMeanwhile
from tests.licensing.apart import BESIDE, gates_that_ask_who, kept_apart_from, pairs, signatures_read
from tests.licensing.counted import clocks_recompute, kept_days_recompute
from tests.licensing.errands import errands
from tests.licensing.stages import firms_at_every_stage, firms_whose_time_is_nearly_over

STEPS_A_WALK = 50
WALKS = max(int(os.environ.get("STEPS", "400")) // STEPS_A_WALK, 1)

MACHINES = [model for model in machines() if model._meta.app_label == "licensing"]
KINDS = [(model, name) for model in MACHINES for name in moves_of(model)]
GIVES_UP = ("withdraw", "reject_incomplete", "find_deficient", "request_surrender", "report_departure", "end", "drop")
# The machines on which most hangs come up more often.
OFTEN = [*MACHINES, *[NocApplication, LicenceApplication, Licence] * 4]
NOTES = ["", "The reasons are on file.", "1.1: The policy was never approved by the board.", "First.\nSecond."]

# What is written on between its moves, and is then another version to whoever moves it.
WRITTEN_ON = (Appeal, Filing, Finding, Framework, Milestone, Mou)
DECIDES_NOTHING = ("Aisha", "Adil", "Stranger")

INDEX = st.integers(0, 9999)
# Which of a row's errands are run: one bit for each, and there are a few dozen at most.
JOBS = st.integers(0, 2**40 - 1)
PLACE = st.tuples(INDEX, INDEX)  # which machine, and which of its rows


def moves_made(subject: Stateful) -> list[AuditEntry]:
    """The entries of moves, oldest first; a row's first entry only says where it began."""
    return [each for each in audit.history(subject).exclude(to_state="").order_by("seq") if each.from_state]


@pytest.fixture
def at() -> datetime:
    """Late enough for what began a year before to have begun under the regime's first figures."""
    return timezone.make_aware(datetime(2026, 11, 4, 10, 0))


@pytest.fixture
def world(regime: None, people: path.People, at: datetime) -> path.People:
    """Firms at every stage: each walk begins from here."""
    firms_at_every_stage(people=people, at=at)
    firms_whose_time_is_nearly_over(people=people, at=at)
    return people


def test_who_may_not_check_what_they_made_is_worked_out_for_every_gate_that_asks():
    asking = [gate for model in MACHINES for row in moves_of(model).values() for gate in gates_that_ask_who(row)]
    assert [gate.code for gate in asking if gate.code not in BESIDE and not signatures_read(gate)] == []
    assert BESIDE.keys() - {gate.code for gate in asking} == set()
    assert {model.__name__: len(pairs(model)) for model in MACHINES if pairs(model)} == {
        "NocApplication": 9,
        "Milestone": 1,
        "LicenceApplication": 9,
        "Condition": 1,
        "Finding": 1,
        "Licence": 11,
        "ChangeOfControl": 2,
        "Deliverable": 1,
        "Framework": 1,
    }
    assert pairs(Deliverable) == {("record_delivery", "accept")}
    assert {("recommend", "grant_noc"), ("suspend_noc_urgently", "revoke_noc")} < pairs(NocApplication)


def test_no_walk_leaves_the_regime(world, at, later, ozair, danish, basma, laila, tahir, aisha, adil, stranger):
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

        # Without the work the moves that wait for it are hardly ever open, so most rules do some first.
        @rule(at=PLACE, jobs=JOBS, who=INDEX, move=INDEX, note=st.sampled_from(NOTES[1:]))
        def work(self, at, jobs, who, move, note):
            """Some of the work that a row waits for, and then a move that stands open."""
            subject = self.subject(*at)
            if subject is not None:
                self.run_errands(subject, jobs)
                self.take_an_offer(*at, who, move, note)

        @rule(kind=INDEX, row=INDEX, jobs=JOBS, who=INDEX, note=st.sampled_from(NOTES[1:]))
        def head_for(self, kind, row, jobs, who, note):
            """One kind of move, however rare, where a row stands before it: the work, and whoever may make it."""
            model, name = KINDS[kind % len(KINDS)]
            pks = list(self.before(model, name).values_list("pk", flat=True))
            if not pks:
                return
            subject = model._base_manager.get(pk=pks[row % len(pks)])
            self.run_errands(subject, jobs)
            subject = self.before(model, name).filter(pk=subject.pk).first()
            for by in cast[who % len(cast) :] + cast[: who % len(cast)] if subject is not None else []:
                if may(by, moves_of(model)[name], subject) and not unmet(subject, name, by=by, at=self.at):
                    self.make(subject, name, by, note)
                    return

        @rule(kind=INDEX, row=INDEX, jobs=JOBS, who=INDEX, note=st.sampled_from(NOTES[1:]))
        def head_on(self, kind, row, jobs, who, note):
            """The same again: twice as often as anything else."""
            self.head_for(kind, row, jobs, who, note)

        def before(self, model, name):
            return model._base_manager.filter(state__in=moves_of(model)[name].sources).order_by("pk")

        def run_errands(self, subject, jobs):
            for number, errand in enumerate(errands(subject, people, self.at)):
                if jobs >> number & 1:
                    try:
                        with transaction.atomic():
                            errand()
                    except (MoveRefused, ValidationError, PermissionDenied, ChangedMeanwhile):
                        pass  # its time has not come, or whoever would do it has no more part in the case

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
                    checkers_are_not_makers(
                        subject, [each for each in new if (each.subject_type, each.subject_id) == (label, pk)]
                    )
                    clocks_recompute(subject, self.at)
                    kept_days_recompute(subject)
            for licence in Licence.objects.all():
                standing_is_fresh(licence, self.at)

    try:
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
    finally:
        if "STEPS" in os.environ:
            tell_how_far(reached)


def tell_how_far(reached: Counter[tuple[str, str]]) -> None:
    every = {(model.__name__, name) for model, name in KINDS}
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
    # What others read makes a version without a move: a condition, a ground, terms, particulars, a plan, a criterion.
    others = subject.version - len(entries)
    assert others >= 0 if isinstance(subject, (DecidedByVote, *WRITTEN_ON)) else others == 0


def checkers_are_not_makers(subject: Stateful, new: list[AuditEntry]) -> None:
    """Of the moves that a step made: nobody made one that another of their acts kept them from."""
    for entry in new:
        if entry.from_state and entry.actor_id is not None:
            for code, people in kept_apart_from(subject, entry).items():
                assert entry.actor_id not in people, f"{subject}: {entry.actor_name} made {entry.event} past {code}."


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
