"""The API's page of documentation in a real browser: whole, and quiet under the content security policy."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.api.operations import operations
from tests.browser.chromium import browser, complaints, opened

__all__ = ["browser", "complaints", "opened"]

# What is in sight is drawn, and nothing else: scroll a step, and take the next look when it is drawn.
STEP = """
    async () => {
        scrollBy(0, innerHeight / 2);
        for (let frame = 0; frame < 4; frame += 1) await new Promise(requestAnimationFrame);
        const shown = document.querySelectorAll(".opblock-summary");
        return {
            said: Array.from(shown, (each) => each.innerText),
            end: scrollY + innerHeight >= document.documentElement.scrollHeight - 1,
        };
    }
"""


def everything_on(page: Page) -> set[tuple[str, str]]:
    """Method and address of every operation that the page shows from its top to its end."""
    found: set[tuple[str, str]] = set()
    look: dict[str, Any] = {"end": False}
    while not look["end"]:
        look = page.evaluate(STEP)
        for said in look["said"]:
            method, address = said.split()[:2]
            found.add((method.lower(), address.replace("\u200b", "").removeprefix("/api/")))
    return found


def test_the_contract_is_shown_with_every_operation(transactional_db, opened, complaints):
    page = opened()
    addresses: list[str] = []
    page.on("request", lambda asked: addresses.append(asked.url))
    page.goto("/api/docs/")
    expect(page.locator(".opblock").first).to_be_visible(timeout=15_000)
    assert everything_on(page) == set(operations().values())
    assert complaints == []
    # Nothing comes from anywhere else.
    assert {each.split("/")[2] for each in addresses if not each.startswith("data:")} == {page.url.split("/")[2]}
