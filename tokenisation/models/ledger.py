"""The double-entry ledger: accounts, journal entries and their postings.

Rows are written by the database's functions (`tokenisation/postings_sql.py`, `batches_sql.py`) and never changed:
triggers refuse an update, a deletion, an entry whose postings do not sum to zero, and a balance set by any other hand.
"""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import GreaterThan

from pvara.kernel.models import User
from tokenisation.models.assets import Asset
from tokenisation.states import AccountKind, EntryKind


def referred(to: Any, **said: Any) -> Any:
    """A foreign key of a row that is written with every posting: Django protects it, and not the database.

    The posting function has read or locked what it names; why nothing of that can go is said in `journal_sql.py`.
    """
    return models.ForeignKey(to, on_delete=models.PROTECT, db_constraint=False, db_index=False, **said)


class Account(models.Model):
    """Units of one asset in one place, with the balance that its postings add up to."""

    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="accounts")
    kind = models.CharField(max_length=16, choices=AccountKind.choices)
    venue = models.ForeignKey("licensing.VenueStanding", null=True, on_delete=models.PROTECT, related_name="accounts")
    # Only the contra account may be below zero: what it owes is what is outstanding.
    units = models.BigIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["asset", "venue", "kind"], name="one_account_a_place", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(kind="supply") | Q(units__gte=0), name="balance_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.asset.code} {self.get_kind_display()}" + (f" {self.venue}" if self.venue_id else "")


class JournalEntry(models.Model):
    """One act on the ledger, numbered and hash-chained within its asset."""

    asset = referred(Asset, related_name="entries")
    seq = models.BigIntegerField()
    # Over what the hash is made; the first version of the posting function wrote layout 1.
    layout = models.SmallIntegerField(default=1)
    kind = models.CharField(max_length=10, choices=EntryKind.choices)
    # The account that the units come from; empty for a correction, which goes the way of its entry backwards.
    source = models.CharField(max_length=16, choices=AccountKind.choices, blank=True, default="")
    venue = referred("licensing.VenueStanding", null=True, related_name="entries")
    # The venue that a forced transfer takes them to, if it is not the treasury.
    to_venue = referred("licensing.VenueStanding", null=True, related_name="+")
    # Most entries reverse none: the database's unique index knows only those that do.
    reverses = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, db_constraint=False, related_name="reversed_by"
    )
    units = models.BigIntegerField()
    idempotency_key = models.CharField(max_length=200)
    maker = referred(User, related_name="+")
    checker = referred(User, null=True, related_name="+")
    case_ref = models.CharField(max_length=120, blank=True)
    # The venue's standing that this entry relied on, read under the venue's lock.
    standing_version = models.IntegerField(null=True)
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    prev_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        verbose_name_plural = "journal entries"
        ordering = ["asset", "-seq"]
        indexes = [models.Index(fields=["venue", "-id"], name="entries_of_a_venue")]
        # What one entry must be by itself is held by a trigger, and so is what it refers to (`journal_sql.py`).
        constraints = [
            models.UniqueConstraint(fields=["asset", "seq"], name="one_entry_a_number"),
            models.UniqueConstraint(fields=["idempotency_key"], name="one_entry_a_key"),
        ]

    def __str__(self) -> str:
        return f"{self.asset.code} #{self.seq}: {self.get_kind_display()} of {self.units:,}"

    @property
    def reference(self) -> str:
        return f"{self.asset.code}-{self.seq}"


class Posting(models.Model):
    """One leg of an entry: units into an account (positive) or out of it (negative)."""

    entry = referred(JournalEntry, related_name="postings")
    account = referred(Account, related_name="postings")
    units = models.BigIntegerField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(F("entry"), GreaterThan(F("units"), 0), name="one_leg_a_side")]

    def __str__(self) -> str:
        return f"{self.units:+,} {self.account}"
