"""The pages and endpoints of a programme's exposure: each picture beside its table, and to each their own."""

import json
import re

from django.urls import reverse

from tests.pages.test_registry_pages import text


def test_the_page_of_a_programme_draws_and_tells_everything(world, people, browse):
    answer = browse(people.debt_officer).get(world.address("staff:exposure"))
    page, words = answer.content.decode(), text(answer)
    assert len(re.findall(r"<svg ", page)) == len(re.findall(r"The table below has the figures\.", page)) == 5
    assert "Of each approval, which decide US$925,600,000.00 US$2,000,000,000.00 US$1,074,400,000.00" in words
    assert "Treasury bills US$356,000,000.00 US$800,000,000.00 (40%) US$444,000,000.00 Within" in words
    assert "Sukuk US$0.00 – – No sub-limit" in words
    # Ten thousand units of US$17.80 on each of two shelves, half the cap for any venue.
    assert "US$356,000.00 US$1,000,000,000.00 (50%)" in words
    # By its return: 1,150 units of US$17.80 with retail clients.
    assert "Retail clients US$20,470.00 – – No sub-limit" in words
    assert "mtb-12m 1" in words


def test_a_venue_sees_its_own_part(world, people, browse):
    words = text(browse(people.applicant).get(world.address("portal:venue_exposure")))
    assert "You have US$356,000.00 of the US$1,000,000,000.00 that you may be allocated" in words
    assert "Returns that differ from the ledger: 1." in words
    assert "mtb-12m 10,000 1,000,000 1,540" in words


def test_the_public_sees_what_is_issued_and_nothing_else(world, browse):
    words = text(browse(None).get(reverse("public:programme")))
    assert "US$391,600,000.00 are outstanding of 2 assets, US$36,757.00 of it with clients" in words
    assert "Bonds US$35,600,000.00" in words
    assert "Retail clients" not in words
    asset = text(browse(None).get(world.address("public:asset")))
    assert "Units outstanding 20,000,000, which count US$356,000,000.00 at the rate of the approval" in asset


def test_programs_get_the_public_figures(world, browse):
    (found,) = json.loads(browse(None).get("/api/public-programmes/").content)
    assert (found["assets"], found["outstanding_usd_cents"]) == (2, 39_160_000_000)
    assert sorted(found) == [
        "assets",
        "cap_usd_cents",
        "classes",
        "committed_usd_cents",
        "headroom_usd_cents",
        "ladder",
        "name",
        "outstanding_usd_cents",
        "placed_usd_cents",
        "programme",
        "undated_usd_cents",
    ]
    _, listed = json.loads(browse(None).get("/api/public-assets/").content)["results"]
    assert (listed["code"], listed["outstanding_units"]) == ("mtb-12m", 20_000_000)
    assert json.loads(browse(None).get("/api/public-assets/mtb-12m/").content) == listed
    # A bond that is approved and not issued is not published.
    assert browse(None).get("/api/public-assets/pib-10y/").status_code == 404
