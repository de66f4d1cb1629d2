"""The only code of licensing that writes. Importing the package registers what follows each move."""

from . import applications, evidence, firms, framework, full, letters, licences, noc, ratings, setup

__all__ = [
    "applications",
    "evidence",
    "firms",
    "framework",
    "full",
    "letters",
    "licences",
    "noc",
    "ratings",
    "setup",
]
