"""A domain on one page, in a real browser: with its rows, with what is wrong beside them, and by keyboard to each."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from licensing.actions.firms import register_firm
from licensing.models import Rating
from pvara.demo import path
from tests.browser.chromium import PHONE
from tests.browser.test_every_page import axe


def test_a_domain_is_rated_and_moderated_on_a_telephone(regime, people, opened, complaints):
    at = timezone.now() - timedelta(days=4)
    firm = register_firm("Thar Exchange Limited", by=people.applicant, at=at, country="Malta", invented=True)
    path.noc_case(firm, people=people, at=at, until="under_assessment")
    found = {}

    def looked_at(page, what):
        if wrong := axe(page):
            found[what] = wrong
        if (width := page.evaluate("document.documentElement.scrollWidth")) > PHONE["width"]:
            found[f"{what} is wide"] = [width]

    page = opened(people.assessor, view=PHONE)
    page.goto(reverse("staff:ratings", args=[firm.pk, "NOC"]))
    page.get_by_role("link", name="Rate what is open in D1").click()
    looked_at(page, "rating")
    for code in ("1.1", "1.2"):
        row = page.get_by_role("group", name=code)
        row.get_by_label("3 – Largely met").check()
    page.get_by_role("group", name="1.1").get_by_label("Rationale").fill("It is approved.")
    page.get_by_role("button", name="Save the ratings").click()
    looked_at(page, "rating, refused")
    page.get_by_role("link", name="1.2, Rationale: This field is required.").click()
    page.keyboard.type("It says what it must.")
    page.get_by_role("button", name="Save the ratings").click()
    page.get_by_text("2 criteria are rated; a moderator looks at this next.").wait_for()
    given = Rating.objects.filter(firm=firm).order_by("pk").values_list("criterion__code", "rating", "rationale")
    assert list(given) == [("1.1", 3, "It is approved."), ("1.2", 3, "It says what it must.")]

    page = opened(people.moderator, view=PHONE)
    page.goto(reverse("staff:ratings", args=[firm.pk, "NOC"]))
    page.get_by_role("link", name="Moderate what waits in D1").click()
    looked_at(page, "moderation")
    page.get_by_role("group", name="1.1").get_by_label("Confirm the rating as it is").check()
    page.get_by_role("group", name="1.2").get_by_label("1 – Weak").check()
    page.get_by_role("button", name="Save the moderation").click()
    looked_at(page, "moderation, refused")
    page.get_by_role("link", name="1.2, Note: A change of more than one step needs a note.").click()
    page.keyboard.type("It is unsigned.")
    page.get_by_role("button", name="Save the moderation").click()
    page.get_by_text("2 criteria are moderated.").wait_for()
    moderated = Rating.objects.filter(firm=firm).order_by("pk").values_list("moderated_rating", flat=True)
    assert list(moderated) == [3, 1]
    assert found == {}
    # The answer to what is refused is an error of its own to the browser.
    assert [each for each in complaints if "422" not in each] == []
