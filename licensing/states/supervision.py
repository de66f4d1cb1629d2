"""The words of other agencies, agreements, inspections and the supervision of licensees."""

from django.db.models import TextChoices


class ConsultationState(TextChoices):
    """What became of asking another authority about a case."""

    REQUESTED = "requested", "Asked"
    REPLIED = "replied", "Replied"
    NO_REPLY = "no_reply", "No reply"
    ENDED = "ended", "Ended with the case"


class ReplyVerdict(TextChoices):
    """What another authority says of a case."""

    NO_OBJECTION = "no_objection", "No objection"
    COMMENTS = "comments", "Comments"
    OBJECTION = "objection", "Objection"


class MouState(TextChoices):
    DRAFT = "draft", "Draft"
    SIGNED = "signed", "Signed"
    ENDED = "ended", "Ended"


class DeliverableKind(TextChoices):
    """How a party to an agreement helps the state."""

    ADVICE = "advice", "Advice"
    TRAINING = "training", "Training"
    EXPERTISE = "expertise", "Technical expertise"


class DeliverableState(TextChoices):
    PROMISED = "promised", "Promised"
    DELIVERED = "delivered", "Delivered"
    ACCEPTED = "accepted", "Accepted"
    DROPPED = "dropped", "Dropped"


class InspectionState(TextChoices):
    SCHEDULED = "scheduled", "Scheduled"
    REPORTED = "reported", "Reported"
    CANCELLED = "cancelled", "Cancelled"


class InspectionKind(TextChoices):
    ON_SITE = "on_site", "On site"
    TECHNICAL = "technical", "Technical verification"


class InspectedArea(TextChoices):
    """What an inspection tests."""

    CUSTODY = "custody", "Custody and segregation"
    MATCHING = "matching_engine", "Matching engine"
    WALLETS = "wallet_control", "Proof of control of the wallets"
    AML = "aml_controls", "AML and sanctions controls"
    GOVERNANCE = "governance", "Governance and records"


class AreaResult(TextChoices):
    PASSED = "passed", "Passed"
    FAILED = "failed", "Failed"
    NOT_TESTED = "not_tested", "Not tested"


class FindingState(TextChoices):
    OPEN = "open", "Open"
    PLAN_AGREED = "plan_agreed", "Plan agreed"
    REMEDIATED = "remediated", "Remediation reported"
    VERIFIED = "verified", "Verified and closed"
    CLOSED = "closed", "Closed without remedy"


class Severity(TextChoices):
    CRITICAL = "critical", "Critical"
    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class Frequency(TextChoices):
    """How often a return is filed."""

    MONTHLY = "monthly", "Monthly"
    QUARTERLY = "quarterly", "Quarterly"
    ANNUAL = "annual", "Annual"
    EVENT = "event", "On an event"


class FilingState(TextChoices):
    """One return of one licensee."""

    DUE = "due", "Due"
    FILED = "filed", "Filed"
    QUERIED = "queried", "Queried"
    ACCEPTED = "accepted", "Accepted"


class IncidentState(TextChoices):
    REPORTED = "reported", "Reported"
    CLOSED = "closed", "Closed"


class Impact(TextChoices):
    """How much depends on a licensee."""

    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class Band(TextChoices):
    """The risk that a licensee's score shows."""

    RED = "red", "Red"
    AMBER = "amber", "Amber"
    GREEN = "green", "Green"


class ProposalLevel(TextChoices):
    """What a licensee's score asks of supervision, the gravest last."""

    WATCH = "watch", "Watch"
    RESTRICT = "restrict", "Restrict"
    SHOW_CAUSE = "show_cause", "Show cause"


class ProposalState(TextChoices):
    """What became of a proposal that a score gave rise to."""

    RAISED = "raised", "Raised"
    TAKEN_UP = "taken_up", "Taken up"
    DISMISSED = "dismissed", "Dismissed"
    LAPSED = "lapsed", "Lapsed"
