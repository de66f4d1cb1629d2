"""Evidence: a document of a firm that serves one or more criteria, each for as long as the criterion allows."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from licensing import scoring
from licensing.lifecycle.evidence import EvidenceLifecycle
from licensing.models.firms import CaseQuerySet, Firm
from licensing.models.framework import Criterion, EvidenceKind
from licensing.states import EvidenceState
from pvara.kernel.models import User
from pvara.kernel.uploads import Scan

# What was accepted counts by its days, whatever has been said of them since.
WAS_ACCEPTED = (EvidenceState.ACCEPTED, EvidenceState.EXPIRING, EvidenceState.EXPIRED)


def file_path(piece: "Evidence", filename: str) -> str:
    """Stored under the hash of the content: a name that somebody else chose never becomes a path."""
    return f"evidence/{piece.firm_id}/{piece.sha256}"


class Evidence(EvidenceLifecycle):
    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="evidence")
    title = models.CharField(max_length=200)
    # None for what was uploaded before kinds were stated.
    kind = models.ForeignKey(EvidenceKind, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    file = models.FileField(upload_to=file_path, max_length=200)
    file_name = models.CharField(max_length=150)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="bytes")
    sha256 = models.CharField("SHA-256", max_length=64)
    scan = models.CharField(max_length=10, choices=Scan.choices)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    accepted_by: Any = models.ForeignKey(
        User, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    # The version that this one takes the place of once it is accepted: of the same firm, and replaced by no other.
    replaces: Any = models.OneToOneField(
        "self", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="replaced_by"
    )
    # Which version of the document it is; `version` counts the changes of this row.
    edition = models.PositiveIntegerField("version of the document", default=1, editable=False)
    criteria = models.ManyToManyField(Criterion, through="EvidenceLink", related_name="evidence")

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "evidence"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted_by__isnull=True) | ~Q(accepted_by=F("uploaded_by")),
                name="accepter_is_not_uploader",
            ),
            # Of what firm it is, and that it follows its predecessor by its number, a trigger sees (`evidence_sql`).
            models.CheckConstraint(
                condition=Q(replaces__isnull=True, edition=1) | Q(replaces__isnull=False, edition__gt=1),
                name="first_edition_replaces_none",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("staff:firm", args=[self.firm_id])

    @property
    def reference(self) -> str:
        return f"EVI-{self.pk:06d}"

    @property
    def access_anchor(self) -> Firm:
        return self.firm

    @property
    def was_accepted(self) -> bool:
        return self.state in WAS_ACCEPTED

    @property
    def next_version(self) -> "Evidence | None":
        return getattr(self, "replaced_by", None)

    @property
    def versions(self) -> list["Evidence"]:
        """Every version of the document, the newest first. One question, however many there are."""
        of_firm = Evidence.objects.filter(Q(replaces__isnull=False) | Q(replaced_by__isnull=False), firm=self.firm_id)
        rows = {each.pk: each for each in of_firm.select_related("kind", "uploaded_by", "accepted_by")}
        after = {each.replaces_id: each for each in rows.values()}
        newest = rows.get(self.pk, self)
        while newest.pk in after:
            newest = after[newest.pk]
        found = [newest]
        while found[-1].replaces_id is not None:
            found.append(rows[found[-1].replaces_id])
        return found

    @property
    def place(self) -> str:
        """Which version it is, and what stands before and after it: of rows that were read with their neighbours."""
        said = [f"version {self.edition}"]
        if self.replaces is not None:
            said.append(f"replaces {self.replaces.reference}")
        if (newer := self.next_version) is not None:
            said.append(f"replaced by {newer.reference} (version {newer.edition}: {newer.get_state_display().lower()})")
        return ", ".join(said) if len(said) > 1 else ""

    @property
    def newer_versions(self) -> list["Evidence"]:
        return [each for each in self.versions if each.edition > self.edition]

    @property
    def last_day(self) -> date | None:
        """The last day on which it proves anything; None before its acceptance, or when something never expires."""
        return scoring.latest_expiry(link.expires_on for link in self.links.all()) if self.was_accepted else None


class EvidenceLink(models.Model):
    """What a piece proves, and the last day on which it does; dated when the piece is accepted."""

    evidence = models.ForeignKey(Evidence, on_delete=models.CASCADE, related_name="links")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="evidence_links")
    expires_on = models.DateField(null=True, blank=True)
    # How many days before that the firm was told last; none while it was not.
    told_ahead = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["evidence", "criterion"], name="evidence_linked_once")]

    def __str__(self) -> str:
        return f"{self.evidence} for {self.criterion.code}"


def newer_versions_waiting(firm: Firm) -> dict[str, list[Evidence]]:
    """The newer versions of documents that nobody has looked at yet, by the code of what they serve. One question."""
    found: dict[str, list[Evidence]] = {}
    links = EvidenceLink.objects.filter(
        evidence__firm=firm, evidence__replaces__isnull=False, evidence__state=EvidenceState.UPLOADED
    )
    for link in links.select_related("evidence", "criterion").order_by("evidence"):
        found.setdefault(link.criterion.code, []).append(link.evidence)
    return found
