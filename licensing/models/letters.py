"""Letters. A letter reports a decision; it never makes one. Once it is issued its bytes never change."""

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.urls import reverse

from licensing.lifecycle.letters import LetterLifecycle
from licensing.models.applications import are_different
from licensing.models.belonging import with_owners
from licensing.models.conflicts import recusals_reaching
from licensing.models.firms import CaseQuerySet, Firm, signature
from licensing.states import LetterState
from pvara.kernel.models import AuditEntry, User

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
    source = models.TextField(blank=True)

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


# What is still the regulator's own: nobody outside reads it, and it proves nothing.
IN_HOUSE = (LetterState.DRAFT, LetterState.APPROVED)


class LetterQuerySet(CaseQuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "Any":
        found = super().visible_to(user)
        return found if user.is_staff else found.filter(for_applicant=True).exclude(state__in=IN_HOUSE)

    def issued(self) -> "LetterQuerySet":
        """The letters that went out, whatever became of them since."""
        return self.exclude(state__in=IN_HOUSE)

    def for_firms(self) -> "LetterQuerySet":
        """The letters that firms have: what is written about them to others, or not issued yet, is none of theirs."""
        return self.issued().filter(for_applicant=True)


class Letter(LetterLifecycle):
    """A letter. `key` is the job's, so that a job done twice still leaves one letter.

    It belongs to the firm that it is about; to whom it is written is another matter: see `for_applicant`. Its number,
    its token and its hashes come with its issue.
    """

    key = models.CharField(max_length=200, unique=True)
    code = models.CharField(max_length=4)
    reference = models.CharField(max_length=40, unique=True, null=True, blank=True)
    title = models.CharField(max_length=120)
    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="letters")
    subject_type = models.CharField(max_length=100)
    subject_id = models.BigIntegerField()
    addressee = models.CharField(max_length=200)
    for_applicant = models.BooleanField(default=True, help_text="Whether it is written to the firm, which may read it.")
    email = models.EmailField(blank=True, help_text="Where it is sent when it is not written to the firm.")
    content = models.JSONField(help_text="What the letter says; as it was when it was issued.")
    content_sha256 = models.CharField(max_length=64, blank=True, default="")
    sha256 = models.CharField("SHA-256 of the file", max_length=64, blank=True, default="")
    token = models.CharField(max_length=40, unique=True, null=True, blank=True)
    # The decision that it reports: its entry in the log, when it was made, and by whom; nobody, by the scheduler.
    entry = models.ForeignKey(AuditEntry, null=True, editable=False, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(editable=False)
    decided_by = signature()
    is_to_be_checked = models.BooleanField(
        default=False,
        editable=False,
        help_text="Whether a second person lets it out, by the setting of the day of the decision.",
    )
    approved_by = signature()
    issued_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="letter_by_subject")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=IN_HOUSE)
                | Q(reference__isnull=False, token__isnull=False, issued_at__isnull=False)
                & ~Q(content_sha256="")
                & ~Q(sha256=""),
                name="letter_goes_out_numbered_and_signed",
            ),
            models.CheckConstraint(
                condition=are_different("decided_by", "approved_by"), name="letter_checker_did_not_decide"
            ),
            # Nobody's name stands under a draft, and somebody's under each letter that had to be read before it went.
            models.CheckConstraint(
                condition=Q(state=LetterState.DRAFT, approved_by__isnull=True)
                | ~Q(state=LetterState.DRAFT) & (Q(is_to_be_checked=False) | Q(approved_by__isnull=False)),
                name="letter_is_approved_before_it_goes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference or 'Draft'} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("staff:letter_page", args=[self.pk])

    @property
    def access_anchor(self) -> Firm:
        return self.firm

    @property
    def is_issued(self) -> bool:
        return self.state not in IN_HOUSE

    @property
    def file_name(self) -> str:
        return f"{(self.reference or self.code).replace('/', '-')}.pdf"

    def cases(self) -> list[Any]:
        """The row that it is about, then whatever that belongs to, up to the case itself."""
        return with_owners(apps.get_model(self.subject_type)._base_manager.get(pk=self.subject_id))

    def recusals_of(self, person: User) -> list[str]:
        """Why a person takes no part in the case that it is about; empty when they did not step back from it."""
        return [f"Recused: {each.reasons}" for each in recusals_reaching(self.cases()[0], person=person)]

    def has_document(self) -> bool:
        return LetterDocument.objects.filter(letter=self).exists()

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
