"""Somebody at a browser: going, writing and reading, by roles, labels and headings."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from licensing.questions import Question
from tests.journeys.eyes import Eyes

Named = str | re.Pattern[str]


class Person:
    """Somebody at a browser of their own. Each page that they come to is looked at, and must be what was expected."""

    def __init__(self, page: Page, eyes: Eyes) -> None:
        self.page, self.eyes = page, eyes
        eyes.watch(page)

    # ── Going ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _arrive(self, step: Callable[[], Any], status: int = 200) -> None:
        with self.page.expect_navigation() as arrival:
            step()
        answer = arrival.value
        assert answer.status == status, f"{answer.url}: {self.main.inner_text()}"
        self.eyes.look(self.page, status)

    def open(self, address: str) -> None:
        self._arrive(lambda: self.page.goto(address))

    def again(self) -> None:
        self._arrive(self.page.reload)

    def follow(self, name: Named, *, within: Locator | None = None) -> None:
        self._arrive((within or self.page).get_by_role("link", name=name, exact=isinstance(name, str)).click)

    def press(self, name: str, *, within: Locator | None = None, status: int = 200) -> None:
        self._arrive((within or self.page).get_by_role("button", name=name, exact=True).click, status)

    def turn_to(self, name: str) -> None:
        """By a line of the navigation."""
        self.follow(name, within=self.page.get_by_role("navigation", name="Main"))

    def sign_in(self, email: str, password: str) -> None:
        self.follow("Sign in")
        self.write("Email", email)
        self.write("Password", password)
        self.press("Sign in")

    # ── Writing ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def write(self, label: str, words: Any, *, within: Locator | None = None) -> None:
        # A card may have the name of the one field in it.
        field = (within or self.page).get_by_label(label, exact=True).and_(self.page.locator("input, textarea"))
        field.fill(str(words))

    def attach(self, label: str, words: str, *, name: str = "file.txt") -> None:
        """A text file for a field."""
        file = {"name": name, "mimeType": "text/plain", "buffer": f"{words}\n".encode()}
        self.page.get_by_label(label, exact=True).set_input_files(file)

    def choose(self, label: str, option: str) -> None:
        self.page.get_by_label(label, exact=True).select_option(label=option)

    def tick(self, legend: str, names: Iterable[str], *, within: Locator | None = None) -> None:
        group = (within or self.page).get_by_role("group", name=legend, exact=True)
        for each in names:
            group.get_by_label(each, exact=True).check()

    def answer(self, question: Question, said: Any) -> None:
        match question.kind:
            case "choices":
                self.tick(question.label, [dict(question.choices)[each] for each in said])
            case "yes_no":
                self.tick(question.label, [said.capitalize()])
            case _:
                self.write(question.label + ("" if question.required else " (optional)"), said)

    def move(self, title: str, note: str = "", *, asked: str = "", within: Locator | None = None) -> None:
        """Make a move that the page offers, and read that it was made; `asked` is what stands above its note."""
        if note:
            label = re.compile(re.escape(asked or f"“{title}”"))
            (within or self.page).get_by_label(label).fill(note)
        self.press(title, within=within)
        self.hear(f"{title}: done.")

    def insist(self, title: str, name: str) -> None:
        """Send a move that the page does not offer, by a form of its own turned to it, as no honest browser would.

        It is answered with 422 and what stands in the way.
        """
        form = self.page.locator('form[action*="/moves/"]').first
        form.evaluate("(form, name) => form.action = form.action.replace(/[a-z_]+\\/$/, name + '/')", name)
        self._arrive(form.get_by_role("button").click, 422)
        self.read("This could not be done", title)

    # ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────
    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    def part(self, title: Named) -> Locator:
        return self.page.get_by_role("region", name=title)

    def form(self, button: str) -> Locator:
        """The form that a button sends."""
        return self.page.locator("form").filter(has=self.page.get_by_role("button", name=button, exact=True))

    def is_told(self, *words: str) -> None:
        """What the page that came back says is wrong."""
        for each in words:
            expect(self.page.get_by_role("alert")).to_contain_text(each)

    def hear(self, words: str) -> None:
        expect(self.page.get_by_role("status")).to_contain_text(words)

    def read(self, *words: str) -> None:
        for each in words:
            expect(self.main).to_contain_text(each)

    def rows(self, caption: str, *columns: int) -> list[list[str]]:
        """What the first line of each cell of a table says, for the columns that are asked for."""
        table = self.page.get_by_role("table", name=caption, exact=True)
        said = table.locator("tbody tr").evaluate_all(
            "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim().split('\\n')[0]))"
        )
        return [[row[column] for column in columns] for row in said]

    def addresses(self, links: Iterable[str], *, within: Locator | None = None) -> list[str]:
        """Where some links of the page lead, for one after the other to be opened as in a tab of its own."""
        found = [(within or self.page).get_by_role("link", name=each, exact=True) for each in links]
        return [each.get_attribute("href") or "" for each in found]

    def save(self, link: str) -> bytes:
        """The file behind a link."""
        with self.page.expect_download() as download:
            self.page.get_by_role("link", name=link).click()
        return download.value.path().read_bytes()
