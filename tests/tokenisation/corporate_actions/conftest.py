"""Bonds that are issued, and held by a venue."""

import pytest

from pvara.kernel.machine import moves_of
from tests.tokenisation.conftest import debt_terms
from tests.tokenisation.corporate_actions import FIXED
from tokenisation.actions.assets import issue_asset
from tokenisation.actions.authorisations import authorise_venue
from tokenisation.actions.ledger import allocate, place


@pytest.fixture
def issued(propose, approve, daud, at):
    """`issued(coupon="floating", …)`: a bond of three years and a thousand units, issued in March 2026."""

    def made(*, kind: str = "bond", **terms):
        asset = approve(propose(kind=kind, units=1_000, terms=debt_terms(**{**FIXED, **terms})))
        return issue_asset(asset, expected_version=asset.version, by=daud, at=at)

    return made


@pytest.fixture
def held(issued, venue, daud, dua, amina, at):
    """`held(…)`: the bond with three hundred units at a venue: a hundred on its shelf, two hundred with its clients."""

    def made(**terms):
        asset = issued(**terms)
        authorisation = authorise_venue(asset, venue, limit_units=500, by=dua, at=at)
        allocate(authorisation, units=300, key="a", by=daud, at=at)
        place(authorisation, units=200, key="p", by=amina, at=at)
        return authorisation

    return made


@pytest.fixture
def shut():
    """`shut(subject, "announce", "gate", by, on)`: whether that gate of the move is shut."""

    def asked(subject, move, code, by, on):
        (gate,) = [each for each in moves_of(type(subject))[move].gates if each.code == code]
        fresh = type(subject).objects.get(pk=subject.pk)
        return not gate.verdict(fresh, by=by, at=on, move=move)

    return asked
