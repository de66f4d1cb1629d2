"""The life of an asset: its identifiers and terms, the Shariah committee, and how it lapses, defaults and ends."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from pvara.kernel.machine import MoveRefused, moves_of
from tests.tokenisation.conftest import debt_terms
from tests.tokenisation.test_ledger import refused_with
from tokenisation import identifiers, invariants
from tokenisation.actions.assets import issue_asset, record_approval
from tokenisation.actions.authorisations import authorise_venue
from tokenisation.actions.ledger import allocate, place, post_file
from tokenisation.actions.night import run_night
from tokenisation.actions.redemptions import redeem, redeem_treasury
from tokenisation.ledger import Line
from tokenisation.models import Asset
from tokenisation.states import AccountKind, Authority

# Of a bill of twelve months.
WEEKS = timedelta(weeks=52)
SUKUK = {"coupon": "rental", "payments_a_year": 2, "shariah_compliant": True, "maturity_date": date(2029, 3, 1)}


@pytest.fixture
def shut():
    """`shut(asset, "issue", "gate", on)`: whether that gate of the move is shut on that day."""

    def asked(asset, move, code, on):
        (gate,) = [each for each in moves_of(Asset)[move].gates if each.code == code]
        return not gate.verdict(Asset.objects.get(pk=asset.pk), by=None, at=on, move=move)

    return asked


# ── Identifiers ──────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("isin", "PK0000000015", "PK0000000016"),
        ("lei", "5493001KJTIIGC8Y1R12", "5493001KJTIIGC8Y1R13"),
        ("cfi", "DBFTFB", "XBFTFB"),
        ("dti", "X9J9K872S", "A9J9K872S"),
    ],
)
def test_an_identifier_is_checked_by_its_own_rule(kind, right, wrong):
    assert [identifiers.is_valid(kind, code) for code in (right, wrong, right.lower(), right[:-1])] == [
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("field", "wrong", "kind"), [("isin", "PK0000000016", "isin"), ("issuer_lei", "X", "lei"), ("cfi", "ABC", "cfi")]
)
def test_an_asset_is_not_proposed_under_a_wrong_one(propose, field, wrong, kind):
    with pytest.raises(ValidationError) as refused:
        propose(**{field: wrong})
    assert refused.value.message_dict == {field: [identifiers.SAYS[kind]]}


# ── Terms ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("kind", "terms", "wrong"),
    [
        ("tbill", {"coupon": "zero"}, {}),
        (
            "tbill",
            {"coupon": "fixed", "issue_date": date(2035, 3, 1)},
            {"coupon": ["Treasury bill: choose zero coupon, at a discount."]},
        ),
        ("bond", {"coupon": "floating", "payments_a_year": 2}, {}),
        ("bond", {"coupon": "rental"}, {"coupon": ["Sovereign bond: choose fixed or floating."]}),
        ("bond", {"coupon": "fixed"}, {"payments_a_year": ["Say how often it pays in a year: 1, 2, 4 or 12 times."]}),
        ("sukuk", SUKUK, {}),
        ("sukuk", {**SUKUK, "coupon": "fixed"}, {"coupon": ["Ijara sukuk: choose rental (ijara)."]}),
        (
            "sukuk",
            {**SUKUK, "shariah_compliant": False},
            {"shariah_compliant": ["A sukuk is offered as compliant with Shariah: confirm it."]},
        ),
    ],
)
def test_each_kind_of_debt_pays_in_its_own_way(propose, kind, terms, wrong):
    if not wrong:
        assert propose(kind=kind, terms=debt_terms(**terms)).state == "draft"
        return
    with pytest.raises(ValidationError) as refused:
        propose(kind=kind, terms=debt_terms(**terms))
    assert refused.value.message_dict == wrong


def test_a_rental_is_never_called_interest():
    assert [debt_terms(coupon=coupon).rate_words for coupon in ("zero", "fixed", "floating", "rental")] == [
        "Yield",
        "Coupon",
        "First coupon",
        "Rental rate",
    ]


def test_the_shariah_committee_is_asked_where_compliance_is_claimed(propose, reviewed, move, dua, at):
    sukuk = reviewed(propose(kind="sukuk", terms=debt_terms(**SUKUK)))
    for authority in (Authority.MOF, Authority.SBP, Authority.PVARA):
        record_approval(sukuk, authority=authority, reference="7", by=dua, at=at)
    with pytest.raises(MoveRefused) as refused:
        move(sukuk, "approve", dua)
    assert [(each.code, each.details) for each in refused.value.unmet] == [
        ("authorities_have_approved", ("Shariah committee has not approved it.",))
    ]
    record_approval(sukuk, authority=Authority.SHARIAH, reference="7", by=dua, at=at)
    assert move(sukuk, "approve", dua).state == "approved"


def test_and_nowhere_else(propose, reviewed, dua, at):
    bill = reviewed(propose())
    with pytest.raises(MoveRefused) as refused:
        record_approval(bill, authority=Authority.SHARIAH, reference="7", by=dua, at=at)
    assert [each.code for each in refused.value.unmet] == ["authority_is_asked"]


# ── Lapse ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_approval_lapses_after_six_months_and_gives_the_cap_back(propose, approve, shut, programme, at):
    asset = approve(propose())
    last = timezone.make_aware(datetime(2026, 9, 3, 10, 0))
    for on, over in ((last, False), (last + timedelta(days=1), True)):
        assert shut(asset, "lapse", "approval_has_run_out", on) is not over
        assert shut(asset, "issue", "approval_is_in_time", on) is over
    run_night(at=last)
    assert Asset.objects.get().state == "approved"
    run_night(at=last + timedelta(days=1))
    programme.refresh_from_db()
    assert (Asset.objects.get().state, programme.committed_usd_cents) == ("lapsed", 0)
    assert list(invariants.check()) == []


# ── The end ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def ending(propose, approve, venue, daud, dua, amina, at):
    """`ending(matures_on)`: a bill of a hundred units of which a venue has sold ten, and has ten more."""

    def made(matures_on: date):
        asset = approve(propose(units=100, terms=debt_terms(issue_date=matures_on - WEEKS, maturity_date=matures_on)))
        asset = issue_asset(asset, expected_version=asset.version, by=daud, at=at)
        authorisation = authorise_venue(asset, venue, limit_units=50, by=dua, at=at)
        allocate(authorisation, units=20, key="a", by=daud, at=at)
        place(authorisation, units=10, key="p", by=amina, at=at)
        return authorisation

    return made


def test_distribution_stops_after_the_record_date(ending, amina, daud, at):
    today = timezone.localdate()
    # Five days before it matures, by the database's clock; the last day is still open.
    authorisation = ending(today + timedelta(days=5))
    assert Asset.objects.get().distribution_ends == today
    Asset.objects.update(distribution_ends=today - timedelta(days=1))
    for act in (
        lambda: place(authorisation, units=1, key="1", by=amina, at=at),
        lambda: allocate(authorisation, units=1, key="2", by=daud, at=at),
        lambda: post_file(authorisation, [Line("3", 1)], by=amina, at=at),
    ):
        assert refused_with(act)[0] == "past_record_date"
    # The night has marked it by then, and the reason stays the same.
    run_night(at=at + timedelta(days=1000))
    assert Asset.objects.get().state == "matured"
    for act in (
        lambda: place(authorisation, units=1, key="4", by=amina, at=at),
        lambda: post_file(authorisation, [Line("5", 1)], by=amina, at=at),
    ):
        assert refused_with(act)[0] == "past_record_date"


def test_a_matured_bill_is_redeemed_to_the_last_unit(ending, move, shut, programme, daud, at):
    authorisation = ending(timezone.localdate() + timedelta(days=400))
    matured = at + timedelta(days=1000)
    run_night(at=matured)
    asset = Asset.objects.get()
    assert asset.state == "matured"
    paid = {"case_ref": "SBP/9", "by": daud, "at": matured}
    redeem_treasury(asset, units=80, key="t", **paid)
    redeem(authorisation, source=AccountKind.INVENTORY, units=10, key="s", **paid)
    assert shut(asset, "close_redeemed", "nothing_is_outstanding", matured)
    run_night(at=matured)
    assert Asset.objects.get().state == "matured"
    redeem(authorisation, source=AccountKind.CLIENTS, units=10, key="c", **paid)
    assert not shut(asset, "close_redeemed", "nothing_is_outstanding", matured)
    run_night(at=matured)
    programme.refresh_from_db()
    assert (Asset.objects.get().state, programme.committed_usd_cents) == ("redeemed", 0)
    assert list(invariants.check()) == []
