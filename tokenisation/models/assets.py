"""An asset of the programme: what it is, its terms, the approvals it needs and the reserve behind it.

The unit counters are written by the posting function alone; the invariants compare them with the ledger every night.
"""

from datetime import date, datetime
from typing import Any, Union

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from licensing import standing
from pvara.kernel import roles
from pvara.kernel.models import User
from tokenisation.access import VIEW
from tokenisation.lifecycle import AssetLifecycle
from tokenisation.models.programme import FxRate, Programme
from tokenisation.states import DEBT, PUBLISHED, AssetKind, AuthoritativeRecord, Authority, LegalNature
from tokenisation.valuation import DOLLAR, Valuation, commodity_unit_in_cents, debt_unit_in_cents


def signature() -> Any:
    """Who made a move; written by the move alone."""
    return models.ForeignKey(User, null=True, editable=False, on_delete=models.PROTECT, related_name="+")


class AssetQuerySet(models.QuerySet["Asset"]):
    def visible_to(self, user: Any) -> "AssetQuerySet":
        """All assets for the state's people, the published ones for a venue's, none for anybody else."""
        if user.has_perm(VIEW):
            return self
        if roles.of(user) or not standing.venues_for(user).exists():
            return self.none()
        return self.published()

    def published(self) -> "AssetQuerySet":
        return self.filter(state__in=PUBLISHED)


class Asset(AssetLifecycle):
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="assets")
    code = models.SlugField("internal code", max_length=32, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=AssetKind.choices)
    issuer = models.CharField(max_length=200)
    issuer_lei = models.CharField("issuer LEI", max_length=20, blank=True)
    isin = models.CharField("ISIN", max_length=12, blank=True)
    cfi = models.CharField("CFI", max_length=6, blank=True)
    fisn = models.CharField("FISN", max_length=35, blank=True)
    legal_nature = models.CharField(max_length=14, choices=LegalNature.choices)
    authoritative_record = models.CharField(
        max_length=10, choices=AuthoritativeRecord.choices, default=AuthoritativeRecord.DEPOSITORY
    )
    risk_text = models.TextField(help_text="In plain words: what the holder owns and what can go wrong.")
    currency = models.CharField(max_length=3, default="PKR")
    # In hundredths of the currency: PKR 5,000 is 500000. A commodity has no nominal of its own.
    unit_nominal = models.PositiveBigIntegerField(default=0)
    retail_allowed = models.BooleanField(default=False)
    lockup_until = models.DateField(null=True, blank=True)

    # Frozen at approval, so that the rupee's moves can never make a past approval unlawful.
    unit_usd_cents = models.PositiveBigIntegerField(null=True, editable=False)
    reserved_usd_cents = models.PositiveBigIntegerField(default=0, editable=False)
    fx_rate = models.DecimalField(max_digits=24, decimal_places=4, null=True, editable=False)
    fx_source = models.CharField(max_length=200, blank=True, editable=False)
    fx_as_of = models.DateField(null=True, editable=False)

    authorised_units = models.PositiveBigIntegerField()
    minted_units = models.PositiveBigIntegerField(default=0, editable=False)
    allocated_units = models.PositiveBigIntegerField(default=0, editable=False)
    distributed_units = models.PositiveBigIntegerField(default=0, editable=False)
    # The number of the last entry of this asset's journal: a cut tail shows.
    entry_seq = models.PositiveBigIntegerField(default=0, editable=False)

    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = signature()
    issued_by = signature()

    objects = AssetQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(authorised_units__gt=0), name="asset_has_units"),
            models.CheckConstraint(
                condition=Q(minted_units__lte=F("authorised_units")), name="minted_within_authorised"
            ),
            models.CheckConstraint(condition=Q(allocated_units__lte=F("minted_units")), name="allocated_within_minted"),
            models.CheckConstraint(
                condition=Q(distributed_units__lte=F("allocated_units")), name="distributed_within_allocated"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                name="asset_approver_is_not_proposer",
            ),
            models.CheckConstraint(
                condition=Q(issued_by__isnull=True) | ~Q(issued_by=F("approved_by")),
                name="asset_issuer_is_not_approver",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("staff:asset", args=[self.pk])

    @property
    def reference(self) -> str:
        return self.code

    @property
    def is_commodity(self) -> bool:
        return self.kind not in DEBT

    @property
    def terms(self) -> Union["DebtTerms", "CommodityTerms", None]:
        return getattr(self, "commodity_terms" if self.is_commodity else "debt_terms", None)

    @property
    def matures_on(self) -> date | None:
        return self.debt_terms.maturity_date if hasattr(self, "debt_terms") else None

    @property
    def treasury_units(self) -> int:
        """Minted and not yet allocated to a venue."""
        return self.minted_units - self.allocated_units

    def valuation(self, at: datetime) -> Valuation | None:
        """What the asset counts against the cap by the rate of the day; None without terms or a dated rate."""
        terms = self.terms
        if terms is None:
            return None
        if isinstance(terms, CommodityTerms):
            rate, unit = (
                DOLLAR,
                commodity_unit_in_cents(terms.quantity_per_unit, terms.price_usd_cents, terms.haircut_bp),
            )
        else:
            found = FxRate.objects.rate(self.currency, timezone.localdate(at))
            if found is None:
                return None
            rate, unit = found, debt_unit_in_cents(self.unit_nominal, found)
        return Valuation(unit, unit * self.authorised_units, rate)

    def attestation_at(self, at: datetime) -> "ReserveAttestation | None":
        """The latest attestation of the reserve that is in force."""
        return (
            self.attestations.filter(as_of__lte=at, expires_at__gt=at, recorded_at__lte=at)
            .order_by("-as_of", "-pk")
            .first()
        )


class DebtTerms(models.Model):
    """Terms of a treasury bill, a bond or an Ijara sukuk. Rates are in basis points."""

    class Coupon(models.TextChoices):
        ZERO = "zero", "Zero coupon, at a discount"
        FIXED = "fixed", "Fixed"
        FLOATING = "floating", "Floating"
        RENTAL = "rental", "Rental (Ijara)"

    asset = models.OneToOneField(Asset, on_delete=models.CASCADE, related_name="debt_terms")
    issue_date = models.DateField()
    maturity_date = models.DateField()
    coupon = models.CharField(max_length=8, choices=Coupon.choices)
    rate_bp = models.PositiveIntegerField("yield or coupon, basis points")
    payments_a_year = models.PositiveSmallIntegerField(default=0)
    day_count = models.CharField(max_length=12, default="ACT/365")
    custody_account = models.CharField("account at the depository", max_length=80)
    shariah_compliant = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(issue_date__lt=F("maturity_date")), name="debt_term_is_forward"),
            models.CheckConstraint(
                condition=Q(coupon="zero", payments_a_year=0) | ~Q(coupon="zero"), name="zero_coupon_pays_none"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_coupon_display()}, {self.issue_date} to {self.maturity_date}"


class CommodityTerms(models.Model):
    """A reserve in the ground or in a vault. Quantities are whole units of measure; prices are US cents for one."""

    asset = models.OneToOneField(Asset, on_delete=models.CASCADE, related_name="commodity_terms")
    commodity = models.CharField(max_length=60)
    grade = models.CharField(max_length=60)
    unit_of_measure = models.CharField(max_length=20)
    quantity_per_unit = models.PositiveBigIntegerField()
    site = models.CharField(max_length=200)
    custodian = models.CharField(max_length=200)
    receipt_no = models.CharField(max_length=60)
    price_usd_cents = models.PositiveBigIntegerField("reference price of one unit of measure, US cents")
    price_source = models.CharField(max_length=200)
    price_as_of = models.DateField()
    haircut_bp = models.PositiveIntegerField(default=2000)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity_per_unit__gt=0, price_usd_cents__gt=0), name="commodity_is_measured"
            ),
            models.CheckConstraint(condition=Q(haircut_bp__lt=10_000), name="haircut_is_partial"),
        ]

    def __str__(self) -> str:
        return f"{self.commodity}, {self.grade}, {self.site}"


class ReserveAttestation(models.Model):
    """A custodian's word that a quantity is there. It runs out; an expired one blocks approval and issue."""

    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="attestations")
    custodian = models.CharField(max_length=200)
    quantity = models.PositiveBigIntegerField()
    as_of = models.DateTimeField()
    expires_at = models.DateTimeField()
    document_sha256 = models.CharField(max_length=64)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["-as_of", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(as_of__lt=F("expires_at")), name="attestation_runs_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity:,} as of {self.as_of:%Y-%m-%d}"


class Approval(models.Model):
    """An authority's approval, by the reference of its letter; recorded by somebody other than the proposer."""

    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="approvals")
    authority = models.CharField(max_length=8, choices=Authority.choices)
    reference = models.CharField("reference of the authority's letter", max_length=80)
    # Copied from the asset, so that a constraint of this table can see both people.
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["asset", "authority"], name="one_approval_an_authority"),
            models.CheckConstraint(
                condition=~Q(recorded_by=F("proposed_by")), name="approval_recorder_is_not_proposer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_authority_display()}: {self.reference}"
