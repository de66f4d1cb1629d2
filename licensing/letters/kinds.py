"""The kinds of letters: one row each. Codes are those of the regime's table of moves."""

from dataclasses import dataclass

NOT_A_LICENCE = "This is not an operating licence"


@dataclass(frozen=True)
class Kind:
    """A kind of letter. `banner` stands across its head; `page` is its template.

    `reasons` says that the note of the decision is printed: it is written for the addressee. A note that it does not
    print stays in the house. `supersedes` and `revokes` are the kinds whose earlier letters to the firm it ends.
    """

    code: str
    banner: str = ""
    page: str = "letter"
    reasons: bool = False
    conditions: bool = False
    supersedes: tuple[str, ...] = ()
    revokes: tuple[str, ...] = ()


KINDS = {
    kind.code: kind
    for kind in (
        Kind("L01", NOT_A_LICENCE),
        Kind("L10", NOT_A_LICENCE, conditions=True),
        Kind("L12", reasons=True),
        Kind("L20", NOT_A_LICENCE),
        Kind("L22", NOT_A_LICENCE),
        Kind("L30", NOT_A_LICENCE),
        Kind("L35", NOT_A_LICENCE, conditions=True),
        Kind("L40", page="certificate", conditions=True, supersedes=("L35",)),
        Kind("L51", reasons=True),
        Kind("L53", reasons=True, supersedes=("L51",)),
        Kind("L54", reasons=True, supersedes=("L51", "L53"), revokes=("L40",)),
    )
}


def ended_by(code: str) -> dict[str, str]:
    """The kinds that end a letter of this kind when they come later, and what becomes of it: superseded or revoked."""
    superseded = {kind.code: "superseded" for kind in KINDS.values() if code in kind.supersedes}
    return superseded | {kind.code: "revoked" for kind in KINDS.values() if code in kind.revokes}
