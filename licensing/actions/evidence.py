"""Evidence: taking in a document, and what its acceptance or rejection does to the score."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from dateutil.relativedelta import relativedelta
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from licensing import standing
from licensing.access import REPRESENT
from licensing.actions.uploads import take_in
from licensing.models import Criterion, Evidence, EvidenceLink, Firm
from pvara.kernel import audit
from pvara.kernel.machine import follows
from pvara.kernel.models import AuditEntry, User


def upload_evidence(
    firm: Firm, *, by: User, at: datetime, file: UploadedFile, title: str, criteria: Iterable[Criterion]
) -> Evidence:
    """Take in a document for some criteria. Raises ValidationError for what it is not fit for, saying what to do."""
    if not by.has_perm(REPRESENT, firm):
        raise PermissionDenied("You do not act for this firm.")
    criteria = list(criteria)
    if not criteria:
        raise ValidationError({"criteria": "Choose at least one criterion that the document serves."})
    if not title.strip():
        raise ValidationError({"title": "Give the document a title."})
    taken = take_in(file)
    with transaction.atomic():
        piece = Evidence(firm=firm, title=title.strip(), uploaded_by=by, uploaded_at=at, **asdict(taken))
        piece.file = file
        piece.save()
        EvidenceLink.objects.bulk_create(EvidenceLink(evidence=piece, criterion=each) for each in criteria)
        audit.record(
            piece,
            event="uploaded",
            by=by,
            at=at,
            to_state=piece.state,
            data={
                "sha256": piece.sha256,
                "file_name": piece.file_name,
                "scan": piece.scan,
                "criteria": [each.code for each in criteria],
            },
        )
        return piece


@follows(Evidence, "accept")
def date_what_it_proves(piece: Evidence, *, by: User, at: datetime, entry: AuditEntry) -> None:
    today = timezone.localdate(at)
    links = list(piece.links.select_related("criterion"))
    for link in links:
        months = link.criterion.validity_months
        link.expires_on = None if months is None else today + relativedelta(months=months)
    EvidenceLink.objects.bulk_update(links, ["expires_on"])
    standing.refresh_firm(piece.firm, by=by, at=at)


@follows(Evidence, "reject")
def score_without_it(piece: Evidence, *, by: User, at: datetime, entry: AuditEntry) -> None:
    standing.refresh_firm(piece.firm, by=by, at=at)
