"""Who may do what in the registry. The debt office proposes and issues; its approver approves; never one person both.

A venue's people hold no permission here: they place units because they represent the firm that holds the licence.
"""

from django.core.exceptions import PermissionDenied

from pvara.kernel import roles
from pvara.kernel.flags import READ_FLAGS
from pvara.kernel.models import User

VIEW = "tokenisation.view_registry"
PROPOSE = "tokenisation.propose_asset"
HAND_IN = "tokenisation.hand_in_document"
PUBLISH = "tokenisation.publish_document"
RECORD_APPROVAL = "tokenisation.record_approval"
ATTEST = "tokenisation.record_attestation"
ACCEPT_ATTESTATION = "tokenisation.accept_attestation"
APPROVE = "tokenisation.approve_asset"
ISSUE = "tokenisation.issue_asset"
PAUSE = "tokenisation.pause_asset"
AUTHORISE = "tokenisation.authorise_venue"
ALLOCATE = "tokenisation.allocate_units"
TAKE_BACK = "tokenisation.take_back_units"
FREEZE = "tokenisation.freeze_units"
REDEEM = "tokenisation.redeem_units"
ORDER = "tokenisation.propose_order"
CONFIRM = "tokenisation.confirm_order"
LIMIT = "tokenisation.propose_limit"
CONFIRM_LIMIT = "tokenisation.confirm_limit"
PERMIT = "tokenisation.propose_settlement"
CONFIRM_PERMIT = "tokenisation.confirm_settlement"
RECONCILE = "tokenisation.reconcile"
CLOSE_BREAK = "tokenisation.close_break"
PROPOSE_ACTION = "tokenisation.propose_action"
CONFIRM_ACTION = "tokenisation.confirm_action"

roles.declare(
    "debt_officer",
    title="Debt officer",
    permissions={
        VIEW,
        READ_FLAGS,
        PROPOSE,
        HAND_IN,
        ATTEST,
        ISSUE,
        ALLOCATE,
        TAKE_BACK,
        FREEZE,
        REDEEM,
        ORDER,
        LIMIT,
        PERMIT,
        RECONCILE,
        PROPOSE_ACTION,
    },
)
roles.declare(
    "debt_approver",
    title="Debt approver",
    permissions={
        VIEW,
        READ_FLAGS,
        PUBLISH,
        RECORD_APPROVAL,
        ACCEPT_ATTESTATION,
        APPROVE,
        PAUSE,
        AUTHORISE,
        CONFIRM,
        CONFIRM_LIMIT,
        CONFIRM_PERMIT,
        CLOSE_BREAK,
        CONFIRM_ACTION,
    },
)
roles.declare("auditor", title="Auditor", permissions={VIEW})


def demand(by: User, permission: str) -> None:
    """Raise PermissionDenied unless the person holds the permission; moves of a machine check theirs themselves."""
    if not by.has_perm(permission):
        raise PermissionDenied(f"You do not hold {permission}.")
