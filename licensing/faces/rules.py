"""The rules of a case as its page says them, to the regulator and to the firm alike.

What a case keeps from the day on which it began stands beside what goes by the day of each act, so that both sides can
tell which version of which rule holds for it, and what has changed since.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta
from django.urls import reverse
from django.utils import timezone

from licensing.access import READ_CASES
from licensing.faces.panels import Panel
from licensing.models import ActivityKind, Agency, LicenceApplication, NocApplication, SetUp
from licensing.models.activities import terms_in_force
from licensing.models.agencies import agencies_in_force
from licensing.models.fees import due
from licensing.models.framework import framework_row
from licensing.models.settings import CAPITAL, FEE
from licensing.states import FeeKind, InspectedArea
from pvara.kernel import audit, deadlines, figures
from pvara.kernel.machine import Stateful, moves_of
from pvara.kernel.models import Figure, User
from pvara.kernel.models.figures import in_words

CHECKED = "letters.checked"


@dataclass(frozen=True)
class Rule:
    """One rule of a case in words: when it began, as it holds for it and why that one, and for one that begins today.

    `setting` is the key under which staff find its versions; `href`, where it has them elsewhere. Neither, for the
    framework, which has versions of its own.
    """

    title: str
    setting: str
    began: str
    holds: str
    why: str
    today: str
    href: str = ""


def rules_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """The rules that a case began under, and where others hold for it or for those that begin today."""
    if case.began_on is None or not case.clocks:
        return None
    is_staff = user.has_perm(READ_CASES)
    shown = {
        "rules": [*_kept(case, at, inward=is_staff), *_of_the_day(case, at)],
        "case": case,
        "kept_until": _kept_until(case),
        "links": is_staff,
    }
    return Panel("Rules of this case", "rules", "elements/rules_of_case.html", shown)


# ── From the day on which it began ───────────────────────────────────────────────────────────────────────────────────
def _kept(case: Stateful, at: datetime, *, inward: bool) -> Iterator[Rule]:
    """The terms of inward clocks time steps among ourselves; the firm is not shown them."""
    ours = set() if inward else {rule.figure for rule in case.clocks if rule.inward}
    for each in deadlines.kept(case, at):
        if each.figure.key in ours:
            continue
        held = each.figure.words
        yield Rule(each.figure.title, each.figure.key, held, held, "", (each.today or each.figure).words)
    if isinstance(case, LicenceApplication):
        today = terms_in_force(timezone.localdate(at), case.requested_activities)
        for code, terms in case.activity_terms().items():
            held = _rupees(terms.minimum_capital_pkr)
            now = _rupees(today[code].minimum_capital_pkr)
            yield Rule(f"Paid-up capital: {terms.title}", f"{CAPITAL}{code}", held, held, "", now)
            held, now, href = _asked(terms), _asked(today[code]), reverse("staff:table_row", args=["activities", code])
            yield Rule(f"Criteria and inspection: {terms.title}", "", held, held, "", now, href)
    # Whom we ask is our own affair; of a case that is closed, its consultations say who was asked.
    if inward and isinstance(case, (NocApplication, LicenceApplication)) and case.state not in case.closed_states:
        held = _consulted(case.agencies())
        now = _consulted(agencies_in_force(timezone.localdate(at), case.phase))
        yield Rule("Agencies consulted", "", held, held, "", now, reverse("staff:table", args=["agencies"]))


def _asked(terms: ActivityKind) -> str:
    """What the terms of an activity ask for beside its capital."""
    areas = ", ".join(str(InspectedArea(each).label).lower() for each in terms.inspected)
    return f"{', '.join(terms.criteria) or 'none'}; {areas or 'nothing'} inspected"


def _consulted(agencies: list[Agency]) -> str:
    return ", ".join(f"{each.code} (blocks)" if each.blocks else each.code for each in agencies) or "none"


# ── By the day of each act ───────────────────────────────────────────────────────────────────────────────────────────
def _of_the_day(case: Any, at: datetime) -> Iterator[Rule]:
    began, today = case.began_on, timezone.localdate(at)
    # Of a case that is closed, its invoices say what was charged.
    if isinstance(case, (NocApplication, LicenceApplication)) and case.state not in case.closed_states:
        yield _fee(case, FeeKind(case.fee_kind), case.submitted_at, "submitted", today)
        if isinstance(case, LicenceApplication):
            yield _fee(case, FeeKind.ANNUAL, case.approved_at, "approved in principle", today)
    if isinstance(case, (NocApplication, SetUp, LicenceApplication)):
        yield _framework(case, at)
    machine: Any = type(case)
    sent = {row.letter for row in moves_of(machine).values()}
    checked = [[code for code in figures.value(CHECKED, on=day) if code in sent] for day in (began, today)]
    if any(checked):
        title = "Letters that a second person checks"
        was, now = (", ".join(each) or "none" for each in checked)
        yield Rule(title, CHECKED, was, now, "each by the list of the day of its decision", now)


def _framework(case: NocApplication | SetUp | LicenceApplication, at: datetime) -> Rule:
    """The version that the case keeps from the day on which its assessment began."""
    began, today = (framework_row(day).edition for day in (case.began_on, timezone.localdate(at)))
    closed = _closed_on(case)
    if case.framework_id:
        return Rule(
            "Scoring framework", "", began, case.framework_at(at).edition, "kept since its assessment began", today
        )
    if closed:
        return Rule(
            "Scoring framework", "", began, framework_row(closed).edition, f"until it was closed, {_day(closed)}", today
        )
    why = "not assessed yet: it keeps the one of the day on which its assessment begins"
    return Rule("Scoring framework", "", began, today, why, today)


def _fee(case: Any, kind: FeeKind, fixed_at: datetime | None, what: str, today: date) -> Rule:
    fixed = timezone.localdate(fixed_at) if fixed_at else None
    why = f"{what} on {_day(fixed)}" if fixed else f"not {what} yet: by the tariff of that day"
    was, holds, now = (_charged(case, kind, day) for day in (case.began_on, fixed or today, today))
    return Rule(f"Fee: {kind.label}", f"{FEE}{kind}", was, holds, why, now)


def _charged(case: Any, kind: FeeKind, on: date) -> str:
    asked = due(kind, case.requested_activities, on)
    return _rupees(asked) if asked else "nothing"


# ── Words and days ───────────────────────────────────────────────────────────────────────────────────────────────────
def _rupees(amount: Decimal) -> str:
    return in_words(amount, Figure.Unit.PKR)


def _day(day: date | None) -> str:
    return f"{day:%-d %B %Y}" if day else ""


def _closed_on(case: Any) -> date | None:
    """The day on which a case was closed; None while it is open."""
    if case.state not in getattr(case, "closed_states", ()):
        return None
    closed = [at for _, to_state, at in audit.outline(case) if to_state == case.state]
    return timezone.localdate(closed[-1]) if closed else None


def _kept_until(case: Any) -> date | None:
    """The day until which the record of a closed case is kept at the least; None while it is open."""
    day = _closed_on(case)
    return day + relativedelta(years=int(figures.value("retention.years", on=day))) if day else None
