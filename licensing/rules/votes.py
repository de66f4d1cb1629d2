"""The gate of what a body decides together: enough of its members have voted, and most of them for it."""

from datetime import datetime
from typing import Any

from pvara.kernel.gates import Open, Shut, gate


@gate("The votes of the body do not carry this decision yet.")
def votes_carry_the_decision(case: Any, at: datetime, move: str) -> Open | Shut:
    tally = case.tally(move, at)
    return Open(tally.facts) if tally.carried else Shut(*tally.wanting)
