"""What every endpoint of the house is made of: strict reading, one shape of refusal, keyset pages, moves, the contract.

The apps' `faces/api` say which objects there are and which action each endpoint calls. Nothing here writes.
"""

from .bases import Endpoint, KeysetPages, PublicEndpoint, Reads
from .moves import MoveBody, Moves, OfferShape
from .problems import explain, explained_as
from .strict import Plain, Strict

__all__ = [
    "Endpoint",
    "KeysetPages",
    "MoveBody",
    "Moves",
    "OfferShape",
    "Plain",
    "PublicEndpoint",
    "Reads",
    "Strict",
    "explain",
    "explained_as",
]
