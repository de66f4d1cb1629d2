"""A real browser on the house's own pages: Debian's Chromium, driven by Playwright.

`opened(omar)` is a page in a browser of its own, in which omar is signed in and which remembers what went wrong.
"""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from pvara.kernel.models import User

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """In place of pytest-playwright's, whose loop would stay in this thread for every test that comes after."""
    with pytest.MonkeyPatch.context() as patch:
        # As long as that loop is there, Django takes the test for an asynchronous view.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            started = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
            yield started
            started.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browsers of this test complained of: scripts and styles against the policy, files that are missing."""
    return []


@pytest.fixture
def opened(live_server: Any, browser: Browser, complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """`opened(user, view=PHONE)`; nobody is signed in, with None."""
    contexts = []

    def made(user: User | None = None, *, view: dict[str, int] = DESK) -> Page:
        context = browser.new_context(base_url=live_server.url, viewport=view)  # type: ignore[arg-type]  # a size
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user, backend="pvara.kernel.sign_in.SignInBackend")
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield made
    for context in contexts:
        context.close()
