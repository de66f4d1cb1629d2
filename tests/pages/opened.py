"""A page as somebody opened it: what it showed goes out with its form, however late that is sent."""

import re
from html import unescape
from typing import Any

from django.http import HttpResponse
from django.test import Client


def seen_on(client: Client, address: str, *, form: int = 0) -> str:
    """What the page shows by now, as one of its forms carries it: the first, unless `form` says another."""
    page = client.get(address).content.decode()
    return unescape(re.findall(r'<input type="hidden" name="seen"(?: value="([^"]*)")?>', page)[form])


class Opened:
    """`Opened(client, address)` looks now, and `send` writes later."""

    def __init__(self, client: Client, address: str, *, form: int = 0) -> None:
        self.client, self.address, self.seen = client, address, seen_on(client, address, form=form)

    def send(self, **said: Any) -> HttpResponse:
        return self.client.post(self.address, {**said, "seen": self.seen})
