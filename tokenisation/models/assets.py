"""An asset of the programme: what it is, its terms, the approvals it needs and the reserve behind it.

The unit counters are written by the posting function alone; the invariants compare them with the ledger every night.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Union

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.deconstruct import deconstructible

from licensing import standing
from pvara.kernel import clock, roles
from pvara.kernel.models import User
from tokenisation import identifiers, schedule
from tokenisation.access import VIEW
from tokenisation.lifecycle import AssetLifecycle
from tokenisation.models.described import Described, somebody_may_buy_it
from tokenisation.models.limits import SubLimit
from tokenisation.models.placed import placed_of, placed_units
from tokenisation.models.programme import FxRate, Programme, signature
from tokenisation.states import (
    CLASS_OF,
    DEBT,
    NEEDED_DOCUMENTS,
    PUBLISHED,
    AssetClass,
    AssetKind,
    Authority,
    BusinessDay,
    DocumentKind,
    LimitScope,
)
from tokenisation.valuation import DOLLAR, Valuation, commodity_unit_in_cents, debt_unit_in_cents

if TYPE_CHECKING:
    from tokenisation.models.attestations import ReserveAttestation


@deconstructible
class Identifier:
    """A validator of one kind of identifier (`tokenisation/identifiers.py`)."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __call__(self, code: str) -> None:
        if not identifiers.is_valid(self.kind, code):
            raise ValidationError(identifiers.SAYS[self.kind], code=self.kind)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identifier) and self.kind == other.kind

    def __hash__(self) -> int:
        return hash(self.kind)


class AssetQuerySet(models.QuerySet["Asset"]):
    def with_placed(self) -> "AssetQuerySet":
        """With what each has placed, for lists: else every row asks by itself."""
        return self.annotate(placed=placed_of(asset=models.OuterRef("pk")))

    def visible_to(self, user: Any) -> "AssetQuerySet":
        """All assets for the state's people, the published ones for a venue's, none for anybody else."""
        if user.has_perm(VIEW):
            return self
        if roles.of(user) or not standing.venues_for(user).exists():
            return self.none()
        return self.published()

    def published(self) -> "AssetQuerySet":
        return self.filter(state__in=PUBLISHED)


class Asset(AssetLifecycle, Described):
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="assets")
    code = models.SlugField("internal code", max_length=32, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=AssetKind.choices)
    issuer = models.CharField(max_length=200)
    issuer_lei = models.CharField("issuer LEI", max_length=20, blank=True, validators=[Identifier("lei")])
    isin = models.CharField("ISIN", max_length=12, blank=True, validators=[Identifier("isin")])
    cfi = models.CharField("CFI", max_length=6, blank=True, validators=[Identifier("cfi")])
    fisn = models.CharField("FISN", max_length=35, blank=True)
    currency = models.CharField(max_length=3, default="PKR")
    # In hundredths of the currency: PKR 5,000 is 500000. A commodity has no nominal of its own.
    unit_nominal = models.PositiveBigIntegerField(default=0)

    # Frozen at approval, so that the rupee's moves can never make a past approval unlawful.
    unit_usd_cents = models.PositiveBigIntegerField(null=True, editable=False)
    reserved_usd_cents = models.PositiveBigIntegerField(default=0, editable=False)
    # Units whose part of the cap was given back, by redemption or by cancelling.
    released_units = models.PositiveBigIntegerField(default=0, editable=False)
    fx_rate = models.DecimalField(max_digits=24, decimal_places=4, null=True, editable=False)
    fx_source = models.CharField(max_length=200, blank=True, editable=False)
    fx_as_of = models.DateField(null=True, editable=False)

    authorised_units = models.PositiveBigIntegerField()
    minted_units = models.PositiveBigIntegerField(default=0, editable=False)
    redeemed_units = models.PositiveBigIntegerField(default=0, editable=False)
    allocated_units = models.PositiveBigIntegerField(default=0, editable=False)

    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = signature()
    # When its approval begins to run out, and the last day on which a bill or bond may be distributed.
    approved_at = models.DateTimeField(null=True, editable=False)
    issued_by = signature()
    distribution_ends = models.DateField(null=True, editable=False)

    objects = AssetQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(authorised_units__gt=0), name="asset_has_units"),
            models.CheckConstraint(condition=Q(per_investor_cap__gt=0), name="investor_cap_has_units"),
            models.CheckConstraint(
                condition=Q(minted_units__lte=F("authorised_units")), name="minted_within_authorised"
            ),
            models.CheckConstraint(
                condition=Q(allocated_units__lte=F("minted_units") - F("redeemed_units")),
                name="allocated_within_outstanding",
            ),
            models.CheckConstraint(
                condition=Q(released_units__lte=F("authorised_units")), name="released_within_authorised"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                name="asset_approver_is_not_proposer",
            ),
            models.CheckConstraint(
                condition=Q(issued_by__isnull=True) | ~Q(issued_by=F("approved_by")),
                name="asset_issuer_is_not_approver",
            ),
            somebody_may_buy_it(),
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
    def authorities(self) -> list[Authority]:
        """Whose approval it needs: the Shariah committee's where compliance with it is claimed."""
        claimed = getattr(self.terms, "shariah_compliant", False)
        return [each for each in Authority if claimed or each != Authority.SHARIAH]

    @property
    def needed_documents(self) -> list[DocumentKind]:
        """Without which it is neither reviewed nor approved."""
        claimed = Authority.SHARIAH in self.authorities
        return [*NEEDED_DOCUMENTS, *([DocumentKind.SHARIAH_OPINION] if claimed else [])]

    @property
    def matures_on(self) -> date | None:
        return self.debt_terms.maturity_date if hasattr(self, "debt_terms") else None

    @property
    def treasury_units(self) -> int:
        """Minted, not redeemed and not yet allocated to a venue."""
        return self.outstanding_units - self.allocated_units

    @property
    def distributed_units(self) -> int:
        """Units with the venues' clients."""
        return placed_units(self, self.accounts.all())

    @property
    def last_entry(self) -> int:
        """The number of the last entry of its journal; 0 before the first."""
        return self.entries.aggregate(last=models.Max("seq"))["last"] or 0

    @property
    def outstanding_units(self) -> int:
        """Units in being."""
        return self.minted_units - self.redeemed_units

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

    @property
    def asset_class(self) -> AssetClass:
        return CLASS_OF[AssetKind(self.kind)]

    def class_room(self, on: date) -> int | None:
        """US cents that its class's sub-limit leaves on a day, below zero where more is taken; None without one."""
        limit = SubLimit.objects.in_force(self.programme_id, LimitScope.ASSET_CLASS, on=on, of_class=self.asset_class)
        if limit is None:
            return None
        kinds = [kind for kind, found in CLASS_OF.items() if found == self.asset_class]
        same = Asset.objects.filter(programme_id=self.programme_id, kind__in=kinds)
        return limit.usd_cents - int(same.aggregate(cents=models.Sum("reserved_usd_cents"))["cents"] or 0)

    @property
    def counting_units(self) -> int:
        """Units whose part of the cap is taken: approved, and not given back by redemption, cancelling or lapse."""
        return 0 if self.unit_usd_cents is None else self.authorised_units - self.released_units

    def attestation_at(self, at: datetime) -> "ReserveAttestation | None":
        """The latest accepted attestation of the reserve that is in force."""
        return self.attestations.in_force(at).first()


class DebtTerms(models.Model):
    """Terms of a treasury bill, a bond or an Ijara sukuk. Rates are in basis points."""

    class Coupon(models.TextChoices):
        ZERO = "zero", "Zero coupon, at a discount"
        FIXED = "fixed", "Fixed"
        FLOATING = "floating", "Floating"
        RENTAL = "rental", "Rental (Ijara)"

    class DayCount(models.TextChoices):
        ACT_365 = "ACT/365", "Actual/365"
        ACT_360 = "ACT/360", "Actual/360"
        ACT_ACT = "ACT/ACT", "Actual/actual"
        THIRTY_360 = "30/360", "30/360"

    asset = models.OneToOneField(Asset, on_delete=models.CASCADE, related_name="debt_terms")
    issue_date = models.DateField()
    maturity_date = models.DateField()
    coupon = models.CharField(max_length=8, choices=Coupon.choices)
    rate_bp = models.PositiveIntegerField("yield or coupon, basis points")
    payments_a_year = models.PositiveSmallIntegerField(default=0)
    day_count = models.CharField(max_length=12, choices=DayCount.choices, default="ACT/365")
    business_day = models.CharField(
        "a payment due on a holiday is paid", max_length=10, choices=BusinessDay.choices, default=BusinessDay.FOLLOWING
    )
    custody_account = models.CharField("account at the depository", max_length=80)
    shariah_compliant = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(issue_date__lt=F("maturity_date")), name="debt_term_is_forward"),
            models.CheckConstraint(
                condition=Q(coupon="zero", payments_a_year=0) | ~Q(coupon="zero"), name="zero_coupon_pays_none"
            ),
            models.CheckConstraint(
                condition=Q(payments_a_year__in=[0, *schedule.FREQUENCIES]), name="debt_pays_in_whole_months"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_coupon_display()}, {self.issue_date} to {self.maturity_date}"

    def payments(self, *, record_days: int) -> list[schedule.Payment]:
        """What these terms promise and when, by today's table of holidays; the redemption last."""
        return list(
            schedule.payments(
                self.issue_date,
                self.maturity_date,
                self.payments_a_year,
                rule=self.business_day,
                record_days=record_days,
                calendar=clock.calendar(),
            )
        )

    def rate_of(self, period: schedule.Period) -> int | None:
        """The rate of a period as far as the terms say it: a floating debt's terms name that of its first one."""
        return self.rate_bp if self.coupon != self.Coupon.FLOATING or period.number == 1 else None

    def earned(self, period: schedule.Period, *, nominal: Decimal, rate_bp: int) -> Decimal:
        """What a unit of a nominal earns in a period at a rate."""
        return schedule.per_unit(nominal, rate_bp, schedule.part_of_year(period, self.day_count, self.payments_a_year))

    def promised(self, *, record_days: int) -> list[tuple[schedule.Payment, Decimal | None]]:
        """What these terms promise of a whole unit, with the amounts that are known beforehand."""
        nominal = Decimal(self.asset.unit_nominal) / 100
        found: list[tuple[schedule.Payment, Decimal | None]] = []
        for payment in self.payments(record_days=record_days):
            if payment.period is None:
                found.append((payment, nominal))
            else:
                rate = self.rate_of(payment.period)
                known = None if rate is None else self.earned(payment.period, nominal=nominal, rate_bp=rate)
                found.append((payment, known))
        return found

    @property
    def rate_words(self) -> str:
        """What the rate is called: an Ijara sukuk pays a rental, never interest."""
        return {
            self.Coupon.ZERO: "Yield",
            self.Coupon.FIXED: "Coupon",
            self.Coupon.FLOATING: "First coupon",
            self.Coupon.RENTAL: "Rental rate",
        }[self.Coupon(self.coupon)]

    def clean(self) -> None:
        """Each kind of debt pays in its own way."""
        if getattr(self, "asset", None) is None:
            return  # as a form fills it in; asked again when it is proposed
        allowed = PAYS.get(self.asset.kind, ())
        if self.coupon and self.coupon not in allowed:
            words = " or ".join(self.Coupon(each).label.lower() for each in allowed)
            raise ValidationError({"coupon": f"{self.asset.get_kind_display()}: choose {words}."})
        if self.coupon == self.Coupon.ZERO and self.payments_a_year:
            raise ValidationError({"payments_a_year": "A zero coupon pays at maturity alone: 0 times a year."})
        if self.coupon and self.coupon != self.Coupon.ZERO and self.payments_a_year not in schedule.FREQUENCIES:
            often = ", ".join(str(each) for each in schedule.FREQUENCIES[:-1])
            raise ValidationError(
                {"payments_a_year": f"Say how often it pays in a year: {often} or {schedule.FREQUENCIES[-1]} times."}
            )
        if self.asset.kind == AssetKind.SUKUK and not self.shariah_compliant:
            raise ValidationError({"shariah_compliant": "A sukuk is offered as compliant with Shariah: confirm it."})


PAYS: dict[str, tuple[str, ...]] = {
    AssetKind.TREASURY_BILL: (DebtTerms.Coupon.ZERO,),
    AssetKind.SOVEREIGN_BOND: (DebtTerms.Coupon.FIXED, DebtTerms.Coupon.FLOATING),
    AssetKind.SUKUK: (DebtTerms.Coupon.RENTAL,),
}


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


def counts_at_market(programme: Programme, at: datetime) -> int | None:
    """What the programme's assets would count by the rates of a day, in US cents; None where a rate is missing.

    A report and nothing else: an approval keeps the rate of its day, so the rupee's moves make none unlawful.
    """
    taken = Asset.objects.filter(programme=programme, unit_usd_cents__isnull=False)
    assets = [each for each in taken.select_related("debt_terms", "commodity_terms") if each.counting_units]
    # One question a currency, however many the assets are.
    currencies = {each.currency for each in assets if not each.is_commodity}
    rates = {each: FxRate.objects.rate(each, timezone.localdate(at)) for each in sorted(currencies)}
    total = 0
    for asset in assets:
        terms = asset.terms
        if isinstance(terms, CommodityTerms):
            unit = commodity_unit_in_cents(terms.quantity_per_unit, terms.price_usd_cents, terms.haircut_bp)
        else:
            rate = rates[asset.currency]
            if rate is None:
                return None
            unit = debt_unit_in_cents(asset.unit_nominal, rate)
        total += unit * asset.counting_units
    return total
