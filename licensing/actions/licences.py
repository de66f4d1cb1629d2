"""P4: whatever happens to a licence changes its standing as a venue in the same transaction."""

from datetime import datetime

from licensing import standing
from licensing.models import Licence
from pvara.kernel.machine import follows
from pvara.kernel.models import AuditEntry, User


@follows(Licence, "suspend", "reinstate", "revoke")
def change_standing(licence: Licence, *, by: User, at: datetime, entry: AuditEntry) -> None:
    standing.refresh(licence, by=by, at=at)


def refresh_every_standing(*, at: datetime) -> int:
    """What only time changes: terms that end and evidence that expires. Returns how many licences were looked at."""
    looked_at = 0
    for licence in Licence.objects.exclude(state="revoked").iterator():
        standing.refresh(licence, by=None, at=at)
        looked_at += 1
    return looked_at
