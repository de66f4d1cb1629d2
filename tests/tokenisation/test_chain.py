"""The port for a chain: with none nothing is pretended, with one its supply is asked for with the other invariants."""

import inspect

import pytest
from django.core.management import CommandError, call_command

from tokenisation import invariants
from tokenisation.actions.checks import check_ledger
from tokenisation.actions.reconciliation import record_register
from tokenisation.chain import ChainGateway, ChainUnavailable, Deployment, gateway
from tokenisation.chain.mirror import NAME
from tokenisation.chain.none import NONE, NoChain

DEPLOYED = Deployment("mtb-1", chain_id=7, address="0x1", confirmations=12)
COMMANDS = {
    "deploy_suite": ("mtb-1",),
    "register_venue": (DEPLOYED, "PVARA/FULL/2026/0001", "0x2"),
    "mint": (DEPLOYED, "0x2", 1),
    "freeze_venue": (DEPLOYED, "PVARA/FULL/2026/0001"),
    "revoke_venue": (DEPLOYED, "PVARA/FULL/2026/0001"),
    "pause": (DEPLOYED,),
    "forced_transfer": (DEPLOYED, "0x2", "0x3", 1),
}


class Mirror(NoChain):
    """A chain that has the bill, with a supply that a test sets."""

    units: int | None = 1_000_000

    def deployments(self) -> tuple[Deployment, ...]:
        return (DEPLOYED,)

    def supply(self, deployment: Deployment) -> int:
        return super().supply(deployment) if self.units is None else self.units


@pytest.fixture
def chain(settings, monkeypatch):
    """`chain(5)`: a chain is connected that says there are five units; None is one that does not answer."""

    def connected(units: int | None) -> None:
        monkeypatch.setattr(Mirror, "units", units)
        settings.CHAIN_GATEWAY = f"{__name__}.Mirror"

    return connected


def test_by_default_there_is_none_and_it_says_so():
    found = gateway()
    assert isinstance(found, NoChain)
    assert (list(found.deployments()), list(found.events(from_block=0))) == ([], [])
    for name, said in COMMANDS.items():
        with pytest.raises(ChainUnavailable, match=NONE):
            getattr(found, name)(*said, key="one")
    with pytest.raises(ChainUnavailable, match=NONE):
        found.supply(DEPLOYED)


def test_it_answers_everything_that_the_port_asks():
    asked = {name: each for name, each in vars(ChainGateway).items() if not name.startswith("_")}
    assert {*COMMANDS, "deployments", "events", "supply"} == set(asked)
    for name, each in asked.items():
        assert inspect.signature(each) == inspect.signature(getattr(NoChain, name))


def test_without_a_chain_its_invariant_is_not_counted_among_those_that_hold(tbill, chain, at):
    alone = check_ledger(at=at)
    chain(1_000_000)
    beside = check_ledger(at=at)
    assert (alone.holds, beside.holds) == (True, True)
    assert beside.invariants == alone.invariants + 1


@pytest.mark.parametrize("units", [999_999, 1_000_001, None])
def test_a_supply_that_differs_or_cannot_be_read_breaks_it_until_a_break_stands(tbill, chain, daud, at, units):
    chain(units)
    [broken] = invariants.check()
    assert (broken.name, broken.rows) == (NAME, (tbill.pk,))
    with pytest.raises(CommandError):
        call_command("check_ledger")
    record_register(tbill, as_of=at.date(), units=1, reference="R/1", by=daud, at=at)
    assert list(invariants.check()) == []
