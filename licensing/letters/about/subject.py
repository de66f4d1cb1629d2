"""What a letter needs to know of its subject, and the small facts that most letters give."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils import timezone

from licensing.models import (
    Firm,
    Licence,
    LicenceApplication,
    NocApplication,
    SetUp,
)
from pvara.kernel import deadlines
from pvara.kernel.machine import Stateful


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
    items: list[str] = field(default_factory=list)
    activities: list[str] = field(default_factory=list)
    conditions: list[tuple[int, str, str]] = field(default_factory=list)
    grounds: list[str] = field(default_factory=list)
    # A letter about the firm to somebody else: the firm never sees it. Without an address it is delivered by hand.
    for_applicant: bool = True
    email: str = ""


def day(value: date | datetime) -> str:
    """A date as letters write it: 4 March 2026."""
    return f"{timezone.localdate(value) if isinstance(value, datetime) else value:%-d %B %Y}"


def conditions_of(case: NocApplication | LicenceApplication | Licence) -> list[tuple[int, str, str]]:
    """The conditions as they were imposed: none is added or reworded after that."""
    return [(each.number or 0, each.text, day(each.due_on) if each.due_on else "") for each in case.imposed_conditions]


def add_notice(found: About, case: NocApplication | LicenceApplication, at: datetime) -> None:
    """The notice of refusal that was the last one at the time, and its grounds."""
    notice = case.refusalnotices.filter(given_at__lte=at).order_by("-number").first()
    if notice is None:
        return
    found.words = {"last_day": day(notice.last_day), "notice_on": day(notice.given_at)}
    found.grounds = [str(each) for each in notice.grounds.select_related("criterion", "noc", "application")]


def address_of(case: NocApplication) -> list[str]:
    """The registered address that the form gave, and the country."""
    said = str(case.answers.get("applicant", {}).get("registered_address", ""))
    return [line.strip() for line in [*said.splitlines(), case.firm.country] if line.strip()]


def local_address_of(setup: SetUp) -> list[str]:
    said = str(setup.particulars("M5").get("address", ""))
    return [line.strip() for line in [*said.splitlines(), "Pakistan"] if line.strip()]


def registered_at_home(firm: Firm) -> str:
    """What the firm is registered as at home; a group has no Pakistani number yet."""
    if not firm.home_regulator:
        return ""
    number = f", licence {firm.home_licence_number}" if firm.home_licence_number else ""
    return f"Regulated at home by {firm.home_regulator}{number}"


def cuin_of(number: str) -> str:
    return f"SECP CUIN {number}" if number else ""


def received(case: NocApplication | LicenceApplication) -> list[tuple[str, str]]:
    """The day of its submission; nothing, for a draft that was withdrawn or has lapsed."""
    return [("Received on", day(case.submitted_at))] if case.submitted_at else []


def due_day(subject: Stateful, name: str, *, at: datetime) -> str:
    """The last day of a clock as it stood at the decision."""
    due = deadlines.due_on(subject, name, at)
    return day(due) if due else "a day that is not fixed yet"
