"""The agreement of assessors as faces need it: which days are asked for, and its figures in words."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta

from licensing.models.agreed import AgreedOn, agreement_by_domain
from licensing.scoring import shown


class WrongSpan(ValueError):
    """The days that were asked for are none; `field` is the one to mend."""

    def __init__(self, field: str, said: str) -> None:
        super().__init__(said)
        self.field = field


def span_asked(said: Mapping[str, str], *, today: date) -> tuple[date, date]:
    """From which day through which; the last twelve months unless something else is said."""
    until = _day(said, "until") or today
    since = _day(said, "since") or _a_year_before(until)
    if since > until:
        raise WrongSpan("until", "Give a last day that is not before the first.")
    return since, until


def _day(said: Mapping[str, str], field: str) -> date | None:
    if field not in said:
        return None
    try:
        # Python reads other ways of writing a day too; the contract names this one.
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", said[field]):
            return date.fromisoformat(said[field])
    except ValueError:
        pass
    raise WrongSpan(field, "Write a date as year-month-day, such as 2026-03-31.")


def _a_year_before(day: date) -> date:
    # Of the first year there is no year before.
    return day - relativedelta(months=12) if day.year > 1 else date.min


def as_lines(since: date, until: date) -> list[dict[str, Any]]:
    return [_line(each) for each in agreement_by_domain(since, until)]


def _line(row: AgreedOn) -> dict[str, Any]:
    found = row.agreement
    return {
        "domain": row.code,
        "title": row.title,
        "pairs": found.pairs,
        "equal": found.equal,
        "within_a_step": found.within_a_step,
        "share": None if found.share is None else shown(found.share),
        "kappa": None if found.kappa is None else shown(found.kappa),
        "not_compared": row.not_compared,
    }
