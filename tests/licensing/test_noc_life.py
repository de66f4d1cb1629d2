"""What becomes of a NOC that was granted: extended, suspended, reinstated, revoked, expired; its set-up with it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from licensing import letters
from licensing.actions import timers
from licensing.models import Letter, NocApplication, SetUp
from pvara.demo import path
from pvara.demo.path import step
from pvara.kernel import audit, clock, outbox
from pvara.kernel.machine import MoveRefused, unmet
from pvara.kernel.seen import mark


@pytest.fixture
def noc(firm, people, at):
    return path.noc_case(firm, people=people, at=at)


def codes(case, move, *, by, at):
    return [each.code for each in unmet(case, move, by=by, at=at)]


def again(row):
    return type(row).objects.get(pk=row.pk)


def test_a_noc_ends_a_day_before_its_anniversary(noc):
    assert str(noc.valid_to) == "2027-03-03"


def test_a_noc_is_extended_once_when_it_was_asked_for(noc, people, amina, at, later):
    assert codes(noc, "extend_noc", by=people.member, at=at) == [
        "extension_was_asked_for",
        "votes_carry_the_decision",
    ]
    noc = step(noc, "ask_to_extend", by=amina, at=later(100), note="The incorporation takes longer.")
    assert codes(noc, "ask_to_extend", by=amina, at=later(100)) == ["no_extension_waits"]
    noc = path.decide(noc, "extend_noc", people=people, at=later(110))
    # Counted from the old last day, not from the day of the decision.
    assert str(noc.valid_to) == "2027-09-03"
    assert codes(noc, "ask_to_extend", by=amina, at=later(111)) == ["noc_was_not_extended", "no_extension_waits"]
    assert codes(noc, "extend_noc", by=people.member, at=later(111)) == [
        "noc_was_not_extended",
        "votes_carry_the_decision",
    ]
    outbox.drain()
    certificates = Letter.objects.filter(code="L10").order_by("pk")
    assert [each.state for each in certificates] == ["superseded", "issued"]
    assert ["Valid to", "3 September 2027"] in certificates[1].content["facts"]


def test_nothing_is_extended_after_its_end(noc, people, amina, later):
    assert codes(noc, "ask_to_extend", by=amina, at=later(365)) == ["noc_is_in_term"]
    assert codes(noc, "ask_to_extend", by=amina, at=later(364)) == []


@pytest.mark.parametrize(("on", "expires"), [("2027-03-03 23:59", False), ("2027-03-04 00:00", True)])
def test_a_noc_expires_at_midnight_in_karachi(noc, at, on, expires):
    moment = timezone.make_aware(timezone.datetime.fromisoformat(on))
    # The set-up's own time is longer in this test, so that only the NOC's end is seen.
    SetUp.objects.filter(noc=noc).update(extended_by_days=400)
    timers.run(at=moment)
    assert again(noc).state == ("expired" if expires else "granted")
    assert again(noc.setup).state == ("lapsed" if expires else "open")


def test_who_was_licensed_meanwhile_keeps_the_noc_as_it_is(firm, people, at, later):
    licence = path.licensed(firm, people=people, at=at)
    timers.run(at=later(500))
    assert again(licence.application.noc).state == "granted"


def test_a_suspended_noc_opens_nothing_and_comes_back_by_another_hand(noc, people, sana, dania, at, later):
    noc = step(noc, "suspend_noc_urgently", by=sana, at=later(1), note="A sanctions hit is being examined.")
    assert noc.is_in_force(later(1)) is False
    assert "noc_is_in_force" in codes(noc.setup, "confirm_setup", by=sana, at=later(1))
    outbox.drain()
    certificate = Letter.objects.get(code="L10")
    assert letters.check(certificate.reference, at=later(1)).reason.endswith("a later one has taken its place.")
    noc = path.decide(noc, "reinstate_noc", people=people, at=later(2), note="It was a namesake.")
    outbox.drain()
    assert [(each.code, each.state) for each in Letter.objects.filter(code__in=("L10", "L16")).order_by("pk")] == [
        ("L10", "superseded"),
        ("L16", "superseded"),
        ("L10", "issued"),
    ]
    assert letters.check(Letter.objects.filter(code="L10").latest("pk").reference, at=later(2)).holds is True


def test_whoever_suspended_a_noc_neither_reinstates_nor_revokes_it(noc, sana, at):
    from pvara.kernel import roles

    noc = step(noc, "suspend_noc_urgently", by=sana, at=at, note="Why.")
    roles.grant(sana, "committee_member", by=None, at=at)
    assert "reinstater_is_not_suspender" in codes(noc, "reinstate_noc", by=sana, at=at)
    assert "revoker_is_not_suspender" in codes(noc, "revoke_noc", by=sana, at=at)
    with pytest.raises(IntegrityError, match="noc_revoker_is_not_suspender"), transaction.atomic():
        NocApplication.objects.filter(pk=noc.pk).update(revoked_by=sana)


def test_a_revoked_noc_takes_its_open_set_up_with_it(noc, people, at, later):
    path.decide(noc, "revoke_noc", people=people, at=later(3), note="False statements.")
    setup = again(noc.setup)
    assert setup.state == "lapsed"
    assert [entry.event for entry in audit.history(setup)][-1] == "lapse"
    assert {
        each.status
        for each in clock.readings(SetUp, [setup.pk], "set_up", limit=clock.Limit(180), at=later(4)).values()
    } == {"stopped"}
    outbox.drain()
    assert list(Letter.objects.filter(code__in=("L17", "L24")).values_list("code", flat=True).order_by("code")) == [
        "L17",
        "L24",
    ]
    assert Letter.objects.get(code="L10").state == "revoked"


def test_a_confirmed_set_up_stays_what_it_is(firm, people, at, later):
    noc = path.noc_case(firm, people=people, at=at)
    path.confirmed_setup(noc, people=people, at=at)
    path.decide(noc, "revoke_noc", people=people, at=later(3), note="False statements.")
    assert again(noc.setup).state == "complete"


# ── The set-up's own time ────────────────────────────────────────────────────────────────────────────────────────────
def test_a_set_up_lapses_after_its_last_day_and_the_noc_with_it(noc, at, later):
    assert str(noc.setup.last_day(at)) == "2026-08-31"
    timers.run(at=later(180))
    assert again(noc.setup).state == "open"
    timers.run(at=later(181))
    assert (again(noc.setup).state, again(noc).state) == ("lapsed", "expired")
    outbox.drain()
    assert list(Letter.objects.filter(code__in=("L15", "L24")).values_list("code", flat=True).order_by("code")) == [
        "L15",
        "L24",
    ]
    timers.run(at=later(182))
    assert again(noc.setup).version == 1


def test_a_set_up_is_extended_once_by_ninety_days(noc, people, amina, sana, later):
    setup = noc.setup
    assert codes(setup, "extend_setup", by=sana, at=later(10)) == ["extension_was_asked_for"]
    setup = step(setup, "ask_to_extend", by=amina, at=later(170), note="The bank takes its time.")
    setup = step(setup, "extend_setup", by=sana, at=later(175))
    assert setup.last_day(later(175)) - timezone.localdate(setup.opened_at) == timedelta(days=270)
    assert codes(setup, "ask_to_extend", by=amina, at=later(176)) == ["setup_was_not_extended", "no_extension_waits"]
    timers.run(at=later(181))
    assert again(setup).state == "open"
    timers.run(at=later(271))
    assert again(setup).state == "lapsed"


def test_a_set_up_does_not_lapse_before_its_time(noc, at, later):
    with pytest.raises(MoveRefused) as refused:
        step(noc.setup, "lapse", by=None, at=later(180), note="Too early.")
    assert [each.code for each in refused.value.unmet] == ["setup_time_or_noc_has_ended"]


# ── Milestones: what proves them, and the numbers ────────────────────────────────────────────────────────────────────
def test_a_milestone_is_submitted_with_something_that_proves_it(noc, people, at):
    from licensing.actions import setup as actions

    milestone = noc.setup.milestones.get(code="M2")
    actions.describe_milestone(milestone, {"ntn": "1234567-8"}, by=people.applicant, at=at)
    assert codes(again(milestone), "submit", by=people.applicant, at=at) == ["evidence_is_attached"]


def test_two_firms_do_not_share_a_number(noc, people, omar, at):
    from licensing.actions.firms import register_firm

    first = path.submit_milestone(noc.setup.milestones.get(code="M1"), people=people, at=at, cuin="7654321")
    other = register_firm("Ravi Exchange", by=people.applicant, at=at, country="Malta", invented=True)
    twin = path.noc_case(other, people=people, at=at)
    second = path.submit_milestone(twin.setup.milestones.get(code="M1"), people=people, at=at, cuin="7654321")
    shut = unmet(second, "verify", by=omar, at=at)
    assert [(each.code, each.details) for each in shut] == [
        ("identifiers_are_nobody_elses", ("“SECP CUIN” 7654321 is that of Indus Exchange (Pvt) Limited.",))
    ]
    assert [each.code for each in unmet(first, "verify", by=omar, at=at)] == ["identifiers_are_nobody_elses"]


def test_a_deficient_milestone_gets_its_letter(noc, people, omar, at):
    milestone = path.submit_milestone(noc.setup.milestones.get(code="M2"), people=people, at=at)
    step(milestone, "find_deficient", by=omar, at=at, note="The certificate names another company.")
    outbox.drain()
    letter = Letter.objects.get(code="L21")
    assert letter.content["reasons"] == "The certificate names another company."
    assert letter.content["paragraphs"][1].endswith("it is to be finished by 31 August 2026.")


def test_clearance_is_asked_for_only_of_foreign_directors(noc, people, at):
    from licensing.actions import setup as actions

    milestone = noc.setup.milestones.get(code="M4")
    actions.describe_milestone(milestone, {"foreign_directors": "no"}, by=people.applicant, at=at)
    assert "particulars_are_given" not in codes(again(milestone), "submit", by=people.applicant, at=at)
    seen = mark(again(milestone).described)
    actions.describe_milestone(milestone, {"foreign_directors": "yes"}, by=people.applicant, at=at, seen=seen)
    assert "particulars_are_given" in codes(again(milestone), "submit", by=people.applicant, at=at)
