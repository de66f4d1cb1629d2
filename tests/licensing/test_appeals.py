"""Appeals: in time or with leave, before a panel that took no part, and what an outcome gives back."""

from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from guardian.shortcuts import assign_perm

from licensing.actions import appeals
from licensing.models import Appeal, Licence, NocApplication, Renewal, WindDown
from licensing.models.appeals import decisions_of, title_of
from pvara.demo import life, path
from pvara.kernel import outbox
from pvara.kernel.machine import MoveRefused, unmet
from pvara.kernel.models import Job
from pvara.kernel.seen import ChangedMeanwhile, mark
from tests.conftest import person
from tests.tokenisation.conftest import licensed_venue


@pytest.fixture
def licence(regime, people, at):
    venue = licensed_venue("Ravi Exchange", at=at)
    for permission in ("licensing.represent_firm", "licensing.sign_for_firm"):
        assign_perm(permission, people.applicant, venue.firm)
    return Licence.objects.get(pk=venue.licence_id)


@pytest.fixture
def panel(danish, behram, aisha):
    return [danish, behram, aisha]


def shut(case, name, *, by=None, at):
    fresh = type(case).objects.get(pk=case.pk)
    return {each.code: each.details for each in unmet(fresh, name, by=by, at=at)}


def pending(firm, *, people, recorder, panel, at):
    """An appeal recorded, its panel named."""
    appeal = life.appealed(firm, people=people, at=at)
    appeal = path.step(appeal, "record_appeal", by=recorder, at=at)
    return appeals.name_panel(appeal, panel, by=recorder, at=at)


def letters_to(appeal):
    jobs = Job.objects.filter(kind="letter", payload__subject_type="licensing.appeal", payload__subject_id=appeal.pk)
    return [each.payload["code"] for each in jobs]


# ── Notice and time ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_firm_gives_notice_of_an_appeal_and_the_recorder_records_it(licence, people, tahir, at, later):
    life.suspend(licence, people=people, at=at)
    [decision] = decisions_of(licence.firm)
    assert title_of(decision) == "Urgent suspension, 4 March 2026"
    appeal = life.appealed(licence.firm, people=people, at=later(30))
    assert (appeal.state, appeal.subject, decisions_of(licence.firm)) == ("noticed", licence, [])
    assert shut(appeal, "record_appeal", by=tahir, at=later(30)) == {}
    assert shut(appeal, "record_appeal", by=people.board, at=later(30)) == {"recorder_took_no_part": ()}
    appeal = path.step(appeal, "record_appeal", by=tahir, at=later(31))
    assert (appeal.state, appeal.recorded_by, letters_to(appeal)) == ("appeal_filed", tahir, ["L57"])
    with pytest.raises(IntegrityError, match="one_appeal_a_decision"), transaction.atomic():
        Appeal.objects.create(
            firm=licence.firm,
            subject_type="licensing.licence",
            subject_id=licence.pk,
            decision=decision,
            grounds="Again.",
            filed_on=appeal.filed_on,
            noticed_by=people.applicant,
            noticed_at=at,
        )


def test_a_late_appeal_needs_leave(licence, people, laila, at, later):
    life.suspend(licence, people=people, at=at)
    appeal = life.appealed(licence.firm, people=people, at=later(31))
    late = {"appeal_is_in_time_or_has_leave": ("The last day was 3 April 2026.",)}
    assert shut(appeal, "record_appeal", at=later(31)) == late
    appeals.note_leave(appeal, leave="The Tribunal, for illness.", tribunal_number="VAT/7", by=laila, at=later(32))
    assert shut(appeal, "record_appeal", at=later(32)) == {}


def test_leave_is_not_the_firms_to_write_down(licence, people, at, later):
    life.suspend(licence, people=people, at=at)
    appeal = life.appealed(licence.firm, people=people, at=later(31), leave="We had no time.")
    assert appeal.leave == ""
    with pytest.raises(PermissionDenied):
        appeals.note_leave(appeal, leave="Granted.", by=people.applicant, at=later(31))


def test_who_appeals_what_and_when(licence, people, stranger, tahir, at, later):
    life.suspend(licence, people=people, at=at)
    with pytest.raises(PermissionDenied, match="sign for this firm"):
        life.appealed(licence.firm, people=people, at=at, by=stranger)
    for changed in ({"filed_on": life.in_days(at, -1)}, {"filed_on": life.in_days(at, 2)}, {"grounds": " "}):
        with pytest.raises(ValidationError):
            life.appealed(licence.firm, people=people, at=later(1), **changed)
    [decision] = decisions_of(licence.firm)
    granted = path.step(
        life.appealed(licence.firm, people=people, at=at, by=tahir), "turn_away", by=tahir, at=at, note="No."
    )
    assert granted.state == "not_admitted"
    assert decisions_of(licence.firm) == [decision]


# ── The panel ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_nobody_who_took_part_sits_on_the_panel(licence, people, tahir, panel, at):
    life.suspend(licence, people=people, at=at)
    appeal = path.step(life.appealed(licence.firm, people=people, at=at), "record_appeal", by=tahir, at=at)
    assert shut(appeal, "uphold", by=tahir, at=at) == {"panel_is_complete": ("0 of 3 members are named.",)}
    with pytest.raises(ValidationError) as refused:
        appeals.name_panel(appeal, [people.board, people.enforcement, tahir, people.applicant], by=tahir, at=at)
    assert refused.value.message_dict["members"][:4] == [
        "Amina does not read cases.",
        "Bilal took part in the decision.",
        "Nadia took part in the decision.",
        "Amina: Detected: acts for the firm.",
    ]
    appeals.name_panel(appeal, panel[:2], by=tahir, at=at)
    seen = mark({"members": panel[:2]})
    with pytest.raises(ChangedMeanwhile, match="Meanwhile Tahir wrote here"):
        appeals.name_panel(appeal, panel, by=tahir, at=at)
    assert shut(appeal, "uphold", by=tahir, at=at) == {"panel_is_complete": ("2 of 3 members are named.",)}
    appeal.panel.add(people.board)
    assert shut(appeal, "uphold", by=tahir, at=at) == {"panel_took_no_part": ("Bilal.",)}
    appeal.panel.remove(people.board)
    appeals.name_panel(appeal, panel, by=tahir, at=at, seen=seen)
    assert shut(appeal, "uphold", by=tahir, at=at) == {}


# ── Outcomes ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_decision_that_is_upheld_stands(licence, people, tahir, panel, at, later):
    life.suspend(licence, people=people, at=at)
    appeal = pending(licence.firm, people=people, recorder=tahir, panel=panel, at=later(1))
    appeal = path.step(appeal, "stay", by=tahir, at=later(2), note="Pending the hearing.")
    appeal = path.step(appeal, "uphold", by=tahir, at=later(3), note="The facts are as found.")
    assert (appeal.state, appeal.closed_by, appeal.effect_given_at) == ("upheld", tahir, None)
    assert (Licence.objects.get(pk=licence.pk).state, letters_to(appeal)) == ("suspended", ["L57"] * 3)
    outbox.drain()
    said = [each.payload for each in Job.objects.filter(kind="letter", state="done", payload__code="L57")]
    assert len(said) == 3


def test_a_suspension_set_aside_gives_the_licence_back(licence, people, tahir, panel, at, later):
    life.restrict(licence, people=people, at=at)
    life.suspend(licence, people=people, at=at)
    appeal = pending(licence.firm, people=people, recorder=tahir, panel=panel, at=later(1))
    assert appeal.decision.event == "urgent_suspend"
    path.step(appeal, "set_aside", by=tahir, at=later(2), note="No client was ever at risk.")
    found = Licence.objects.get(pk=licence.pk)
    assert (found.state, found.suspensions, found.suspended_by) == ("active_restricted", [], None)
    appeal.refresh_from_db()
    assert appeal.effect_given_at == later(2)


def test_a_revocation_set_aside_brings_the_licence_back_as_it_was(licence, people, basma, tahir, panel, at, later):
    life.suspend(licence, people=people, at=at)
    life.revoke(licence, people=people, at=later(1), by=basma)
    appeal = pending(licence.firm, people=people, recorder=tahir, panel=panel, at=later(2))
    assert appeal.decision.event == "revoke"
    path.step(appeal, "set_aside", by=tahir, at=later(3), note="The grounds are not made out.")
    found = Licence.objects.get(pk=licence.pk)
    # What was not appealed stands.
    assert (found.state, found.revoked_by, len(found.suspensions)) == ("suspended", None, 1)
    assert WindDown.objects.get(licence=licence).state == "ended"
    assert Renewal.objects.filter(licence=licence, state="not_due").count() == 1
    other = pending(licence.firm, people=people, recorder=tahir, panel=panel, at=later(4))
    path.step(other, "remit", by=tahir, at=later(5), note="The holder is to be heard first.")
    assert Licence.objects.get(pk=licence.pk).state == "active"


def test_a_licence_is_not_restored_beside_another(licence, people, basma, tahir, panel, at, later):
    life.revoke(licence, people=people, at=at, by=basma)
    appeal = pending(licence.firm, people=people, recorder=tahir, panel=panel, at=later(1))
    twin = licensed_venue("Chenab Exchange", at=at).licence
    Licence.objects.filter(pk=twin.pk).update(firm=licence.firm)
    with pytest.raises(MoveRefused, match=f"See {twin.reference}"):
        path.step(appeal, "set_aside", by=tahir, at=later(2), note="Not made out.")
    appeal.refresh_from_db()
    assert (appeal.state, Licence.objects.get(pk=licence.pk).state) == ("appeal_filed", "revoked")


def test_a_remitted_refusal_is_decided_anew_by_others(firm, people, tahir, danish, basma, behram, aisha, at, later):
    case = path.noc_case(firm, people=people, at=at, until="refused", rating=2)
    appeal = pending(firm, people=people, recorder=tahir, panel=[basma, behram, aisha], at=later(1))
    path.step(appeal, "remit", by=tahir, at=later(2), note="Two criteria were read wrongly.")
    case = NocApplication.objects.get(pk=case.pk)
    assert (case.state, case.remitted_at, case.former_decider_ids()) == ("recommended", later(2), {people.member.pk})
    others = replace(people, member=danish, member2=person("Daniyal", "committee_member"))
    path.prepare(case, "notify_refusal", people=others, at=later(3))
    assert list(shut(case, "notify_refusal", by=people.member, at=later(3))) == ["decider_is_new_after_an_appeal"]
    assert shut(case, "notify_refusal", by=danish, at=later(3)) == {}
    # Nothing else brings a refused case back.
    path.step(case, "notify_refusal", by=danish, at=later(3), note="Still weak.")
    path.heard(case, people=others, at=later(3))
    case = path.decide(case, "refuse_noc", people=others, at=later(3), note="Still weak.")
    assert list(shut(case, "remit", at=later(4))) == ["appeal_took_the_refusal_away"]


def test_the_firm_may_withdraw_its_appeal(licence, people, at):
    life.suspend(licence, people=people, at=at)
    appeal = life.appealed(licence.firm, people=people, at=at)
    assert path.step(appeal, "withdraw", by=people.applicant, at=at, note="Settled.").state == "withdrawn"
    assert len(decisions_of(licence.firm)) == 1
