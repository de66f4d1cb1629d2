"""The night and the standings: a few questions about all find exactly those that one at a time would change."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from licensing import standing
from licensing.actions.licences import refresh_every_standing
from licensing.history.scored import Scored, who_clear
from licensing.models import (
    Criterion,
    Evidence,
    EvidenceLink,
    Firm,
    Framework,
    Licence,
    LicenceApplication,
    NocApplication,
    Rating,
    Renewal,
    SetUp,
    VenueStanding,
)
from licensing.scoring import in_order
from licensing.states import EvidenceState, LicenceState, RenewalState, SetUpState
from pvara.demo import path
from pvara.kernel import figures

LICENSEES = 40
OPENED = datetime.fromisoformat("2026-03-04T09:00:00+05:00")
TODAY = OPENED.date()


def morning(of: date) -> datetime:
    return OPENED + (of - TODAY)


def licensees(number: int, chance: random.Random) -> list[Licence]:
    """So many licences, whose terms, ratings and evidence are drawn; most of them good, so that time has work to do."""
    firms = Firm.objects.bulk_create(
        Firm(legal_name=f"Firm {each}", country="Pakistan", created_at=OPENED) for each in range(number)
    )
    nocs = NocApplication.objects.bulk_create(NocApplication(firm=each, opened_at=OPENED) for each in firms)
    setups = SetUp.objects.bulk_create(SetUp(firm=each.firm, noc=each, opened_at=OPENED) for each in nocs)
    cases = LicenceApplication.objects.bulk_create(
        LicenceApplication(firm=each.firm, setup=each, opened_at=OPENED) for each in setups
    )
    return Licence.objects.bulk_create(
        Licence(
            firm=each.firm,
            application=each,
            holder_name=each.firm.legal_name,
            activities=chance.choice([["exchange"], ["exchange", "custody"], ["exchange"], ["custody"]]),
            granted_at=OPENED,
            valid_from=TODAY + timedelta(days=chance.choice([0, 0, 0, 0, 5])),
            valid_to=TODAY + timedelta(days=chance.choice([20, 60, 365, 365, 365])),
        )
        for each in cases
    )


@contextmanager
def guards_aside(*tables: str) -> Iterator[None]:
    """What no walk led to is put where it belongs meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE licensing_{table} DISABLE TRIGGER USER")
        yield
        for table in tables:
            cursor.execute(f"ALTER TABLE licensing_{table} ENABLE TRIGGER USER")


@pytest.fixture
def licences(db, asif, saira):
    path.load_regime()
    chance = random.Random(20260304)
    made = licensees(LICENSEES, chance)
    with guards_aside("setup", "rating", "evidence", "evidencelink", "renewal"):
        SetUp.objects.update(state=SetUpState.COMPLETE)
        by_firm = {each.firm_id: chance.random() for each in made}
        criteria = sorted(Criterion.objects.all(), key=lambda each: in_order(each.code))
        Rating.objects.bulk_create(
            Rating(
                firm_id=firm,
                criterion=each,
                current=True,
                rating=4 if chance.random() < luck * 0.3 + 0.7 else chance.choice([2, 3]),
                rationale="Read.",
                assessor=asif,
                rated_at=OPENED,
                moderator=saira,
                moderated_at=OPENED,
            )
            for firm, luck in by_firm.items()
            for each in criteria
        )
        pieces = Evidence.objects.bulk_create(
            Evidence(firm_id=firm, size=1, scan="clean", uploaded_by=asif, uploaded_at=OPENED) for firm in by_firm
        )
        EvidenceLink.objects.bulk_create(
            EvidenceLink(
                evidence=piece,
                criterion=each,
                expires_on=TODAY + timedelta(days=chance.randrange(-20, 200)) if chance.random() < 0.1 else None,
            )
            for piece in pieces
            for each in criteria
        )
        Evidence.objects.update(state=EvidenceState.ACCEPTED)
        some = [each for each in made if chance.random() < 0.2]
        Renewal.objects.bulk_create(
            Renewal(firm=each.firm, licence=each, opened_at=OPENED, term_ends=each.valid_to, submitted_at=OPENED)
            for each in some
        )
        Renewal.objects.update(state=RenewalState.SUBMITTED)
    for each in Licence.objects.all():
        standing.refresh(each, by=None, at=OPENED)
    return made


def who_would_change(at: datetime) -> set[int]:
    """Asked of the engine, one licence at a time."""
    return {
        each.pk
        for each in Licence.objects.live().select_related("standing")
        if standing._work_out(each, at) != (each.standing.reasons, each.standing.holds_until)
    }


def found(at: datetime) -> set[int]:
    return {each.pk for each in standing.outdated(at)}


def test_a_year_of_nights_finds_whom_the_engine_would_change(licences):
    assert (who_would_change(OPENED), found(OPENED)) == (set(), set())
    good = VenueStanding.objects.filter(may_distribute=True)
    assert 5 < good.count() < LICENSEES - 5
    ends = sorted({timezone.localdate(each) for each in good.values_list("holds_until", flat=True) if each})
    assert len(ends) > 5
    changed = 0
    # The days on which something ends, and each day before: there nothing is found.
    for end in [TODAY + timedelta(days=5), *ends]:
        for at in (morning(end) - timedelta(days=1), morning(end)):
            expected = who_would_change(at)
            assert found(at) == expected, at
            assert refresh_every_standing(at=at) == len(expected)
            changed += len(expected)
    assert changed > len(ends)
    assert found(morning(ends[-1])) == set()


def test_another_grace_is_seen_by_those_whose_days_it_moves(licences):
    first = TODAY + timedelta(days=1)
    figures.load(
        [
            {**row, "value": "10", "effective_from": first.isoformat()}
            for row in figures.shipped()
            if row["key"] == "evidence.grace_days"
        ]
    )
    expected = who_would_change(morning(first))
    assert 0 < len(expected) < LICENSEES
    assert found(morning(first)) == expected


@pytest.mark.parametrize("days", [-1, 1, None])
def test_a_wrong_day_is_put_right(licences, days):
    venue = VenueStanding.objects.filter(may_distribute=True).exclude(holds_until=None).order_by("pk")[0]
    said = venue.holds_until
    VenueStanding.objects.filter(pk=venue.pk).update(holds_until=said + timedelta(days=days) if days else None)
    assert found(OPENED) == {venue.licence_id}
    assert refresh_every_standing(at=OPENED) == 1
    venue.refresh_from_db()
    assert (venue.holds_until, found(OPENED)) == (said, set())


def test_a_licence_that_nobody_looked_at_yet_is_found(licences):
    with guards_aside("venuestanding"):
        VenueStanding.objects.filter(licence=licences[0]).delete()
    assert found(OPENED) == {licences[0].pk}


def test_the_night_asks_no_more_of_forty_than_of_two(licences):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert standing.outdated(OPENED) == []
        return len(queries)

    of_forty = asked()
    few = (
        VenueStanding.objects.filter(may_distribute=True)
        .exclude(holds_until=None)
        .order_by("holds_until")
        .values_list("licence", flat=True)[:2]
    )
    with guards_aside("licence"):
        Licence.objects.exclude(pk__in=list(few)).update(state=LicenceState.SURRENDERED)
    assert (Licence.objects.live().count(), asked()) == (2, of_forty)


def test_everybody_has_a_day_of_their_own(licences):
    framework = Framework.objects.get()
    subjects = [Scored(each.firm_id, "FULL", framework.pk) for each in licences]
    with pytest.raises(ValueError, match="its own day"):
        who_clear("G6", subjects, [TODAY], on=TODAY)
