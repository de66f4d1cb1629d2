"""Handing in a document of an asset, and what follows its publication. Publishing and withdrawing are its moves."""

from dataclasses import asdict
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F

from pvara.kernel import audit
from pvara.kernel.machine import MoveRefused, Unmet, follows
from pvara.kernel.models import AuditEntry, User
from pvara.kernel.uploads import take_in_sound
from tokenisation.access import HAND_IN, demand
from tokenisation.models import Asset, AssetDocument
from tokenisation.states import GIVEN_UP, AssetState, DocumentKind, DocumentState


def hand_in_document(
    asset: Asset, *, file: UploadedFile, kind: DocumentKind, title: str, by: User, at: datetime
) -> AssetDocument:
    """Keep a document with an asset: a first edition, or the next where its kind and title are here already.

    Raises ValidationError for a file that cannot be taken or is the edition before byte for byte, saying what to do,
    and MoveRefused where the asset was given up.
    """
    demand(by, HAND_IN)
    title = title.strip()
    if not title:
        raise ValidationError({"title": "Give the document a title."})
    taken = take_in_sound(file)
    with transaction.atomic():
        # Two at once are two editions.
        asset = Asset.objects.select_for_update(no_key=True).get(pk=asset.pk)
        if asset.state in GIVEN_UP:
            detail = f"It is {asset.get_state_display().lower()}."
            unmet = Unmet("asset_is_not_given_up", "An asset that was given up takes in no document.", (detail,))
            raise MoveRefused(asset, "hand_in_document", [unmet])
        editions = asset.documents.filter(kind=kind, title=title).order_by("-edition")
        latest, before = editions.first(), editions.exclude(state=DocumentState.WITHDRAWN).first()
        if before is not None and before.sha256 == taken.sha256:
            raise ValidationError({"file": f"This is edition {before.edition} byte for byte. Choose another file."})
        document = AssetDocument(
            asset=asset,
            kind=kind,
            title=title,
            edition=1 if latest is None else latest.edition + 1,
            supersedes=before,
            uploaded_by=by,
            uploaded_at=at,
            **asdict(taken),
        )
        document.file = file
        document.full_clean(exclude={"state"})
        document.save(force_insert=True)
        if asset.state == AssetState.UNDER_REVIEW:
            # Whoever is about to approve the asset is to read it again.
            Asset.objects.filter(pk=asset.pk).update(version=F("version") + 1)
        data = {"kind": str(kind), "title": title, "edition": document.edition, "sha256": document.sha256}
        audit.record(document, event="handed_in", by=by, at=at, to_state=document.state, data=data)
        audit.record(asset, event="document_handed_in", by=by, at=at, data={"document": document.reference, **data})
        return document


@follows(AssetDocument, "publish")
def date_the_publication(document: AssetDocument, *, by: User, at: datetime, entry: AuditEntry) -> None:
    AssetDocument.objects.filter(pk=document.pk).update(published_at=at)
    document.published_at = at
    data = {"document": document.reference, "edition": document.edition, "sha256": document.sha256}
    audit.record(document.asset, event="document_published", by=by, at=at, data=data)


@follows(AssetDocument, "withdraw")
def tell_the_asset(document: AssetDocument, *, by: User, at: datetime, entry: AuditEntry) -> None:
    data = {"document": document.reference, "edition": document.edition, "sha256": document.sha256}
    audit.record(document.asset, event="document_withdrawn", by=by, at=at, note=entry.note, data=data)
    in_review = Asset.objects.filter(pk=document.asset_id, state=AssetState.UNDER_REVIEW)
    in_review.update(version=F("version") + 1)
