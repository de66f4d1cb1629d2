"""Which venue may distribute, and what a change of its standing does in the same transaction."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from licensing.models import Licence, VenueStanding
from pvara.demo import life
from pvara.kernel import audit
from pvara.kernel.machine import MoveRefused, unmet
from tests.tokenisation.conftest import licensed_venue, turn
from tokenisation import invariants
from tokenisation.actions.authorisations import authorise_venue
from tokenisation.models import DistributionAuthorisation


def test_the_debt_approver_authorises(authorisation, tbill, venue, dua):
    assert (authorisation.state, authorisation.limit_units) == ("active", 10_000)
    assert [(e.event, e.actor) for e in audit.history(authorisation)] == [("created", dua)]
    kinds = ["clients", "frozen_clients", "frozen_shelf", "inventory"]
    assert sorted(tbill.accounts.filter(venue=venue).values_list("kind", flat=True)) == kinds


def test_nobody_else_does(tbill, venue, daud, amina, stranger, at):
    for person in (daud, amina, stranger):
        with pytest.raises(PermissionDenied):
            authorise_venue(tbill, venue, limit_units=10, by=person, at=at)


def test_not_without_good_standing_and_not_beyond_what_is_minted(tbill, venue, suspend_licence, dua, at):
    venue = suspend_licence(venue)
    with pytest.raises(MoveRefused) as refused:
        authorise_venue(tbill, venue, limit_units=1_000_001, by=dua, at=at)
    assert [each.code for each in refused.value.unmet] == ["venue_is_in_good_standing", "limit_suits_asset"]
    assert refused.value.unmet[0].details[0] == "The licence is suspended."


def test_not_for_an_asset_that_is_not_issued(propose, approve, venue, dua, at):
    with pytest.raises(MoveRefused) as refused:
        authorise_venue(approve(propose()), venue, limit_units=10, by=dua, at=at)
    assert [each.code for each in refused.value.unmet] == ["asset_is_issued", "limit_suits_asset"]


def test_once_for_an_asset_and_a_venue(authorisation, tbill, venue, dua, at):
    with pytest.raises(MoveRefused) as refused:
        authorise_venue(tbill, venue, limit_units=10, by=dua, at=at)
    assert [each.code for each in refused.value.unmet] == ["venue_is_new_to_asset"]


def test_suspending_the_licence_suspends_the_authorisations(authorisation, venue, suspend_licence):
    suspend_licence(venue)
    authorisation.refresh_from_db()
    assert authorisation.state == "suspended"
    last = audit.history(authorisation).last()
    assert (last.event, last.actor, last.from_state, last.to_state) == ("suspend", None, "active", "suspended")
    assert last.note.startswith("The licence is suspended.")
    assert list(invariants.check()) == []


def test_revoking_the_licence_ends_them(authorisation, venue, suspend_licence, people, at):
    suspend_licence(venue)
    life.revoke(Licence.objects.get(pk=venue.licence_id), people=people, at=at, by=people.board)
    authorisation.refresh_from_db()
    assert authorisation.state == "terminated"


def test_standing_regained_sets_nothing_going(authorisation, venue, suspend_licence, move, dua, daud, at):
    suspend_licence(venue)
    turn(venue, True, at=at)
    authorisation.refresh_from_db()
    assert authorisation.state == "suspended"
    with pytest.raises(PermissionDenied):
        move(authorisation, "resume", daud)
    assert move(authorisation, "resume", dua).state == "active"


def test_resuming_needs_good_standing(authorisation, venue, suspend_licence, dua, at):
    suspend_licence(venue)
    authorisation = DistributionAuthorisation.objects.get(pk=authorisation.pk)
    refused = unmet(authorisation, "resume", by=dua, at=at)
    assert [each.code for each in refused] == ["venue_is_in_good_standing"]
    assert refused[0].details[0] == "The licence is suspended."


def test_the_database_too_refuses_an_active_authorisation_without_standing(tbill, venue, suspend_licence, dua, at):
    suspend_licence(venue)
    with pytest.raises(DatabaseError), transaction.atomic():
        DistributionAuthorisation.objects.create(
            asset=tbill, venue=venue, limit_units=10, authorised_by=dua, authorised_at=at
        )


def test_a_standing_is_numbered_afresh_with_every_change_and_never_deleted(venue):
    VenueStanding.objects.filter(pk=venue.pk).update(may_distribute=False)
    assert VenueStanding.objects.get(pk=venue.pk).standing_version == venue.standing_version + 1
    with pytest.raises(DatabaseError), transaction.atomic():
        VenueStanding.objects.all()._raw_delete("default")


def test_who_sees_an_authorisation(authorisation, daud, aisha, amina, stranger, omar, at):
    licensed_venue("Ravi Exchange", at=at)
    seen = {
        who: DistributionAuthorisation.objects.visible_to(who).count() for who in (daud, aisha, amina, stranger, omar)
    }
    assert seen == {daud: 1, aisha: 1, amina: 1, stranger: 0, omar: 0}
