"""The renewal of a term, apart from the licence's own state, and variations of what a licence covers."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from licensing import standing
from licensing.actions import licences, renewals
from licensing.models import Invoice, Licence, Renewal, TariffRow, Variation
from pvara.demo import life, path
from pvara.kernel.machine import MoveRefused, perform, unmet


@pytest.fixture
def licence(firm, people, at):
    """Licensed on 6 March 2026, for a year: its term ends on 5 March 2027."""
    return path.licensed(firm, people=people, at=at)


def shut(case, name, *, by=None, at):
    fresh = type(case).objects.get(pk=case.pk)
    return {each.code: each.details for each in unmet(fresh, name, by=by, at=at)}


def charge(kind, amount, at):
    TariffRow.objects.create(
        kind=kind, amount_pkr=amount, effective_from=at.date(), mark="I", source="A test.", entered_at=at
    )


# ── Renewal ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_term_is_renewed_and_another_waits_behind_it(licence, people, farah, at, later):
    charge("renewal", "5000", at)
    renewal = Renewal.objects.get(licence=licence)
    # 5 December 2026 is ninety days before the term ends.
    assert (renewal.state, renewals.fall_due(later(275)), renewals.fall_due(later(276))) == ("not_due", 0, 1)
    renewal.refresh_from_db()
    with pytest.raises(ValidationError, match="Declare that nothing has changed"):
        renewals.submit_renewal(
            renewal, declaration=" ", by=people.applicant, at=later(300), expected_version=renewal.version
        )
    renewal = renewals.submit_renewal(
        renewal, declaration="No change.", by=people.applicant, at=later(300), expected_version=renewal.version
    )
    invoice = Invoice.objects.about(renewal).get()
    refused = shut(renewal, "renew", at=later(301))
    assert refused["renewal_fee_is_paid"] == (f"{invoice.number}: PKR 5,000.00 of PKR 5,000.00 is not paid.",)
    assert refused["no_invoice_is_unpaid"] == (f"{invoice.number}: PKR 5,000.00.",)
    path.pay(renewal, people=people, at=later(301))
    # Evidence has expired since the grant; a renewal is decided on the score of the day.
    path.vote(renewal, "renew", people=people, at=later(301))
    assert list(shut(renewal, "renew", at=later(301))) == ["score_clears_g4"]
    path.prove_again(licence.firm, people=people, at=later(301))
    assert shut(renewal, "renew", at=later(302)) == {}
    path.step(renewal, "renew", by=people.member, at=later(302))
    licence.refresh_from_db()
    renewal.refresh_from_db()
    assert (str(licence.valid_to), str(renewal.renewed_to), renewal.state) == ("2028-03-05", "2028-03-05", "renewed")
    assert list(Renewal.objects.filter(licence=licence).values_list("state", flat=True)) == ["not_due", "renewed"]


def test_a_renewal_that_was_asked_for_in_time_carries_the_licence(licence, people, danish, at, later):
    assert licence.is_in_term(later(366)) is True
    renewal = life.renewal_asked(licence, people=people, at=later(366))
    fresh = Licence.objects.get(pk=licence.pk)
    assert (renewal.in_time, fresh.is_in_term(later(400)), licences.expire_licences(later(400))) == (True, True, 0)
    reasons = standing.standing_of(licence).reasons
    assert [each for each in reasons if each.startswith("The term")] == []
    with pytest.raises(MoveRefused, match="asked for in time"):
        perform(fresh, "expire", by=None, at=later(400), expected_version=fresh.version)
    path.decide(renewal, "refuse_renewal", people=people, at=later(400), note="The score is below the bar.")
    assert Licence.objects.get(pk=licence.pk).is_in_term(later(400)) is False
    assert licences.expire_licences(later(400)) == 1
    assert Licence.objects.get(pk=licence.pk).state == "expired"


def test_a_renewal_asked_for_late_carries_nothing_and_needs_a_licence_in_force(licence, people, danish, later):
    renewal = life.renewal_asked(licence, people=people, at=later(368))
    assert (renewal.in_time, Licence.objects.get(pk=licence.pk).is_in_term(later(368))) == (False, False)
    life.suspend(licence, people=people, at=later(368))
    assert shut(renewal, "renew", at=later(369))["licence_is_in_force"] == (f"{licence.reference} is suspended.",)
    assert list(shut(renewal, "renew", by=people.assessor, at=later(369)))[-2:] == [
        "decider_did_not_assess",
        "votes_carry_the_decision",
    ]


def test_a_term_has_one_renewal(licence, later):
    with pytest.raises(IntegrityError, match="one_renewal_a_term"), transaction.atomic():
        licences.open_renewal(licence, at=later(3))
    assert renewals.open_missing_renewals(later(3)) == 0


# ── Variation ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_variation_adds_and_removes_and_the_standing_follows(licence, people, danish, later):
    variation = life.variation_asked(licence, people=people, at=later(3), remove=["exchange"])
    assert (variation.added, variation.removed, variation.resulting_activities()) == (
        ["brokerage"],
        ["exchange"],
        ["custody", "brokerage"],
    )
    assert list(shut(variation, "vary", by=danish, at=later(3))) == ["votes_carry_the_decision"]
    path.vote(variation, "vary", people=people, at=later(3))
    assert shut(variation, "vary", by=danish, at=later(3)) == {}
    assert list(shut(variation, "vary", by=people.moderator, at=later(3))) == ["decider_did_not_assess"]
    path.step(variation, "vary", by=danish, at=later(3))
    licence.refresh_from_db()
    assert licence.activities == ["custody", "brokerage"]
    assert standing.standing_of(licence).reasons == ["The licence does not cover exchange."]


def test_a_variation_waits_for_capital_criteria_and_fee(licence, people, at, later):
    charge("variation", "38000", at)
    milestone = licence.application.setup.milestones.get(code="M7")
    milestone.particulars = {**milestone.particulars, "capital_pkr": "1"}
    milestone.save(update_fields=["particulars"])
    path.rate_anew(licence.firm, "8.3", people=people, at=later(3), rating=2)
    variation = life.variation_asked(licence, people=people, at=later(3))
    path.vote(variation, "vary", people=people, at=later(3))
    refused = shut(variation, "vary", at=later(3))
    assert list(refused) == [
        "variation_fee_is_paid",
        "criteria_of_the_added_activities_are_met",
        "capital_reaches_the_varied_licence",
    ]
    less = Variation.objects.filter(pk=variation.pk)
    less.update(added=[], removed=["custody"])
    # Who takes on less needs neither more capital nor more criteria.
    assert list(shut(variation, "vary", at=later(3))) == ["variation_fee_is_paid"]


def test_what_cannot_be_varied_is_said_at_once(licence, people, later):
    def faults(**changed):
        with pytest.raises(ValidationError) as refused:
            life.variation_asked(licence, people=people, at=later(3), **changed)
        return refused.value

    assert list(faults(add=["custody"]).message_dict) == ["add"]
    assert list(faults(add=[], remove=["advisory"]).message_dict) == ["remove"]
    assert list(faults(add=[], remove=["exchange", "custody"]).message_dict) == ["remove"]
    assert list(faults(add=[]).message_dict) == ["add"]
    variation = life.variation_asked(licence, people=people, at=later(3))
    assert faults().messages == ["Another variation is not decided yet; withdraw it first."]
    path.step(variation, "withdraw", by=people.applicant, at=later(3), note="Not now.")
    again = life.variation_asked(licence, people=people, at=later(4))
    path.decide(again, "refuse_variation", people=people, at=later(4), note="Too early.")
    assert list(Variation.objects.values_list("state", flat=True)) == ["refused", "withdrawn"]
