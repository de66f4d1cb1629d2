"""That a journey would notice a page that shuts people out, or a script that fails."""

from collections.abc import Callable

from tests.journeys.eyes import Eyes
from tests.journeys.person import Person


def test_the_eyes_find_nothing_on_a_sound_page_and_something_on_a_bad_one(
    transactional_db: None, browser_of: Callable[[None], Person], eyes: Eyes
) -> None:
    visitor = browser_of(None)
    assert (eyes.seen, eyes.wrong) == ({("home", 200)}, [])
    visitor.page.evaluate("document.documentElement.removeAttribute('lang')")
    visitor.page.evaluate("console.error('Something failed.')")
    eyes.seen.clear()
    eyes.look(visitor.page)
    assert [each.removeprefix(visitor.page.url) for each in eyes.wrong] == [
        ": Something failed.",
        "home (200): <html> element must have a lang attribute: html",
    ]
