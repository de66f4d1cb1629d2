"""Eyes that find what is wrong with a page: what shuts people out, and what the browser complains of."""

from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.urls import resolve
from playwright.sync_api import ConsoleMessage, Page


class Eyes:
    """What was wrong with the pages that were seen: axe's serious findings, and what the browser complained of."""

    GRAVE = ("serious", "critical")

    def __init__(self) -> None:
        self.seen: set[tuple[str, int]] = set()
        self.wrong: list[str] = []

    def watch(self, page: Page) -> None:
        """Note every error of a page's scripts and every resource that its policy shut out."""
        page.on("pageerror", lambda error: self.wrong.append(f"{page.url}: {error}"))
        page.on("console", self._heard)

    def _heard(self, message: ConsoleMessage) -> None:
        # A refused form is answered with 422 on purpose, and an unknown letter with 404; Chromium notes both.
        expected = "the server responded with a status of 4" in message.text
        if message.type == "error" and not expected:
            self.wrong.append(f"{message.location.get('url')}: {message.text}")

    def look(self, page: Page, status: int = 200) -> None:
        """Have axe examine the page, the first time it is seen with this answer."""
        name = resolve(urlsplit(page.url).path).view_name
        if (name, status) in self.seen:
            return
        self.seen.add((name, status))
        for found in Axe().run(page).response["violations"]:
            if found["impact"] in self.GRAVE:
                places = ", ".join(" ".join(node["target"]) for node in found["nodes"])
                self.wrong.append(f"{name} ({status}): {found['help']}: {places}")
