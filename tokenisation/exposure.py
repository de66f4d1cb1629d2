"""What a programme's assets count, and where: by class, by venue and by class of investors, in US cents.

Counted at the rate frozen when each asset was approved, as the cap is; what it would be at the rates of a day stands
beside it. The database reckons the same as it refuses (`limits_sql.py`); a test holds the two together.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import models
from django.db.models import Count, F, Min, OuterRef, Q, Subquery, Sum
from django.utils import timezone

from licensing import standing
from tokenisation.models import (
    Asset,
    Break,
    DistributionAuthorisation,
    HoldingsReturn,
    Programme,
    SubLimit,
    counts_at_market,
)
from tokenisation.states import (
    CLASS_OF,
    COMMITTED,
    Against,
    AssetClass,
    AssetKind,
    AuthorisationState,
    BreakState,
    InvestorClass,
    LimitScope,
    LimitState,
)

# The greatest exposures that one picture and its table show.
VENUES_SHOWN = 25


# ── What is taken ────────────────────────────────────────────────────────────────────────────────────────────────────
def by_class(programme: Programme) -> dict[AssetClass, int]:
    """What each class of assets takes of the cap; every class is there."""
    rows = Asset.objects.filter(programme=programme).order_by().values("kind").annotate(cents=Sum("reserved_usd_cents"))
    return _in_classes((row["kind"], int(row["cents"])) for row in rows)


def _in_classes(rows: Iterable[tuple[str, int]]) -> dict[AssetClass, int]:
    found: Counter[AssetClass] = Counter(dict.fromkeys(AssetClass, 0))
    for kind, cents in rows:
        found[CLASS_OF[AssetKind(kind)]] += cents
    return dict(found)


def by_venue(programme: Programme) -> dict[int, int]:
    """What each venue was given and has not given back, on its shelf and with its clients, by the venue's number."""
    found: Counter[int] = Counter()
    rows = DistributionAuthorisation.objects.filter(asset__programme=programme)
    for venue, units, cents in rows.values_list("venue_id", "allocated_units", "asset__unit_usd_cents"):
        # An asset that may be distributed was approved, and so has its value.
        found[venue] += units * (cents or 0)
    return dict(found)


def by_investors(programme: Programme) -> dict[InvestorClass, int]:
    """What each class of investors holds by the latest return of each venue and asset; every class is there."""
    latest = HoldingsReturn.objects.filter(authorisation=OuterRef("pk")).order_by("-as_of", "-pk").values("pk")[:1]
    newest = DistributionAuthorisation.objects.filter(asset__programme=programme).values(newest=Subquery(latest))
    found: Counter[InvestorClass] = Counter(dict.fromkeys(InvestorClass, 0))
    rows = HoldingsReturn.objects.filter(pk__in=newest).annotate(cents=F("authorisation__asset__unit_usd_cents"))
    for row in rows.values("cents", *(f"{each}_units" for each in InvestorClass)):
        for each in InvestorClass:
            found[each] += row[f"{each}_units"] * row["cents"]
    return dict(found)


# ── Beside what limits it ────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Part:
    """An amount in US cents, and the sub-limit that counts for it, if one does."""

    code: str
    title: str
    cents: int
    limit: SubLimit | None = None

    @property
    def most(self) -> int | None:
        return self.limit.usd_cents if self.limit else None

    @property
    def room(self) -> int | None:
        """What is left, never below zero; None where nothing limits it."""
        return None if self.most is None else max(self.most - self.cents, 0)

    @property
    def is_over(self) -> bool:
        return self.most is not None and self.cents > self.most


@dataclass(frozen=True)
class Rung:
    """What matures in a month: its first day, how many assets, and what they count in US cents."""

    month: date
    assets: int
    cents: int


@dataclass(frozen=True)
class Exposure:
    """A programme at one moment. `market_cents` is None where a rate is missing."""

    programme: Programme
    market_cents: int | None
    classes: list[Part]
    venues: list[Part]
    venues_in_all: int
    investors: list[Part]
    ladder: list[Rung]
    undated_cents: int

    @property
    def market_headroom_cents(self) -> int | None:
        return None if self.market_cents is None else self.programme.cap_usd_cents - self.market_cents


class Limits:
    """The sub-limits of a programme that have taken effect by a day, asked for once."""

    def __init__(self, programme: Programme, on: date) -> None:
        rows = SubLimit.objects.filter(programme=programme, state=LimitState.CONFIRMED, effective_from__lte=on)
        self.found: dict[tuple[str, str, int | None], SubLimit] = {}
        for each in rows.order_by("effective_from"):
            each.programme = programme
            self.found[each.scope, each.of_class, each.venue_id] = each

    def of(self, scope: LimitScope, of_class: str = "", venue_id: int | None = None) -> SubLimit | None:
        own = self.found.get((scope, of_class, venue_id))
        return own or self.found.get((scope, of_class, None))


def of_programme(programme: Programme, at: datetime) -> Exposure:
    """Everything that a programme's page shows, in as many questions however many assets and venues there are."""
    limits = Limits(programme, timezone.localdate(at))
    taken = by_venue(programme)
    greatest = sorted(taken.items(), key=lambda row: (-row[1], row[0]))[:VENUES_SHOWN]
    names = {each.pk: str(each) for each in standing.venues().filter(pk__in=[pk for pk, _ in greatest])}
    assets = Asset.objects.filter(programme=programme, state__in=COMMITTED, reserved_usd_cents__gt=0)
    dated = assets.values_list("debt_terms__maturity_date", "reserved_usd_cents")
    ladder, undated = _ladder(dated)
    return Exposure(
        programme=programme,
        market_cents=counts_at_market(programme, at),
        classes=[
            Part(each, each.label, cents, limits.of(LimitScope.ASSET_CLASS, each))
            for each, cents in by_class(programme).items()
        ],
        venues=[Part(str(pk), names[pk], cents, limits.of(LimitScope.VENUE, venue_id=pk)) for pk, cents in greatest],
        venues_in_all=len(taken),
        investors=[
            Part(each, each.label, cents, limits.of(LimitScope.INVESTORS, each))
            for each, cents in by_investors(programme).items()
        ],
        ladder=ladder,
        undated_cents=undated,
    )


def _ladder(rows: Iterable[tuple[date | None, int]]) -> tuple[list[Rung], int]:
    """The months in which anything matures, in their order; and what has no maturity."""
    cents: Counter[date] = Counter()
    assets: Counter[date] = Counter()
    undated = 0
    for day, amount in rows:
        if day is None:
            undated += amount
            continue
        month = day.replace(day=1)
        cents[month] += amount
        assets[month] += 1
    return [Rung(month, assets[month], cents[month]) for month in sorted(cents)], undated


# ── Breaks ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def standing_breaks(programme: Programme) -> "models.QuerySet[Asset]":
    """The assets whose records differ, each with `n`, how many breaks stand, and `since`, the day of the oldest."""
    stands = ~Q(breaks__state=BreakState.CLOSED)
    found = Asset.objects.filter(programme=programme, breaks__isnull=False)
    return (
        found.annotate(n=Count("breaks", filter=stands), since=Min("breaks__as_of", filter=stands))
        .filter(n__gt=0)
        .order_by("since", "pk")
    )


# ── A venue's own, and the public's ──────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class VenueExposure:
    """What one venue has of a programme, and how many of its returns differ from the ledger."""

    programme: Programme
    whole: Part
    classes: list[Part]
    assets: list[DistributionAuthorisation]
    ladder: list[Rung]
    undated_cents: int
    breaks: int


def of_venue(venue: standing.VenueStanding, at: datetime) -> list[VenueExposure]:
    """A venue's own, a programme each; nothing of any other venue."""
    rows = DistributionAuthorisation.objects.filter(venue=venue).exclude(
        state=AuthorisationState.TERMINATED, allocated_units=0
    )
    rows = rows.with_placed().select_related("asset__programme", "asset__debt_terms").order_by("asset_id")
    programmes = {each.asset.programme_id: each.asset.programme for each in rows}
    found = []
    for pk, programme in sorted(programmes.items()):
        held = [each for each in rows if each.asset.programme_id == pk]
        worth = [(each, each.allocated_units * (each.asset.unit_usd_cents or 0)) for each in held]
        limit = Limits(programme, timezone.localdate(at)).of(LimitScope.VENUE, venue_id=venue.pk)
        ladder, undated = _ladder((each.asset.matures_on, cents) for each, cents in worth if cents)
        differ = Break.objects.standing().filter(venue=venue, against=Against.RETURN, asset__programme=programme)
        found.append(
            VenueExposure(
                programme=programme,
                whole=Part(str(venue.pk), str(venue), sum(cents for _, cents in worth), limit),
                classes=[
                    Part(each, each.label, cents)
                    for each, cents in _in_classes((row.asset.kind, cents) for row, cents in worth).items()
                ],
                assets=held,
                ladder=ladder,
                undated_cents=undated,
                breaks=differ.count(),
            )
        )
    return found


@dataclass(frozen=True)
class PublicFigures:
    """What everybody may know of a programme: nothing of an asset before it is issued, of a venue or of investors."""

    programme: Programme
    classes: list[Part]
    assets: int
    outstanding_cents: int
    placed_cents: int
    ladder: list[Rung]
    undated_cents: int


def public_figures(programme: Programme) -> PublicFigures:
    """Of the assets that are published, what is outstanding and what is placed with clients."""
    rows = list(Asset.objects.filter(programme=programme).published().with_placed().select_related("debt_terms"))
    worth = [(each, each.outstanding_units * (each.unit_usd_cents or 0)) for each in rows]
    ladder, undated = _ladder((each.matures_on, cents) for each, cents in worth if cents)
    classes = _in_classes((each.kind, cents) for each, cents in worth)
    return PublicFigures(
        programme=programme,
        classes=[Part(each, each.label, cents) for each, cents in classes.items()],
        assets=len(rows),
        outstanding_cents=sum(cents for _, cents in worth),
        placed_cents=sum(each.distributed_units * (each.unit_usd_cents or 0) for each in rows),
        ladder=ladder,
        undated_cents=undated,
    )
