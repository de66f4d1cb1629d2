"""What a licensee's score asks of supervision (gate G5): nothing, to be watched, a restriction, a notice to show cause.

The bars are gates of the framework like all others; a framework that lacks one has no such level. A knock-out that is
missed asks for a notice whatever the total. None of it is a decision: each is put to an enforcement officer.
"""

from collections.abc import Collection, Mapping

WATCH, RESTRICT, SHOW_CAUSE = "watch", "restrict", "show_cause"

# The gate below whose total a level begins, the gravest first.
BEGINS_BELOW = {SHOW_CAUSE: "G5s", RESTRICT: "G5r", WATCH: "G5"}


def level(missed: Mapping[str, Collection[str]], *, knocked_out: bool) -> str:
    """The gravest level that the missed bars of each gate ask for; empty for none, and where G5 is no gate."""
    if BEGINS_BELOW[WATCH] not in missed:
        return ""
    if knocked_out:
        return SHOW_CAUSE
    return next((each for each, gate in BEGINS_BELOW.items() if "total" in missed.get(gate, ())), "")
