"""Who may do what: the permissions of licensing and the roles that carry them.

Staff hold permissions through roles, everywhere. Applicants hold two on their own firm, through django-guardian.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pvara.kernel import roles
from pvara.kernel.flags import READ_FLAGS

# On the applicant's own firm.
REPRESENT = "licensing.represent_firm"
SIGN = "licensing.sign_for_firm"

# Staff.
READ_CASES = "licensing.read_cases"
READ_AUDIT = "licensing.read_audit"
CHECK_INTAKE = "licensing.check_intake"
RETURN_CASES = "licensing.return_cases"
ACCEPT_EVIDENCE = "licensing.accept_evidence"
RATE = "licensing.rate_criteria"
MODERATE = "licensing.moderate_ratings"
RECOMMEND = "licensing.recommend"
VERIFY_MILESTONES = "licensing.verify_milestones"
CONFIRM_SETUP = "licensing.confirm_setup"
DECIDE = "licensing.decide"
SUSPEND_NOC = "licensing.suspend_noc"
GRANT_LICENCE = "licensing.grant_licence"
SUSPEND_LICENCE = "licensing.suspend_licence"
REINSTATE_LICENCE = "licensing.reinstate_licence"
REVOKE_LICENCE = "licensing.revoke_licence"
KEEP_AGREEMENTS = "licensing.keep_agreements"
LIFT_INTERESTS = "licensing.lift_interests"
KEEP_ACCOUNTS = "licensing.keep_accounts"
ASK_FOR_WAIVER = "licensing.ask_for_waiver"
WAIVE_FEES = "licensing.waive_fees"
VET_INDIVIDUALS = "licensing.vet_individuals"
DECIDE_INDIVIDUALS = "licensing.decide_individuals"
ASSESS_CONTROL = "licensing.assess_control"
DECIDE_CONTROL = "licensing.decide_control"
ENFORCE = "licensing.enforce"
PROPOSE_RESTRICTION = "licensing.propose_restriction"
SUSPEND_URGENTLY = "licensing.suspend_urgently"
RATIFY_SUSPENSIONS = "licensing.ratify_suspensions"
VERIFY_REMEDY = "licensing.verify_remedy"
RECORD_APPEALS = "licensing.record_appeals"
CONSULT = "licensing.consult_agencies"
OVERRIDE_OBJECTIONS = "licensing.override_objections"
INSPECT = "licensing.inspect"
VERIFY_FINDINGS = "licensing.verify_findings"
CLOSE_FINDINGS = "licensing.close_findings"
SUPERVISE = "licensing.supervise"

roles.declare_on_object(REPRESENT, title="the firm")
roles.declare_on_object(SIGN, title="the firm's signatory")

roles.declare(
    "case_officer",
    title="Case officer",
    permissions={READ_CASES, CHECK_INTAKE, ACCEPT_EVIDENCE, VERIFY_MILESTONES, ASK_FOR_WAIVER},
)
roles.declare("assessor", title="Assessor", permissions={READ_CASES, RATE, ACCEPT_EVIDENCE})
roles.declare("moderator", title="Moderator", permissions={READ_CASES, MODERATE})
roles.declare(
    "supervisor",
    title="Supervisor",
    permissions={
        READ_CASES,
        RETURN_CASES,
        RECOMMEND,
        CONFIRM_SETUP,
        SUSPEND_NOC,
        KEEP_AGREEMENTS,
        LIFT_INTERESTS,
        "kernel.keep_calendar",
        "kernel.retry_jobs",
    },
)
roles.declare(
    "committee_member",
    title="Committee member",
    permissions={READ_CASES, DECIDE, SUSPEND_LICENCE, REINSTATE_LICENCE, WAIVE_FEES},
)
roles.declare(
    "board_member", title="Board member", permissions={READ_CASES, GRANT_LICENCE, REVOKE_LICENCE, LIFT_INTERESTS}
)
roles.declare("enforcement_officer", title="Enforcement officer", permissions={READ_CASES, ENFORCE})
roles.declare("finance_officer", title="Finance officer", permissions={READ_CASES, KEEP_ACCOUNTS, ASK_FOR_WAIVER})
roles.declare("legal_officer", title="Legal officer", permissions={READ_CASES})
roles.declare("tribunal_recorder", title="Tribunal recorder", permissions={READ_CASES})
roles.declare("auditor", title="Auditor", permissions={READ_CASES, READ_AUDIT})
# Runs accounts and roles; decides nothing, reads no case, and so holds no other role.
roles.declare(
    "system_administrator",
    title="System administrator",
    permissions={"kernel.grant_roles", "kernel.retry_jobs"},
    apart=True,
)

# Whoever reads cases reads which of their clocks have run out.
for _role in roles.ROLES.values():
    if READ_CASES in _role.permissions:
        _role.permissions.add(READ_FLAGS)

# People and ownership: who checks a person or a change of control is not who decides on them.
roles.declare("case_officer", title="Case officer", permissions={VET_INDIVIDUALS, ASSESS_CONTROL})
roles.declare("supervisor", title="Supervisor", permissions={DECIDE_INDIVIDUALS})
roles.declare("committee_member", title="Committee member", permissions={DECIDE_INDIVIDUALS, DECIDE_CONTROL})

# The life of a licence: who proposes a measure is not who decides on it; an urgent one takes two, and then
# the board.
roles.declare("supervisor", title="Supervisor", permissions={PROPOSE_RESTRICTION, VERIFY_REMEDY})
roles.declare("enforcement_officer", title="Enforcement officer", permissions={PROPOSE_RESTRICTION})
roles.declare("board_member", title="Board member", permissions={SUSPEND_URGENTLY, RATIFY_SUSPENSIONS})
roles.declare("legal_officer", title="Legal officer", permissions={RECORD_APPEALS})
roles.declare("tribunal_recorder", title="Tribunal recorder", permissions={RECORD_APPEALS})

# Consultation: the case officer asks and records; only the board may go on over an objection.
roles.declare("case_officer", title="Case officer", permissions={CONSULT})
roles.declare("board_member", title="Board member", permissions={OVERRIDE_OBJECTIONS})

# Inspection: whoever raises a finding neither verifies its remedy nor closes it.
roles.declare("case_officer", title="Case officer", permissions={INSPECT, VERIFY_FINDINGS})
roles.declare("supervisor", title="Supervisor", permissions={VERIFY_FINDINGS, CLOSE_FINDINGS})

# Supervision of licensees: their returns, their incidents, and how often they are visited.
roles.declare("supervisor", title="Supervisor", permissions={SUPERVISE})

# The settings of the regime: whoever proposes a change is not who publishes it.
PROPOSE_SETTINGS = "licensing.propose_settings"
PUBLISH_SETTINGS = "licensing.publish_settings"
roles.declare("supervisor", title="Supervisor", permissions={PROPOSE_SETTINGS})
roles.declare("legal_officer", title="Legal officer", permissions={PROPOSE_SETTINGS})
roles.declare("finance_officer", title="Finance officer", permissions={PROPOSE_SETTINGS})
roles.declare("board_member", title="Board member", permissions={PUBLISH_SETTINGS})

# The scoring framework: whoever proposes a version is not who publishes it.
DRAFT_FRAMEWORKS = "licensing.draft_frameworks"
PUBLISH_FRAMEWORK = "licensing.publish_framework"
roles.declare("moderator", title="Moderator", permissions={DRAFT_FRAMEWORKS})
roles.declare("supervisor", title="Supervisor", permissions={DRAFT_FRAMEWORKS})
roles.declare("board_member", title="Board member", permissions={PUBLISH_FRAMEWORK})

# A moderated rating is overridden by the votes of the committee or of the board, never by a person.
OVERRIDE_RATINGS = "licensing.override_ratings"
OVERRIDE_RATINGS_AS_BOARD = "licensing.override_ratings_as_board"
roles.declare("committee_member", title="Committee member", permissions={OVERRIDE_RATINGS})
roles.declare("board_member", title="Board member", permissions={OVERRIDE_RATINGS_AS_BOARD})

# Decisions that a body takes by vote, and what is drafted for them; conditions and who verifies and waives them.
VOTE = "licensing.vote"
DRAFT_DECISIONS = "licensing.draft_decisions"
VERIFY_CONDITIONS = "licensing.verify_conditions"
WAIVE_CONDITIONS = "licensing.waive_conditions"
roles.declare("case_officer", title="Case officer", permissions={VERIFY_CONDITIONS})
roles.declare("supervisor", title="Supervisor", permissions={DRAFT_DECISIONS})
roles.declare("committee_member", title="Committee member", permissions={VOTE, DRAFT_DECISIONS, WAIVE_CONDITIONS})
roles.declare("board_member", title="Board member", permissions={VOTE})

# A case goes from one officer to another by somebody who has none in hand.
HAND_OVER_CASES = "licensing.hand_over_cases"
roles.declare("supervisor", title="Supervisor", permissions={HAND_OVER_CASES})

# Letters that decide something are let out by whoever did not decide it.
CHECK_LETTERS = "licensing.check_letters"
roles.declare("supervisor", title="Supervisor", permissions={CHECK_LETTERS})
roles.declare("legal_officer", title="Legal officer", permissions={CHECK_LETTERS})


@dataclass(frozen=True)
class Body:
    """A body of the regulator that decides by vote: its code, the role of its members, and its name."""

    code: str
    role: str
    title: str

    @staticmethod
    def called(code: str) -> "Body":
        return next(each for each in BODIES if each.code == code)


BODIES = (Body("committee", "committee_member", "Licensing committee"), Body("board", "board_member", "Board"))


def body_of(permissions: Iterable[str]) -> Body:
    """The body whose members hold one of a move's permissions: it is they who vote on that move.

    Raises LookupError when no body does: such a move is nobody's to vote on.
    """
    asked = set(permissions)
    for body in BODIES:
        if asked & roles.ROLES[body.role].permissions:
            return body
    raise LookupError(f"No body votes on what {', '.join(sorted(asked))} permits.")
