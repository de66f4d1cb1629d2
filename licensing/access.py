"""Who may do what: the permissions of licensing and the roles that carry them.

Staff hold permissions through roles, everywhere. Applicants hold two on their own firm, through django-guardian.
"""

from pvara.kernel import roles

# On the applicant's own firm.
REPRESENT = "licensing.represent_firm"
SIGN = "licensing.sign_for_firm"

# Staff.
READ_CASES = "licensing.read_cases"
READ_AUDIT = "licensing.read_audit"
CHECK_INTAKE = "licensing.check_intake"
ACCEPT_EVIDENCE = "licensing.accept_evidence"
RATE = "licensing.rate_criteria"
MODERATE = "licensing.moderate_ratings"
RECOMMEND = "licensing.recommend"
VERIFY_MILESTONES = "licensing.verify_milestones"
CONFIRM_SETUP = "licensing.confirm_setup"
DECIDE = "licensing.decide"
GRANT_LICENCE = "licensing.grant_licence"
SUSPEND_LICENCE = "licensing.suspend_licence"
REINSTATE_LICENCE = "licensing.reinstate_licence"
REVOKE_LICENCE = "licensing.revoke_licence"
PUBLISH_FRAMEWORK = "licensing.publish_framework"

roles.declare_on_object(REPRESENT, title="the firm")
roles.declare_on_object(SIGN, title="the firm's signatory")

roles.declare(
    "case_officer",
    title="Case officer",
    permissions={READ_CASES, CHECK_INTAKE, ACCEPT_EVIDENCE, VERIFY_MILESTONES},
)
roles.declare("assessor", title="Assessor", permissions={READ_CASES, RATE, ACCEPT_EVIDENCE})
roles.declare("moderator", title="Moderator", permissions={READ_CASES, MODERATE, PUBLISH_FRAMEWORK})
roles.declare(
    "supervisor",
    title="Supervisor",
    permissions={READ_CASES, RECOMMEND, CONFIRM_SETUP, "kernel.keep_calendar"},
)
roles.declare(
    "committee_member",
    title="Committee member",
    permissions={READ_CASES, DECIDE, SUSPEND_LICENCE, REINSTATE_LICENCE},
)
roles.declare("board_member", title="Board member", permissions={READ_CASES, GRANT_LICENCE, REVOKE_LICENCE})
roles.declare("enforcement_officer", title="Enforcement officer", permissions={READ_CASES, SUSPEND_LICENCE})
roles.declare("auditor", title="Auditor", permissions={READ_CASES, READ_AUDIT})
# Runs accounts and roles; decides nothing and reads no case.
roles.declare("system_administrator", title="System administrator", permissions={"kernel.grant_roles"})
