"""The documents that an asset rests on, with their hashes and editions.

A row and its file are never changed: another text is another edition. What one person of the debt office hands in
another publishes, and what is published stays so. A later edition supersedes it and takes nothing away.
"""

from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from licensing import standing
from pvara.kernel import roles
from pvara.kernel.models import User
from pvara.kernel.uploads import Scan
from tokenisation.access import VIEW
from tokenisation.lifecycle import AssetDocumentLifecycle
from tokenisation.models.assets import Asset
from tokenisation.models.programme import signature
from tokenisation.states import PUBLISHED, DocumentKind, DocumentState


def file_path(document: "AssetDocument", filename: str) -> str:
    """Stored under the hash of the content: a name that somebody else chose never becomes a path."""
    return f"assets/{document.asset_id}/{document.sha256}"


class AssetDocumentQuerySet(models.QuerySet["AssetDocument"]):
    def visible_to(self, user: Any) -> "AssetDocumentQuerySet":
        """All for the state's people, the public ones for a venue's, none for anybody else who is signed in."""
        if user.has_perm(VIEW):
            return self
        if roles.of(user) or not standing.venues_for(user).exists():
            return self.none()
        return self.public()

    def public(self) -> "AssetDocumentQuerySet":
        """What is published of the assets that are: the editions that were superseded among them."""
        return self.filter(state=DocumentState.PUBLISHED, asset__state__in=PUBLISHED)

    def with_superseded(self) -> "AssetDocumentQuerySet":
        """Each with whether a later edition of it is published."""
        later = AssetDocument.objects.filter(
            asset=OuterRef("asset"),
            kind=OuterRef("kind"),
            title=OuterRef("title"),
            edition__gt=OuterRef("edition"),
            state=DocumentState.PUBLISHED,
        )
        return self.annotate(is_superseded=Exists(later))

    def here(self) -> dict[str, str]:
        """The SHA-256 of the newest of each kind, leaving out what was withdrawn."""
        rows = self.exclude(state=DocumentState.WITHDRAWN).order_by("pk")
        return dict(rows.values_list("kind", "sha256"))

    def in_order(self) -> "AssetDocumentQuerySet":
        """By kind and title, the latest edition first."""
        return self.order_by("kind", "title", "-edition")


class AssetDocument(AssetDocumentLifecycle):
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=16, choices=DocumentKind.choices)
    title = models.CharField(max_length=200)
    # Counted from 1 within the asset, the kind and the title; `version` is how often the row itself has moved.
    edition = models.PositiveIntegerField()
    # The edition before that was not withdrawn.
    supersedes = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="later")
    file = models.FileField(upload_to=file_path, max_length=200)
    file_name = models.CharField(max_length=150)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="bytes")
    sha256 = models.CharField("SHA-256", max_length=64)
    scan = models.CharField(max_length=10, choices=Scan.choices)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    published_by = signature()
    published_at = models.DateTimeField(null=True, editable=False)

    objects = AssetDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "document of an asset"
        verbose_name_plural = "documents of assets"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["asset", "kind", "title", "edition"], name="one_document_an_edition"),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True) | ~Q(published_by=F("uploaded_by")),
                name="document_publisher_is_not_uploader",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_by__isnull=False), name="published_document_is_signed"
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex="^[0-9a-f]{64}$", size__gt=0) & ~Q(title="") & ~Q(scan="infected"),
                name="document_says_what_it_is",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, edition {self.edition}"

    def get_absolute_url(self) -> str:
        return reverse("staff:asset_document", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"DOC-{self.pk:06d}"

    def editions(self) -> AssetDocumentQuerySet:
        """All editions of the same document, this one among them."""
        return AssetDocument.objects.filter(asset_id=self.asset_id, kind=self.kind, title=self.title).in_order()

    def published_later(self) -> "AssetDocument | None":
        """The latest edition after this one that is published."""
        return self.editions().filter(edition__gt=self.edition, state=DocumentState.PUBLISHED).first()
