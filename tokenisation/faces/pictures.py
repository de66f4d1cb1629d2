"""The pictures of a programme as its pages show them: headroom, exposures beside their limits, and maturities."""

from collections.abc import Sequence
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from tokenisation import charts
from tokenisation.exposure import Exposure, Part, PublicFigures, Rung, VenueExposure

BESIDE = "The table below has the figures."


def drawn(svg: str) -> SafeString:
    """A picture of ours: `charts` escapes whatever words it is given."""
    return mark_safe(svg)


def of_parts(parts: Sequence[Part], *, whole: int, label: str) -> SafeString:
    bars = [charts.Amount(each.title, each.cents, each.most) for each in parts]
    return drawn(charts.amounts(bars, whole=whole, label=f"{label}. {BESIDE}"))


def of_ladder(rungs: Sequence[Rung], *, label: str = "What matures when") -> SafeString:
    return drawn(charts.ladder([(each.month, each.cents) for each in rungs], label=f"{label}. {BESIDE}"))


def of_programme(found: Exposure) -> dict[str, Any]:
    """Everything that the page of a programme's exposure shows."""
    cap = found.programme.cap_usd_cents
    rates = [("At the rates of approval", found.programme.committed_usd_cents)]
    if found.market_cents is not None:
        rates.append(("At the rates of today", found.market_cents))
    headroom = charts.amounts(
        [charts.Amount(title, cents, cap) for title, cents in rates], whole=cap, label=f"Of the cap. {BESIDE}"
    )
    return {
        "found": found,
        "headroom": drawn(headroom),
        "classes": of_parts(found.classes, whole=cap, label="Classes of assets against their sub-limits"),
        "venues": of_parts(found.venues, whole=cap, label="Venues against their sub-limits"),
        "investors": of_parts(found.investors, whole=cap, label="Classes of investors against their sub-limits"),
        "ladder": of_ladder(found.ladder),
    }


def of_venue(found: VenueExposure) -> dict[str, Any]:
    whole = found.whole.most or found.whole.cents
    return {
        "found": found,
        "picture": of_parts(
            [found.whole, *found.classes], whole=whole, label=f"What you have of {found.programme}, by class"
        ),
        "ladder": of_ladder(found.ladder, label=f"What matures when of {found.programme}"),
    }


def of_public(found: PublicFigures) -> dict[str, Any]:
    return {
        "found": found,
        "classes": of_parts(
            found.classes, whole=found.outstanding_cents, label=f"Outstanding of {found.programme} by class"
        ),
        "ladder": of_ladder(found.ladder, label=f"What matures when of {found.programme}"),
    }
