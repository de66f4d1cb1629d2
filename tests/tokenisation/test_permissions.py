"""Permissions to settle and their ends: proposed by one person, confirmed by another, on the list from their day."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from pvara.kernel import audit
from pvara.kernel.machine import MoveRefused, moves_of
from tests.tokenisation.test_invariants import by_hand
from tests.tokenisation.test_ledger import refused_with
from tokenisation import invariants
from tokenisation.actions.ledger import place
from tokenisation.actions.settlement import propose_permission
from tokenisation.models import SettlementAsset, SettlementPermission, settlement_assets

TOMORROW = date(2026, 3, 5)
SAID = {"source": "Decision 8/2026", "reasons": "It is redeemed at par."}
NEW = {"name": "Rupee coin", "kind": "stablecoin", "currency": "PKR"}


@pytest.fixture
def permit(db, daud, at):
    """`permit("USD1", …)`: proposed by daud, permitted from tomorrow on unless told otherwise."""
    call_command("load_settlement_assets", verbosity=0)

    def proposed(code: str = "USD1", **more) -> SettlementPermission:
        return propose_permission(
            code, **{"permitted": True, "effective_from": TOMORROW, **SAID, **more}, by=daud, at=at
        )

    return proposed


def on_the_list(day: date) -> dict[str, bool]:
    return {each.code: each.permitted for each in settlement_assets(day)}


def shut(permission, by, at) -> list[str]:
    fresh = SettlementPermission.objects.get(pk=permission.pk)
    gates = moves_of(SettlementPermission)["confirm"].gates
    return [each.code for each in gates if not each.verdict(fresh, by=by, at=at, move="confirm")]


def test_one_proposes_another_confirms_and_the_list_says_so_from_its_day(permit, move, daud, dua, stocked, amina, at):
    proposal = permit()
    assert (proposal.name, proposal.kind, proposal.currency) == ("USD1 stablecoin", "stablecoin", "USD")
    assert on_the_list(TOMORROW) == {"PKR": True, "DPKR": False, "USD1": False}
    with pytest.raises(PermissionDenied):
        move(proposal, "confirm", daud)
    assert move(proposal, "confirm", dua).decided_by == dua
    assert on_the_list(TOMORROW) == {"PKR": True, "USD1": True, "DPKR": False}
    # Until then nothing is settled in it, and afterwards anything may be.
    tomorrow = at + timedelta(days=1)
    refused = refused_with(lambda: place(stocked, units=1, key="1", by=amina, at=at, settlement="USD1"))
    assert refused[0] == "settlement_not_permitted"
    place(stocked, units=1, key="1", by=amina, at=tomorrow, settlement="USD1")
    row = SettlementAsset.objects.get(permission=proposal)
    assert (row.mark, row.source) == ("F", f"Decision 8/2026 ({proposal.reference}).")
    assert [each.event for each in audit.history(proposal)] == ["proposed", "confirm"]
    assert list(invariants.check()) == []


def test_its_end_is_a_newer_row(permit, move, dua, stocked, amina, at):
    move(permit(), "confirm", dua)
    end = permit(permitted=False, effective_from=TOMORROW + timedelta(days=2))
    move(end, "confirm", dua)
    assert [on_the_list(TOMORROW + timedelta(days=days))["USD1"] for days in range(3)] == [True, True, False]
    place(stocked, units=1, key="1", by=amina, at=at + timedelta(days=2), settlement="USD1")
    late = refused_with(
        lambda: place(stocked, units=1, key="2", by=amina, at=at + timedelta(days=3), settlement="USD1")
    )
    assert late[0] == "settlement_not_permitted"
    assert list(invariants.check()) == []


def test_what_is_new_to_the_list_says_what_it_is(permit, move, dua):
    for wrong in ({}, {"name": "Rupee coin"}, {**NEW, "kind": "coin"}):
        with pytest.raises(ValidationError):
            permit("PKRC", **wrong)
    with pytest.raises(ValidationError) as refused:
        permit("USD1", name="Another name")
    assert refused.value.message_dict == {"name": ["The list says USD1 stablecoin of USD1."]}
    move(permit("PKRC", **NEW), "confirm", dua)
    assert on_the_list(TOMORROW)["PKRC"] is True
    assert [each.code for each in settlement_assets(TOMORROW) if each.is_default] == ["PKR"]


# ── Gates ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_confirmer_is_not_the_proposer(permit, daud, dua, at):
    proposal = permit()
    assert shut(proposal, daud, at) == ["permit_confirmer_is_not_proposer"]
    assert shut(proposal, dua, at) == []


def test_it_begins_on_a_day_to_come(permit, dua, at):
    proposal = permit()
    assert shut(proposal, dua, timezone.make_aware(timezone.datetime(2026, 3, 4, 23, 59))) == []
    assert shut(proposal, dua, at + timedelta(days=1)) == ["permit_begins_on_a_day_to_come"]


def test_a_later_row_stands_in_the_way_and_an_earlier_one_does_not(permit, move, dua, at):
    earlier, later = permit(), permit(effective_from=TOMORROW + timedelta(days=5))
    same_day = permit()
    move(later, "confirm", dua)
    assert shut(earlier, dua, at) == ["no_later_row_is_listed"]
    with pytest.raises(MoveRefused) as refused:
        move(earlier, "confirm", dua)
    assert [each.details for each in refused.value.unmet] == [("USD1 is permitted from 10 March 2026.",)]
    assert shut(same_day, dua, at) == ["no_later_row_is_listed"]
    end = permit(permitted=False, effective_from=TOMORROW + timedelta(days=6))
    assert shut(end, dua, at) == []


def test_what_changes_nothing_is_not_confirmed(permit, dua, at):
    for code, permitted, because in (("USD1", False, True), ("USD1", True, False), ("PKR", True, True)):
        assert ("permit_is_a_change" in shut(permit(code, permitted=permitted), dua, at)) is because
    assert shut(permit("PKRC", permitted=False, **NEW), dua, at) == ["permit_is_a_change"]


def test_the_default_stays_permitted(permit, dua, at):
    assert shut(permit("PKR", permitted=False), dua, at) == ["default_stays_permitted"]
    assert shut(permit("DPKR"), dua, at) == []


# ── In the database ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_database_asks_for_two_people(permit, daud):
    proposal = permit()
    with pytest.raises(IntegrityError, match="settlement_confirmer_is_not_proposer"), transaction.atomic():
        by_hand(f"UPDATE tokenisation_settlementpermission SET decided_by_id = {daud.pk} WHERE id = {proposal.pk}")


def test_the_list_takes_no_row_of_a_proposal_that_is_not_confirmed_or_says_otherwise(permit, move, dua):
    proposal = permit()
    row = {
        **dict.fromkeys(["mark", "source"], "F"),
        **{name: getattr(proposal, name) for name in ("code", "name", "kind", "currency", "permitted")},
        "permission": proposal,
    }
    with pytest.raises(IntegrityError, match="a confirmed permission says"), transaction.atomic():
        SettlementAsset.objects.create(**row, effective_from=TOMORROW)
    move(proposal, "confirm", dua)
    with pytest.raises(IntegrityError, match="a confirmed permission says"), transaction.atomic():
        SettlementAsset.objects.create(**row, effective_from=TOMORROW + timedelta(days=1))


def test_what_a_proposal_says_is_never_changed(permit):
    proposal = SettlementPermission.objects.filter(pk=permit().pk)
    for said in ({"permitted": False}, {"effective_from": TOMORROW + timedelta(days=1)}, {"code": "PKR"}):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            proposal.update(**said)


def test_what_was_refused_or_withdrawn_changes_nothing(permit, move, daud, dua, at):
    move(permit(), "refuse", dua)
    move(permit(), "withdraw", daud)
    assert on_the_list(TOMORROW)["USD1"] is False
    assert SettlementAsset.objects.filter(permission__isnull=False).count() == 0
