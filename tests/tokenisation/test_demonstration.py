"""The whole path through the actions: an exchange licensed by the regime distributes, is suspended, and stops."""

from datetime import timedelta

import pytest
from django.utils import timezone

from pvara.demo import coupons, life, path
from pvara.demo.programme import load_programme
from pvara.kernel import audit
from tokenisation import invariants
from tokenisation.actions.ledger import place
from tokenisation.ledger import PostingRefused
from tokenisation.models import Asset, DistributionAuthorisation


@pytest.fixture
def at():
    """Lately: evidence runs out by the database's clock, whatever day a test would like it to be."""
    return timezone.now() - timedelta(days=12)


def test_from_the_licence_to_the_shelf_and_to_the_stop(firm, people, at):
    licence = path.licensed(firm, people=people, at=at)
    now = timezone.now()
    registry = load_programme(licence, people=people, now=now)
    assert dict(Asset.objects.values_list("code", "state")) == {
        "mtb-12m": "issued",
        "pib-10y": "approved",
        "pib-3y-fl": "issued",
        "gold-reserve": "under_review",
        "oil-reserve": "draft",
    }
    registry.programme.refresh_from_db()
    assert registry.programme.committed_usd_cents == (20_000_000 + 30_000_000 + 2_000_000) * 1_780
    assert list(registry.bill.entries.order_by("seq").values_list("kind", "units")) == [
        ("issue", 20_000_000),
        ("allocate", 10_000),
        ("distribute", 250),
        ("distribute", 1_200),
        ("distribute", 90),
        ("freeze", 40),
    ]
    assert (registry.coupon.state, [each.units for each in registry.coupon.dues]) == ("paid", [10_000])
    assert [(each.state, each.rate_bp) for each in coupons.coupons(registry.coupon.asset)[:3]] == [
        ("paid", 1180),
        ("announced", 1155),
        ("announced", None),
    ]
    life.suspend(licence, people=people, at=now, note="Client assets could not be reconciled.")
    stopped = DistributionAuthorisation.objects.get(pk=registry.authorisation.pk)
    assert stopped.state == "suspended"
    with pytest.raises(PostingRefused) as refused:
        place(stopped, units=1, key="one more", by=people.applicant, at=now)
    assert str(refused.value.unmet[0]) == "The venue is not in good standing. The licence is suspended."
    assert list(invariants.check()) == []
    assert list(audit.verify()) == []
