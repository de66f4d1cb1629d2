"""The words of the licensing regime: the states of every machine, activities, milestones. Nothing else."""

from django.db.models import TextChoices


class NocState(TextChoices):
    """P1, registration: Form A1 to the No Objection Certificate."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    COMPLETENESS_CHECK = "completeness_check", "Completeness check"
    UNDER_ASSESSMENT = "under_assessment", "Under assessment"
    RECOMMENDED = "recommended", "Recommended"
    GRANTED = "granted", "NOC granted"
    REFUSED = "refused", "Refused"


class SetUpState(TextChoices):
    """P2, the local subsidiary."""

    OPEN = "open", "Open"
    COMPLETE = "complete", "Complete"


class MilestoneState(TextChoices):
    PENDING = "pending", "Pending"
    SUBMITTED = "submitted", "Submitted"
    VERIFIED = "verified", "Verified"
    DEFICIENT = "deficient", "Deficient"


class MilestoneCode(TextChoices):
    """The nine milestones of row 21."""

    M1 = "M1", "SECP incorporation of the subsidiary"
    M2 = "M2", "National Tax Number (FBR)"
    M3 = "M3", "goAML registration (FMU)"
    M4 = "M4", "Ministry of Interior clearance of foreign directors"
    M5 = "M5", "Registered office in Pakistan"
    M6 = "M6", "Local chief executive, compliance officer and in-house MLRO"
    M7 = "M7", "Paid-up capital and security deposit"
    M8 = "M8", "Limited-purpose bank account"
    M9 = "M9", "Beneficial owners unchanged since the NOC"


class FullState(TextChoices):
    """P3, the full licence: from the subsidiary's application to the licence."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    COMPLETENESS_CHECK = "completeness_check", "Completeness check"
    UNDER_ASSESSMENT = "under_assessment", "Under assessment"
    RECOMMENDED = "recommended", "Recommended"
    IN_PRINCIPLE = "in_principle", "Approved in principle"
    LICENSED = "licensed", "Licensed"
    REFUSED = "refused", "Refused"


class LicenceState(TextChoices):
    """P4, the life of a licence."""

    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"
    REVOKED = "revoked", "Revoked"


class EvidenceState(TextChoices):
    UPLOADED = "uploaded", "Uploaded"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"


class Activity(TextChoices):
    """What a licence may cover."""

    EXCHANGE = "exchange", "Exchange"
    CUSTODY = "custody", "Custody"
    BROKERAGE = "brokerage", "Broker-dealer"
    DERIVATIVES = "derivatives", "Virtual-asset derivatives"
