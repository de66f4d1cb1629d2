"""The front door, the way to one's own work, and what every page knows of the house."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_safe

from licensing.access import READ_AUDIT, READ_CASES, VOTE
from pvara.kernel import roles
from pvara.kernel.flags import READ_FLAGS
from pvara.kernel.web import GRANT_ROLES, KEEP_CALENDAR, RETRY_JOBS
from tokenisation.access import VIEW
from tokenisation.models import LedgerCheck


@dataclass(frozen=True)
class Entry:
    """A line of the navigation."""

    title: str
    href: str
    current: bool


# Who sees which line; the page behind it asks again.
FOR_STAFF = (
    (READ_CASES, "Cases", "staff:queue"),
    (READ_FLAGS, "Overdue", "staff:overdue"),
    (VOTE, "Committee", "staff:committee"),
    (READ_CASES, "Firms", "staff:firms"),
    (READ_CASES, "Fees", "staff:invoices"),
    (READ_CASES, "Supervision", "staff:returns"),
    (READ_CASES, "Letters", "staff:letters"),
    (READ_CASES, "Statistics", "staff:statistics"),
    (READ_CASES, "Agreements", "staff:agreements"),
    (VIEW, "Tokenised assets", "staff:programme"),
    (READ_AUDIT, "Audit log", "staff:audit"),
    (READ_CASES, "Settings", "staff:settings"),
    (KEEP_CALENDAR, "Holidays", "holidays"),
    (GRANT_ROLES, "People and roles", "people"),
    (RETRY_JOBS, "Work given up", "jobs"),
)
FOR_ALL = (("Public register", "public:register"), ("Verify a letter", "public:verify"))


def navigation(request: HttpRequest) -> list[Entry]:
    """The pages that this person may open, in the order of their work."""
    user: Any = request.user
    lines = []
    if user.is_authenticated:
        lines = [(title, name) for permission, title, name in FOR_STAFF if user.has_perm(permission)]
        if not roles.of(user):
            lines += [("My applications", "portal:home"), ("Fees", "portal:invoices")]
    addresses = [(title, reverse(name)) for title, name in [*lines, *FOR_ALL]]
    # The longest address that the path begins with: the programme's pages do not light up the queue.
    here = max((href for _, href in addresses if request.path.startswith(href)), key=len, default="")
    return [Entry(title, href, href == here) for title, href in addresses]


def titles(user: Any) -> list[str]:
    return sorted(roles.ROLES[code].title for code in roles.of(user) if code in roles.ROLES)


def house(request: HttpRequest) -> dict[str, object]:
    """What every template may use. The lazy ones cost nothing on pages that do not ask."""
    at: datetime = timezone.now()
    return {
        "demonstration": settings.DEMONSTRATION,
        "site_address": settings.SITE_ADDRESS,
        "at": at,
        # On the page of work that was given up: whoever runs the machines looks there, and may not see the ledger.
        "ledger_health": SimpleLazyObject(lambda: LedgerCheck.objects.health(at)),
        "navigation": SimpleLazyObject(lambda: navigation(request)),
        "user_titles": SimpleLazyObject(lambda: titles(request.user)),
    }


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html")


@require_safe
@login_required
def work(request: HttpRequest) -> HttpResponse:
    """To where a person's work is: the first line of their own navigation that is more than what has gone wrong."""
    overdue = reverse("staff:overdue")
    return redirect(next(each.href for each in navigation(request) if each.href != overdue))
