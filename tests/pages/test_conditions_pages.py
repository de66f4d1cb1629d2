"""The conditions of an asset on the pages: a venue's return that does not keep one, and who is told of it where."""

import hashlib

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.pages.test_registry_pages import text
from tokenisation.models import Asset, Break, HoldingsReturn

COLUMNS = "asset,as_of,units_held,holders,retail_units,institutional_units,non_resident_units"
LATER = "retail_holders,largest_holding,transferred_units"


@pytest.fixture
def capped(world):
    Asset.objects.filter(pk=world.registry.bill.pk).update(per_investor_cap=500)
    return world.registry.bill


def row(*cells: object) -> str:
    return f"mtb-12m,{timezone.localdate()},1540,61,1240,300,0" + "".join(f",{cell}" for cell in cells)


def test_a_return_that_breaks_a_condition_is_told_to_the_venue_and_to_the_debt_office(world, people, browse, capped):
    client, address = browse(people.applicant), world.address("portal:holdings")
    typed = f"{COLUMNS},{LATER}\n{row(59, 501, 0)}\n"
    seen = client.post(address, {"text": typed})
    assert "Can be filed" in text(seen)
    filed = client.post(address, {"text": typed.replace("\n", "\r\n"), "confirmed": "yes"}, follow=True)
    page = text(filed)
    assert "Filed: 1 rows. Conditions not kept: 1. The debt office has been told." in page
    told = "mtb-12m, cap per investor: 501 units by the venue's return, 500 permitted"
    # On the shelf, where the venue lands; with its own returns; and on the pages of the debt office.
    assert told in page
    assert "May be sold to retail clients. At most 500 units for one investor." in page
    assert "Cap per investor: Not kept" in text(client.get(address))
    officer = browse(people.debt_officer)
    found = Break.objects.get(against="cap")
    assert "By a venue's return, a condition of an asset is not kept. 1 break to be explained" in text(
        officer.get(reverse("staff:programme"))
    )
    asset = text(officer.get(capped.get_absolute_url()))
    assert told in asset
    assert "Cap per investor: Not kept" in asset
    assert "Cap per investor" in text(officer.get(reverse("staff:breaks")))
    assert "Permitted 500 units By the venue's return 501 units" in text(officer.get(found.get_absolute_url()))
    # Whatever the line ends are on the way, it is the digest of the file.
    assert HoldingsReturn.objects.latest("pk").sha256 == hashlib.sha256(typed.encode()).hexdigest()


def test_an_old_file_is_filed_and_says_what_is_missing(world, people, browse, capped):
    client, address = browse(people.applicant), world.address("portal:holdings")
    typed = f"{COLUMNS}\n{row()}\n"
    assert "Can be filed Cap per investor cannot be tested: largest_holding is not said." in text(
        client.post(address, {"text": typed})
    )
    client.post(address, {"text": typed, "confirmed": "yes"})
    assert "Cap per investor: Not said" in text(client.get(address))
    assert not Break.objects.filter(against="cap").exists()


def test_a_row_that_cannot_be_true_is_refused_and_nothing_typed_is_lost(world, people, browse):
    client, address = browse(people.applicant), world.address("portal:holdings")
    typed = f"{COLUMNS},{LATER}\n{row(62, 20, 0)}\n"
    refused = client.post(address, {"text": typed, "confirmed": "yes"})
    assert refused.status_code == 422
    assert "The largest holding is at most all units, at least an equal share of them." in text(refused)
    assert "retail holders, and no more than all holders." in text(refused)
    assert refused.context["form"]["text"].value() == typed


def test_conditions_are_proposed_with_the_asset(people, browse):
    page = text(browse(people.debt_officer).get(reverse("staff:asset_new", args=["debt"])))
    assert "Most units that one investor may hold at a venue" in page
    assert "Locked up until" in page


def test_the_public_reads_the_conditions(world, browse, capped):
    page = text(browse(None).get(reverse("public:asset", args=[capped.code])))
    assert "At most 500 units for one investor." in page
