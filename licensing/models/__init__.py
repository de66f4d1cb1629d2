"""The rows of licensing, one noun a module."""

from .activities import ActivityKind
from .agencies import Agency
from .agreements import Deliverable, Mou, MouMember, MouParty
from .aml import AmlRegistration
from .appeals import Appeal
from .checklists import ChecklistTick
from .conditions import Condition
from .consultations import AgencyReply, Consultation, ObjectionOverride
from .control import ChangeOfControl
from .deficiencies import Deficiency
from .documents import Document
from .evidence import Evidence, EvidenceLink
from .fees import Invoice, InvoiceCounter, InvoiceLine, Payment, TariffRow
from .firms import Firm, FirmGroupObjectPermission, FirmUserObjectPermission
from .framework import Criterion, Domain, EvidenceKind, Framework, GateBar, GateFloor
from .full import LicenceApplication
from .handovers import Handover
from .histories import ScoreEntry
from .inspections import Finding, Inspection, InspectionResult
from .interests import Interest, InterestLifting, Recusal
from .letters import Letter, LetterCounter, LetterDocument, LetterText
from .licences import Licence
from .measures import Measure, Reply, Surrender
from .memos import Memo
from .noc import NocApplication
from .overrides import RatingOverride
from .ownership import Holding, Owner, OwnershipStatement
from .people import FitAndProperCheck, KeyIndividual
from .proposals import SupervisionProposal
from .ratings import Rating
from .refusals import Consideration, RefusalGround, RefusalNotice, Representation
from .renewals import Renewal, Variation
from .requests import InformationRequest, RequestItem, RequestMessage
from .sealed import SealedRating
from .settings import SettingChange
from .setup import Milestone, SetUp
from .standing import VenueStanding
from .statements import BankStatement, StatementRow
from .supervision import Filing, ImpactAssessment, Incident, IncidentFollowUp, ReturnKind, VisitPlan
from .tables import TableChange
from .votes import Motion, Vote
from .wind_downs import WindDown

__all__ = [
    "ActivityKind",
    "Agency",
    "AgencyReply",
    "AmlRegistration",
    "Appeal",
    "BankStatement",
    "ChangeOfControl",
    "ChecklistTick",
    "Condition",
    "Consideration",
    "Consultation",
    "Criterion",
    "Deficiency",
    "Deliverable",
    "Document",
    "Domain",
    "Evidence",
    "EvidenceKind",
    "EvidenceLink",
    "Filing",
    "Finding",
    "Firm",
    "FirmGroupObjectPermission",
    "FirmUserObjectPermission",
    "FitAndProperCheck",
    "Framework",
    "GateBar",
    "GateFloor",
    "Handover",
    "Holding",
    "ImpactAssessment",
    "Incident",
    "IncidentFollowUp",
    "InformationRequest",
    "Inspection",
    "InspectionResult",
    "Interest",
    "InterestLifting",
    "Invoice",
    "InvoiceCounter",
    "InvoiceLine",
    "KeyIndividual",
    "Letter",
    "LetterCounter",
    "LetterDocument",
    "LetterText",
    "Licence",
    "LicenceApplication",
    "Measure",
    "Memo",
    "Milestone",
    "Motion",
    "Mou",
    "MouMember",
    "MouParty",
    "NocApplication",
    "ObjectionOverride",
    "Owner",
    "OwnershipStatement",
    "Payment",
    "Rating",
    "RatingOverride",
    "Recusal",
    "RefusalGround",
    "RefusalNotice",
    "Renewal",
    "Reply",
    "Representation",
    "RequestItem",
    "RequestMessage",
    "ReturnKind",
    "ScoreEntry",
    "SealedRating",
    "SetUp",
    "SettingChange",
    "StatementRow",
    "SupervisionProposal",
    "Surrender",
    "TableChange",
    "TariffRow",
    "Variation",
    "VenueStanding",
    "VisitPlan",
    "Vote",
    "WindDown",
]
