"""The documents of the demonstration's assets: those without which nothing is reviewed, and editions of one of them."""

from datetime import datetime

from django.core.files.uploadedfile import SimpleUploadedFile

from pvara.demo.path import People, step
from tokenisation.actions.documents import hand_in_document
from tokenisation.models import Asset, AssetDocument
from tokenisation.states import DocumentKind


def hand_in(asset: Asset, kind: DocumentKind, *, edition: int = 1, people: People, at: datetime) -> AssetDocument:
    words = f"{kind.label} on {asset.name}, edition {edition}. Demonstration data: it binds nobody.\n"
    file = SimpleUploadedFile(f"{asset.code}-{kind}-{edition}.txt".replace("_", "-"), words.encode(), "text/plain")
    return hand_in_document(
        asset, file=file, kind=kind, title=f"{kind.label}: {asset.name}", by=people.debt_officer, at=at
    )


def hand_in_needed(asset: Asset, *, people: People, at: datetime) -> list[AssetDocument]:
    """Everything without which the asset is not reviewed."""
    return [hand_in(asset, kind, people=people, at=at) for kind in asset.needed_documents]


def publish(document: AssetDocument, *, people: People, at: datetime) -> AssetDocument:
    return step(document, "publish", by=people.debt_approver, at=at)
