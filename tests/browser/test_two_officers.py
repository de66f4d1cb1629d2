"""Two officers in two browsers on one completeness checklist: the second is told, and goes on from there."""

from urllib.parse import urlsplit

from django.urls import reverse
from playwright.sync_api import expect

from licensing.actions.firms import register_firm
from licensing.models import ChecklistTick
from pvara.demo import path
from tests.browser.test_every_page import axe
from tests.conftest import person


def test_the_second_officer_reads_what_the_first_found_and_loses_nothing(regime, people, opened, complaints, at):
    firm = register_firm("Thar Exchange Limited", by=people.applicant, at=at, country="Malta", invented=True)
    case = path.noc_case(firm, people=people, at=at, until="completeness_check")
    address = reverse("staff:checklist", args=["noc", case.pk])
    omar, noor = opened(people.officer), opened(person("Noor", "case_officer"))
    for page in (omar, noor):
        page.goto(address)
    titles = [item.inner_text().split("\n")[0] for item in omar.locator("fieldset legend").all()]
    one, other = titles[:2]

    def find(page, title, verdict, note):
        page.get_by_role("group", name=title).get_by_label(verdict, exact=True).check()
        page.get_by_label(f"Note on {title}").fill(note)

    def record(page):
        with page.expect_navigation() as arrival:
            page.get_by_role("button", name="Record what you found").click()
        return arrival.value.status

    find(omar, one, "Found wanting", "No register.")
    assert record(omar) == 200
    find(noor, one, "In order", "I read the register.")
    find(noor, other, "In order", "Seen.")
    assert record(noor) == 422
    notice = noor.get_by_role("alert")
    expect(notice).to_contain_text("Meanwhile Omar wrote here, on")
    expect(notice).to_contain_text("Found wanting. No register.")
    assert axe(noor) == []
    for title, note in ((one, "I read the register."), (other, "Seen.")):
        expect(noor.get_by_role("group", name=title).get_by_label("In order", exact=True)).to_be_checked()
        expect(noor.get_by_label(f"Note on {title}")).to_have_value(note)
    assert [str(each) for each in ChecklistTick.objects.about(case)] == ["section:applicant: found wanting"]
    # Having read it, she still says otherwise; both of what was found stay on record.
    assert record(noor) == 200
    assert urlsplit(noor.url).path == address
    ticks = ChecklistTick.objects.about(case).order_by("pk")
    assert [(each.recorded_by.name, each.verdict) for each in ticks] == [
        ("Omar", "wanting"),
        ("Noor", "in_order"),
        ("Noor", "in_order"),
    ]
    # A form that comes back is an answer of 422, which the browser notes by itself.
    assert [each for each in complaints if "status of 422" not in each] == []
