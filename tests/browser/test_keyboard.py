"""Without a mouse: signing in, a section of the form, a decision; and the wrong password."""

from allauth.account.models import EmailAddress
from django.utils import timezone
from playwright.sync_api import Page

from licensing.actions.votes import cast_vote
from licensing.models import Licence, NocApplication
from tests.conftest import PASSWORD

MOST_STEPS = 60


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has this name has the focus."""
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "(() => { const e = document.activeElement;"
            " return (e.labels && e.labels.length ? e.labels[0].innerText : e.innerText).trim() })()"
        )
        if said.startswith(name):
            return
    raise AssertionError(f"Tab never reached “{name}”.")


def confirm(user) -> None:
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


def test_signing_in_with_the_keyboard_leads_to_the_queue(world, people, opened):
    confirm(people.officer)
    page = opened()
    page.goto("/staff/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Skip to main content"
    tab_to(page, "Email")
    page.keyboard.type(people.officer.email)
    tab_to(page, "Password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/staff/")
    assert page.get_by_role("heading", level=1).inner_text() == "Cases"


def test_a_wrong_password_is_said_first(world, people, opened):
    page = opened()
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(people.officer.email)
    page.locator("#id_password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="There is a problem").wait_for()
    assert page.get_by_label("Email").input_value() == people.officer.email


def test_a_section_is_filled_in_with_the_keyboard(world, people, opened):
    page = opened(people.applicant)
    page.goto(world.address("portal:section"))
    tab_to(page, "Exchange")
    page.keyboard.press("Space")
    tab_to(page, "Custody")
    page.keyboard.press("Space")
    tab_to(page, "What will customers")
    page.keyboard.type("Spot trading.")
    tab_to(page, "Save and go on")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sections/home_regulation/")
    case = NocApplication.objects.get(pk=world.draft.pk)
    assert case.answers["activities"] == {"activities": ["exchange", "custody"], "products": "Spot trading."}


def test_a_decision_is_made_with_the_keyboard(world, people, opened):
    licence = Licence.objects.get(pk=world.licence.pk)
    cast_vote(
        licence,
        "impose_restriction",
        by=people.member2,
        at=timezone.now(),
        expected_version=licence.version,
        choice="for",
    )
    page = opened(people.member)
    page.goto(world.address("staff:licence"))
    tab_to(page, "Skip to main content")
    page.keyboard.press("Enter")
    tab_to(page, "For")
    page.keyboard.press("Space")
    tab_to(page, "Cast my vote")
    page.keyboard.press("Enter")
    page.get_by_text("Your vote is recorded: for.").wait_for()
    tab_to(page, "Skip to main content")
    page.keyboard.press("Enter")
    tab_to(page, "Reasons for “Impose the restriction”")
    page.keyboard.type("Client assets do not reconcile.")
    tab_to(page, "Impose the restriction")
    page.keyboard.press("Enter")
    page.get_by_text("is now active, restricted").wait_for()
    assert Licence.objects.get(pk=world.licence.pk).state == "active_restricted"
    page.get_by_text("Client assets do not reconcile.").wait_for()
