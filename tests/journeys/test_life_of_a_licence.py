"""The life of a licence by the pages: renewed, suspended at once and reinstated, and not surrendered."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from licensing.actions.firms import register_firm
from licensing.models import Licence, Renewal
from pvara.demo import path
from pvara.kernel import audit
from tests.journeys.eyes import Eyes
from tests.journeys.pages import PageWalk
from tests.journeys.person import Person


@pytest.fixture
def licence(walk: PageWalk, regime: None) -> Licence:
    """Granted two days ago."""
    at = timezone.now() - timedelta(days=4)
    firm = register_firm(walk.firm, by=walk.people.applicant, at=at, country="Singapore", invented=True)
    return path.licensed(firm, people=walk.people, at=at)


def moves_of(case: Licence | Renewal) -> list[str]:
    return [each.event for each in audit.history(case) if each.from_state]


def own_page(walk: PageWalk, licence: Licence) -> Person:
    walk.applicant.open(reverse("portal:licence", args=[licence.pk]))
    return walk.applicant


def register_says(walk: PageWalk, licence: Licence, state: str, *words: str) -> None:
    """What anybody reads: the state in the list, and more on the licence's own page."""
    visitor = walk.in_the_register()
    assert visitor.rows("Licences", 1, 3) == [[licence.reference, state]]
    visitor.follow(licence.reference)
    visitor.read(state, *words)


def near_its_end(licence: Licence) -> Renewal:
    """The licence's renewal, as two months before the term ends."""
    near = timezone.localdate() + timedelta(days=60)
    Licence.objects.filter(pk=licence.pk).update(valid_to=near)
    Renewal.objects.filter(licence=licence).update(term_ends=near)
    return path.step(Renewal.objects.get(licence=licence), "fall_due", by=None, at=timezone.now())


def test_a_licence_is_renewed(walk: PageWalk, licence: Licence, eyes: Eyes) -> None:
    renewal = near_its_end(licence)
    amina = own_page(walk, licence)
    amina.follow(renewal.reference)
    amina.read("Due", "The licence can be renewed now.")
    amina.write("Declaration", "Nothing has changed.")
    amina.press("Ask for renewal")
    amina.hear("You have asked for renewal.")
    amina.read("Submitted", "The licence runs on until the committee decides.")
    dania = walk.member
    walk.vote("Renew the licence", walk.member2, dania)
    dania.read("Nothing has changed.")
    dania.move("Renew the licence")
    amina.again()
    until = f"{said(Licence.objects.get(pk=licence.pk).valid_to)}"
    amina.read("Renewed", "The licence was renewed.", until)
    walk.receives("Licence to provide virtual-asset services, as renewed")
    register_says(walk, licence, "Licensed", until)
    assert moves_of(renewal) == ["fall_due", "submit", "renew"]
    assert eyes.wrong == []


def said(day: date) -> str:
    return f"{day:%-d %B %Y}"


def test_a_licence_is_suspended_at_once_and_reinstated(walk: PageWalk, licence: Licence, eyes: Eyes) -> None:
    walk.suspend("Client assets were not segregated.")
    amina = own_page(walk, licence)
    amina.read("Suspended", "Your licence is suspended: stop the business that the letter names.")
    amina.read("You may not distribute", "The licence is suspended.")
    walk.receives("Urgent suspension of your licence")
    register_says(walk, licence, "Suspended", "This licence is suspended.", "May not distribute them at this moment")

    dania, sana = walk.member, walk.supervisor
    dania.open(licence.get_absolute_url())
    dania.read("Reinstate the licence – not possible yet")
    sana.open(licence.get_absolute_url())
    sana.follow("Verify the remedy")
    sana.write("What was examined, and what was found", "The books were read: every wallet is segregated again.")
    sana.press("Record it")
    walk.vote("Reinstate the licence", walk.member2, dania)
    dania.read("The books were read: every wallet is segregated again.")
    dania.move("Reinstate the licence", "The cause is remedied.")
    own_page(walk, licence).read("Your licence is active.", "You may distribute")
    walk.receives("Reinstatement of your licence")
    register_says(walk, licence, "Licensed", "May distribute them at this moment")
    assert moves_of(licence) == ["urgent_suspend", "reinstate"]
    assert eyes.wrong == []


def test_a_surrender_is_refused_while_clients_assets_are_held(walk: PageWalk, licence: Licence, eyes: Eyes) -> None:
    amina = own_page(walk, licence)
    amina.follow("Surrender the licence")
    amina.write("Reasons", "The group leaves the market.")
    amina.write("Declaration on client assets", "Nine clients have not been paid out yet.")
    amina.press("Ask to surrender the licence")
    amina.hear("You have asked to surrender the licence.")
    amina.read("Surrender requested", "We look whether clients have their assets back, then decide.")
    # A wish decides nothing, and nobody else is told of it.
    register_says(walk, licence, "Licensed", "May distribute them at this moment")
    dania = walk.member
    walk.vote("Refuse the surrender", walk.member2, dania)
    dania.read("Nine clients have not been paid out yet.", "Accept the surrender – not possible yet")
    dania.move("Refuse the surrender", "Nine clients are still to be paid out.")
    own_page(walk, licence).read("Your licence is active.", "Refused", "You may distribute")
    walk.receives("Refusal of the surrender of your licence")
    register_says(walk, licence, "Licensed", "May distribute them at this moment")
    assert moves_of(licence) == ["request_surrender", "refuse_surrender"]
    assert eyes.wrong == []
