"""The debt office's pages of orders and files, and a venue's file of placements."""

import re
from html import unescape

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from tokenisation.models import Asset, JournalEntry, Order


def text(answer) -> str:
    """The page's words, one space between them."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


FILE = "key,units,reference\na,10,client 1\nb,20,\n"


def test_a_file_of_placements_is_seen_row_by_row_and_then_posted(world, people, browse):
    client, address = browse(people.applicant), world.address("portal:placement_file")
    before = JournalEntry.objects.count()
    upload = SimpleUploadedFile("placements.csv", FILE.encode(), "text/csv")
    seen = client.post(address, {"file": upload})
    assert seen.status_code == 200
    assert "2 lines, 30 units." in text(seen)
    assert JournalEntry.objects.count() == before
    posted = client.post(address, {"text": FILE, "confirmed": "yes"}, follow=True)
    assert "Posted: 2 entries." in text(posted)
    again = client.post(address, {"text": FILE, "confirmed": "yes"}, follow=True)
    assert "Posted: 0 entries. 2 had been posted already." in text(again)
    assert JournalEntry.objects.count() == before + 2


def test_a_file_with_faults_says_each_and_loses_nothing(world, people, browse):
    client, address = browse(people.applicant), world.address("portal:placement_file")
    before = JournalEntry.objects.count()
    typed = "key,units,reference\na,ten,\nb c,5,\nd,5,\n"
    refused = client.post(address, {"text": typed, "confirmed": "yes"})
    page = text(refused)
    assert refused.status_code == 422
    assert "Nothing is posted: 2 of 3 lines cannot be. Mend them and send all." in page
    assert "Give the units as a whole number above zero, without thousands separators." in page
    assert "Give a key of 1 to 100 letters, digits or signs, without spaces." in page
    assert refused.context["form"]["text"].value() == typed
    short = client.post(address, {"text": "key,units\na,8000\nb,9000\n"})
    assert "More units than the venue has on its shelf. 9,000 asked for" in text(short)
    assert JournalEntry.objects.count() == before


def test_a_file_that_is_none(world, people, browse):
    client, address = browse(people.debt_officer), world.address("staff:allocation_file")
    for said, sentence in (
        ({}, "Choose a file, or write the lines."),
        ({"text": "name,units\na,1\n"}, "The first row must name the columns: key,units,reference."),
        ({"text": "key,units\n"}, "There is no line below the first row."),
        ({"text": 'key,units\n"a,1\n'}, "This is not a CSV file: row 2"),
        ({"file": SimpleUploadedFile("x.csv", b"\xff\xfe\x00")}, "The file is not in UTF-8."),
    ):
        refused = client.post(address, said)
        assert refused.status_code == 422
        assert sentence in text(refused)


def test_an_order_is_proposed_by_one_and_confirmed_by_another(world, people, browse):
    officer, approver = browse(people.debt_officer), browse(people.debt_approver)
    said = {"what": "release", "source": "inventory", "units": "40", "case_ref": "HC/7", "reasons": "Lifted."}
    refused = officer.post(world.address("staff:order_new"), said)
    assert "Only frozen units are released." in text(refused)
    assert refused.context["form"]["reasons"].value() == "Lifted."
    made = officer.post(world.address("staff:order_new"), {**said, "source": "frozen_clients"}, follow=True)
    assert "Another person of the debt office confirms it." in text(made)
    order = Order.objects.latest("pk")
    carried = reverse("move", args=["tokenisation.order", order.pk, "carry_out"])
    assert officer.post(carried, {"version": 0}).status_code == 403
    done = approver.post(carried, {"version": 0}, follow=True)
    assert "Confirm and carry out: done." in text(done)
    order.refresh_from_db()
    assert (order.state, order.entry.kind, order.entry.units) == ("carried_out", "unfreeze", 40)


def test_units_are_frozen_on_the_page_with_the_reference_of_the_order(world, people, browse):
    officer, key = browse(people.debt_officer), "0" * 32
    said = {"source": "inventory", "units": "5", "key": key}
    refused = officer.post(world.address("staff:freeze"), said)
    assert refused.status_code == 422
    assert "Reference of the order" in text(refused)
    done = officer.post(world.address("staff:freeze"), {**said, "case_ref": "HC/8"}, follow=True)
    assert "Posted as entry mtb-12m-" in text(done)
    assert "Venue: frozen on the shelf" in text(done)


def test_a_correction_is_proposed_beside_its_entry(world, people, browse):
    officer = browse(people.debt_officer)
    said = {"case_ref": "Letter 9", "reasons": "Twice."}
    made = officer.post(world.address("staff:correction_new"), said, follow=True)
    assert "Order on the ledger" in text(made)
    assert Order.objects.latest("pk").reverses_id == world.registry.order.reverses_id


def test_the_programmes_page_tells_of_a_break_until_two_people_have_closed_it(world, people, browse):
    officer, approver = browse(people.debt_officer), browse(people.debt_approver)
    told = "The ledger and another record differ."
    assert told in text(approver.get(reverse("staff:programme")))
    address = world.address("portal:holdings")
    returned = "asset,as_of,units_held,holders,retail_units,institutional_units,non_resident_units\n"
    today = timezone.localdate()
    typed = f"{returned}mtb-12m,{today},1540,61,1240,300,0\n"
    filed = browse(people.applicant).post(address, {"text": typed, "confirmed": "yes"}, follow=True)
    assert "Filed: 1 rows." in text(filed)
    found = world.registry.bill.breaks.get()
    for client, name, version, note in ((officer, "explain", 0, "Ninety units too few."), (approver, "close", 1, "")):
        done = client.post(
            reverse("move", args=["tokenisation.break", found.pk, name]),
            {"version": version, "note": note},
            follow=True,
        )
        assert done.status_code == 200
    assert told not in text(approver.get(reverse("staff:programme")))


def test_what_is_left_of_a_bill_is_not_redeemed_on_its_page_before_it_matures(world, people, browse):
    daud = browse(people.debt_officer)
    bill = Asset.objects.get(code="mtb-12m")
    address = bill.get_absolute_url()
    day = bill.matures_on
    early = text(daud.get(address))
    assert f"A treasury bill is not redeemed before it matures, on {day.day} {day:%B %Y}." in early
    assert "Redeem units of the treasury" not in early
    bond = text(daud.get(Asset.objects.get(code="pib-3y-fl").get_absolute_url()))
    assert ("Redeem units of the treasury" in bond, "not redeemed before it matures" in bond) == (True, False)
