"""Who walks the path, the regime's data, and the steps: one move, or one decision of a body."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from licensing.access import body_of
from licensing.actions import (
    conditions,
    refusals,
    votes,
)
from licensing.models import (
    Condition,
    Framework,
)
from licensing.models.conditions import default_due
from licensing.models.noc import SETTLES_NOTICE
from licensing.rules.ratification import RATIFY
from pvara.kernel.machine import Stateful, perform, the_move
from pvara.kernel.models import User

PHASES = ("NOC", "SETUP", "FULL")


@dataclass(frozen=True)
class People:
    """Who does what on the path; every one of them a different person."""

    applicant: User
    officer: User
    assessor: User
    moderator: User
    supervisor: User
    member: User
    member2: User
    board: User
    board2: User
    enforcement: User
    debt_officer: User
    debt_approver: User
    finance: User | None = None  # nobody, as long as nothing is charged
    board3: User | None = None  # nobody, as long as what one of the board does alone is not voted on


def load_regime() -> None:
    """The regime's data: figures, holidays, scoring framework, activities, tariff, settlement, texts of letters."""
    if Framework.objects.exists():
        return
    for command in (
        "load_figures",
        "load_holidays",
        "load_framework",
        "load_activities",
        "load_agencies",
        "load_returns",
        "load_tariff",
        "load_letter_texts",
        "load_settlement_assets",
    ):
        call_command(command, verbosity=0)


def step(subject: Any, name: str, *, by: User | None, at: datetime, note: str = "") -> Any:
    """One move, from the version that the row has now."""
    fresh: Stateful = type(subject)._base_manager.get(pk=subject.pk)
    return perform(fresh, name, by=by, at=at, expected_version=fresh.version, note=note)


def voters(model: Any, name: str, people: People) -> tuple[User, User]:
    """Who votes on a move here: two of the committee, or two of the board; the first makes urgent suspensions."""
    if name == RATIFY and people.board3 is not None:
        return people.board2, people.board3
    body = body_of(the_move(model, name).permissions)
    return (people.board, people.board2) if body.code == "board" else (people.member, people.member2)


def vote(subject: Any, name: str, *, people: People, at: datetime) -> None:
    """Both members of the body that decides on a move vote for it."""
    for member in voters(type(subject), name, people):
        fresh: Stateful = type(subject)._base_manager.get(pk=subject.pk)
        votes.cast_vote(fresh, name, by=member, at=at, expected_version=fresh.version, choice="for")


def prepare(subject: Any, name: str, *, people: People, at: datetime) -> None:
    """What a decision needs before it is made: a condition or a ground, if it carries one, and the votes for it."""
    if name in ("grant_with_conditions", "approve_with_conditions") and not subject.drafted_conditions():
        draft(subject, people=people, at=at)
    if name == "notify_refusal" and not subject.drafted_grounds():
        said = "The policy is not approved by the board."
        refusals.draft_ground(subject, by=people.supervisor, at=at, about="1.1", text=said)
    if name in SETTLES_NOTICE and subject.notice_that_waits() is None:
        told(subject, people=people, at=at)
    vote(subject, name, people=people, at=at)


def told(noc: Any, *, people: People, at: datetime) -> None:
    """Notice that a NOC may be lost, which its holder answers."""
    said = "The owners are not those of the application."
    refusals.draft_ground(noc, by=people.supervisor, at=at, about="3.1", text=said)
    name = "notify_loss" if noc.state == "granted" else "notify_loss_suspended"
    heard(step(noc, name, by=people.supervisor, at=at, note="The owners have changed."), people=people, at=at)


def decide(subject: Any, name: str, *, people: People, at: datetime, note: str = "") -> Any:
    """A move that a body votes on: both of its members vote for it, and the first of them makes it."""
    prepare(subject, name, people=people, at=at)
    return step(subject, name, by=voters(type(subject), name, people)[0], at=at, note=note)


def draft(
    case: Any, text: str = "Report every month.", *, people: People, at: datetime, kind: str = "continuing"
) -> Condition:
    """A condition on a case that waits for its decision, as the supervisor drafts it."""
    due = default_due(kind, at)
    return conditions.draft_condition(case, by=people.supervisor, at=at, kind=kind, text=text, due_on=due)


def met(condition: Condition, *, people: People, at: datetime) -> Condition:
    """A condition that was imposed, proved by the firm and found satisfied by the case officer."""
    proof = SimpleUploadedFile("proof.txt", f"What proves {condition.reference}.\n".encode(), "text/plain")
    conditions.prove_condition(condition, proof, title="Proof", by=people.applicant, at=at)
    condition = step(condition, "submit_evidence", by=people.applicant, at=at)
    return step(condition, "find_satisfied", by=people.officer, at=at)


def heard(case: Any, *, people: People, at: datetime) -> None:
    """The firm answers the notice, and a member of the committee considers what it says."""
    said = "The board approves the policy next month."
    made = refusals.make_representations(case, by=people.applicant, at=at, text=said)
    refusals.consider(made, by=people.member, at=at, note="An intention is no approval.")
