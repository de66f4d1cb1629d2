"""Days counted on the fingers: clocks and kept last days, worked out from intervals, holidays and figures by hand."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.utils import timezone

from licensing.models import Finding, InformationRequest, Invoice, Licence, LicenceApplication, NocApplication
from pvara.kernel import audit, deadlines
from pvara.kernel.machine import Stateful
from pvara.kernel.models import ClockInterval, Figure, Holiday

Shut = set[date]
Term = tuple[int, str]


def holidays() -> Shut:
    return set(Holiday.objects.values_list("date", flat=True))


def counts(day: date, unit: str, shut: Shut) -> bool:
    return unit == "days" or (day.weekday() < 5 and day not in shut)


def days_counted(first: date, last: date, unit: str, shut: Shut) -> int:
    """How many days lie after the first, up to and including the last, looked at one by one."""
    span = [first + timedelta(days=i + 1) for i in range((last - first).days)]
    return sum(counts(day, unit, shut) for day in span)


def day_reached(first: date, length: int, unit: str, shut: Shut) -> date:
    """The day on which so many days after the first are over."""
    while length:
        first += timedelta(days=1)
        length -= counts(first, unit, shut)
    return first


def term(key: str, on: date, more: int = 0) -> Term:
    """How long a term is by the figure of a day, and in which days it is counted."""
    row = Figure.objects.filter(key=key, effective_from__lte=on).order_by("-effective_from")[0]
    return int(row.value) + more, row.unit


# ── Clocks ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def shown_by_hand(rows: list[ClockInterval], limit: Term, at: datetime, shut: Shut) -> tuple[int, int, date | None]:
    """Elapsed and paused days of the newest run, and the last day of its term; None while it is paused within it."""
    length, unit = limit
    newest = [row for row in rows if row.run == rows[-1].run]
    total, due = {True: 0, False: 0}, None
    for row in newest:
        first, last = timezone.localdate(row.started_at), timezone.localdate(row.ended_at or at)
        days = days_counted(first, last, unit, shut)
        left = length - total[True]
        # The last stretch that runs is counted on as far as the term goes.
        if row.running and due is None and (days > left or row is newest[-1]):
            due = day_reached(first, left, unit, shut)
        total[row.running] += days
    if due is None and newest[-1].ended_at is not None:
        # Stopped while it was paused: as if it had run on from there.
        due = day_reached(timezone.localdate(newest[-1].ended_at), length - total[True], unit, shut)
    return total[True], total[False], due


def clocks_recompute(subject: Stateful, at: datetime) -> None:
    """What every clock of a row shows is what its intervals, the holidays and the figures say."""
    shut = holidays()
    rows: dict[str, list[ClockInterval]] = defaultdict(list)
    of_subject = ClockInterval.objects.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)
    for row in of_subject.order_by("pk"):
        rows[row.clock].append(row)
    for one, next_one in (pair for each in rows.values() for pair in pairwise(each)):
        assert one.ended_at is not None
        assert one.ended_at == next_one.started_at if one.run == next_one.run else one.ended_at <= next_one.started_at
        assert one.running is not next_one.running if one.run == next_one.run else next_one.running
    keys = {rule.name: rule.figure for rule in subject.clocks}
    limits = {}
    for name, each in rows.items():
        began = subject.began_on or timezone.localdate(next(row.started_at for row in each if row.run == each[-1].run))
        limits[name] = term(keys[name], began, subject.more_time(name))
    readings = {each.rule.name: each.reading for each in deadlines.of(subject, at)}
    shown = {name: (each.elapsed, each.paused, each.due_on) for name, each in readings.items()}
    assert shown == {name: shown_by_hand(each, limits[name], at, shut) for name, each in rows.items()}


# ── Last days that rows keep ─────────────────────────────────────────────────────────────────────────────────────────
def kept_days(subject: Any) -> Iterator[tuple[date | None, datetime, Term]]:
    """Each last day that a row, or one that hangs on it, keeps; the moment from which it is counted; and its term."""

    def of_the_day(began: datetime, key: str) -> tuple[datetime, Term]:
        return began, term(key, timezone.localdate(began))

    match subject:
        case Invoice():
            yield subject.due_on, *of_the_day(subject.issued_at, "fees.due_days")
        case Finding():
            yield subject.due_on, *of_the_day(subject.raised_at, f"finding.due.{subject.severity}")
        case InformationRequest(state="open"):
            began = subject.raised_at
            more = subject.extended_by_days
            yield subject.due_on, began, term("request.answer", timezone.localdate(began), more)
        case NocApplication() | LicenceApplication():
            for notice in subject.refusalnotices.all():
                yield notice.last_day, notice.given_at, term("representations", timezone.localdate(subject.opened_at))
            made = audit.history(subject).filter(event="suspend_noc_urgently").last()
            for kept, key in (
                (getattr(subject, "ratify_by", None), "suspension.ratification"),
                (getattr(subject, "hear_by", None), "suspension.hearing"),
            ):
                if kept is not None:
                    assert made is not None
                    yield kept, made.at, term(key, timezone.localdate(subject.opened_at))
        case Licence():
            for measure in subject.measures.exclude(hear_by=None):
                key = "show_cause.reply" if measure.kind == "show_cause" else "suspension.hearing"
                # What an urgent suspension interrupted has its whole time anew when that was not ratified.
                again = audit.history(subject).filter(event="lift_unratified_noticed", at__gte=measure.decided_at)
                goes_on = again.last() if measure.kind == "show_cause" and measure.heard_at is None else None
                yield measure.hear_by, *of_the_day(goes_on.at if goes_on else measure.decided_at, key)
            for measure in subject.measures.exclude(ratify_by=None):
                yield measure.ratify_by, *of_the_day(measure.decided_at, "suspension.ratification")
            for winding in subject.wind_downs.all():
                yield winding.due_on, *of_the_day(winding.opened_at, "wind_down.finish")


def kept_days_recompute(subject: Stateful) -> None:
    shut = holidays()
    for kept, began, (length, unit) in kept_days(subject):
        assert kept == day_reached(timezone.localdate(began), length, unit, shut), f"{subject} keeps {kept}."
