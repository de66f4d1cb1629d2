"""The kinds of letters: one row each. Codes are those of the regime's table of moves."""

from dataclasses import dataclass

NOT_A_LICENCE = "This is not an operating licence"
# The licence on paper: as granted, as varied, as renewed. A later one takes the place of an earlier one.
CERTIFICATES = ("L40", "L42", "L43")
# A suspension, as decided, as made at once and as ratified: what comes of it takes the place of each.
SUSPENSIONS = ("L51", "L52", "L60")


@dataclass(frozen=True)
class Kind:
    """A kind of letter. `banner` stands across its head; `page` is its template.

    `reasons` says that the note of the decision is printed: it is written for the addressee. A note that it does not
    print stays in the house. `items` heads a list that the letter carries. `supersedes` and `revokes` are the kinds
    whose earlier letters in the same case it ends: those about the same row or, `of_licence`, about the same licence,
    from its approval in principle on. What a letter confers, and whether it is still there, says `given.py`.
    """

    code: str
    banner: str = ""
    page: str = "letter"
    reasons: bool = False
    conditions: bool = False
    items: str = ""
    supersedes: tuple[str, ...] = ()
    revokes: tuple[str, ...] = ()
    of_licence: bool = False


KINDS = {
    kind.code: kind
    for kind in (
        Kind("L01", NOT_A_LICENCE),
        Kind("L02", NOT_A_LICENCE, reasons=True, items="What is missing"),
        Kind("L03", NOT_A_LICENCE, reasons=True),
        Kind("L04", NOT_A_LICENCE),
        Kind("L05", NOT_A_LICENCE, items="What we ask"),
        # To another authority, not to the firm.
        Kind("L06"),
        Kind("L07"),
        # Issued anew when it is extended or reinstated, or when an appeal brings it back.
        Kind("L10", NOT_A_LICENCE, conditions=True, supersedes=("L10", "L16", "L17", "L62")),
        Kind("L13", NOT_A_LICENCE),
        Kind("L14", NOT_A_LICENCE, reasons=True),
        Kind("L11", reasons=True),
        Kind("L12", reasons=True, supersedes=("L11",)),
        Kind("L15", NOT_A_LICENCE, supersedes=("L16", "L62"), revokes=("L10",)),
        Kind("L16", NOT_A_LICENCE, reasons=True, supersedes=("L10", "L18")),
        Kind("L17", NOT_A_LICENCE, reasons=True, supersedes=("L16", "L18", "L62"), revokes=("L10",)),
        Kind("L18", NOT_A_LICENCE, reasons=True),
        Kind("L19", NOT_A_LICENCE, reasons=True, supersedes=("L18",)),
        # Comes anew when an appeal brings the certificate back.
        Kind("L20", NOT_A_LICENCE, supersedes=("L20", "L24")),
        Kind("L21", NOT_A_LICENCE, reasons=True),
        Kind("L22", NOT_A_LICENCE),
        Kind("L23", NOT_A_LICENCE, supersedes=("L25",)),
        Kind("L24", NOT_A_LICENCE, reasons=True, supersedes=("L20",)),
        Kind("L25", NOT_A_LICENCE, reasons=True, revokes=("L23",)),
        Kind("L30", NOT_A_LICENCE),
        Kind("L31", NOT_A_LICENCE, reasons=True, items="What is missing"),
        Kind("L32", NOT_A_LICENCE),
        Kind("L33", NOT_A_LICENCE, items="What we ask"),
        # Of an applicant or of a licensee: so without a banner.
        Kind("L34"),
        Kind("L35", NOT_A_LICENCE, conditions=True, of_licence=True),
        Kind("L40", page="certificate", conditions=True, supersedes=("L35",), of_licence=True),
        # Each lists every restriction that stands after it.
        Kind("L41", reasons=True, supersedes=("L41",), of_licence=True),
        Kind("L42", page="certificate", conditions=True, supersedes=CERTIFICATES, of_licence=True),
        Kind("L43", page="certificate", conditions=True, supersedes=CERTIFICATES, of_licence=True),
        Kind("L50", of_licence=True),
        Kind("L51", reasons=True, supersedes=("L50", *SUSPENSIONS), of_licence=True),
        Kind("L52", reasons=True, supersedes=("L53", "L61"), of_licence=True),
        Kind("L53", reasons=True, supersedes=("L50", *SUSPENSIONS), of_licence=True),
        Kind(
            "L54",
            reasons=True,
            supersedes=("L41", "L50", *SUSPENSIONS, "L53", "L61"),
            revokes=CERTIFICATES,
            of_licence=True,
        ),
        Kind("L55", supersedes=("L41", "L53", "L61"), revokes=CERTIFICATES, of_licence=True),
        Kind("L56", supersedes=("L41", "L50", *SUSPENSIONS, "L53", "L61"), revokes=CERTIFICATES, of_licence=True),
        # Each step of an appeal takes the place of the one before: a stay is told until it is lifted.
        Kind("L57", reasons=True, supersedes=("L57",)),
        Kind("L58", reasons=True, supersedes=("L50",), of_licence=True),
        Kind("L59", reasons=True, of_licence=True),
        # What it ratifies was told before, and stands; that of a NOC is L62.
        Kind("L60", reasons=True, of_licence=True),
        # A notice that the suspension interrupted goes on, and so does its letter.
        Kind("L61", reasons=True, supersedes=SUSPENSIONS, of_licence=True),
        Kind("L62", NOT_A_LICENCE, reasons=True),
    )
}
