"""The arithmetic of returns: the periods of a calendar, and whether figures fit what a return asks for. Pure.

A field is a table: `key`, `label`, `kind` (amount, count, percent or text), and, if given, `required`, `least`, `most`
and `at_most`, the key of another field that it may not exceed.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

# How many months a period has.
MONTHS = {"monthly": 1, "quarterly": 3, "annual": 12}


@dataclass(frozen=True)
class Period:
    """A stretch of whole calendar months, cut at the day on which the licence began."""

    first: date
    last: date


def periods(frequency: str, *, since: date, until: date) -> Iterator[Period]:
    """The calendar periods that ended before `until`, from the one in which `since` lies."""
    months = MONTHS[frequency]
    year, month = since.year, (since.month - 1) // months * months + 1
    while True:
        end_year, end_month = year + (month + months - 2) // 12, (month + months - 2) % 12 + 1
        last = date(end_year, end_month, monthrange(end_year, end_month)[1])
        if last >= until:
            return
        yield Period(max(date(year, month, 1), since), last)
        following = last + timedelta(days=1)
        year, month = following.year, following.month


def faults(fields: Iterable[Mapping[str, Any]], figures: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the figures of a return, by the key of the field; empty when they fit."""
    asked = {field["key"]: field for field in fields}
    wrong = {key: "The return does not ask for this." for key in figures if key not in asked}
    numbers: dict[str, Decimal] = {}
    for key, field in asked.items():
        said = str(figures.get(key, "") if figures.get(key) is not None else "").strip()
        if not said:
            if field.get("required", True):
                wrong[key] = "Give a figure." if field["kind"] != "text" else "Write something here."
        elif field["kind"] != "text":
            number = _number(said)
            if number is None or (field["kind"] == "count" and number != number.to_integral_value()):
                wrong[key] = "Write a whole number." if field["kind"] == "count" else "Write a number, such as 1250.50."
            elif fault := _beyond(field, number):
                wrong[key] = fault
            else:
                numbers[key] = number
    for key, number in numbers.items():
        other = asked[key].get("at_most")
        if other in numbers and number > numbers[other]:
            wrong[key] = f"It is more than “{asked[other]['label']}”."
    return wrong


def _beyond(field: Mapping[str, Any], number: Decimal) -> str:
    least = Decimal(str(field.get("least", 0)))
    most = Decimal(str(field["most"])) if "most" in field else Decimal(100) if field["kind"] == "percent" else None
    if number < least:
        return f"At least {least} is possible."
    return f"At most {most} is possible." if most is not None and number > most else ""


def _number(said: str) -> Decimal | None:
    try:
        number = Decimal(said)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
