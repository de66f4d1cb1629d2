"""The identifiers of securities, issuers and tokens, as far as their own rules can be checked. Pure.

ISIN (ISO 6166), LEI (ISO 17442) and CFI (ISO 10962) carry a check digit or a closed list of letters, which
python-stdnum knows. How the check sign of a DTI (ISO 24165) is made is not published: of it the shape is checked.
"""

import re

from stdnum import cfi, isin, lei

SAYS = {
    "isin": "This is not an ISIN: two letters, nine signs and a check digit, such as PK0000000015.",
    "lei": "This is not an LEI: eighteen signs and two check digits.",
    "cfi": "This is not a CFI code of ISO 10962: six letters, such as DBFTFB.",
    "dti": "This is not a DTI: nine signs without vowels, such as X9J9K872S.",
}


def is_valid(kind: str, code: str) -> bool:
    """Whether a code is one of its kind. `kind` is isin, lei, cfi or dti."""
    if not (code.isascii() and code.isalnum() and code == code.upper()):
        return False
    match kind:
        case "isin":
            return bool(isin.is_valid(code))
        case "lei":
            return bool(lei.is_valid(code))
        case "cfi":
            return bool(cfi.is_valid(code))
        case "dti":
            return re.fullmatch(r"[B-DF-HJ-NP-TV-XZ0-9]{9}", code) is not None
    raise KeyError(kind)
