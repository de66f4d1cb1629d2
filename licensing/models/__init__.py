"""The rows of licensing, one noun a module."""

from .evidence import Evidence, EvidenceLink
from .firms import Firm, FirmGroupObjectPermission, FirmUserObjectPermission, Mou
from .framework import Criterion, Domain, Framework, GateBar, GateFloor
from .full import LicenceApplication
from .letters import Letter, LetterCounter, LetterDocument, LetterText
from .licences import Licence
from .noc import NocApplication
from .ratings import Rating
from .setup import Milestone, SetUp
from .standing import VenueStanding

__all__ = [
    "Criterion",
    "Domain",
    "Evidence",
    "EvidenceLink",
    "Firm",
    "FirmGroupObjectPermission",
    "FirmUserObjectPermission",
    "Framework",
    "GateBar",
    "GateFloor",
    "Letter",
    "LetterCounter",
    "LetterDocument",
    "LetterText",
    "Licence",
    "LicenceApplication",
    "Milestone",
    "Mou",
    "NocApplication",
    "Rating",
    "SetUp",
    "VenueStanding",
]
