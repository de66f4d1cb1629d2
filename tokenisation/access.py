"""Who may do what in the registry. The debt office proposes and issues; its approver approves; never one person both.

A venue's people hold no permission here: they place units because they represent the firm that holds the licence.
"""

from django.core.exceptions import PermissionDenied

from pvara.kernel import roles
from pvara.kernel.models import User

VIEW = "tokenisation.view_registry"
PROPOSE = "tokenisation.propose_asset"
RECORD_APPROVAL = "tokenisation.record_approval"
ATTEST = "tokenisation.record_attestation"
APPROVE = "tokenisation.approve_asset"
ISSUE = "tokenisation.issue_asset"
PAUSE = "tokenisation.pause_asset"
AUTHORISE = "tokenisation.authorise_venue"
ALLOCATE = "tokenisation.allocate_units"
TAKE_BACK = "tokenisation.take_back_units"

roles.declare("debt_officer", title="Debt officer", permissions={VIEW, PROPOSE, ATTEST, ISSUE, ALLOCATE, TAKE_BACK})
roles.declare("debt_approver", title="Debt approver", permissions={VIEW, RECORD_APPROVAL, APPROVE, PAUSE, AUTHORISE})
roles.declare("auditor", title="Auditor", permissions={VIEW})


def demand(by: User, permission: str) -> None:
    """Raise PermissionDenied unless the person holds the permission; moves of a machine check theirs themselves."""
    if not by.has_perm(permission):
        raise PermissionDenied(f"You do not hold {permission}.")
