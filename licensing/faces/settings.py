"""What pages and programs say of the settings of the regime: in sections, each with what is in force and to come."""

from dataclasses import dataclass
from datetime import date

from licensing.models import SettingChange
from licensing.models.settings import Setting, Version, every_setting
from licensing.states import SettingChangeState

# By the first part of a setting's key.
SECTIONS: tuple[tuple[str, str, frozenset[str]], ...] = (
    (
        "applications",
        "Applications",
        frozenset({"noc", "full", "returned", "request", "silence", "consultation", "inspection"}),
    ),
    ("set-up", "Set-up and AML services", frozenset({"setup", "milestone", "subsidiary", "aml"})),
    (
        "decisions",
        "Decisions and appeals",
        frozenset(
            {
                "committee",
                "board",
                "representations",
                "refusal_confirmation",
                "appeal",
                "interest",
                "conditions_precedent",
                "conditions_continuing",
            }
        ),
    ),
    (
        "licences",
        "Licences",
        frozenset({"licence", "renewal", "variation", "suspension", "show_cause", "surrender", "wind_down"}),
    ),
    ("supervision", "Supervision", frozenset({"finding", "incident", "impact", "visit", "clock"})),
    ("people", "People and ownership", frozenset({"key_individuals", "check_validity", "reassess", "ownership"})),
    ("score", "Score and evidence", frozenset({"score", "evidence", "home_regulators"})),
    ("fees", "Fees", frozenset({"fee", "fees"})),
    ("capital", "Paid-up capital", frozenset({"capital"})),
    ("programme", "Tokenised assets", frozenset({"programme", "fx"})),
    ("publication", "Publication and records", frozenset({"statistics", "register", "retention", "letters"})),
)


@dataclass(frozen=True)
class Line:
    """A setting in a list: what is in force, what is published for later, and what is proposed."""

    setting: Setting
    now: Version | None
    to_come: Version | None
    proposed: SettingChange | None


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    lines: list[Line]
    # Fees that nobody has set for an activity.
    unset: list[Line]


def section_of(key: str) -> str:
    """The section that a setting stands in. Raises LookupError for a key that none has."""
    first = key.partition(".")[0]
    for section, _, prefixes in SECTIONS:
        if first in prefixes:
            return section
    raise LookupError(f"No section of the settings has “{key}”.")


def sections(today: date) -> list[Section]:
    """Every setting, in sections; four queries."""
    proposed = {each.key: each for each in SettingChange.objects.filter(state=SettingChangeState.PROPOSED)}
    found: dict[str, list[Line]] = {key: [] for key, _, _ in SECTIONS}
    for key, setting in every_setting().items():
        line = Line(setting, setting.on(today), setting.to_come(today), proposed.get(key))
        found[section_of(key)].append(line)
    return [
        Section(
            key,
            title,
            [line for line in found[key] if not line.setting.unset or line.proposed],
            [line for line in found[key] if line.setting.unset and not line.proposed],
        )
        for key, title, _ in SECTIONS
        if found[key]
    ]
