"""Bank statements as they were handed in, and their rows as they were read, with what became of each."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from licensing.models.fees import Invoice, money
from licensing.states import RowVerdict
from pvara.kernel.models import User


class BankStatement(models.Model):
    """A file from the bank: first shown row by row, then imported as it was shown, or never."""

    file_name = models.CharField(max_length=150)
    content = models.BinaryField()
    size = models.PositiveIntegerField(help_text="bytes")
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    imported_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField(null=True, blank=True)
    # The hash of what the person was shown and confirmed.
    shown_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(imported_by__isnull=True, imported_at__isnull=True, shown_sha256="")
                | Q(imported_by__isnull=False, imported_at__isnull=False) & ~Q(shown_sha256=""),
                name="statement_is_imported_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({timezone.localdate(self.uploaded_at):%Y-%m-%d})"


class StatementRow(models.Model):
    """One row of an imported statement: its cells as they stood, and what was made of it. Never changed."""

    statement = models.ForeignKey(BankStatement, on_delete=models.PROTECT, related_name="rows")
    line = models.PositiveIntegerField(help_text="Where it stands in the file; the header is line 1.")
    cells = models.JSONField(encoder=DjangoJSONEncoder)
    verdict = models.CharField(max_length=16, choices=RowVerdict.choices)
    said = models.CharField(max_length=400)
    bank_reference = models.CharField(max_length=100, blank=True)
    amount_pkr = money(null=True, blank=True)
    invoice = models.ForeignKey(Invoice, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["statement", "line"], name="statement_line_once")]

    def __str__(self) -> str:
        return f"{self.statement}, line {self.line}"
