"""The days on which an authorisation is valid: refused outside them, lapsed after them, renewed when they are moved."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from pvara.kernel import audit
from pvara.kernel.machine import MoveRefused, StaleVersion, perform, unmet
from tests.tokenisation.conftest import turn
from tokenisation import invariants
from tokenisation.actions.assets import issue_asset
from tokenisation.actions.authorisations import authorise_venue, change_last_day
from tokenisation.actions.ledger import allocate, freeze, place, post_file, take_back
from tokenisation.actions.night import run_night
from tokenisation.ledger import Line
from tokenisation.models import DistributionAuthorisation, JournalEntry
from tokenisation.states import AccountKind


@pytest.fixture
def today(at):
    return timezone.localdate(at)


@pytest.fixture
def days(at):
    """`days(2)`: two days later."""
    return lambda number: at + timedelta(days=number)


@pytest.fixture
def valid(tbill, venue, dua, today, at):
    """Valid from tomorrow, for three days."""
    first, last = today + timedelta(days=1), today + timedelta(days=3)
    return authorise_venue(tbill, venue, limit_units=100, valid_from=first, valid_to=last, by=dua, at=at)


def refused(act) -> list[str]:
    with pytest.raises(MoveRefused) as refusal:
        act()
    return [each.code for each in refusal.value.unmet]


# ── Authorising ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_authorisation_says_its_days(valid, authorise_again, today):
    assert (valid.valid_from, valid.valid_to) == (today + timedelta(days=1), today + timedelta(days=3))
    assert valid.validity == "Valid from 5 March 2026 to 7 March 2026."
    said = audit.history(valid).get().data
    assert (said["valid_from"], said["valid_to"]) == ("2026-03-05", "2026-03-07")
    open_ended = authorise_again()
    assert (open_ended.valid_from, open_ended.valid_to) == (today, None)
    assert open_ended.validity == "Valid from 4 March 2026 with no last day."


@pytest.fixture
def authorise_again(propose, approve, venue, daud, dua, at):
    """The venue's authorisation for another asset, on the days that are given."""

    def authorised(**days):
        asset = approve(propose())
        asset = issue_asset(asset, expected_version=asset.version, by=daud, at=at)
        return authorise_venue(asset, venue, limit_units=100, **days, by=dua, at=at)

    return authorised


@pytest.mark.parametrize(
    ("first", "last", "codes"),
    [
        (-1, None, ["validity_begins_today_or_later"]),
        (2, 1, ["validity_ends_after_it_begins"]),
        (None, -1, ["validity_ends_after_it_begins"]),
        (0, 0, None),
        (2, 2, None),
    ],
)
def test_days_that_have_passed_or_run_backwards(authorise_again, today, first, last, codes):
    days = {name: today + timedelta(days=n) for name, n in (("valid_from", first), ("valid_to", last)) if n is not None}
    if codes is None:
        assert authorise_again(**days).state == "active"
    else:
        assert refused(lambda: authorise_again(**days)) == codes


def test_the_database_too_refuses_days_that_run_backwards(valid):
    with pytest.raises(IntegrityError, match="authorisation_ends_after_it_begins"), transaction.atomic():
        DistributionAuthorisation.objects.filter(pk=valid.pk).update(valid_to=valid.valid_from - timedelta(days=1))


# ── Posting ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_nothing_is_allocated_or_placed_outside_its_days(valid, amina, daud, days):
    acts = {
        "allocate": lambda on: allocate(valid, units=2, key=f"a{on}", by=daud, at=days(on)),
        "place": lambda on: place(valid, units=1, key=f"p{on}", by=amina, at=days(on)),
        "file": lambda on: post_file(valid, [Line(f"f{on}", 1)], by=amina, at=days(on)),
    }
    for on in (0, 4):
        for act in acts.values():
            assert refused(lambda a=act, n=on: a(n)) == ["authorisation_not_valid"]
    assert JournalEntry.objects.exclude(kind="issue").count() == 0
    for on in (1, 3):
        for act in acts.values():
            act(on)
    assert JournalEntry.objects.exclude(kind="issue").count() == 6
    assert list(invariants.check()) == []


def test_a_refusal_says_which_days_they_are(valid, daud, at):
    with pytest.raises(MoveRefused) as refusal:
        allocate(valid, units=1, key="a", by=daud, at=at)
    [shut] = refusal.value.unmet
    assert (shut.reason, shut.details) == (
        "The venue's authorisation for this asset is not valid on this day.",
        ("Valid from 5 March 2026 to 7 March 2026.",),
    )


def test_what_was_posted_is_answered_again_after_the_last_day(valid, amina, daud, days):
    allocate(valid, units=10, key="a", by=daud, at=days(1))
    first = place(valid, units=1, key="p", by=amina, at=days(1))
    lines = [Line("f1", 1), Line("f2", 1)]
    post_file(valid, lines, by=amina, at=days(1))
    assert place(valid, units=1, key="p", by=amina, at=days(9)).entry_id == first.entry_id
    assert [each.replayed for each in post_file(valid, lines, by=amina, at=days(9))] == [True, True]
    # One new line makes it a file of that day.
    more = [*lines, Line("f3", 1)]
    assert refused(lambda: post_file(valid, more, by=amina, at=days(9))) == ["authorisation_not_valid"]


def test_the_way_back_does_not_wait_for_it(valid, daud, days):
    allocate(valid, units=10, key="a", by=daud, at=days(1))
    freeze(valid, source=AccountKind.INVENTORY, units=1, key="z", case_ref="HC/7", by=daud, at=days(9))
    assert take_back(valid, units=9, key="b", by=daud, at=days(9)).replayed is False


# ── Lapse and renewal ────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_night_after_the_last_day_lets_it_lapse(valid, days):
    run_night(at=days(3))
    valid.refresh_from_db()
    assert valid.state == "active"
    for _ in range(2):
        run_night(at=days(4))
    valid.refresh_from_db()
    assert (valid.state, valid.version) == ("lapsed", 1)
    last = audit.history(valid).last()
    assert (last.event, last.actor, last.to_state) == ("lapse", None, "lapsed")


def test_it_lapses_from_suspension_too_and_is_not_resumed_after_its_last_day(valid, move, dua, days):
    move(valid, "suspend", dua)
    valid.refresh_from_db()
    assert [each.code for each in unmet(valid, "resume", by=dua, at=days(3))] == []
    shut = unmet(valid, "resume", by=dua, at=days(4))
    assert [(each.code, each.details) for each in shut] == [
        ("authorisation_has_not_run_out", ("It was 7 March 2026. Move the last day first.",))
    ]
    assert [each.code for each in unmet(valid, "lapse", by=None, at=days(3))] == ["authorisation_has_run_out"]
    run_night(at=days(4))
    valid.refresh_from_db()
    assert valid.state == "lapsed"


def test_a_lapsed_one_posts_again_once_its_last_day_is_moved_and_it_is_renewed(valid, amina, daud, dua, today, days):
    allocate(valid, units=10, key="a", by=daud, at=days(1))
    run_night(at=days(4))
    valid.refresh_from_db()
    renewed = {"by": dua, "at": days(4), "note": "By the board's decision 9."}
    assert [each.code for each in unmet(valid, "renew", by=dua, at=days(4))] == ["authorisation_has_not_run_out"]
    moved = change_last_day(
        valid, valid_to=today + timedelta(days=4), reasons="Decision 9.", expected_version=1, by=dua, at=days(4)
    )
    # The day alone does not set it going.
    assert refused(lambda: place(moved, units=1, key="p", by=amina, at=days(4))) == ["authorisation_not_active"]
    perform(moved, "renew", expected_version=2, **renewed)
    assert place(moved, units=1, key="p", by=amina, at=days(4)).replayed is False
    assert list(invariants.check()) == []


def test_it_is_not_renewed_at_a_venue_that_has_lost_its_standing(valid, venue, dua, today, days):
    run_night(at=days(4))
    valid.refresh_from_db()
    change_last_day(
        valid, valid_to=today + timedelta(days=9), reasons="Longer.", expected_version=1, by=dua, at=days(4)
    )
    turn(venue, False, at=days(4))
    valid = DistributionAuthorisation.objects.get(pk=valid.pk)
    assert valid.state == "lapsed"
    assert [each.code for each in unmet(valid, "renew", by=dua, at=days(4))] == ["venue_is_in_good_standing"]


def test_who_moves_the_last_day_and_to_when(valid, move, daud, amina, dua, today, at):
    said = {"valid_to": today + timedelta(days=2), "reasons": "Shorter.", "expected_version": 0, "at": at}
    for person in (daud, amina):
        with pytest.raises(PermissionDenied):
            change_last_day(valid, **said, by=person)
    for wrong, code in (
        ({"valid_to": today}, "last_day_is_to_come"),
        ({"valid_to": today - timedelta(days=1)}, "last_day_is_to_come"),
        ({"reasons": " "}, "reasons_are_given"),
        ({"expected_version": 7}, "authorisation_is_as_it_was"),
    ):
        assert refused(lambda w=wrong: change_last_day(valid, **{**said, **w}, by=dua)) == [code]
    changed = change_last_day(valid, **said, by=dua)
    last = audit.history(valid).last()
    assert (changed.valid_to, changed.version, last.event) == (said["valid_to"], 1, "last_day_changed")
    assert (last.note, last.data) == ("Shorter.", {"from": "2026-03-07", "to": "2026-03-06"})
    with pytest.raises(StaleVersion):
        perform(valid, "suspend", by=dua, at=at, expected_version=0, note="Why.")
    move(valid, "terminate", dua)
    assert refused(lambda: change_last_day(valid, **{**said, "expected_version": 2}, by=dua)) == [
        "authorisation_is_as_it_was"
    ]
