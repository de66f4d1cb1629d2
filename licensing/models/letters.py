"""Letters that were issued. A letter reports a decision; it never makes one. Its bytes never change."""

from typing import TYPE_CHECKING

from django.db import models
from django.urls import reverse

from licensing.models.firms import CaseQuerySet, Firm
from pvara.kernel.models import User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class LetterText(models.Model):
    """The wording of one kind of letter from a date on: legal basis, paragraphs, signatory. Staff keep it."""

    code = models.CharField(max_length=4)
    effective_from = models.DateField()
    title = models.CharField(max_length=120)
    legal_basis = models.TextField()
    paragraphs = models.JSONField(default=list)
    appeal = models.TextField(blank=True)
    signatory_name = models.CharField(max_length=120)
    signatory_title = models.CharField(max_length=120)

    class Meta:
        ordering = ["code", "-effective_from"]
        constraints = [models.UniqueConstraint(fields=["code", "effective_from"], name="letter_text_once_a_day")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}, from {self.effective_from}"


class LetterCounter(models.Model):
    """The last number given to a letter of a phase in a year; locked while the next one is given."""

    phase = models.CharField(max_length=10)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["phase", "year"], name="letter_counter_once")]

    def __str__(self) -> str:
        return f"PVARA/{self.phase}/{self.year}: {self.last}"


class LetterQuerySet(CaseQuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "CaseQuerySet":
        found = super().visible_to(user)
        return found if user.is_staff else found.filter(for_applicant=True)

    def for_firms(self) -> "LetterQuerySet":
        """The letters that were written to firms: what is written about them to others is none of theirs."""
        return self.filter(for_applicant=True)


class Letter(models.Model):
    """An issued letter. `key` is the job's, so that a job done twice still leaves one letter.

    A letter belongs to the firm that it is about; to whom it is written is another matter: see `for_applicant`.
    """

    class Status(models.TextChoices):
        ISSUED = "issued", "Issued"
        SUPERSEDED = "superseded", "Superseded"
        REVOKED = "revoked", "Revoked"

    key = models.CharField(max_length=200, unique=True)
    code = models.CharField(max_length=4)
    reference = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=120)
    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="letters")
    subject_type = models.CharField(max_length=100)
    subject_id = models.BigIntegerField()
    addressee = models.CharField(max_length=200)
    for_applicant = models.BooleanField(default=True, help_text="Whether it is written to the firm, which may read it.")
    email = models.EmailField(blank=True, help_text="Where it is sent when it is not written to the firm.")
    content = models.JSONField(help_text="What the letter says, as it was when it was issued.")
    content_sha256 = models.CharField(max_length=64)
    sha256 = models.CharField("SHA-256 of the file", max_length=64)
    token = models.CharField(max_length=40, unique=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ISSUED)
    issued_at = models.DateTimeField()

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="letter_by_subject")]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("staff:letter", args=[self.pk])

    @property
    def public_firm(self) -> str:
        """The firm, for who verifies the letter; that another authority was asked about it is nobody's business."""
        return self.firm.legal_name if self.for_applicant else ""

    @property
    def public_case(self) -> str:
        return str(self.content.get("case", "")) if self.for_applicant else ""


class LetterDocument(models.Model):
    """The signed PDF itself, kept in the database so that letter and row are one transaction."""

    letter = models.OneToOneField(Letter, on_delete=models.PROTECT, related_name="document")
    pdf = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.letter.reference}.pdf"
