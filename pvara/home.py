"""The front door and what every page knows of the house."""

from django.conf import settings
from django.http import HttpRequest


def house(request: HttpRequest) -> dict[str, object]:
    """What every template may use: whether this is the demonstration, and under which address we answer."""
    return {"demonstration": settings.DEMONSTRATION, "site_address": settings.SITE_ADDRESS}
