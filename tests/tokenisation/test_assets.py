"""Proposing, approving and issuing: who may, what stands in the way, and what it takes from the programme's cap."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from pvara.kernel import audit
from pvara.kernel.machine import MoveRefused, perform
from tests.tokenisation.conftest import SOURCE, debt_terms, hand_in_needed
from tokenisation import invariants
from tokenisation.actions.assets import (
    issue_asset,
    propose_asset,
    record_approval,
)
from tokenisation.actions.attestations import record_attestation
from tokenisation.actions.night import run_night
from tokenisation.actions.programme import record_rate
from tokenisation.ledger import PostingRefused, outstanding, post
from tokenisation.models import Approval, Asset, CommodityTerms, FxRate, Programme, counts_at_market
from tokenisation.states import Authority, EntryKind


def refusal(refused) -> list[str]:
    return [str(each) for each in refused.value.unmet]


def codes(refused) -> list[str]:
    return [each.code for each in refused.value.unmet]


def gold(propose, **changed):
    terms = CommodityTerms(
        commodity="Gold",
        grade="995",
        unit_of_measure="gram",
        quantity_per_unit=10,
        site="Karachi",
        custodian="State Bank of Pakistan",
        receipt_no="V-1",
        price_usd_cents=13_333,
        price_source="LBMA",
        price_as_of=date(2026, 3, 2),
    )
    return propose(kind="gold", code="gold-1", units=1_000, terms=terms, currency="USD", unit_nominal=0, **changed)


def attest(asset, *, quantity, daud, at, dua=None, days=90):
    """What daud records of a document, and dua accepts if she is named."""
    made = record_attestation(
        asset,
        custodian="State Bank of Pakistan",
        quantity=quantity,
        unit_of_measure="gram",
        as_of=at,
        expires_at=at + timedelta(days=days),
        document_sha256="0" * 64,
        by=daud,
        at=at,
    )
    return perform(made, "accept", by=dua, at=at, expected_version=0) if dua else made


# ── Proposing ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_only_the_debt_office_proposes(programme, dua, amina, stranger, at):
    for person in (dua, amina, stranger):
        with pytest.raises(PermissionDenied):
            propose_asset(programme, by=person, at=at, code="x", authorised_units=1)


def test_a_proposal_without_terms_is_not_reviewed(programme, daud, move, at):
    bare = propose_asset(
        programme,
        by=daud,
        at=at,
        code="bare",
        name="A bill",
        kind="tbill",
        issuer="Government of Pakistan",
        legal_nature="claim",
        risk_text="Not said yet.",
        authorised_units=10,
    )
    hand_in_needed(bare, by=daud, at=at)
    with pytest.raises(MoveRefused) as refused:
        move(bare, "submit_for_review", daud)
    assert codes(refused) == ["terms_are_complete"]


def test_a_debt_without_a_nominal_is_not_reviewed(propose, reviewed):
    with pytest.raises(MoveRefused) as refused:
        reviewed(propose(unit_nominal=0))
    assert refusal(refused) == ["The terms of the asset are not complete. A unit of debt has a nominal."]


def test_a_code_is_given_once(propose):
    propose(code="mtb")
    with pytest.raises(ValidationError) as refused:
        propose(code="mtb")
    assert refused.value.message_dict == {"code": ["Asset with this Internal code already exists."]}


def test_terms_belong_to_the_kind_of_asset(propose):
    with pytest.raises(MoveRefused) as refused:
        propose(kind="gold", terms=debt_terms())
    assert codes(refused) == ["terms_suit_kind"]


# ── Approving ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_every_authority_must_have_approved(propose, reviewed, move, dua, at):
    asset = reviewed(propose())
    record_approval(asset, authority=Authority.SBP, reference="SBP/7/2026", by=dua, at=at)
    with pytest.raises(MoveRefused) as refused:
        move(asset, "approve", dua)
    assert refusal(refused) == [
        "Not every authority has approved the asset. Ministry of Finance, Debt Management Office has not approved it."
        " PVARA has not approved it."
    ]


def test_an_authority_approves_once(propose, reviewed, dua, at):
    asset = reviewed(propose())
    record_approval(asset, authority=Authority.SBP, reference="SBP/7/2026", by=dua, at=at)
    with pytest.raises(MoveRefused) as refused:
        record_approval(asset, authority=Authority.SBP, reference="SBP/8/2026", by=dua, at=at)
    assert codes(refused) == ["authority_is_outstanding"]


def test_the_proposer_neither_records_nor_approves(propose, reviewed, move, daud, dua, at):
    from pvara.kernel import roles

    roles.grant(daud, "debt_approver", by=None, at=at)
    asset = reviewed(propose())
    with pytest.raises(MoveRefused) as refused:
        record_approval(asset, authority=Authority.SBP, reference="SBP/7/2026", by=daud, at=at)
    assert codes(refused) == ["approver_is_not_proposer"]
    for authority in asset.authorities:
        record_approval(asset, authority=authority, reference="7", by=dua, at=at)
    with pytest.raises(MoveRefused) as refused:
        move(asset, "approve", daud)
    assert codes(refused) == ["approver_is_not_proposer"]


def test_the_database_too_keeps_proposer_and_approver_apart(propose, daud, at):
    asset = propose()
    with pytest.raises(IntegrityError), transaction.atomic():
        Asset.objects.filter(pk=asset.pk).update(approved_by=daud)
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.create(
            asset=asset, authority="sbp", reference="7", proposed_by=daud, recorded_by=daud, recorded_at=at
        )


def test_approval_commits_the_cap_at_the_rate_of_the_day(propose, approve, programme):
    asset = approve(propose(units=1_000_000))
    # 5,000 rupees at 280 are 17.86 dollars, rounded up; a million of them.
    assert (asset.unit_usd_cents, asset.reserved_usd_cents) == (1786, 1_786_000_000)
    assert (asset.fx_rate, asset.fx_source, asset.fx_as_of) == (280, SOURCE, date(2026, 3, 2))
    programme.refresh_from_db()
    assert programme.committed_usd_cents == 1_786_000_000
    assert [entry.event for entry in audit.history(programme)] == ["cap_committed"]


def test_without_a_dated_rate_there_is_no_approval(propose, approvable, says, move, dua, at):
    says("programme.currencies.tbill", ["PKR", "EUR"])
    asset = approvable(propose(currency="EUR"))
    with pytest.raises(MoveRefused) as refused:
        move(asset, "approve", dua)
    assert refusal(refused) == [
        "The asset cannot be valued in US dollars. "
        "There is no dated rate for EUR by this source: State Bank of Pakistan."
    ]


def test_a_rate_of_tomorrow_is_not_used_today(propose, approve, at):
    FxRate.objects.create(currency="PKR", date=at.date() + timedelta(days=1), per_usd=1, source=SOURCE)
    assert approve(propose()).fx_rate == 280


def test_the_cap_is_reached_to_the_cent_and_not_passed(propose, approve, approvable, move, dua, programme):
    Programme.objects.filter(pk=programme.pk).update(cap_usd_cents=1786 * 1_000)
    approve(propose(units=999))
    last = approvable(propose(units=2))
    with pytest.raises(MoveRefused) as refused:
        move(last, "approve", dua)
    assert refusal(refused) == [
        "The programme's cap leaves no room for this asset. It counts US$35.72; the headroom is US$17.86."
    ]
    approve(propose(units=1))
    programme.refresh_from_db()
    assert programme.headroom_usd_cents == 0


def test_the_database_too_refuses_to_pass_the_cap(programme):
    with pytest.raises(IntegrityError), transaction.atomic():
        Programme.objects.filter(pk=programme.pk).update(committed_usd_cents=programme.cap_usd_cents + 1)


def test_cancelling_gives_the_cap_back(propose, approve, move, dua, programme):
    asset = move(approve(propose()), "cancel", dua)
    programme.refresh_from_db()
    assert (programme.committed_usd_cents, asset.reserved_usd_cents) == (0, 0)
    assert list(invariants.check()) == []


def test_under_a_cumulative_cap_what_was_approved_counts_also_when_it_is_cancelled(
    propose, approve, approvable, move, dua, programme, says
):
    Programme.objects.filter(pk=programme.pk).update(cap_usd_cents=1786 * 1_500)
    given_back = move(approve(propose(units=1_000)), "cancel", dua)
    says("programme.cumulative_cap", True)
    kept = move(approve(propose(units=1_000)), "cancel", dua)
    programme.refresh_from_db()
    assert (programme.committed_usd_cents, given_back.reserved_usd_cents) == (1_786_000, 0)
    assert (kept.state, kept.reserved_usd_cents) == ("cancelled", 1_786_000)
    with pytest.raises(MoveRefused) as refused:
        move(approvable(propose(units=501)), "approve", dua)
    assert refusal(refused) == [
        "The programme's cap leaves no room for this asset. It counts US$8,947.86; the headroom is US$8,930.00."
    ]
    assert [entry.event for entry in audit.history(programme)] == [
        "cap_committed",
        "cap_released",
        "cap_committed",
        "cap_kept",
    ]
    assert list(invariants.check()) == []


# ── Whose rates count ────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_rate_is_recorded_by_the_source_that_the_setting_names_for_its_day(programme, says, daud, at):
    says("fx.source", "Financial Markets Association", on=date(2026, 3, 4))
    recorded = [
        record_rate("PKR", on=date(2026, 3, day), per_usd=Decimal(280 + day), by=daud, at=at).source for day in (3, 4)
    ]
    assert recorded == [SOURCE, "Financial Markets Association"]


def test_once_another_source_counts_the_rates_of_the_former_one_value_nothing(
    propose, approve, approvable, move, says, daud, dua, at
):
    assert approve(propose()).fx_source == SOURCE
    says("fx.source", "Financial Markets Association")
    asset = approvable(propose())
    with pytest.raises(MoveRefused) as refused:
        move(asset, "approve", dua)
    assert refusal(refused) == [
        "The asset cannot be valued in US dollars. "
        "There is no dated rate for PKR by this source: Financial Markets Association."
    ]
    record_rate("PKR", on=at.date(), per_usd=Decimal(279), by=daud, at=at)
    assert (move(asset, "approve", dua).fx_rate, asset.programme.assets.count()) == (279, 2)


# ── Commodities ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_commodity_counts_quantity_times_price_less_haircut(propose, at):
    # 10 grams at US$133.33 less 20%.
    assert gold(propose).valuation(at).unit_cents == 106_664


def test_a_commodity_is_approved_up_to_what_is_attested(propose, approvable, move, daud, dua, at):
    asset = approvable(gold(propose))
    with pytest.raises(MoveRefused) as refused:
        move(asset, "approve", dua)
    assert refusal(refused) == [
        "The reserve behind the asset is not attested. No accepted attestation of the reserve is in force."
    ]
    # After a haircut of 20%.
    attest(asset, quantity=12_499, daud=daud, dua=dua, at=at)
    with pytest.raises(MoveRefused) as refused:
        move(asset, "approve", dua)
    assert refusal(refused) == [
        "The reserve behind the asset is not attested. The units need 10,000 gram; 12,499 gram are attested, "
        "which cover 9,999 after the haircut."
    ]
    attest(asset, quantity=12_500, daud=daud, dua=dua, at=at)
    assert move(asset, "approve", dua).state == "approved"


def test_an_attestation_that_has_run_out_blocks_the_issue(propose, approvable, move, daud, dua, at, later):
    asset = approvable(gold(propose))
    attest(asset, quantity=12_500, daud=daud, dua=dua, at=at, days=90)
    asset = move(asset, "approve", dua)
    with pytest.raises(MoveRefused) as refused:
        issue_asset(asset, expected_version=asset.version, by=daud, at=later(90))
    assert codes(refused) == ["reserve_is_attested"]


# ── Issue and afterwards ─────────────────────────────────────────────────────────────────────────────────────────────
def test_issue_mints_every_authorised_unit_into_the_treasury(tbill, daud, dua):
    asset = Asset.objects.get(pk=tbill.pk)
    assert (asset.state, asset.minted_units, asset.treasury_units, outstanding(asset)) == (
        "issued",
        1_000_000,
        1_000_000,
        1_000_000,
    )
    entry = asset.entries.get()
    assert (entry.seq, entry.kind, entry.units, entry.maker, entry.checker) == (1, "issue", 1_000_000, daud, dua)
    assert list(invariants.check()) == []


def test_whoever_approved_does_not_issue(propose, approve, dua, at):
    from pvara.kernel import roles

    asset = approve(propose())
    roles.grant(dua, "debt_officer", by=None, at=at)
    with pytest.raises(MoveRefused) as refused:
        issue_asset(asset, expected_version=asset.version, by=dua, at=at)
    assert codes(refused) == ["issuer_is_not_approver"]


def test_an_asset_matures_by_itself_on_its_day(tbill, at):
    day_before = at.replace(year=2036, month=2, day=29)
    assert run_night(at=day_before).matured == []
    assert run_night(at=day_before + timedelta(days=1)).matured == [tbill.code]
    assert run_night(at=day_before + timedelta(days=2)).matured == []
    assert Asset.objects.get(pk=tbill.pk).state == "matured"


def test_who_sees_an_asset(propose, tbill, venue, daud, dua, aisha, amina, stranger, omar):
    draft = propose()
    seen = {who: list(Asset.objects.visible_to(who)) for who in (daud, dua, aisha, amina, stranger, omar)}
    assert seen == {
        daud: [draft, tbill],
        dua: [draft, tbill],
        aisha: [draft, tbill],
        amina: [tbill],
        stranger: [],
        omar: [],
    }


def test_the_ledger_itself_issues_no_more_than_is_covered(propose, approvable, move, daud, dua, at, later):
    asset = approvable(gold(propose))
    attest(asset, quantity=12_500, daud=daud, dua=dua, at=at, days=90)
    asset = move(asset, "approve", dua)
    issued = issue_asset(asset, expected_version=asset.version, by=daud, at=at)
    Asset.objects.filter(pk=issued.pk).update(authorised_units=1_001)
    for units, when in ((1, at), (1, later(91))):
        with pytest.raises(PostingRefused) as refused:
            post(EntryKind.ISSUE, issued, units=units, key="more", maker_id=daud.pk, at=when)
        assert refused.value.code == "not_backed"
    attest(asset, quantity=12_513, daud=daud, dua=dua, at=at, days=90)
    assert post(EntryKind.ISSUE, issued, units=1, key="more", maker_id=daud.pk, at=at).seq == 2


def test_headroom_at_market_moves_with_the_rate_and_the_cap_does_not(propose, approve, programme, at, later):
    approve(propose(units=100))
    assert counts_at_market(programme, at) == 100 * 1786
    FxRate.objects.create(currency="PKR", date=date(2026, 4, 1), per_usd=Decimal("250"), source=SOURCE)
    assert counts_at_market(programme, later(40)) == 100 * 2000
    programme.refresh_from_db()
    assert programme.committed_usd_cents == 100 * 1786


def test_headroom_at_market_asks_no_more_for_many_assets(propose, approve, programme, at, django_assert_num_queries):
    # The assets, the source that counts and the rate; commodities keep their price.
    for number in (1, 3):
        for _ in range(number):
            approve(propose(units=1))
        with django_assert_num_queries(3):
            counts_at_market(programme, at)


def test_headroom_at_market_is_unknown_without_a_rate(propose, approve, programme, at):
    approve(propose(units=1))
    assert counts_at_market(programme, at.replace(month=1)) is None
