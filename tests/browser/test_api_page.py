"""The API's page of documentation in a real browser: whole, and quiet under the content security policy."""

from playwright.sync_api import expect

from tests.browser.chromium import browser, complaints, opened

__all__ = ["browser", "complaints", "opened"]


def test_the_contract_is_shown_with_every_operation(transactional_db, opened, complaints):
    page = opened()
    addresses: list[str] = []
    page.on("request", lambda asked: addresses.append(asked.url))
    page.goto("/api/docs/")
    expect(page.get_by_text("/api/noc-applications/{id}/moves/{name}/")).to_be_visible(timeout=15_000)
    assert complaints == []
    # Nothing comes from anywhere else.
    assert {each.split("/")[2] for each in addresses if not each.startswith("data:")} == {page.url.split("/")[2]}
