"""Every page in a real browser: accessible to axe, quiet on the console, and within the width of a telephone."""

from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page

from pvara.demo import path
from tests.access import PAGES
from tests.browser.chromium import DESK, PHONE
from tests.conftest import PASSWORD
from tests.pages.test_sweep import BY_POST

DOWNLOADS = {
    "public:statistics_csv",
    "public:asset_document",
    "public:deeds_csv",
    "staff:statistics_csv",
    "staff:deeds_csv",
    "staff:framework_impact_csv",
    "staff:score_pack",
    "staff:score_history",
    "staff:scores_paper",
    "staff:memo_paper",
    "staff:cap_table",
    "staff:ledger_file",
    "staff:bond_terms",
    "staff:document",
    "staff:evidence_file",
    "staff:letter",
    "staff:asset_document_file",
    "portal:document",
    "portal:evidence_file",
    "portal:letter",
}
SHOWN = [name for name in PAGES if name not in BY_POST | DOWNLOADS | {"work"}]
MAIN_PERSON = (
    "officer",
    "applicant",
    "debt_officer",
    "auditor",
    "supervisor",
    "administrator",
    "finance",
    "legal",
    "member",
    "board",
    "assessor",
    "moderator",
)


def whose(name: str) -> str:
    """Whoever works with the page most; nobody, when it is everybody's."""
    who = PAGES[name]
    return "anyone" if "anyone" in who else next(each for each in MAIN_PERSON if each in who)


def axe(page: Page) -> list[str]:
    """What axe finds, a line each; nothing, on a good page."""
    return [
        f"{found['id']}: {node['html'][:200]}"
        for found in Axe().run(page).response["violations"]
        for node in found["nodes"]
    ]


def by_person() -> dict[str, list[str]]:
    shelves: dict[str, list[str]] = {}
    for name in SHOWN:
        shelves.setdefault(whose(name), []).append(name)
    return shelves


def test_every_page_is_accessible_quiet_and_fits_a_telephone(world, everybody, opened, complaints):
    found, wide, address = {}, {}, world.addresses(SHOWN)
    for who, names in by_person().items():
        page = opened(everybody[who])
        for name in names:
            page.set_viewport_size(DESK)
            answer = page.goto(address[name])
            assert (name, answer.status) == (name, 200)
            if wrong := axe(page):
                found[name] = wrong
            assert page.locator("h1").count() == 1, name
            page.set_viewport_size(PHONE)
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > PHONE["width"]:
                wide[name] = width
    assert (found, wide) == ({}, {})
    assert complaints == []


def test_pages_that_say_no_are_accessible_too(world, people, opened, complaints):
    page = opened(people.applicant)
    page.goto(world.address("portal:placement"))
    page.get_by_label("Units").fill("99999999")
    page.get_by_role("button", name="Record the placement").click()
    page.get_by_role("heading", name="There is a problem").wait_for()
    assert axe(page) == []
    page.goto(world.address("portal:section").replace("activities", "applicant"))
    page.get_by_label("E-mail of the contact person").fill("nowhere")
    page.get_by_role("button", name="Save and go on").click()
    page.wait_for_function("document.activeElement.getAttribute('role') == 'alert'", timeout=3000)
    page.get_by_role("link", name="E-mail of the contact person").click()
    assert page.evaluate("document.activeElement.id") == "id_contact_email"
    assert axe(page) == []
    for address, status in (("/staff/", 403), ("/nowhere/", 404)):
        assert page.goto(address).status == status
        assert axe(page) == []
    path.vote(world.licence, "impose_restriction", people=people, at=timezone.now())
    page = opened(people.member)
    page.goto(world.address("staff:licence"))
    page.get_by_role("button", name="Impose the restriction").click()
    page.get_by_text("Give the reasons: they are part of the record.").wait_for()
    assert axe(page) == []
    # The browser itself reports every answer that is an error; nothing else is complained of.
    assert [said for said in complaints if "Failed to load resource" not in said] == []


def test_the_pages_of_an_account_are_accessible(world, people, opened, complaints):
    page = opened()
    for address in ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/confirm-email/"):
        assert page.goto(address).status == 200
        assert (address, axe(page)) == (address, [])
    page = opened(people.officer)
    page.goto("/accounts/2fa/totp/activate/")
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("heading", name="Activate Authenticator App").wait_for()
    assert axe(page) == []
    page.locator("#id_code").fill("000000")
    page.get_by_role("button", name="Activate").click()
    page.get_by_role("heading", name="There is a problem").wait_for()
    assert axe(page) == []
    for address in ("/accounts/2fa/", "/accounts/password/change/", "/accounts/email/", "/accounts/logout/"):
        assert page.goto(address).status == 200
        assert (address, axe(page)) == (address, [])
    assert complaints == []
