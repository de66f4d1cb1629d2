"""The facts that a letter needs of its subject: one function for each kind of subject.

A letter may be written some time after the decision, when its subject has gone on; so nothing here is read that a later
move of the same case could change, unless the letter is about that move.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.utils import timezone

from licensing.models import Firm, Licence, LicenceApplication, NocApplication, SetUp
from licensing.states import Activity, MilestoneCode
from pvara.kernel import audit, clock, figures


@dataclass
class About:
    """What a letter needs to know of its subject. `phase` stands in its number; `words` fill places in its wording."""

    firm: Firm
    phase: str
    addressee: str
    address: list[str]
    registration: str
    case: str
    words: dict[str, str] = field(default_factory=dict)
    facts: list[tuple[str, str]] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    activities: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)


def about(code: str, subject_type: str, subject_id: int, at: datetime) -> About:
    subject = apps.get_model(subject_type)._base_manager.get(pk=subject_id)
    return _ABOUT[subject_type](subject, code, at)


def day(value: date | datetime) -> str:
    """A date as letters write it: 4 March 2026."""
    return f"{timezone.localdate(value) if isinstance(value, datetime) else value:%-d %B %Y}"


def _of_noc(case: NocApplication, code: str, at: datetime) -> About:
    found = About(case.firm, "NOC", case.firm.legal_name, _address(case), _home(case.firm), case.reference)
    found.activities = [Activity(each).label for each in case.requested_activities]
    found.facts = [("Application", case.reference), ("Received on", _received(case, at))]
    if code == "L01":
        due = _due(case, "decision", figure="noc.decision", at=at)
        found.words = {"due": due}
        found.facts.append(("Decision due by", due))
    if code == "L10" and case.granted_at is not None and case.valid_to is not None:
        found.words = {"valid_to": day(case.valid_to)}
        found.facts += [("Granted on", day(case.granted_at)), ("Valid to", day(case.valid_to))]
        found.conditions = list(case.conditions)
    return found


def _of_setup(setup: SetUp, code: str, at: datetime) -> About:
    firm = setup.firm
    found = About(firm, "SET", firm.legal_name, _address(setup.noc), _home(firm), setup.reference)
    found.facts = [("NOC application", setup.noc.reference)]
    if code == "L20":
        due = _due(setup, "set_up", figure="setup.finish", at=at)
        found.words = {"due": due, "share": f"{setup.minimum_share(at):f}"}
        found.facts.append(("To be finished by", due))
        found.steps = [str(label) for label in MilestoneCode.labels]
    else:
        found.words = {"subsidiary": setup.subsidiary_name}
        found.facts += [
            ("Local subsidiary", setup.subsidiary_name),
            ("SECP CUIN", setup.cuin),
            ("Share of the NOC holder", f"{setup.share}%"),
        ]
    return found


def _of_full(case: LicenceApplication, code: str, at: datetime) -> About:
    if code == "L40":
        return _of_licence(case.issued_licence, code, at)
    found = About(
        case.firm, "FUL", case.applicant_name, _local_address(case.setup), _cuin(case.setup.cuin), case.reference
    )
    found.facts = [
        ("Application", case.reference),
        ("Received on", _received(case, at)),
        ("Parent", case.firm.legal_name),
    ]
    found.activities = [Activity(each).label for each in case.requested_activities]
    found.conditions = list(case.conditions)
    return found


def _of_licence(licence: Licence, code: str, at: datetime) -> About:
    setup = licence.application.setup
    found = About(
        licence.firm, "LIC", licence.holder_name, _local_address(setup), _cuin(licence.cuin), licence.reference
    )
    found.words = {
        "licence": licence.reference,
        "valid_from": day(licence.valid_from),
        "valid_to": day(licence.valid_to),
    }
    found.facts = [
        ("Licence number", licence.reference),
        ("Holder", licence.holder_name),
        ("Parent", licence.firm.legal_name),
        ("Valid from", day(licence.valid_from)),
        ("Valid to", day(licence.valid_to)),
    ]
    found.activities = licence.activity_titles
    found.conditions = list(licence.conditions)
    return found


_ABOUT: dict[str, Callable[[Any, str, datetime], About]] = {
    "licensing.nocapplication": _of_noc,
    "licensing.setup": _of_setup,
    "licensing.licenceapplication": _of_full,
    "licensing.licence": _of_licence,
}


# ── Who is written to ────────────────────────────────────────────────────────────────────────────────────────────────
def _address(case: NocApplication) -> list[str]:
    """The registered address that the form gave, and the country."""
    said = str(case.answers.get("applicant", {}).get("registered_address", ""))
    return [line.strip() for line in [*said.splitlines(), case.firm.country] if line.strip()]


def _local_address(setup: SetUp) -> list[str]:
    said = str(setup.particulars("M5").get("address", ""))
    return [line.strip() for line in [*said.splitlines(), "Pakistan"] if line.strip()]


def _home(firm: Firm) -> str:
    """What the firm is registered as at home; a group has no Pakistani number yet."""
    if not firm.home_regulator:
        return ""
    number = f", licence {firm.home_licence_number}" if firm.home_licence_number else ""
    return f"Regulated at home by {firm.home_regulator}{number}"


def _cuin(number: str) -> str:
    return f"SECP CUIN {number}" if number else ""


def _received(case: NocApplication | LicenceApplication, at: datetime) -> str:
    entry = audit.history(case).filter(event="submit").first()
    return day(entry.at if entry else at)


def _due(subject: NocApplication | SetUp, name: str, *, figure: str, at: datetime) -> str:
    """The last day of a clock as it stood at the decision."""
    limit = figures.limit(figure, on=timezone.localdate(at))
    due = clock.reading(subject, name, limit=limit, at=at).due_on
    return day(due) if due else "a day that is not fixed yet"
