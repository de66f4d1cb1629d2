"""Amending a draft: what it becomes, what it cannot be, and that two people never write over each other unseen."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from pvara.kernel import audit
from pvara.kernel.machine import MoveRefused
from pvara.kernel.seen import ChangedMeanwhile
from tests.tokenisation.conftest import debt_terms, seen
from tests.tokenisation.test_assets import gold
from tokenisation.actions.assets import amend_draft
from tokenisation.models import Asset
from tokenisation.states import InvestorClass


def test_a_draft_says_what_it_was_amended_to(propose, daud, at):
    draft = propose()
    said = {"authorised_units": 500, "guarantor": "State Bank of Pakistan", "tax_note": "15% is withheld."}
    said |= {"lockup_until": date(2026, 9, 1), "non_resident_allowed": True}
    terms = debt_terms(rate_bp=1200)
    asset = amend_draft(draft, terms=terms, seen=seen(draft), by=daud, at=at, **said)
    assert {name: getattr(asset, name) for name in said} == said
    assert (asset.debt_terms.rate_bp, asset.version) == (1200, draft.version + 1)
    last = audit.history(asset).last()
    assert (last.event, last.data) == ("amended", {"fields": sorted([*said, "rate_bp"])})


def test_only_a_debt_officer_amends(propose, dua, aisha, amina, at):
    draft = propose()
    for person in (dua, aisha, amina):
        with pytest.raises(PermissionDenied):
            amend_draft(draft, seen=seen(draft), by=person, at=at, name="Another name")


def test_from_review_on_nothing_is_amended(propose, reviewed, daud, at):
    asset = reviewed(propose())
    with pytest.raises(MoveRefused) as refused:
        amend_draft(asset, seen=seen(asset), by=daud, at=at, name="Another name")
    assert [str(each) for each in refused.value.unmet] == [
        "Only a draft is amended. Withdraw it and propose another asset."
    ]


def test_the_second_of_two_is_told_what_the_first_one_wrote(propose, daud, at):
    draft = propose()
    before = seen(draft)
    amend_draft(draft, seen=before, by=daud, at=at, issuer="Ministry of Finance")
    with pytest.raises(ChangedMeanwhile) as told:
        amend_draft(draft, seen=before, by=daud, at=at, issuer="The Government")
    assert (told.value.now["issuer"], told.value.entry.actor_name) == ("Ministry of Finance", "Daud")
    # Something else of it may still be written by whoever saw that.
    amend_draft(draft, seen=before, by=daud, at=at, name="A bill")
    asset = amend_draft(draft, seen=seen(draft), by=daud, at=at, issuer="The Government")
    assert (asset.issuer, asset.name) == ("The Government", "A bill")


def test_terms_are_not_written_over_unseen_either(propose, daud, at):
    draft = propose()
    before = seen(draft)
    amend_draft(draft, terms=debt_terms(rate_bp=1200), seen=before, by=daud, at=at)
    with pytest.raises(ChangedMeanwhile) as told:
        amend_draft(draft, terms=debt_terms(rate_bp=1300), seen=before, by=daud, at=at)
    assert told.value.now["rate_bp"] == 1200


def test_what_a_draft_becomes_suits_the_terms_it_keeps(propose, daud, at):
    bill, reserve = propose(), gold(propose)
    with pytest.raises(ValidationError) as wrong:
        amend_draft(bill, seen=seen(bill), by=daud, at=at, kind="bond")
    assert wrong.value.message_dict == {"coupon": ["Sovereign bond: choose fixed or floating."]}
    for asset, kind in ((bill, "gold"), (reserve, "bond")):
        with pytest.raises(MoveRefused) as refused:
            amend_draft(asset, seen=seen(asset), by=daud, at=at, kind=kind)
        assert [each.code for each in refused.value.unmet] == ["terms_suit_kind"]
    terms = debt_terms(coupon="fixed", payments_a_year=2)  # of ten years
    assert amend_draft(bill, kind="bond", terms=terms, seen=seen(bill), by=daud, at=at).kind == "bond"


def test_what_is_wrong_is_told_by_its_field_and_changes_nothing(propose, daud, at):
    draft = propose()
    with pytest.raises(ValidationError) as refused:
        amend_draft(draft, seen=seen(draft), by=daud, at=at, issuer_lei="NOT AN LEI", cfi="X")
    assert sorted(refused.value.message_dict) == ["cfi", "issuer_lei"]
    assert Asset.objects.get(pk=draft.pk).version == draft.version


def test_somebody_may_buy_it(propose, daud, at):
    draft = propose()
    assert draft.eligible_investors == [InvestorClass.INSTITUTIONAL]
    with pytest.raises(ValidationError, match="Say who may buy it"):
        amend_draft(draft, seen=seen(draft), by=daud, at=at, institutional_allowed=False)
    with pytest.raises(IntegrityError, match="somebody_may_buy_the_asset"), transaction.atomic():
        Asset.objects.filter(pk=draft.pk).update(institutional_allowed=False)
    asset = amend_draft(draft, seen=seen(draft), by=daud, at=at, retail_allowed=True, institutional_allowed=False)
    assert asset.eligible_investors == [InvestorClass.RETAIL]
