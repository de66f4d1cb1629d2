"""What every endpoint of the house is made of: strict reading, one shape of refusal, keyset pages, moves, the contract.

The apps' `faces/api` say which objects there are and which action each endpoint calls. Nothing here writes.
"""

from .bases import SEEN, SEEN_HERE, Endpoint, Exact, KeysetPages, PublicEndpoint, Reads
from .moves import MoveBody, Moves, OfferShape
from .problems import explain, explained_as
from .strict import BodyTooLarge, ObjectField, OneFile, Plain, SeenField, Strict, VisibleField

__all__ = [
    "SEEN",
    "SEEN_HERE",
    "BodyTooLarge",
    "Endpoint",
    "Exact",
    "KeysetPages",
    "MoveBody",
    "Moves",
    "ObjectField",
    "OfferShape",
    "OneFile",
    "Plain",
    "PublicEndpoint",
    "Reads",
    "SeenField",
    "Strict",
    "VisibleField",
    "explain",
    "explained_as",
]
