"""The internal memo that goes with a recommendation: written with it, kept with the case, sent to nobody."""

from datetime import datetime

from licensing.letters.memo import compose_memo, digest
from licensing.models import LicenceApplication, Memo, NocApplication
from pvara.kernel.machine import follows
from pvara.kernel.models import AuditEntry, User


@follows(NocApplication, "recommend")
@follows(LicenceApplication, "recommend")
def write_memo(case: NocApplication | LicenceApplication, *, by: User, at: datetime, entry: AuditEntry) -> None:
    """Write down what was recommended and on what, as it is in this transaction; a case that goes back gets another."""
    content = compose_memo(case, entry, at)
    Memo.objects.create(
        firm=case.firm,
        subject_type=case._meta.label_lower,
        subject_id=case.pk,
        entry=entry,
        content=content,
        sha256=digest(content),
        written_at=at,
    )
