"""What was done about NOCs, licences, appeals and owners, month by month: counted from the audit log in one query.

These are deeds, not cases: each is counted in the month in which it was done (in Pakistan), and nothing is in progress
or timed. A suspension that is prolonged is counted under prolonged, not again under suspended.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection


@dataclass(frozen=True)
class Deed:
    """One line of the table: its code, its title, whose log it stands in, and the moves that are counted.

    What the public register does not show of a single firm is not told of a handful of them either.
    """

    code: str
    title: str
    subject_type: str
    events: tuple[str, ...]
    is_public: bool = True


_NOC, _LICENCE, _APPEAL = "licensing.nocapplication", "licensing.licence", "licensing.appeal"
_CONTROL, _WIND_DOWN = "licensing.changeofcontrol", "licensing.winddown"

DEEDS = (
    Deed("noc_extended", "NOCs extended", _NOC, ("extend_noc",), is_public=False),
    Deed("noc_suspended", "NOCs suspended", _NOC, ("suspend_noc",)),
    Deed("noc_suspended_urgently", "NOCs suspended urgently", _NOC, ("suspend_noc_urgently",)),
    Deed("noc_suspension_not_ratified", "Urgent suspensions of NOCs not ratified", _NOC, ("lift_unratified",)),
    Deed(
        "noc_reinstated", "NOCs reinstated or restored", _NOC, ("reinstate_noc", "restore_noc", "restore_noc_suspended")
    ),
    Deed("noc_revoked", "NOCs revoked", _NOC, ("revoke_noc",)),
    Deed("restriction_imposed", "Restrictions imposed", _LICENCE, ("impose_restriction",)),
    Deed(
        "restriction_lifted",
        "Restrictions lifted or eased",
        _LICENCE,
        ("lift_restriction", "ease_restrictions", "lift_after_appeal", "ease_after_appeal"),
    ),
    Deed("show_cause_issued", "Show-cause notices issued", _LICENCE, ("issue_show_cause",), is_public=False),
    Deed(
        "show_cause_dismissed",
        "Show-cause notices dismissed",
        _LICENCE,
        ("dismiss_show_cause", "dismiss_show_cause_restricted"),
        is_public=False,
    ),
    Deed("suspended", "Licences suspended", _LICENCE, ("suspend",)),
    Deed("suspended_urgently", "Licences suspended urgently", _LICENCE, ("urgent_suspend",)),
    Deed("suspension_ratified", "Urgent suspensions ratified", _LICENCE, ("ratify_suspension",)),
    Deed(
        "suspension_not_ratified",
        "Urgent suspensions not ratified",
        _LICENCE,
        ("lift_unratified", "lift_unratified_restricted", "lift_unratified_noticed"),
    ),
    Deed("suspension_prolonged", "Suspensions prolonged", _LICENCE, ("prolong_suspension",)),
    Deed(
        "reinstated",
        "Licences reinstated or restored",
        _LICENCE,
        ("reinstate", "reinstate_restricted", "restore", "restore_restricted", "restore_suspended"),
    ),
    Deed("revoked", "Licences revoked", _LICENCE, ("revoke",)),
    Deed("surrender_requested", "Surrenders asked for", _LICENCE, ("request_surrender",), is_public=False),
    Deed("surrendered", "Surrenders accepted", _LICENCE, ("accept_surrender",)),
    Deed(
        "surrender_refused",
        "Surrenders refused",
        _LICENCE,
        ("refuse_surrender", "refuse_surrender_restricted"),
        is_public=False,
    ),
    Deed("expired", "Licences expired", _LICENCE, ("expire",)),
    Deed("wound_down", "Businesses wound down", _WIND_DOWN, ("confirm_finished",)),
    Deed("appeal_filed", "Appeals filed", _APPEAL, ("record_appeal",)),
    Deed("appeal_not_admitted", "Appeals not admitted", _APPEAL, ("turn_away",), is_public=False),
    Deed("appeal_stayed", "Decisions stayed", _APPEAL, ("stay",)),
    Deed("appeal_upheld", "Decisions upheld", _APPEAL, ("uphold",)),
    Deed("appeal_varied", "Decisions varied", _APPEAL, ("vary_decision",)),
    Deed("appeal_remitted", "Decisions remitted", _APPEAL, ("remit",)),
    Deed("appeal_set_aside", "Decisions set aside", _APPEAL, ("set_aside",)),
    Deed("appeal_withdrawn", "Appeals withdrawn", _APPEAL, ("withdraw",), is_public=False),
    Deed("control_assessed", "Changes of control assessed", _CONTROL, ("assess",), is_public=False),
    Deed(
        "control_not_objected",
        "Changes of control without objection",
        _CONTROL,
        ("raise_no_objection",),
        is_public=False,
    ),
    Deed("control_objected", "Changes of control objected to", _CONTROL, ("object_to",), is_public=False),
)

DONE = """
WITH deed(code, subject_type, event) AS (
    SELECT * FROM unnest(%(codes)s::text[], %(types)s::text[], %(events)s::text[])
)
SELECT deed.code, extract(month FROM entry.at AT TIME ZONE 'Asia/Karachi')::int, count(*)
FROM kernel_auditentry entry
JOIN deed ON deed.subject_type = entry.subject_type AND deed.event = entry.event
WHERE extract(year FROM entry.at AT TIME ZONE 'Asia/Karachi') = %(year)s
GROUP BY 1, 2
"""


@dataclass(frozen=True)
class DeedRow:
    """How often one deed was done in each month of a year that has begun, and in all of it."""

    deed: Deed
    months: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.months)


def deeds_of_year(year: int, *, until: date, public: bool = False) -> list[DeedRow]:
    """Every deed, or what the public is told of, for the months of a year that have begun on the day `until`."""
    begun = sum(date(year, month, 1) <= until for month in range(1, 13))
    counts: dict[str, dict[int, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(DONE, {"year": year, **_parameters()})
        for code, month, count in cursor.fetchall():
            counts[code][month] = count
    return [
        DeedRow(deed, tuple(counts[deed.code].get(month + 1, 0) for month in range(begun)))
        for deed in DEEDS
        if deed.is_public or not public
    ]


def _parameters() -> dict[str, Any]:
    rows = [(deed.code, deed.subject_type, event) for deed in DEEDS for event in deed.events]
    return dict(zip(("codes", "types", "events"), (list(each) for each in zip(*rows, strict=True)), strict=True))


DEED_COLUMNS = ("deed", "month", "count")


def deed_as_line(row: DeedRow, year: int) -> list[tuple[str, str, int]]:
    """The lines of the CSV: one a month, as ISO months, and one for the year."""
    months = [(row.deed.code, f"{year}-{number:02}", count) for number, count in enumerate(row.months, start=1)]
    return [*months, (row.deed.code, str(year), row.total)]
