"""What a venue's return is held to: the conditions on which its asset is sold.

Pure: from the asset's conditions and the return's figures to what each permits and what was found, in units. Which
returns there are, and what happens to one that breaks a condition, is elsewhere (`actions/reconciliation.py`).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from tokenisation.states import Against


@dataclass(frozen=True)
class Held:
    """One condition and what a return says of it, in units; `found` is None where the return does not say."""

    against: Against
    permitted: int
    found: int | None

    @property
    def is_kept(self) -> bool | None:
        """None where the return does not say."""
        return None if self.found is None else self.found <= self.permitted


# The figure of a return that each condition is tested by.
FIGURE = {
    Against.RETAIL: "retail_units",
    Against.INVESTOR_CAP: "largest_holding",
    Against.LOCK_UP: "transferred_units",
}


def held_to(asset: Any, said: Any, *, since: date) -> list[Held]:
    """Every condition that binds a return whose units may have moved after `since`, the day of the return before.

    A return of a day after the lock-up is still held to it while it speaks of days within: a venue that files on the
    last day of the lock-up tells what moved afterwards apart.
    """
    permitted: dict[Against, int] = {}
    if not asset.retail_allowed:
        permitted[Against.RETAIL] = 0
    if asset.per_investor_cap is not None:
        permitted[Against.INVESTOR_CAP] = asset.per_investor_cap
    if asset.lockup_until is not None and since < asset.lockup_until:
        permitted[Against.LOCK_UP] = 0
    return [Held(against, units, getattr(said, FIGURE[against])) for against, units in permitted.items()]


def in_words(asset: Any) -> list[str]:
    """The conditions of an asset for people, one sentence each."""
    cap, until = asset.per_investor_cap, asset.lockup_until
    return [
        "May be sold to retail clients." if asset.retail_allowed else "Not for retail clients.",
        *([f"At most {cap:,} units for one investor."] if cap is not None else []),
        *([f"Locked up until {until:%-d %B %Y}: no unit changes hands between investors."] if until else []),
    ]
