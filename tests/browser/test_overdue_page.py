"""What is overdue, in a real browser: the flags and the explanations, which a young world does not show."""

from datetime import timedelta

from django.utils import timezone

from licensing.actions import timers
from licensing.actions.firms import register_firm
from pvara.demo import path
from tests.browser.chromium import PHONE
from tests.browser.test_every_page import axe


def test_flags_and_explanations_are_accessible_and_fit_a_telephone(regime, people, opened, complaints):
    at = timezone.now() - timedelta(days=70)
    firm = register_firm("Thar Exchange Limited", by=people.applicant, at=at, country="Malta", invented=True)
    case = path.noc_case(firm, people=people, at=at, until="completeness_check")
    timers.SWEEPS["overdue.raise_flags"](timezone.now())
    explained = f"clocks/licensing.nocapplication/{case.pk}/"
    pages = {
        people.officer: (
            "/staff/overdue/",
            f"/staff/{explained}",
            "/staff/?phase=noc&show=all",
            case.get_absolute_url(),
        ),
        people.applicant: (f"/portal/{explained}", f"/portal/applications/noc/{case.pk}/"),
    }
    found = {}
    for user, addresses in pages.items():
        page = opened(user, view=PHONE)
        for address in addresses:
            assert (address, page.goto(address).status) == (address, 200)
            if wrong := axe(page):
                found[address] = wrong
            if (width := page.evaluate("document.documentElement.scrollWidth")) > PHONE["width"]:
                found[f"{address} is wide"] = [width]
    assert found == {}
    assert complaints == []
    page = opened(people.officer)
    page.goto(case.get_absolute_url())
    page.get_by_role("link", name="How this is counted").click()
    page.get_by_role("heading", name="How the clocks are counted").wait_for()
