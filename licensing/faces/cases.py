"""What pages say of a case beyond its own fields: its clocks, whom it waits for, and the state in plain words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from licensing.access import ACCEPT_EVIDENCE, MODERATE, RATE, VERIFY_MILESTONES
from licensing.models import Licence, LicenceApplication, Milestone, NocApplication, SetUp
from pvara.kernel import clock, figures
from pvara.kernel.clock import Reading
from pvara.kernel.machine import Stateful, moves_of

# A machine's clocks, with the figure that limits each and what people call it.
CLOCKS: dict[type[Stateful], tuple[tuple[str, str, str], ...]] = {
    NocApplication: (("decision", "noc.decision", "Decision"), ("intake", "noc.intake", "Completeness check")),
    SetUp: (("set_up", "setup.finish", "Set-up"),),
    Milestone: (("verification", "milestone.verify", "Verification"),),
    LicenceApplication: (
        ("completeness", "full.completeness", "Completeness check"),
        ("decision", "full.decision", "Decision"),
    ),
    Licence: (),
}

# Work that is not a move: in which states of a case it waits.
WORK_IN_STATES = {
    RATE: ("under_assessment",),
    MODERATE: ("under_assessment",),
    ACCEPT_EVIDENCE: ("completeness_check", "under_assessment"),
}


@dataclass(frozen=True)
class Ticking:
    """One clock of one row, as read now."""

    title: str
    reading: Reading


def clocks_of(model: type[Stateful], rows: Iterable[Any], at: datetime) -> dict[int, list[Ticking]]:
    """The clocks that have started, by primary key; as many queries for thirty rows as for one."""
    ids = [row.pk for row in rows]
    found: dict[int, list[Ticking]] = {pk: [] for pk in ids}
    for name, figure, title in CLOCKS[model]:
        limit = figures.limit(figure, on=timezone.localdate(at))
        for pk, reading in clock.readings(model, ids, name, limit=limit, at=at).items():
            if reading.status != "not started":
                found[pk].append(Ticking(title, reading))
    return found


def due(ticking: Iterable[Ticking]) -> Ticking | None:
    """The clock that runs out first among those that are running or paused."""
    going = [each for each in ticking if each.reading.status in ("running", "paused")]
    return min(going, key=lambda each: each.reading.due_on or date.max, default=None)


def states_waiting_for(user: Any, model: type[Stateful]) -> set[str]:
    """The states in which a case waits for somebody with this person's roles."""
    waiting = {
        source
        for row in moves_of(model).values()
        for source in row.sources
        if any(user.has_perm(permission) for permission in row.permissions)
    }
    if model in (NocApplication, LicenceApplication):
        waiting |= {
            state for permission, states in WORK_IN_STATES.items() if user.has_perm(permission) for state in states
        }
    # While a set-up is open, its milestones are verified and the criteria that it adds are assessed.
    if model is SetUp and any(user.has_perm(each) for each in (VERIFY_MILESTONES, *WORK_IN_STATES)):
        waiting.add("open")
    return waiting


# ── In plain words, for the applicant ────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Words:
    """Where a case stands and what comes next, as one would say it on the telephone."""

    now: str
    after: str
    yours: bool = False


PLAIN: dict[type[Stateful], dict[str, Words]] = {
    NocApplication: {
        "draft": Words(
            "Your form is not submitted yet.", "Answer every section, upload evidence, sign and submit.", True
        ),
        "submitted": Words("We have received your application.", "A case officer takes it up."),
        "completeness_check": Words("We are checking whether everything is there.", "Then the assessment begins."),
        "under_assessment": Words("We are assessing your compliance framework.", "Then the supervisor recommends."),
        "recommended": Words("The assessment is finished.", "The committee decides."),
        "granted": Words(
            "You hold a No Objection Certificate. It is not a licence: you may prepare, not operate.",
            "Set up your subsidiary in Pakistan.",
        ),
        "refused": Words("Your application was refused.", "The letter gives the reasons and says how to appeal."),
    },
    SetUp: {
        "open": Words(
            "Your set-up is open.", "Submit each milestone; we confirm the set-up when all are verified.", True
        ),
        "complete": Words("Your set-up is confirmed.", "Apply for the full licence.", True),
    },
    LicenceApplication: {
        "draft": Words(
            "Your form is not submitted yet.", "Answer every section, upload evidence, sign and submit.", True
        ),
        "submitted": Words("We have received your application.", "A case officer takes it up."),
        "completeness_check": Words("We are checking whether everything is there.", "Then the assessment begins."),
        "under_assessment": Words("We are assessing your application.", "Then the supervisor recommends."),
        "recommended": Words("The assessment is finished.", "The committee decides."),
        "in_principle": Words(
            "You are approved in principle. This is not a licence yet.", "The board decides on the licence."
        ),
        "licensed": Words("Your licence was granted.", "Keep your evidence up to date."),
        "refused": Words("Your application was refused.", "The letter gives the reasons and says how to appeal."),
    },
    Licence: {
        "active": Words("Your licence is active.", "Keep your evidence up to date."),
        "suspended": Words("Your licence is suspended: stop the licensed business.", "The letter says what to remedy."),
        "revoked": Words("Your licence was revoked.", "The letter gives the reasons and says how to appeal."),
    },
}


def plainly(case: Stateful) -> Words:
    return PLAIN[type(case)][case.state]
