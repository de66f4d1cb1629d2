"""What letters say, and whether one is genuine. They are read and composed here; issuing them is an action, their
wording is data (`LetterText`), their pages are `templates/letters/`. Nothing here renders, signs, writes or sends.
"""

from licensing.letters.about import About, about
from licensing.letters.content import LetterContent, NoWording, compose, specimen, wording
from licensing.letters.genuine import Check, check
from licensing.letters.given import GIVEN
from licensing.letters.kinds import KINDS, NOT_A_LICENCE, Kind
from licensing.letters.places import faults_of, places_of
from licensing.letters.succession import ended_with, successor

__all__ = [
    "GIVEN",
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
    "ended_with",
    "faults_of",
    "places_of",
    "specimen",
    "successor",
    "wording",
]
