"""The ledger's postings: what each refusal looks like, and that nobody but the posting function writes."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from licensing.models import VenueStanding
from pvara.kernel import audit
from tests.tokenisation.conftest import licensed_venue
from tokenisation import invariants, ledger
from tokenisation.actions.authorisations import authorise_venue
from tokenisation.actions.ledger import allocate, place, take_back
from tokenisation.models import Account, DistributionAuthorisation, JournalEntry, Posting
from tokenisation.states import EntryKind


def refused_with(act) -> tuple[str, str]:
    """The code and the whole sentence of a refusal that changed nothing."""
    before = JournalEntry.objects.count()
    with pytest.raises(ledger.PostingRefused) as refused:
        act()
    assert JournalEntry.objects.count() == before
    return refused.value.code, " ".join(str(each) for each in refused.value.unmet)


def where_units_are(asset) -> dict[str, int]:
    return dict(Account.objects.filter(asset=asset).values_list("kind", "units"))


# ── What is posted ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_units_go_from_the_treasury_to_the_shelf_to_the_clients(stocked, amina, daud, dua, at):
    placed = place(stocked, units=300, key="1", by=amina, at=at)
    back = take_back(stocked, units=200, key="2", by=daud, at=at)
    assert (placed.seq, back.seq) == (3, 4)
    assert where_units_are(stocked.asset) == {
        "supply": -1_000_000,
        "treasury": 999_200,
        "inventory": 500,
        "clients": 300,
        "frozen_shelf": 0,
        "frozen_clients": 0,
    }
    stocked.refresh_from_db()
    assert (stocked.allocated_units, stocked.distributed_units, stocked.shelf_units) == (800, 300, 500)
    assert [(e.kind, e.units, e.maker, e.checker) for e in stocked.asset.entries.order_by("seq")] == [
        ("issue", 1_000_000, daud, dua),
        ("allocate", 1_000, daud, dua),
        ("distribute", 300, amina, None),
        ("return", 200, daud, None),
    ]
    assert list(invariants.check()) == []


def test_every_entry_has_its_audit_row(stocked, amina, at):
    posted = place(stocked, units=300, key="1", by=amina, at=at, case_ref="batch 7")
    last = audit.history(stocked).last()
    assert (last.event, last.actor, last.actor_name, last.at, last.note) == (
        "units_distributed",
        amina,
        "Amina",
        at,
        "batch 7",
    )
    assert last.data == {
        "entry": posted.entry_id,
        "seq": 3,
        "units": 300,
        "source": "inventory",
        "to_venue": None,
        "checker": None,
        "reverses": None,
        "standing_version": 1,
        "key": f"venue:{stocked.venue_id}:1",
    }


# ── Who may ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_only_the_venues_own_people_place(stocked, stranger, daud, at):
    for person in (stranger, daud):
        with pytest.raises(PermissionDenied):
            place(stocked, units=1, key="1", by=person, at=at)


def test_only_the_debt_office_allocates_and_takes_back(stocked, amina, dua, at):
    for act in (allocate, take_back):
        for person in (amina, dua):
            with pytest.raises(PermissionDenied):
                act(stocked, units=1, key="1", by=person, at=at)


def test_whoever_authorised_the_venue_does_not_allocate(authorisation, dua, at):
    from pvara.kernel import roles

    roles.grant(dua, "debt_officer", by=None, at=at)
    assert refused_with(lambda: allocate(authorisation, units=1, key="1", by=dua, at=at)) == (
        "maker_is_checker",
        "Whoever approved this cannot carry it out.",
    )


# ── Refusals ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_suspended_licence_stops_allocation_and_placement_with_the_reason(
    stocked, venue, suspend_licence, amina, daud, at
):
    suspend_licence(venue)
    for act, person in ((place, amina), (allocate, daud)):
        code, sentence = refused_with(lambda act=act, person=person: act(stocked, units=1, key="1", by=person, at=at))
        assert code == "venue_not_in_good_standing"
        assert sentence.startswith("The venue is not in good standing. The licence is suspended.")


def test_units_come_back_from_a_suspended_venue(stocked, venue, suspend_licence, daud, at):
    suspend_licence(venue)
    take_back(stocked, units=1_000, key="1", by=daud, at=at)
    assert where_units_are(stocked.asset)["treasury"] == 1_000_000


def test_standing_ends_with_its_term_by_the_databases_clock(stocked, venue, amina, at):
    ended = timezone.now() - timedelta(seconds=1)
    VenueStanding.objects.filter(pk=venue.pk).update(holds_until=ended)
    # The application's clock may say what it likes.
    stocked.valid_from = None  # its own days are asked by the moment that is given, and are not the question here
    assert refused_with(lambda: place(stocked, units=1, key="1", by=amina, at=at - timedelta(days=900))) == (
        "venue_not_in_good_standing",
        f"The venue is not in good standing. Its standing ended on {timezone.localdate(ended)}.",
    )


def test_a_venue_without_authorisation(tbill, daud, at):
    other = licensed_venue("Ravi Exchange", at=at)
    unsaved = DistributionAuthorisation(asset=tbill, venue=other)
    assert refused_with(lambda: allocate(unsaved, units=1, key="1", by=daud, at=at)) == (
        "not_authorised",
        "The venue is not authorised to distribute this asset.",
    )


def test_a_suspended_authorisation(stocked, move, dua, amina, at):
    move(stocked, "suspend", dua)
    assert refused_with(lambda: place(stocked, units=1, key="1", by=amina, at=at)) == (
        "authorisation_not_active",
        "The venue's authorisation for this asset is not active. It is suspended.",
    )


def test_a_paused_asset(stocked, move, dua, amina, at):
    move(stocked.asset, "pause", dua)
    assert refused_with(lambda: place(stocked, units=1, key="1", by=amina, at=at)) == (
        "asset_not_issued",
        "The asset is not open for this entry. It is paused.",
    )


def test_at_the_venues_limit_and_one_beyond(authorisation, daud, at):
    assert refused_with(lambda: allocate(authorisation, units=10_001, key="1", by=daud, at=at)) == (
        "over_limit",
        "More units than the venue's limit allows. 10,001 asked for, 10,000 left.",
    )
    allocate(authorisation, units=10_000, key="2", by=daud, at=at)


def test_at_the_shelf_and_one_beyond(stocked, amina, daud, at):
    assert refused_with(lambda: place(stocked, units=1_001, key="1", by=amina, at=at)) == (
        "over_allocation",
        "More units than the venue has on its shelf. 1,001 asked for, 1,000 left.",
    )
    place(stocked, units=1_000, key="2", by=amina, at=at)
    assert refused_with(lambda: take_back(stocked, units=1, key="3", by=daud, at=at))[0] == "over_allocation"


def test_one_venues_shelf_is_not_anothers(stocked, tbill, dua, amina, at):
    # The asset as a whole has units on shelves; this venue has none.
    other = authorise_venue(tbill, licensed_venue("Ravi Exchange", at=at), limit_units=10, by=dua, at=at)
    from guardian.shortcuts import assign_perm

    assign_perm("licensing.represent_firm", amina, other.venue.firm)
    assert refused_with(lambda: place(other, units=1, key="1", by=amina, at=at)) == (
        "over_allocation",
        "More units than the venue has on its shelf. 1 asked for, 0 left.",
    )


def test_beyond_the_treasury(propose, approve, venue, daud, dua, at):
    from tokenisation.actions.assets import issue_asset

    asset = approve(propose(units=100))
    asset = issue_asset(asset, expected_version=asset.version, by=daud, at=at)
    first = authorise_venue(asset, venue, limit_units=100, by=dua, at=at)
    second = authorise_venue(asset, licensed_venue("Ravi Exchange", at=at), limit_units=100, by=dua, at=at)
    allocate(first, units=60, key="1", by=daud, at=at)
    assert refused_with(lambda: allocate(second, units=41, key="2", by=daud, at=at)) == (
        "over_supply",
        "More units than the treasury holds. 41 asked for, 40 left.",
    )
    allocate(second, units=40, key="3", by=daud, at=at)


def test_a_second_issue_is_over_the_cap(tbill, daud, at):
    act = lambda: ledger.post(EntryKind.ISSUE, tbill, units=1, key="again", maker_id=daud.pk, at=at)  # noqa: E731  one act
    assert refused_with(act) == ("over_cap", "More units than were authorised. 1 asked for, 0 left.")


@pytest.mark.parametrize(("units", "key"), [(0, "1"), (-5, "1"), (5, "")])
def test_a_malformed_entry(stocked, daud, at, units, key):
    act = lambda: ledger.post(  # noqa: E731  one act
        EntryKind.ALLOCATE,
        stocked.asset,
        units=units,
        key=key,
        maker_id=daud.pk,
        at=at,
        venue_id=stocked.venue_id,
    )
    assert refused_with(act)[0] == "malformed"


@pytest.mark.django_db(transaction=True)
def test_another_isolation_level_is_refused(stocked, amina, at):
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    try:
        assert refused_with(lambda: place(stocked, units=1, key="1", by=amina, at=at))[0] == "wrong_isolation"
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED")


# ── The same key ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_same_key_gives_the_same_answer(stocked, amina, at):
    first = place(stocked, units=1_000, key="1", by=amina, at=at)
    again = place(stocked, units=1_000, key="1", by=amina, at=at + timedelta(hours=1))
    assert (first.replayed, again.replayed) == (False, True)
    assert (again.entry_id, again.seq, again.hash) == (first.entry_id, first.seq, first.hash)


def test_and_does_so_after_a_suspension(stocked, venue, suspend_licence, amina, at):
    first = place(stocked, units=1_000, key="1", by=amina, at=at)
    suspend_licence(venue)
    assert place(stocked, units=1_000, key="1", by=amina, at=at).entry_id == first.entry_id


def test_another_act_under_the_same_key_is_refused(stocked, amina, at):
    place(stocked, units=10, key="1", by=amina, at=at)
    assert refused_with(lambda: place(stocked, units=11, key="1", by=amina, at=at)) == (
        "key_reused",
        "This idempotency key belongs to another entry.",
    )


def test_the_debt_offices_keys_are_not_the_venues(stocked, amina, at):
    assert place(stocked, units=10, key="stock", by=amina, at=at).replayed is False


# ── No other hand ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_entries_and_postings_never_change(stocked):
    for change in (
        lambda: JournalEntry.objects.update(units=7),
        lambda: JournalEntry.objects.all()._raw_delete("default"),
        lambda: Posting.objects.update(units=7),
        lambda: Posting.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_balance_is_never_set(stocked):
    for change in (
        lambda: Account.objects.filter(kind="clients").update(units=5),
        lambda: Account.objects.filter(kind="clients").delete(),
        lambda: Account.objects.create(
            asset=stocked.asset, venue=licensed_venue("Ravi", at=stocked.authorised_at), kind="clients", units=5
        ),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_posting_is_neither_unbalanced_nor_added_later(stocked):
    entry = JournalEntry.objects.get(kind="allocate")
    shelf, clients = (Account.objects.get(kind=kind) for kind in ("inventory", "clients"))
    for postings in (
        [Posting(entry=entry, account=shelf, units=5)],
        [Posting(entry=entry, account=shelf, units=-5), Posting(entry=entry, account=clients, units=5)],
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            Posting.objects.bulk_create(postings)


def test_an_entry_without_postings_is_not_committed(stocked, daud, at):
    JournalEntry.objects.create(
        asset=stocked.asset,
        seq=99,
        kind="return",
        venue=stocked.venue,
        units=5,
        idempotency_key="bare",
        maker=daud,
        effective_at=at,
        recorded_at=at,
        prev_hash=b"",
        hash=b"",
    )
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    # The test's own rollback would otherwise meet the same refusal.
    transaction.set_rollback(True)
