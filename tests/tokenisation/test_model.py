"""The ledger against a pure model of it: whatever is done in whatever order, both say the same."""

from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from licensing.models import VenueStanding
from pvara.kernel.machine import perform
from tests.tokenisation.conftest import licensed_venue, turn
from tests.tokenisation.model import Paper, Refusal, Shelf
from tokenisation import invariants, ledger
from tokenisation.actions.assets import issue_asset
from tokenisation.actions.authorisations import authorise_venue
from tokenisation.models import Account, Asset, DistributionAuthorisation
from tokenisation.states import EntryKind

KINDS = st.sampled_from([EntryKind.ALLOCATE, EntryKind.DISTRIBUTE, EntryKind.RETURN])
UNITS = st.integers(1, 8)


def test_the_ledger_is_the_model(propose, approve, daud, dua, at):
    asset = approve(propose(units=20))
    asset = issue_asset(asset, expected_version=asset.version, by=daud, at=at)
    authorisations = [
        authorise_venue(asset, licensed_venue(name, at=at), limit_units=limit, by=dua, at=at)
        for name, limit in (("Indus Exchange", 15), ("Ravi Exchange", 8))
    ]

    class Ledger(RuleBasedStateMachine):
        keys = Bundle("keys")

        def __init__(self) -> None:
            super().__init__()
            self.world = transaction.atomic()
            self.world.__enter__()
            self.paper = Paper(20, {each.venue_id: Shelf(each.limit_units) for each in authorisations})

        def teardown(self) -> None:
            try:
                assert list(invariants.check()) == []
            finally:
                transaction.set_rollback(True)
                self.world.__exit__(None, None, None)

        def deliver(self, kind, number, units, key) -> None:
            venue = authorisations[number].venue_id
            try:
                expected = self.paper.post(str(kind), venue, units, key)
            except Refusal as refusal:
                expected = refusal.code
            try:
                said = ledger.post(kind, asset, units=units, key=key, maker_id=daud.pk, at=at, venue_id=venue).seq
            except ledger.PostingRefused as refusal:
                said = refusal.code
            assert said == expected

        @rule(target=keys, kind=KINDS, number=st.integers(0, 1), units=UNITS, key=st.uuids().map(str))
        def post(self, kind, number, units, key):
            self.deliver(kind, number, units, key)
            return (kind, number, units, key)

        @rule(act=keys)
        def deliver_again(self, act):
            self.deliver(*act)

        @rule(act=keys, units=UNITS)
        def reuse_the_key(self, act, units):
            kind, number, _, key = act
            self.deliver(kind, number, units, key)

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
            paper = {("supply", None): -20, ("treasury", None): self.paper.treasury}
            for venue, shelf in self.paper.venues.items():
                paper |= {("inventory", venue): shelf.shelf, ("clients", venue): shelf.clients}
            assert said == paper

    run_state_machine_as_test(
        Ledger, settings=settings(max_examples=20, stateful_step_count=25, deadline=None, print_blob=True)
    )
