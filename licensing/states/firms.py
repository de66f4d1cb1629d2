"""The words of firms: what they do, who runs them, what they pay and what they prove."""

from django.db.models import TextChoices


class EvidenceState(TextChoices):
    UPLOADED = "uploaded", "Uploaded"
    ACCEPTED = "accepted", "Accepted"
    EXPIRING = "expiring", "Accepted, expires soon"
    EXPIRED = "expired", "Expired"
    REJECTED = "rejected", "Rejected"
    SUPERSEDED = "superseded", "Superseded by a newer version"


class Activity(TextChoices):
    """What a licence may cover. The terms of each (capital, criteria, fees) are dated rows of `ActivityKind`."""

    EXCHANGE = "exchange", "Exchange"
    CUSTODY = "custody", "Custody"
    BROKERAGE = "brokerage", "Broker-dealer"
    DERIVATIVES = "derivatives", "Virtual-asset derivatives"
    ADVISORY = "advisory", "Advice on virtual assets"
    ASSET_MANAGEMENT = "asset_management", "Management of virtual assets"
    TOKEN_ISSUANCE = "token_issuance", "Token issuance"
    STABLECOIN_ISSUANCE = "stablecoin_issuance", "Stablecoin issuance"
    TOKENISATION = "tokenisation", "Tokenisation platform"


class InterestNature(TextChoices):
    """What ties one of the regulator's people to a firm."""

    WORKED_FOR = "worked_for", "Works or worked for the firm"
    HOLDS = "holds_assets_or_shares", "Holds shares of the firm, or assets with it"
    FAMILY = "family", "Family or household"
    MOU_TEAM = "mou_team", "Worked on an agreement with the firm"
    # Found by the system only: nobody declares an address.
    ADDRESS = "address", "E-mail address of the firm"
    OTHER = "other", "Other"


class FeeKind(TextChoices):
    """What the tariff charges for."""

    NOC_APPLICATION = "noc_application", "NOC application"
    LICENCE_APPLICATION = "licence_application", "Licence application"
    ANNUAL = "annual", "Annual fee"
    VARIATION = "variation", "Variation of a licence"
    EXTENSION = "extension", "Extension of a term"
    RENEWAL = "renewal", "Renewal of a licence"


class InvoiceState(TextChoices):
    ISSUED = "issued", "To be paid"
    PART_PAID = "part_paid", "Paid in part"
    PAID = "paid", "Paid"
    WAIVED = "waived", "Waived"
    CANCELLED = "cancelled", "Cancelled"


class RowVerdict(TextChoices):
    """What becomes of a row of a bank statement."""

    RECORDED = "recorded", "Recorded"
    DUPLICATE = "duplicate", "Duplicate"
    FOREIGN = "foreign", "Not ours"
    WRONG_AMOUNT = "wrong_amount", "Wrong amount"
    WRONG_CURRENCY = "wrong_currency", "Wrong currency"
    ALREADY_PAID = "already_paid", "Nothing to pay"
    OWN_CASE = "own_case", "Your own case"
    UNREADABLE = "unreadable", "Unreadable"


class KeyIndividualState(TextChoices):
    """A person whom a firm puts into a key role."""

    NOMINATED = "nominated", "Nominated"
    VETTING = "vetting", "Being vetted"
    APPROVED = "approved", "Approved"
    APPROVED_CONDITIONAL = "approved_conditional", "Approved with conditions"
    OBJECTED = "objected", "Objected to"
    DEPARTED = "departed", "Departed"


class KeyRole(TextChoices):
    """What a key individual does for the firm. The first three are held by one person at a time."""

    CHIEF_EXECUTIVE = "chief_executive", "Chief executive"
    COMPLIANCE_OFFICER = "compliance_officer", "Compliance officer"
    MLRO = "mlro", "Money-laundering reporting officer (MLRO)"
    DIRECTOR = "director", "Director"
    SENIOR_MANAGER = "senior_manager", "Senior manager"
    CONTROLLER = "controller", "Controller"


class CheckKind(TextChoices):
    """What is checked of a key individual."""

    POLICE = "police", "Police record"
    INSOLVENCY = "insolvency", "Insolvency"
    REGULATORY = "regulatory", "Regulatory record"
    REFERENCES = "references", "References"
    QUALIFICATION = "qualification", "Qualification and experience"


class CheckResult(TextChoices):
    CLEAR = "clear", "Clear"
    CONCERN = "concern", "A matter to weigh"
    ADVERSE = "adverse", "Adverse"


class ControlState(TextChoices):
    """A change of control, notified before it happens."""

    NOTIFIED = "notified", "Notified"
    ASSESSED = "assessed", "Assessed"
    NO_OBJECTION = "no_objection", "No objection"
    OBJECTED = "objected", "Objected to"
    WITHDRAWN = "withdrawn", "Withdrawn"


class TableAct(TextChoices):
    """What a proposal does to a dated table."""

    ADD = "add", "A new entry"
    CHANGE = "change", "A new version"
    END = "end", "The end of an entry"


class SettingChangeState(TextChoices):
    """What became of the proposal to change a setting, or a row of a dated table."""

    PROPOSED = "proposed", "Proposed"
    PUBLISHED = "published", "Published"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"


class FrameworkState(TextChoices):
    """One version of the scoring framework."""

    DRAFT = "draft", "Draft"
    PROPOSED = "proposed", "Proposed"
    PUBLISHED = "published", "Published"
    SUPERSEDED = "superseded", "Superseded"
    DROPPED = "dropped", "Dropped"


# What governed its days, or governs them.
WAS_PUBLISHED = frozenset({FrameworkState.PUBLISHED, FrameworkState.SUPERSEDED})


class OverrideState(TextChoices):
    """What became of the proposal to override a rating."""

    PROPOSED = "proposed", "Proposed"
    MADE = "made", "Made"
    DROPPED = "dropped", "Dropped"
