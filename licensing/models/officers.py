"""Who had a firm's cases in hand, for what is decided about the firm and not about one of them."""

from typing import Any

from licensing.models.firms import Firm
from licensing.models.full import LicenceApplication
from licensing.models.noc import NocApplication


def officers_of(firm: Firm) -> frozenset[int]:
    """Everybody who has or had an application of the firm in hand."""
    cases: list[Any] = [
        *NocApplication.objects.filter(firm=firm),
        *LicenceApplication.objects.filter(firm=firm),
    ]
    return frozenset().union(*(each.officer_ids() for each in cases))
