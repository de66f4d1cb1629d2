"""A decision that is varied: what was refused is decided anew, a measure stays until it is brought into line."""

from dataclasses import replace

import pytest

from licensing.actions import appeals, measures
from licensing.models import Appeal, Letter
from licensing.models.appeals import decisions_of
from pvara.demo import life, path
from pvara.kernel import audit, outbox
from pvara.kernel.machine import unmet
from pvara.kernel.models import Job
from tests.conftest import person

WORDS = "A shorter time is enough."


def again(row):
    return type(row)._base_manager.get(pk=row.pk)


def shut(case, name, *, by=None, at):
    return {each.code: each.details for each in unmet(again(case), name, by=by, at=at)}


@pytest.fixture
def varied(people, tahir, basma, danish, behram, aisha):
    """`varied(firm, "suspend", at=…)`: the newest decision, by that move, is appealed and varied."""

    def give(firm, event, *, at):
        chosen = next(each for each in decisions_of(firm) if each.event == event)
        notice = {"grounds": "It is too hard.", "filed_on": life.in_days(at, 0)}
        appeal = appeals.give_notice(firm, chosen, by=people.applicant, at=at, **notice)
        appeal = path.step(appeal, "record_appeal", by=tahir, at=at)
        free = [each for each in (basma, danish, behram, aisha) if each.pk not in appeal.participant_ids()]
        appeals.name_panel(appeal, free[:3], by=tahir, at=at)
        return path.step(appeal, "vary_decision", by=tahir, at=at, note=WORDS)

    return give


def written(appeal):
    said = audit.history(appeal).filter(event__in=("effect_given", "left_in_force", "nothing_given_back"))
    return [(each.event, each.note) for each in said]


def waiting():
    return list(Appeal.objects.to_be_carried_out())


def told():
    jobs = Job.objects.filter(kind="notice", payload__subject__icontains="is to be carried out")
    return {each.payload["to"] for each in jobs}


def letter(appeal):
    outbox.drain()
    made = Letter.objects.filter(code="L57", subject_type="licensing.appeal", subject_id=appeal.pk).latest("pk")
    return next(each for each in made.content["paragraphs"] if "varied" in each), made.content["facts"][-1]


STANDS = "The decision is varied, as the reasons below say. It is carried out by a new decision in line with them; "
STANDS += "what follows until then is named under the particulars."


# ── Refusals ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_varied_refusal_is_decided_anew_by_others(firm, people, varied, at, later):
    case = path.noc_case(firm, people=people, at=at, until="refused")
    appeal = varied(firm, "refuse_noc", at=later(1))
    case = again(case)
    words = f"Remit for a new decision: {case.reference} stands as “{case.get_state_display()}”."
    assert (case.state, case.remitted_at, written(appeal)) == ("recommended", later(1), [("effect_given", words)])
    assert audit.history(case).last().note == f"{appeal.reference}: {WORDS}"
    assert letter(appeal) == (STANDS, ["What follows from it", words])
    assert (waiting(), told(), case.former_voter_ids()) == ([], set(), {people.member.pk, people.member2.pk})
    # It can be granted now, by somebody else.
    daniyal, dilawar = (person(name, "committee_member") for name in ("Daniyal", "Dilawar"))
    others = replace(people, member=daniyal, member2=dilawar)
    path.prepare(case, "grant_noc", people=others, at=later(2))
    assert list(shut(case, "grant_noc", by=people.member, at=later(2))) == ["decider_is_new_after_an_appeal"]
    assert path.step(case, "grant_noc", by=daniyal, at=later(2)).state == "granted"


# ── Measures ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_varied_suspension_stays_until_a_new_one_takes_its_place(licence, people, varied, at, later):
    life.suspend(licence, people=people, at=at)
    life.ratify(licence, people=people, at=later(1))
    appeal = varied(licence.firm, "urgent_suspend", at=later(2))
    words = f"It stays in force until it is brought into line with the tribunal's words: {licence.reference} stands "
    words += "as “Suspended”."
    assert (again(licence).state, written(appeal)) == ("suspended", [("left_in_force", words)])
    assert letter(appeal) == (STANDS, ["What follows from it", words])
    assert (waiting(), {people.member.pk, people.board.pk} <= told()) == ([appeal], True)
    # No appeal took it away, so the scheduler gives nothing back.
    assert "appeal_took_the_decision_away" in shut(licence, "restore", at=later(2))
    path.step(licence, "hold_hearing", by=people.enforcement, at=later(2), note="Heard.")
    life.propose(again(licence), "suspension", people=people, at=later(3), ends_on=life.in_days(at, 10))
    path.decide(again(licence), "prolong_suspension", people=people, at=later(3), note="As the tribunal says.")
    assert waiting() == []


def test_a_varied_restriction_stays_until_it_is_lifted(licence, people, varied, at, later):
    life.restrict(licence, people=people, at=at)
    appeal = varied(licence.firm, "impose_restriction", at=later(1))
    assert (again(licence).state, waiting(), written(appeal)[0][0]) == ("active_restricted", [appeal], "left_in_force")
    assert "appeal_took_a_restriction_away" in shut(licence, "lift_after_appeal", at=later(1))
    # Another restriction does not settle it: this one still stands as it was.
    life.restrict(licence, people=people, at=later(2), wording="No new client before June.")
    assert waiting() == [appeal]
    [first, _] = licence.measures.filter(kind="restriction").order_by("pk")
    measures.propose_lifting(first, reasons="The new one takes its place.", by=people.supervisor, at=later(3))
    path.decide(again(licence), "ease_restrictions", people=people, at=later(3), note="As the tribunal says.")
    assert waiting() == []


def test_a_varied_suspension_that_is_over_leaves_nothing_to_do(licence, people, varied, at, later):
    life.suspend(licence, people=people, at=at)
    path.step(licence, "hold_hearing", by=people.enforcement, at=at, note="Heard.")
    path.rate_everything(licence.firm, "FULL", people=people, at=later(1))
    life.reinstate(licence, people=people, at=later(1))
    appeal = varied(licence.firm, "urgent_suspend", at=later(2))
    words = f"Nothing of the decision is left to be varied: {licence.reference} stands as “Active”."
    assert (written(appeal), waiting(), told()) == ([("nothing_given_back", words)], [], set())
    said = (
        "The decision is varied, as the reasons below say. Nothing follows from it now, for the reason named under the "
    )
    assert letter(appeal) == (f"{said}particulars.", ["What follows from it", words])


def test_a_varied_suspension_of_a_noc_stays_until_it_is_decided_on(firm, people, sana, varied, at, later):
    noc = path.noc_case(firm, people=people, at=at)
    noc = path.step(noc, "suspend_noc_urgently", by=sana, at=later(1), note="A sanctions hit.")
    appeal = varied(firm, "suspend_noc_urgently", at=later(2))
    assert (again(noc).state, waiting()) == ("suspended", [appeal])
    assert "appeal_took_the_loss_of_the_noc_away" in shut(noc, "restore_noc", at=later(2))
    path.decide(again(noc), "reinstate_noc", people=people, at=later(3), note="As the tribunal says.")
    assert waiting() == []


# ── Losses ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_varied_revocation_comes_back_and_waits_for_what_takes_its_place(licence, people, basma, varied, at, later):
    life.revoke(licence, people=people, at=at, by=basma)
    appeal = varied(licence.firm, "revoke", at=later(2))
    # A licence that is over has no move left by which it could become less than revoked.
    assert (again(licence).state, again(appeal).effect_given_at, waiting()) == ("active", later(2), [appeal])
    assert people.member.pk in told()
    life.restrict(licence, people=people, at=later(3))
    assert waiting() == []
