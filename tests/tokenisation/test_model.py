"""The ledger against a pure model of it: whatever is done in whatever order, both say the same."""

from django.db import transaction
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from licensing.models import VenueStanding
from pvara.kernel.machine import perform
from tests.tokenisation.conftest import bills, debt_terms, licensed_venue, turn
from tests.tokenisation.model import WAYS, Paper, Refusal, Shelf
from tokenisation import invariants, ledger
from tokenisation.actions.assets import issue_asset
from tokenisation.actions.authorisations import authorise_venue
from tokenisation.models import Account, Asset, DistributionAuthorisation, HoldingsReturn, JournalEntry
from tokenisation.states import AccountKind, EntryKind, LimitScope

WAY = st.sampled_from([(kind, source) for kind, sources in WAYS.items() for source in sources])
UNITS = st.integers(1, 8)


def test_the_ledger_is_the_model(programme, limit, propose, approve, daud, dua, at):
    # A bond, for a treasury bill is not redeemed early.
    terms = debt_terms(coupon="fixed", payments_a_year=2)
    asset = approve(propose(units=20, kind="bond", terms=terms, retail_allowed=True))
    # Any venue may hold 12 units, retail clients 5.
    bills(programme, 1)
    limit(LimitScope.VENUE, 12)
    limit(LimitScope.INVESTORS, 5, of_class="retail")
    asset = issue_asset(asset, expected_version=asset.version, by=daud, at=at)
    authorisations = [
        authorise_venue(asset, licensed_venue(name, at=at), limit_units=limit, by=dua, at=at)
        for name, limit in (("Indus Exchange", 15), ("Ravi Exchange", 8))
    ]
    venues = [each.venue_id for each in authorisations]

    class Ledger(RuleBasedStateMachine):
        keys = Bundle("keys")

        def __init__(self) -> None:
            super().__init__()
            self.world = transaction.atomic()
            self.world.__enter__()
            self.told = [0, 0]
            empty = {("treasury", None): 20, ("redeemed", None): 0}
            accounts = ("inventory", "clients", "frozen_shelf", "frozen_clients")
            empty |= {(kind, venue): 0 for kind in accounts for venue in venues}
            self.paper = Paper({each.venue_id: Shelf(each.limit_units) for each in authorisations}, empty, most=12)

        def teardown(self) -> None:
            try:
                # The cap is the redeeming action's to give back; here the ledger posts alone.
                told = [each.name for each in invariants.check() if not each.name.startswith("The programme's")]
                assert told == []
            finally:
                transaction.set_rollback(True)
                self.world.__exit__(None, None, None)

        def deliver(self, kind, source, number, other, units, key, of="") -> None:
            venue, to_venue = venues[number], venues[1 - number] if other else None
            try:
                expected = self.paper.post(kind, source, venue, to_venue, units, key, of)
            except Refusal as refusal:
                expected = refusal.code
            reversed_entry = JournalEntry.objects.get(idempotency_key=of) if of else None
            if kind == "distribute" and key[0] in "01234567":
                # With others or alone is the same: what would pass alone passes, and refusals and echoes are left.
                fresh = not JournalEntry.objects.filter(idempotency_key=key).exists()
                placement = ledger.Placement(key, asset.pk, venue, units, daud.pk, "HC/7/2026", "", at)
                made = ledger._place_together([placement])
                assert bool(made) == (fresh and isinstance(expected, int))
                if made:
                    assert made[0].seq == expected
                    return
            try:
                said = ledger.post(
                    EntryKind(kind),
                    asset,
                    source=AccountKind(source) if source else None,
                    units=units,
                    key=key,
                    maker_id=daud.pk,
                    checker_id=dua.pk,
                    reverses_id=reversed_entry.pk if reversed_entry else None,
                    case_ref="HC/7/2026",
                    at=at,
                    venue_id=venue,
                    to_venue_id=to_venue,
                ).seq
            except ledger.PostingRefused as refusal:
                said = refusal.code
            assert said == expected

        @rule(target=keys, way=WAY, number=st.integers(0, 1), other=st.booleans(), units=UNITS, key=st.uuids().map(str))
        def post(self, way, number, other, units, key):
            act = (*way, number, other and way[0] == "forced", units, key)
            self.deliver(*act)
            return act

        @rule(act=keys)
        def deliver_again(self, act):
            self.deliver(*act)

        @rule(act=keys, units=UNITS)
        def reuse_the_key(self, act, units):
            *same, _, key = act
            self.deliver(*same, units, key)

        @rule(act=keys, key=st.uuids().map(str))
        def correct(self, act, key):
            _, _, number, other, units, of = act
            if of in self.paper.answered and self.paper.answered[of][0][4] == units:
                self.deliver("correct", "", number, other, units, key, of)

        @rule(number=st.integers(0, 1))
        def turn_the_switch(self, number):
            venue = authorisations[number].venue_id
            shelf = self.paper.venues[venue]
            shelf.standing = not shelf.standing
            # Lost standing stops the authorisation; regained standing sets nothing going.
            shelf.active = shelf.active and shelf.standing
            turn(VenueStanding.objects.get(pk=venue), shelf.standing, at=at)

        @rule(number=st.integers(0, 1))
        def stop_or_resume_the_authorisation(self, number):
            shelf = self.paper.venues[authorisations[number].venue_id]
            if shelf.active or (shelf.standing and self.paper.issued):
                shelf.active = not shelf.active
                self.move(DistributionAuthorisation, authorisations[number].pk, "resume" if shelf.active else "suspend")

        @rule(number=st.integers(0, 1), units=st.sampled_from([0, 5, 6]))
        def say_what_retail_clients_hold(self, number, units):
            """The latest return of each venue counts, and five units in all are at the bar."""
            self.told[number] = units
            self.paper.retail_is_full = sum(self.told) > 5
            HoldingsReturn.objects.create(
                authorisation=authorisations[number],
                as_of=timezone.localdate(at),
                units_held=units,
                holders=min(units, 1),
                retail_units=units,
                institutional_units=0,
                non_resident_units=0,
                filed_by=daud,
                filed_at=at,
            )

        @rule()
        def pause_or_go_on(self):
            self.paper.issued = not self.paper.issued
            self.move(Asset, asset.pk, "end_pause" if self.paper.issued else "pause")

        def move(self, model, pk, name) -> None:
            row = model.objects.get(pk=pk)
            perform(row, name, by=dua, at=at, expected_version=row.version, note="For the record.")

        @invariant()
        def the_balances_agree(self):
            rows = Account.objects.filter(asset=asset).values_list("kind", "venue_id", "units")
            said = {(kind, venue): units for kind, venue, units in rows}
            redeemed = self.paper.units["redeemed", None]
            paper = {place: units for place, units in self.paper.units.items() if place[0] != "redeemed"}
            assert said == paper | {("supply", None): redeemed - 20}

    run_state_machine_as_test(
        Ledger, settings=settings(max_examples=25, stateful_step_count=30, deadline=None, print_blob=True)
    )
