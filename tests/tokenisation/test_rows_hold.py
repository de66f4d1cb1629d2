"""What the ledger's tables hold by themselves against whoever writes to them by hand."""

import pytest
from django.db import IntegrityError, connection, transaction

from tokenisation import journal_sql
from tokenisation.models import Account, JournalEntry

pytestmark = pytest.mark.django_db

# For each rule a row that breaks it and no other, told by what it has besides an issue that is in order.
BREAKS = {
    "entry_has_units": {"units": 0},
    "entry_maker_is_not_checker": {"checker_id": "maker"},
    "entry_has_checker": {"checker_id": None},
    "entry_names_its_case": {"kind": "freeze"},
    "correction_names_its_entry": {"reverses_id": "first"},
    "only_orders_name_two_venues": {"to_venue_id": "venue"},
    "entry_knows_standing": {"kind": "allocate"},
}


def added(stocked, daud, at, **besides):
    first = JournalEntry.objects.order_by("pk").first()
    words = {"maker": daud.pk, "first": first.pk, "venue": stocked.venue_id}
    said = {
        "asset_id": stocked.asset_id,
        "seq": 99,
        "kind": "issue",
        "units": 5,
        "idempotency_key": "by hand",
        "maker_id": daud.pk,
        "checker_id": first.checker_id,
        "effective_at": at,
        "recorded_at": at,
        "prev_hash": b"",
        "hash": b"",
    } | {name: words.get(value, value) if isinstance(value, str) else value for name, value in besides.items()}
    entry = JournalEntry(**said)
    entry.save(force_insert=True)
    return entry


@pytest.mark.parametrize("name", [name for name, _, _ in journal_sql.ENTRY_HOLDS])
def test_an_entry_that_breaks_one_rule_is_refused_by_its_name(stocked, daud, at, name):
    with pytest.raises(IntegrityError) as failed, transaction.atomic():
        added(stocked, daud, at, **BREAKS[name])
    assert failed.value.__cause__.diag.constraint_name == name
    assert f'violates check constraint "{name}"' in str(failed.value)


def test_an_entry_in_order_is_added(stocked, daud, at):
    with transaction.atomic():
        assert added(stocked, daud, at).pk
        transaction.set_rollback(True)  # it has no postings


def legs(entry, *units_by_account):
    with connection.cursor() as cursor:
        values = ", ".join(f"({entry.pk}, {account}, {units})" for account, units in units_by_account)
        cursor.execute(f"INSERT INTO tokenisation_posting (entry_id, account_id, units) VALUES {values}")


@pytest.fixture
def accounts(stocked):
    return {each.kind: each.pk for each in Account.objects.filter(asset_id=stocked.asset_id)}


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param([("supply", -5)], id="one leg"),
        pytest.param([("supply", -5), ("treasury", 4)], id="unbalanced"),
        pytest.param([("supply", -4), ("treasury", 4)], id="not the entry's units"),
        pytest.param([("supply", -5), ("supply", 5)], id="from an account to itself"),
        pytest.param([("supply", -5), ("treasury", 3), ("inventory", 2)], id="three legs"),
        pytest.param([("supply", -5), (0, 5)], id="an account that is not there"),
    ],
)
def test_legs_that_do_not_suit_their_entry_are_refused(stocked, daud, at, accounts, wrong):
    before = list(Account.objects.order_by("pk").values_list("pk", "units"))
    with pytest.raises(IntegrityError), transaction.atomic():
        legs(added(stocked, daud, at), *((accounts.get(name, name), units) for name, units in wrong))
    assert list(Account.objects.order_by("pk").values_list("pk", "units")) == before


def test_legs_of_an_entry_that_is_not_there_are_refused(stocked, accounts):
    for many in (1, 2):
        rows = [(accounts["supply"], -5), (accounts["treasury"], 5)] * many
        with pytest.raises(IntegrityError), transaction.atomic():
            legs(JournalEntry(pk=0), *rows)


def test_no_leg_is_added_later(stocked, accounts):
    entry = JournalEntry.objects.filter(kind="allocate").last()
    with pytest.raises(IntegrityError, match="one_leg_a_side"), transaction.atomic():
        legs(entry, (accounts["inventory"], -entry.units), (accounts["treasury"], entry.units))


def test_an_account_suits_its_place(stocked):
    for kind, venue in (("clients", None), ("treasury", stocked.venue_id)):
        with pytest.raises(IntegrityError, match="account_kind_suits_place"), transaction.atomic():
            Account.objects.create(asset_id=stocked.asset_id, kind=kind, venue_id=venue)
    with pytest.raises(IntegrityError, match="account_kind_suits_place"), transaction.atomic():
        Account.objects.filter(kind="treasury").update(venue=stocked.venue_id)
