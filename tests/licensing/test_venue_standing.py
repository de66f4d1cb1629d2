"""The command that says who may distribute at this moment."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from licensing.models import VenueStanding
from tests.tokenisation.conftest import licensed_venue, turn


def said(*asked: str) -> list[str]:
    out = StringIO()
    call_command("venue_standing", *asked, stdout=out)
    return out.getvalue().splitlines()


def test_without_a_venue_it_says_so(regime):
    assert said() == ["No venue is licensed."]
    with pytest.raises(CommandError, match="No venue is licensed under LIC-2026-00001"):
        said("LIC-2026-00001")


def test_it_says_who_may_and_who_may_not_and_why(regime, at):
    good, bad = (turn(licensed_venue(name, at=at), name == "Ravi", at=at) for name in ("Ravi", "Chenab"))
    first, second, why = said()
    assert (
        first == f"{good.reference}  may distribute, standing {good.standing_version} since 4 March 2026 10:00  {good}"
    )
    assert second.startswith(f"{bad.reference}  MAY NOT distribute")
    assert why == "    The score is below the bar."
    assert said(good.reference) == [first]
    with pytest.raises(CommandError, match=f"{bad.reference} may not distribute"):
        said(bad.reference)


def test_it_asks_the_clock_and_not_only_the_row(regime, at):
    venue = turn(licensed_venue("Ravi", at=at), True, at=at)
    soon, gone = (timezone.now() + timedelta(hours=hours) for hours in (1, -1))
    VenueStanding.objects.filter(pk=venue.pk).update(holds_until=soon)
    assert said(venue.reference)[1] == f"    until {timezone.localtime(soon):%-d %B %Y %H:%M} at the latest"
    VenueStanding.objects.filter(pk=venue.pk).update(holds_until=gone)
    assert said()[1] == "    What it rested on has run out since."
