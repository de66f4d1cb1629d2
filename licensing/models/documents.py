"""Documents that belong to a step of a case: an answer, a report, a filing. Evidence for criteria has its own model."""

from typing import TYPE_CHECKING

from django.db import models

from licensing.models.firms import CaseQuerySet, Firm
from pvara.kernel.models import User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


def file_path(document: "Document", filename: str) -> str:
    """Stored under the hash of the content: a name that somebody else chose never becomes a path."""
    return f"documents/{document.firm_id or 'house'}/{document.sha256}"


class DocumentQuerySet(CaseQuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "CaseQuerySet":
        found = super().visible_to(user)
        return found if user.is_staff else found.filter(for_applicant=True)

    def about(self, subject: models.Model) -> "DocumentQuerySet":
        return self.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)


class Document(models.Model):
    """A file that was handed in with a row of any kind. It is added and never changed."""

    # None for what belongs to the state's own business, such as an agreement: no firm reads that.
    firm = models.ForeignKey(Firm, null=True, blank=True, on_delete=models.PROTECT, related_name="documents")
    subject_type = models.CharField(max_length=100)
    subject_id = models.BigIntegerField()
    title = models.CharField(max_length=200)
    file = models.FileField(upload_to=file_path, max_length=200)
    file_name = models.CharField(max_length=150)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="bytes")
    sha256 = models.CharField("SHA-256", max_length=64)
    scan = models.CharField(max_length=10)
    for_applicant = models.BooleanField(default=True, help_text="Whether the firm may read it.")
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(firm__isnull=False) | models.Q(for_applicant=False),
                name="document_of_no_firm_is_ours",
            )
        ]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="document_by_subject")]

    def __str__(self) -> str:
        return self.title
