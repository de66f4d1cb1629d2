"""The words of applications and the set-up, and of what is asked, voted and imposed on the way to a decision."""

from django.db.models import TextChoices


class NocState(TextChoices):
    """P1, registration: Form A1 to the No Objection Certificate."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    COMPLETENESS_CHECK = "completeness_check", "Completeness check"
    RETURNED = "returned_incomplete", "Returned as incomplete"
    UNDER_ASSESSMENT = "under_assessment", "Under assessment"
    RFI = "rfi", "Information requested"
    RECOMMENDED = "recommended", "Recommended"
    GRANTED = "granted", "NOC granted"
    MINDED_TO_REFUSE = "minded_to_refuse", "Minded to refuse"
    REFUSED = "refused", "Refused"
    REJECTED = "rejected_incomplete", "Rejected as incomplete"
    WITHDRAWN = "withdrawn", "Withdrawn"
    LAPSED = "lapsed", "Lapsed"
    SUSPENDED = "suspended", "NOC suspended"
    REVOKED = "revoked", "NOC revoked"
    EXPIRED = "expired", "NOC expired"


class SetUpState(TextChoices):
    """P2, the local subsidiary."""

    OPEN = "open", "Open"
    COMPLETE = "complete", "Complete"
    LAPSED = "lapsed", "Lapsed"


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


class AmlState(TextChoices):
    """AML Registered Services: a permission beside the NOC, for four services at most. It is no licence either."""

    REQUESTED = "requested", "Requested"
    PERMITTED = "permitted", "Permitted"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"
    ENDED = "ended", "Ended"


class FullState(TextChoices):
    """P3, the full licence: from the subsidiary's application to the licence."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    COMPLETENESS_CHECK = "completeness_check", "Completeness check"
    RETURNED = "returned_incomplete", "Returned as incomplete"
    UNDER_ASSESSMENT = "under_assessment", "Under assessment"
    RFI = "rfi", "Information requested"
    INSPECTION = "inspection", "Inspection"
    RECOMMENDED = "recommended", "Recommended"
    IN_PRINCIPLE = "in_principle", "Approved in principle"
    LICENSED = "licensed", "Licensed"
    MINDED_TO_REFUSE = "minded_to_refuse", "Minded to refuse"
    REFUSED = "refused", "Refused"
    REJECTED = "rejected_incomplete", "Rejected as incomplete"
    WITHDRAWN = "withdrawn", "Withdrawn"
    LAPSED = "lapsed", "Lapsed"


class ChecklistVerdict(TextChoices):
    """What a case officer found of one item of the completeness checklist."""

    IN_ORDER = "in_order", "In order"
    WANTING = "wanting", "Found wanting"


class RequestState(TextChoices):
    """A request for information, with the case that it belongs to."""

    DRAFT = "draft", "Draft"
    OPEN = "open", "To be answered"
    ANSWERED = "answered", "Answered"
    CLOSED = "closed", "Closed"
    ENDED = "ended", "Ended with the case"


class VoteChoice(TextChoices):
    FOR = "for", "For"
    AGAINST = "against", "Against"
    ABSTAIN = "abstain", "Abstains"


class ConditionState(TextChoices):
    """A condition of a NOC, an approval or a licence. Drafted by staff, and nobody's duty until it is imposed."""

    DRAFTED = "drafted", "Drafted"
    OPEN = "open", "Open"
    EVIDENCE_SUBMITTED = "evidence_submitted", "Evidence submitted"
    SATISFIED = "satisfied", "Satisfied"
    OVERDUE = "overdue", "Overdue"
    WAIVED = "waived", "Waived"


class ConditionKind(TextChoices):
    """A condition precedent is met before the licence is granted; a continuing one holds after the decision."""

    PRECEDENT = "precedent", "Condition precedent"
    CONTINUING = "continuing", "Continuing condition"


class LetterState(TextChoices):
    """A letter: written by a decision, let out by whoever checks it, and what a later letter makes of it."""

    DRAFT = "draft", "Waits for its checker"
    APPROVED = "approved", "Approved, not signed yet"
    ISSUED = "issued", "Issued"
    SUPERSEDED = "superseded", "Superseded"
    REVOKED = "revoked", "Revoked"
