"""The gates of a licence's life and of its money, each seen shut and open; a test names every gate there is."""

import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from licensing.actions import fees, licences
from licensing.models import AmlRegistration, Appeal, Condition, Finding, Licence, Renewal, Variation
from pvara.demo import life, path
from pvara.kernel.machine import machines, moves_of

TESTS = Path(__file__).parents[1]


def fresh(row):
    return type(row)._base_manager.get(pk=row.pk)


@pytest.fixture
def shut(at):
    """`shut(row, "suspend", "gate")`: whether a gate of a move is among those that stand in the way."""

    def asked(row, move, code, *, by=None, on=None):
        row = fresh(row)
        assert code in {each.code for each in moves_of(type(row))[move].gates}
        # A gate is asked whatever the state: the machine alone says whether the move starts from here.
        (gate,) = [each for each in moves_of(type(row))[move].gates if each.code == code]
        return not gate.verdict(row, by=by, at=on or at, move=move)

    return asked


def test_every_gate_of_the_house_is_named_by_a_test():
    """Outside the tables, which only say where it stands."""
    written = "\n".join(
        line for file in TESTS.rglob("test_*.py") for line in file.read_text().splitlines() if line.count("|") < 5
    )
    gates = {
        each.code
        for model in machines()
        for several in (model.standing_gates, *(row.gates for row in moves_of(model).values()))
        for each in several
    }
    assert sorted(code for code in gates if not re.search(rf"[\"']{code}[\"']", written)) == []


# ── What was proposed ────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("kind", "move", "code", "first"),
    [
        ("show_cause", "issue_show_cause", "show_cause_is_drafted", None),
        ("urgent_suspension", "urgent_suspend", "urgent_suspension_is_proposed", None),
        ("revocation", "revoke", "revocation_is_proposed", "suspend"),
    ],
)
def test_nothing_is_done_that_was_not_proposed(licence, people, shut, at, kind, move, code, first):
    if first:
        life.suspend(licence, people=people, at=at)
    assert shut(licence, move, code)
    life.propose(licence, kind, people=people, at=at)
    assert not shut(licence, move, code)


def test_whoever_proposed_a_revocation_leaves_it_to_others(licence, people, basma, shut, at):
    life.suspend(licence, people=people, at=at)
    life.propose(licence, "revocation", people=people, at=at)
    assert shut(licence, "revoke", "revoker_did_not_propose", by=people.enforcement)
    assert not shut(licence, "revoke", "revoker_did_not_propose", by=basma)


def test_without_an_urgent_ground_nobody_is_suspended_unheard(licence, people, shut, at):
    proposed = life.propose(licence, "urgent_suspension", people=people, at=at, grounds=["client_harm"])
    assert not shut(licence, "urgent_suspend", "grounds_are_urgent")
    # As an older version of the system might have kept it.
    type(proposed).objects.filter(pk=proposed.pk).update(grounds=["unpaid"])
    assert shut(licence, "urgent_suspend", "grounds_are_urgent")


def test_an_urgent_suspension_is_confirmed_within_its_days(licence, people, shut, at, later):
    days = {"starts_on": life.in_days(at, 1), "ends_on": life.in_days(at, 91)}
    life.propose(licence, "urgent_suspension", people=people, at=at, **days)
    when = {0: True, 1: False, 90: False, 91: True}
    assert {day: shut(licence, "urgent_suspend", "urgent_period_suits", on=later(day)) for day in when} == when


# ── Restrictions and suspensions that stand ──────────────────────────────────────────────────────────────────────────
def test_each_way_back_is_for_a_licence_with_restrictions_or_for_one_without(licence, people, shut, at):
    moves = ("dismiss_show_cause_restricted", "refuse_surrender_restricted", "restore_restricted")
    assert [shut(licence, move, "a_restriction_stands") for move in moves] == [True] * 3
    assert shut(licence, "reinstate_restricted", "a_restriction_stands_or_is_proposed")
    life.propose(licence, "restriction", people=people, at=at, wording="No new clients.")
    assert not shut(licence, "reinstate_restricted", "a_restriction_stands_or_is_proposed")
    assert shut(licence, "restore_restricted", "a_restriction_stands")
    path.decide(licence, "impose_restriction", people=people, at=at, note="Why.")
    assert [shut(licence, move, "a_restriction_stands") for move in moves] == [False] * 3
    assert not shut(licence, "reinstate_restricted", "a_restriction_stands_or_is_proposed")


def test_an_appeal_gives_back_what_stood_before(licence, people, shut, at):
    assert shut(licence, "restore_suspended", "a_suspension_stands")
    assert not shut(licence, "restore", "no_suspension_stands")
    life.suspend(licence, people=people, at=at)
    assert not shut(licence, "restore_suspended", "a_suspension_stands")
    assert shut(licence, "restore", "no_suspension_stands")
    assert shut(licence, "restore", "appeal_took_the_decision_away")
    appeal = life.appealed(licence.firm, people=people, at=at)
    assert shut(licence, "restore", "appeal_took_the_decision_away")
    _decided(appeal, "set_aside")
    assert not shut(licence, "restore", "appeal_took_the_decision_away")


def _decided(appeal, state):
    """As the tribunal decides it, without what follows."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f"UPDATE {Appeal._meta.db_table} SET state = %s WHERE id = %s", [state, appeal.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_no_licence_comes_back_beside_another(licence, people, shut, basma, at):
    life.revoke(licence, people=people, at=at, by=basma)
    assert not shut(licence, "restore", "no_other_licence_is_live")
    Licence.objects.create(
        firm=licence.firm,
        application=_application_of(licence),
        holder_name=licence.holder_name,
        activities=["exchange"],
        granted_at=at,
        valid_from=licence.valid_from,
        valid_to=licence.valid_to,
    )
    assert shut(licence, "restore", "no_other_licence_is_live")


def _application_of(licence):
    old = licence.application
    return type(old).objects.create(firm=old.firm, setup=old.setup, opened_at=old.opened_at)


# ── Terms ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_licence_expires_after_its_grace_unless_a_renewal_waits(licence, people, shut, at, later):
    Licence.objects.filter(pk=licence.pk).update(valid_to=life.in_days(at, 10))
    assert shut(licence, "expire", "term_and_grace_have_ended", on=later(40))
    assert not shut(licence, "expire", "term_and_grace_have_ended", on=later(41))
    assert not shut(licence, "expire", "no_renewal_is_pending", on=later(41))
    licences.open_renewal(fresh(licence), at=at)
    life.renewal_asked(licence, people=people, at=later(5))
    assert shut(licence, "expire", "no_renewal_is_pending", on=later(41))


def test_a_renewal_opens_ninety_days_before_the_end_and_is_declared(licence, people, shut, at, later):
    Licence.objects.filter(pk=licence.pk).update(valid_to=life.in_days(at, 100))
    renewal = licences.open_renewal(fresh(licence), at=at)
    assert [shut(renewal, "fall_due", "renewal_window_is_open", on=later(day)) for day in (9, 10)] == [True, False]
    assert shut(renewal, "submit", "renewal_is_declared")
    Renewal.objects.filter(pk=renewal.pk).update(declaration="Nothing has changed.")
    assert not shut(renewal, "submit", "renewal_is_declared")


def test_what_hangs_on_a_licence_ends_with_it(licence, people, shut, basma, at):
    renewal = licences.open_renewal(licence, at=at)
    variation = life.variation_asked(licence, people=people, at=at)
    assert not shut(renewal, "fall_due", "licence_is_live")
    assert shut(renewal, "end_with_licence", "licence_is_over")
    assert shut(variation, "end_with_licence", "licence_is_over")
    life.revoke(licence, people=people, at=at, by=basma)
    assert shut(renewal, "fall_due", "licence_is_live")
    assert not shut(renewal, "end_with_licence", "licence_is_over")
    assert not shut(variation, "end_with_licence", "licence_is_over")


def test_a_variation_suits_the_licence_as_it_has_become(licence, people, shut, at):
    variation = life.variation_asked(licence, people=people, at=at, add=["brokerage"], remove=["custody"])
    assert not shut(variation, "vary", "variation_suits_the_licence")
    Licence.objects.filter(pk=licence.pk).update(activities=["exchange", "custody", "brokerage"])
    assert shut(variation, "vary", "variation_suits_the_licence")
    Licence.objects.filter(pk=licence.pk).update(activities=["exchange"])
    assert shut(variation, "vary", "variation_suits_the_licence")
    Variation.objects.filter(pk=variation.pk).update(added=[], removed=["exchange"])
    assert shut(variation, "vary", "variation_suits_the_licence")


def test_a_noc_ends_with_its_term_or_with_its_set_up(firm, people, shut, at, later):
    noc = path.noc_case(firm, people=people, at=at)
    days = [(fresh(noc).valid_to - date(2026, 3, 4)).days + more for more in (0, 1)]
    assert [shut(noc, "expire_noc", "noc_term_or_set_up_has_ended", on=later(day)) for day in days] == [True, False]
    registration = path.aml_request(noc.setup, people=people, at=at)
    assert [shut(registration, "end_with_noc", "noc_is_no_longer_in_force", on=later(day)) for day in days] == [
        True,
        False,
    ]
    path.step(noc.setup, "lapse", by=None, at=later(181), note="Its time has ended.")
    assert not shut(noc, "expire_noc", "noc_term_or_set_up_has_ended", on=later(181))


def test_only_the_four_services_are_registered(firm, people, shut, at):
    registration = path.aml_request(path.noc_case(firm, people=people, at=at).setup, people=people, at=at)
    assert not shut(registration, "permit_aml_services", "services_may_be_registered")
    AmlRegistration.objects.filter(pk=registration.pk).update(services=["exchange", "stablecoin_issuance"])
    assert shut(registration, "permit_aml_services", "services_may_be_registered")
    AmlRegistration.objects.filter(pk=registration.pk).update(services=[])
    assert shut(registration, "permit_aml_services", "services_may_be_registered")


def test_an_agreement_expires_after_its_last_day(people, shut, at, later):
    mou = path.agreement("A university", people=people, at=at).mou
    type(mou).objects.filter(pk=mou.pk).update(in_force_to=life.in_days(at, 5))
    assert [shut(mou, "expire", "term_has_ended", on=later(day)) for day in (5, 6)] == [True, False]
    type(mou).objects.filter(pk=mou.pk).update(in_force_to=None)
    assert shut(mou, "expire", "term_has_ended", on=later(6))


# ── Conditions, findings, money ──────────────────────────────────────────────────────────────────────────────────────
def test_a_condition_is_overdue_after_its_day(firm, people, shut, at, later):
    case = path.noc_case(firm, people=people, at=at, until="recommended")
    condition = path.draft(case, people=people, at=at)
    Condition.objects.filter(pk=condition.pk).update(due_on=life.in_days(at, 5))
    assert [shut(condition, "fall_overdue", "due_day_has_passed", on=later(day)) for day in (5, 6)] == [True, False]
    Condition.objects.filter(pk=condition.pk).update(due_on=None)
    assert shut(condition, "fall_overdue", "due_day_has_passed", on=later(6))


def test_whoever_raised_a_finding_does_not_close_it(licence, people, shut, at):
    finding = path.finding(licence, people=people, at=at)
    raiser = Finding.objects.get(pk=finding.pk).raised_by
    assert shut(finding, "close", "closer_is_not_raiser", by=raiser)
    assert not shut(finding, "close", "closer_is_not_raiser", by=people.supervisor)


def test_an_invoice_stands_as_its_payments_say(licence, people, shut, at):
    path.change_setting(
        "fee.variation", "500", effective_from=date(2026, 3, 4), people=people, at=at - timedelta(days=9)
    )
    invoice = life.variation_asked(licence, people=people, at=at).fee_invoice

    def stands():
        asked = (("settle", "payments_cover_the_total"), ("record_part", "payments_cover_a_part"))
        return [not shut(invoice, *each) for each in (*asked, ("cancel", "nothing_is_paid"))]

    def pay(amount, reference):
        fees.record_payment(
            fresh(invoice),
            amount=Decimal(amount),
            paid_on=date(2026, 3, 4),
            bank_reference=reference,
            by=people.finance,
            at=at,
        )

    assert stands() == [False, False, True]
    pay("499.99", "B-1")
    assert stands() == [False, True, False]
    pay("0.01", "B-2")
    assert stands() == [True, False, False]
