"""Registration numbers in Pakistan, as far as their public format can be checked. Pure.

CUIN: seven digits, as the SECP's company search takes and certificates of incorporation show it. NTN: seven digits,
a hyphen and one digit more, as FBR certificates show it; how that digit is made is not published, so it is not checked.
goAML: the FMU publishes no format; what is asked is one short word without spaces.
"""

import re

IDENTIFIERS: dict[str, tuple[str, str]] = {
    "cuin": (r"\d{7}", "write the seven digits of the SECP's number, such as 0123456."),
    "ntn": (r"\d{7}-\d", "write seven digits, a hyphen and one digit, such as 1234567-8."),
    "goaml": (
        r"[A-Z0-9](?:[A-Z0-9/-]{2,28})[A-Z0-9]",
        "write the number as the FMU gave it, in capitals.",
    ),
}


def is_well_formed(kind: str, number: object) -> bool:
    return isinstance(number, str) and number.isascii() and re.fullmatch(IDENTIFIERS[kind][0], number) is not None
