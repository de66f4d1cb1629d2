"""What a kind of debt must be by the rules in force on a day: its term, the nominal of a unit, its currency.

The rules are figures of the regime (`programme.tenors.tbill` and its like), so a change of one is a dated row and no
change of the code. They are asked as terms are proposed or amended and again before an asset is approved. How each kind
pays is in its terms (`models/assets.py`): that is what makes it the kind it is.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta

from pvara.kernel import clock, figures
from tokenisation.schedule import adjusted
from tokenisation.states import DEBT, AssetKind


@dataclass(frozen=True)
class Rule:
    """One kind's rule: terms in months, the nominal's multiple in whole units of the currency, its currencies.

    Auctioned bills are counted in weeks, so a debt may mature a few days before its months are over.
    """

    kind: AssetKind
    tenors: tuple[int, ...]
    multiple: int
    currencies: tuple[str, ...]
    early_days: int

    def maturities(self, issue_date: date) -> list[date]:
        """The days on which its terms are over, whether or not banks are open then; no calendar has year 10,000."""
        ends = [months for months in self.tenors if issue_date.year + months // 12 + 2 <= date.max.year]
        return [issue_date + relativedelta(months=months) for months in ends]

    def matures_rightly(self, issue_date: date, maturity_date: date) -> bool:
        """Whether the maturity is the end of a term, a few days before it, or the next working day after it."""
        calendar = clock.calendar()
        return any(
            over - timedelta(days=self.early_days) <= maturity_date <= adjusted(over, "following", calendar)
            for over in self.maturities(issue_date)
        )

    @property
    def terms_in_words(self) -> str:
        """Such as “1, 3, 6 or 12 months”, or years where all of them are whole ones."""
        years = all(months % 12 == 0 for months in self.tenors) and self.tenors != (12,)
        counts = [str(months // 12 if years else months) for months in self.tenors]
        return f"{_or(counts)} {'years' if years else 'month' if counts == ['1'] else 'months'}"

    @property
    def nominal_in_words(self) -> str:
        """Such as “a multiple of PKR 5,000”."""
        return f"a multiple of {' or '.join(self.currencies)} {self.multiple:,}"


def rule_of(kind: str, on: date) -> Rule:
    """The rule of a kind of debt that is in force on a day. Raises UnknownFigure."""
    return Rule(
        kind=AssetKind(kind),
        tenors=tuple(sorted(int(months) for months in figures.value(f"programme.tenors.{kind}", on=on))),
        multiple=int(figures.value(f"programme.multiple.{kind}", on=on)),
        currencies=tuple(figures.value(f"programme.currencies.{kind}", on=on)),
        early_days=figures.limit("programme.early_maturity", on=on).length,
    )


def faults(asset: Any, terms: Any, *, on: date) -> dict[str, str]:
    """What is wrong with an asset and its terms by the rule of its kind, by the name of the field; empty where nothing.

    A commodity has no such rule, and terms that are still to come (None) are not asked about.
    """
    if asset.kind not in DEBT:
        return {}
    rule, found = rule_of(asset.kind, on), {}
    kind = rule.kind.label
    if asset.currency not in rule.currencies:
        found["currency"] = f"{kind}: it is issued in {' or '.join(rule.currencies)}."
    elif asset.unit_nominal % (rule.multiple * 100):
        found["unit_nominal"] = f"{kind}: give the nominal of a unit as {rule.nominal_in_words}."
    if terms is not None and not rule.maturities(terms.issue_date):
        found["issue_date"] = f"{kind}: no term can be counted from {terms.issue_date:%-d %B %Y}."
    elif terms is not None and not rule.matures_rightly(terms.issue_date, terms.maturity_date):
        days = _or([f"{day:%-d %B %Y}" for day in rule.maturities(terms.issue_date)])
        found["maturity_date"] = (
            f"{kind}: it runs for {rule.terms_in_words}. Issued on {terms.issue_date:%-d %B %Y}, it matures on {days}, "
            f"up to {rule.early_days} days before, or on the next working day."
        )
    return found


def nominals_in_words(on: date) -> str:
    """The multiples of every kind, for whoever fills in a proposal."""
    return " ".join(f"{AssetKind(kind).label}: {rule_of(kind, on).nominal_in_words}." for kind in DEBT)


def terms_in_words(on: date) -> str:
    """The terms of every kind, for whoever fills in a proposal."""
    return " ".join(f"{AssetKind(kind).label}: {rule_of(kind, on).terms_in_words} after the issue." for kind in DEBT)


def _or(words: list[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
