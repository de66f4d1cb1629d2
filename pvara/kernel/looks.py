"""One look: while a page is only shown, what was read once is not read again.

Within a look nothing is written, so the holidays, the figures of the regime or a firm's score stay what they were at
its first question. Moves are made outside of any look: `perform()` asks the database afresh, under its locks.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse

Answer = TypeVar("Answer")

_seen: ContextVar[dict[Any, Any] | None] = ContextVar("seen", default=None)


@contextmanager
def one_look() -> Iterator[None]:
    """Open a look; it ends with the block, and everything it remembered with it."""
    token = _seen.set({})
    try:
        yield
    finally:
        _seen.reset(token)


def is_open() -> bool:
    return _seen.get() is not None


def remembered(question: Callable[..., Answer]) -> Callable[..., Answer]:
    """Within a look, the same question gets the same answer; outside of one it is asked each time."""

    @wraps(question)
    def asked(*about: Any) -> Answer:
        seen = _seen.get()
        if seen is None:
            return question(*about)
        key = (question, about)
        if key not in seen:
            seen[key] = question(*about)
        answer: Answer = seen[key]
        return answer

    return asked


class OneLookARequest:
    """Middleware: a request that asks for a page, and changes nothing, is one look."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        with one_look():
            return self.get_response(request)
