"""What letters say, and whether one is genuine. They are read and composed here; issuing them is an action, their
wording is data (`LetterText`), their pages are `templates/letters/`. Nothing here renders, signs, writes or sends.
"""

from licensing.letters.about import About, about
from licensing.letters.content import LetterContent, NoWording, compose, wording
from licensing.letters.genuine import Check, check
from licensing.letters.kinds import KINDS, NOT_A_LICENCE, Kind, ended_by

__all__ = [
    "KINDS",
    "NOT_A_LICENCE",
    "About",
    "Check",
    "Kind",
    "LetterContent",
    "NoWording",
    "about",
    "check",
    "compose",
    "ended_by",
    "wording",
]
