"""The double-entry ledger: accounts, journal entries and their postings.

Rows are written by the database's functions (`tokenisation/postings_sql.py`, `batches_sql.py`) and never changed:
triggers refuse an update, a deletion, an entry whose postings do not sum to zero, and a balance set by any other hand.
"""

from django.db import models
from django.db.models import F, Q

from pvara.kernel.models import User
from tokenisation.models.assets import Asset
from tokenisation.states import AT_VENUE, BY_TWO, WITH_A_CASE, AccountKind, EntryKind


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
            models.CheckConstraint(
                condition=Q(kind__in=["supply", "treasury"], venue__isnull=True)
                | Q(kind__in=AT_VENUE, venue__isnull=False),
                name="account_kind_suits_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asset.code} {self.get_kind_display()}" + (f" {self.venue}" if self.venue_id else "")


class JournalEntry(models.Model):
    """One act on the ledger, numbered and hash-chained within its asset."""

    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="entries")
    seq = models.PositiveBigIntegerField()
    # Over what the hash is made; the first version of the posting function wrote layout 1.
    layout = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=10, choices=EntryKind.choices)
    # The account that the units come from; empty for a correction, which goes the way of its entry backwards.
    source = models.CharField(max_length=16, choices=AccountKind.choices, blank=True, default="")
    venue = models.ForeignKey("licensing.VenueStanding", null=True, on_delete=models.PROTECT, related_name="entries")
    # The venue that a forced transfer takes them to, if it is not the treasury.
    to_venue = models.ForeignKey("licensing.VenueStanding", null=True, on_delete=models.PROTECT, related_name="+")
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversed_by")
    units = models.PositiveBigIntegerField()
    idempotency_key = models.CharField(max_length=200, unique=True)
    maker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    checker = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    case_ref = models.CharField(max_length=120, blank=True)
    # The venue's standing that this entry relied on, read under the venue's lock.
    standing_version = models.PositiveIntegerField(null=True)
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    prev_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        verbose_name_plural = "journal entries"
        ordering = ["asset", "-seq"]
        indexes = [models.Index(fields=["venue", "-id"], name="entries_of_a_venue")]
        constraints = [
            models.UniqueConstraint(fields=["asset", "seq"], name="one_entry_a_number"),
            models.CheckConstraint(condition=Q(units__gt=0), name="entry_has_units"),
            models.CheckConstraint(
                condition=Q(checker__isnull=True) | ~Q(checker=F("maker")), name="entry_maker_is_not_checker"
            ),
            # Units come into being, reach a venue, or move against a holder by two people's hands.
            models.CheckConstraint(condition=~Q(kind__in=BY_TWO) | Q(checker__isnull=False), name="entry_has_checker"),
            models.CheckConstraint(condition=~Q(kind__in=WITH_A_CASE) | ~Q(case_ref=""), name="entry_names_its_case"),
            models.CheckConstraint(
                condition=Q(kind="correct", reverses__isnull=False) | (~Q(kind="correct") & Q(reverses__isnull=True)),
                name="correction_names_its_entry",
            ),
            models.CheckConstraint(
                condition=Q(to_venue__isnull=True) | (Q(kind__in=["forced", "correct"]) & ~Q(to_venue=F("venue"))),
                name="only_orders_name_two_venues",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["allocate", "distribute"]) | Q(standing_version__isnull=False),
                name="entry_knows_standing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asset.code} #{self.seq}: {self.get_kind_display()} of {self.units:,}"

    @property
    def reference(self) -> str:
        return f"{self.asset.code}-{self.seq}"


class Posting(models.Model):
    """One leg of an entry: units into an account (positive) or out of it (negative)."""

    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="postings")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="postings")
    units = models.BigIntegerField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=~Q(units=0), name="posting_moves_units")]

    def __str__(self) -> str:
        return f"{self.units:+,} {self.account}"
