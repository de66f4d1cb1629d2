"""What became of the cases, month by month, and how long they took: counted in SQL from the audit log and the holidays.

The rules of the counting, which the pages repeat:

- A case is received when it is first submitted; a set-up, when it opens. What was never submitted is counted nowhere.
- A month is a month in Pakistan: what happens at 23:59 of the 31st in Karachi belongs to the month that ends.
- Each outcome has a count of its own. A case that was granted and expires later is counted under both, each in its
  month; one that is returned is still in progress, and one that an appeal sends back is in progress again.
- In progress are, at the end of a month, the cases received by then and not closed by then.
- Days run from the date of receipt to the date of the decision, pauses included; the day of receipt is day 0. Working
  days are Monday to Friday less the holidays of the calendar. Only decisions on the merits are timed: granted, with or
  without conditions, refused; a set-up confirmed. Whoever withdrew has waited for nothing.
- The percentile p of n durations in ascending order is the one at place 1 + (n − 1)·p; between two places it lies on
  the straight line between them (PostgreSQL's `percentile_cont`, type 7 of Hyndman and Fan). The median is p = 0.5.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

# Outcome, its title, and whether it closes a case that was in progress.
OUTCOMES = {
    "granted": "Granted",
    "granted_with_conditions": "Granted with conditions",
    "refused": "Refused",
    "returned_incomplete": "Returned as incomplete",
    "rejected_incomplete": "Rejected as incomplete",
    "withdrawn": "Withdrawn",
    "lapsed": "Lapsed",
    "expired": "Expired",
    "remitted": "Sent back on appeal",
}
CLOSING = frozenset(OUTCOMES) - {"returned_incomplete", "expired", "remitted"}
TIMED = ("granted", "granted_with_conditions", "refused")


@dataclass(frozen=True)
class Phase:
    """One phase: whose entries are counted, what receives a case, and which move has which outcome.

    Where the state that a move comes from makes a difference, it stands before the move: `requested:end_with_noc`.
    """

    code: str
    title: str
    subject_type: str
    received: str
    outcomes: dict[str, str]


PHASES = (
    Phase(
        "P1",
        "No Objection Certificate",
        "licensing.nocapplication",
        "submit",
        {
            "grant_noc": "granted",
            "grant_with_conditions": "granted_with_conditions",
            "refuse_noc": "refused",
            "return_incomplete": "returned_incomplete",
            "reject_incomplete": "rejected_incomplete",
            "withdraw": "withdrawn",
            "lapse": "lapsed",
            "expire_noc": "expired",
            "remit": "remitted",
        },
    ),
    Phase(
        "P2",
        "Set-up of the subsidiary",
        "licensing.setup",
        "opened",
        {"confirm_setup": "granted", "lapse": "lapsed", "reopen_with_noc": "remitted"},
    ),
    Phase(
        "P2-AML",
        "AML Registered Services",
        "licensing.amlregistration",
        "requested",
        {
            "permit_aml_services": "granted",
            "refuse_aml_services": "refused",
            "withdraw": "withdrawn",
            "requested:end_with_noc": "lapsed",
            "requested:end_with_licence_decision": "lapsed",
            "permitted:end_with_noc": "expired",
            "permitted:end_with_licence_decision": "expired",
            "end_aml_services": "expired",
            "remit": "remitted",
        },
    ),
    Phase(
        "P3",
        "Full licence",
        "licensing.licenceapplication",
        "submit",
        {
            "grant_licence": "granted",
            "refuse_licence": "refused",
            "return_incomplete": "returned_incomplete",
            "reject_incomplete": "rejected_incomplete",
            "withdraw": "withdrawn",
            "lapse": "lapsed",
            "let_approval_lapse": "lapsed",
            "remit": "remitted",
        },
    ),
    Phase(
        "P4-renewal",
        "Renewal of a licence",
        "licensing.renewal",
        "submit",
        {
            "renew": "granted",
            "refuse_renewal": "refused",
            "end_with_licence": "lapsed",
            "remit": "remitted",
            "begin_again": "remitted",
        },
    ),
    Phase(
        "P4-variation",
        "Variation of a licence",
        "licensing.variation",
        "requested",
        {
            "vary": "granted",
            "refuse_variation": "refused",
            "withdraw": "withdrawn",
            "end_with_licence": "lapsed",
            "remit": "remitted",
        },
    ),
)
# A licence is granted by the board; whether with conditions was decided by the committee before that.
WITH_CONDITIONS = {("licensing.licenceapplication", "grant_licence"): "approve_with_conditions"}

# Each received case with its day of receipt, then everything that became of it. The tables of phases are parameters.
EVENTS = """
WITH phase(code, subject_type, received) AS (
    SELECT * FROM unnest(%(codes)s::text[], %(types)s::text[], %(firsts)s::text[])
),
meaning(subject_type, came_from, event, outcome, unless) AS (
    SELECT * FROM unnest(
        %(of)s::text[], %(came_from)s::text[], %(events)s::text[], %(outcomes)s::text[], %(conditional)s::text[]
    )
),
received AS (
    SELECT phase.code, entry.subject_type, entry.subject_id, min(entry.seq) AS seq,
        (min(entry.at) AT TIME ZONE 'Asia/Karachi')::date AS day
    FROM kernel_auditentry entry
    JOIN phase ON phase.subject_type = entry.subject_type AND phase.received = entry.event
    GROUP BY phase.code, entry.subject_type, entry.subject_id
),
happened AS (
    SELECT received.code, received.subject_id, received.day AS received_on, entry.seq,
        (entry.at AT TIME ZONE 'Asia/Karachi')::date AS day,
        CASE WHEN meaning.unless <> '' AND EXISTS (
            SELECT 1 FROM kernel_auditentry before
            WHERE before.subject_type = entry.subject_type AND before.subject_id = entry.subject_id
                AND before.seq < entry.seq AND before.event = meaning.unless
        ) THEN 'granted_with_conditions' ELSE meaning.outcome END AS outcome
    FROM received
    JOIN kernel_auditentry entry ON entry.subject_type = received.subject_type
        AND entry.subject_id = received.subject_id AND entry.seq > received.seq
    JOIN meaning ON meaning.subject_type = entry.subject_type AND meaning.event = entry.event
        AND meaning.came_from IN ('', entry.from_state)
)
"""

COUNTS = (
    EVENTS
    + """
SELECT code, 'received', date_trunc('month', day)::date, count(*) FROM received GROUP BY 1, 3
UNION ALL
SELECT code, outcome, date_trunc('month', day)::date, count(*) FROM happened GROUP BY 1, 2, 3
"""
)

# Weekdays up to a date since Monday, 3 January 2000, less the holidays on weekdays in between: no row for each day.
DURATIONS = (
    EVENTS
    + """
, timed AS (
    SELECT code, date_trunc('month', day)::date AS month, day - received_on AS days,
        weekdays(day) - weekdays(received_on) - (
            SELECT count(*) FROM kernel_holiday holiday
            WHERE holiday.date > received_on AND holiday.date <= day AND extract(isodow FROM holiday.date) < 6
        ) AS working_days
    FROM happened WHERE outcome = ANY(%(timed)s) AND day >= %(since)s AND day < %(until)s
)
SELECT code, month, count(*),
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY days),
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY working_days)
FROM timed GROUP BY GROUPING SETS ((code, month), (code))
"""
)
WEEKDAYS = "(5 * (({0} - DATE '2000-01-02') / 7) + least(({0} - DATE '2000-01-02') %% 7, 5))"
for _name in ("day", "received_on"):
    DURATIONS = DURATIONS.replace(f"weekdays({_name})", WEEKDAYS.format(_name))


@dataclass(frozen=True)
class Durations:
    """How long the timed decisions took: how many there are, and the median and 90th percentile in tenths of a day."""

    decisions: int = 0
    median_days: Decimal | None = None
    ninety_days: Decimal | None = None
    median_working_days: Decimal | None = None
    ninety_working_days: Decimal | None = None


@dataclass(frozen=True)
class Row:
    """A phase in one month, or in the whole year when `month` is None."""

    phase: Phase
    month: date | None
    received: int
    in_progress: int
    outcomes: dict[str, int]
    durations: Durations = field(default_factory=Durations)
    # Too few decisions for their durations to be told to the public.
    withheld: bool = False


def of_year(year: int, *, until: date) -> list[Row]:
    """Each phase month by month and then for the whole year, as far as the year has come on the day `until`.

    Two queries, however many cases there are.
    """
    first, after = date(year, 1, 1), date(year + 1, 1, 1)
    counts = _counts()
    durations = _durations(first, after)
    months = [each for each in (date(year, number, 1) for number in range(1, 13)) if each <= until]
    found = []
    for phase in PHASES:
        mine = counts[phase.code]
        for month in months:
            found.append(_row(phase, mine, month, [month], durations))
        if months:
            found.append(_row(phase, mine, None, months, durations))
    return found


def _row(
    phase: Phase,
    counts: dict[str, dict[date, int]],
    month: date | None,
    months: list[date],
    durations: dict[tuple[str, date | None], Durations],
) -> Row:
    def until(which: str) -> int:
        return sum(count for when, count in counts[which].items() if when <= months[-1])

    return Row(
        phase=phase,
        month=month,
        received=sum(counts["received"].get(each, 0) for each in months),
        in_progress=until("received") + until("remitted") - sum(until(each) for each in CLOSING),
        outcomes={each: sum(counts[each].get(when, 0) for when in months) for each in OUTCOMES},
        durations=durations.get((phase.code, month), Durations()),
    )


def move_of(event: str) -> tuple[str, str]:
    """The state that a counted move comes from, empty where it does not matter, and its name."""
    came_from, _, name = event.rpartition(":")
    return came_from, name


def _parameters() -> dict[str, Any]:
    meanings = [
        (phase.subject_type, *move_of(event), outcome) for phase in PHASES for event, outcome in phase.outcomes.items()
    ]
    return {
        "codes": [phase.code for phase in PHASES],
        "types": [phase.subject_type for phase in PHASES],
        "firsts": [phase.received for phase in PHASES],
        "of": [each[0] for each in meanings],
        "came_from": [each[1] for each in meanings],
        "events": [each[2] for each in meanings],
        "outcomes": [each[3] for each in meanings],
        "conditional": [WITH_CONDITIONS.get((each[0], each[2]), "") for each in meanings],
    }


def _counts() -> dict[str, dict[str, dict[date, int]]]:
    """How often what happened, by phase, kind and month, over all time."""
    found: dict[str, dict[str, dict[date, int]]] = defaultdict(lambda: defaultdict(dict))
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, _parameters())
        for code, what, month, count in cursor.fetchall():
            found[code][what][month] = count
    return found


def _durations(since: date, until: date) -> dict[tuple[str, date | None], Durations]:
    """By phase and month, and by phase alone: a year's percentile is no mean of its months'."""
    more: dict[str, Any] = {"timed": list(TIMED), "since": since, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(DURATIONS, {**_parameters(), **more})
        return {
            (code, month): Durations(count, *(_tenths(each) for each in (*days, *working)))
            for code, month, count, days, working in cursor.fetchall()
        }


def _tenths(days: float) -> Decimal:
    # Between two whole numbers of days, at a place that is a multiple of a tenth: exact to one decimal.
    return Decimal(str(round(days, 1))).quantize(Decimal("0.1"))


def published(rows: list[Row], *, least: int) -> list[Row]:
    """The same without the durations of fewer than `least` decisions, which would tell how long one firm took."""
    return [
        Row(row.phase, row.month, row.received, row.in_progress, row.outcomes, Durations(), withheld=True)
        if 0 < row.durations.decisions < least
        else row
        for row in rows
    ]


# ── As a table ───────────────────────────────────────────────────────────────────────────────────────────────────────
COLUMNS = (
    "phase",
    "month",
    "received",
    "in_progress_at_end",
    *OUTCOMES,
    "timed_decisions",
    "median_days",
    "p90_days",
    "median_working_days",
    "p90_working_days",
)


def as_line(row: Row, year: int) -> list[Any]:
    """A row as the CSV has it: ISO months, `2026` for the whole year, an empty cell for what is not known."""
    took = row.durations
    return [
        row.phase.code,
        f"{row.month:%Y-%m}" if row.month else str(year),
        row.received,
        row.in_progress,
        *(row.outcomes[each] for each in OUTCOMES),
        "" if row.withheld else took.decisions,
        *(
            "" if each is None else each
            for each in (took.median_days, took.ninety_days, took.median_working_days, took.ninety_working_days)
        ),
    ]
