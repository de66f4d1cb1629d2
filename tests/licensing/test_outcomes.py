"""What an appeal that succeeded gives back, decision by decision, and what it says where nothing can be given."""

import pytest

from licensing.actions import appeals, licences
from licensing.models import Appeal, Letter, Renewal, SetUp
from licensing.models.appeals import decisions_of
from pvara.demo import life, path
from pvara.kernel import audit, figures, outbox
from pvara.kernel.machine import MoveRefused, the_move, unmet
from pvara.kernel.models import ClockInterval, Job


def shut(case, name, *, by=None, at):
    return {each.code: each.details for each in unmet(again(case), name, by=by, at=at)}


def is_ticking(row):
    """Whether the time of its decision runs."""
    going = ClockInterval.objects.filter(subject_type=row._meta.label_lower, subject_id=row.pk, ended_at=None)
    return [(each.clock, each.running) for each in going] == [("decision", True)]


@pytest.fixture
def overturned(people, tahir, basma, danish, behram, aisha):
    """`overturned(firm, "refuse_renewal", at=…)`: the newest decision, by that move, is appealed and set aside."""

    def give(firm, event, *, at, outcome="set_aside"):
        chosen = next(each for each in decisions_of(firm) if each.event == event)
        notice = {"grounds": "The facts are wrong.", "filed_on": life.in_days(at, 0)}
        appeal = appeals.give_notice(firm, chosen, by=people.applicant, at=at, **notice)
        appeal = path.step(appeal, "record_appeal", by=tahir, at=at)
        free = [each for each in (basma, danish, behram, aisha) if each.pk not in appeal.participant_ids()]
        appeals.name_panel(appeal, free[:3], by=tahir, at=at)
        return path.step(appeal, outcome, by=tahir, at=at, note="Not made out.")

    return give


def effect(appeal):
    """What the log says of it, and whether anything was given."""
    said = audit.history(appeal).filter(event__in=("effect_given", "nothing_given_back"))
    return [(each.event, each.note) for each in said], Appeal.objects.get(pk=appeal.pk).effect_given_at is not None


def again(row):
    return type(row)._base_manager.get(pk=row.pk)


def given(words):
    return [("effect_given", words)], True


def not_given(words):
    return [("nothing_given_back", words)], False


# ── NOC and AML services ──────────────────────────────────────────────────────────────────────────────────────────────
def test_a_suspended_noc_comes_back(firm, people, sana, overturned, at, later):
    noc = path.noc_case(firm, people=people, at=at)
    noc = path.step(noc, "suspend_noc_urgently", by=sana, at=later(1), note="A sanctions hit.")
    assert list(shut(noc, "restore_noc", at=later(1))) == ["appeal_took_the_loss_of_the_noc_away"]
    appeal = overturned(firm, "suspend_noc_urgently", at=later(2))
    assert effect(appeal) == given(f"Restore the NOC after an appeal: {noc.reference} stands as “NOC granted”.")
    assert (again(noc).state, again(noc).suspended_by) == ("granted", None)
    # A new suspension is a new decision, which this appeal did not take away.
    noc = path.step(noc, "suspend_noc_urgently", by=sana, at=later(3), note="Another hit.")
    assert list(shut(noc, "restore_noc", at=later(3))) == ["appeal_took_the_loss_of_the_noc_away"]


def test_a_revoked_noc_comes_back_with_its_set_up(firm, people, overturned, at, later):
    noc = path.noc_case(firm, people=people, at=at)
    registration = path.aml_request(noc.setup, people=people, at=at)
    handed_in = path.submit_milestone(noc.setup.milestones.get(code="M5"), people=people, at=later(9))
    noc = path.decide(noc, "revoke_noc", people=people, at=later(10), note="A sanctions hit.")
    assert "set_up_is_open" in shut(again(handed_in), "verify", by=people.officer, at=later(10))
    assert (again(noc.setup).state, again(registration).state) == ("lapsed", "ended")
    assert list(shut(noc.setup, "reopen_with_noc", at=later(10))) == ["noc_is_in_force"]
    appeal = overturned(firm, "revoke_noc", at=later(30))
    assert effect(appeal) == given(
        f"Restore the NOC after an appeal: {noc.reference} stands as “NOC granted”. "
        f"{registration.reference} ended with it, and is to be asked for anew."
    )
    setup = SetUp.objects.get(noc=noc)
    whole = figures.limit("setup.finish", on=life.in_days(at, 0)).length
    assert (again(noc).state, again(noc).revoked_by, setup.state) == ("granted", None, "open")
    assert setup.last_day(later(30)) == life.in_days(at, 30 + whole)
    # What had been handed in is verified now, in a time of its own.
    handed_in = path.step(again(handed_in), "verify", by=people.officer, at=later(31))
    began = ClockInterval.objects.filter(subject_type="licensing.milestone", subject_id=handed_in.pk).order_by("pk")
    assert [(each.started_at, each.ended_at) for each in began] == [(later(9), later(10)), (later(30), later(31))]
    # A set-up that lapses by itself takes its NOC along, and nothing brings it back.
    setup = path.step(setup, "lapse", by=None, at=later(31 + whole), note="Its time has ended.")
    assert "setup_lapsed_with_its_noc" in shut(setup, "reopen_with_noc", at=later(32 + whole))


def test_a_noc_that_was_suspended_before_it_was_revoked_comes_back_suspended(firm, people, sana, overturned, at, later):
    noc = path.noc_case(firm, people=people, at=at)
    noc = path.step(noc, "suspend_noc_urgently", by=sana, at=later(1), note="A sanctions hit.")
    noc = path.decide(noc, "revoke_noc", people=people, at=later(2), note="It is true.")
    overturned(firm, "revoke_noc", at=later(3))
    assert (again(noc).state, again(noc).suspended_by, again(noc.setup).state) == ("suspended", sana, "lapsed")
    overturned(firm, "suspend_noc_urgently", at=later(4))
    assert (again(noc).state, again(noc.setup).state) == ("granted", "open")


def test_a_suspension_beneath_a_revocation_is_taken_away_first(firm, people, sana, overturned, at, later):
    noc = path.noc_case(firm, people=people, at=at)
    noc = path.step(noc, "suspend_noc_urgently", by=sana, at=later(1), note="A sanctions hit.")
    noc = path.decide(noc, "revoke_noc", people=people, at=later(2), note="It is true.")
    assert "no_suspension_lies_beneath" in shut(noc, "restore_noc", at=later(2))
    assert "a_suspension_lies_beneath" not in shut(noc, "restore_noc_suspended", at=later(2))
    appeal = overturned(firm, "suspend_noc_urgently", at=later(3))
    assert effect(appeal) == not_given(
        f"The decision is taken away, by which nothing comes back: {noc.reference} stands as “NOC revoked”."
    )
    assert "no_suspension_lies_beneath" not in shut(noc, "restore_noc", at=later(3))
    assert "a_suspension_lies_beneath" in shut(noc, "restore_noc_suspended", at=later(3))
    overturned(firm, "revoke_noc", at=later(4))
    assert again(noc).state == "granted"


def test_a_noc_does_not_come_back_beside_another(firm, people, overturned, at, later):
    noc = path.noc_case(firm, people=people, at=at)
    noc = path.decide(noc, "revoke_noc", people=people, at=later(1), note="A sanctions hit.")
    assert "no_other_noc_is_live" not in shut(noc, "restore_noc", at=later(1))
    other = path.noc_case(firm, people=people, at=later(2))
    assert shut(noc, "restore_noc", at=later(2))["no_other_noc_is_live"] == (f"See {other.reference}.",)
    with pytest.raises(MoveRefused, match=f"See {other.reference}"):
        overturned(firm, "revoke_noc", at=later(3))
    assert again(noc).state == "revoked"


def test_a_noc_whose_term_ended_is_not_given_back_and_that_is_said(firm, people, overturned, at, later):
    noc = path.noc_case(firm, people=people, at=at)
    noc = path.decide(noc, "revoke_noc", people=people, at=later(360), note="A sanctions hit.")
    appeal = overturned(firm, "revoke_noc", at=later(380))
    assert effect(appeal) == not_given(
        f"{noc.reference} cannot be brought back. The term of the NOC has ended. It ended on 3 March 2027."
    )
    assert again(noc).state == "revoked"
    outbox.drain()
    letter = Letter.objects.filter(code="L57").latest("pk")
    assert letter.content["facts"][-1] == ["What follows from it", effect(appeal)[0][0][1]]


def test_refused_aml_services_are_decided_on_anew_by_others(firm, people, overturned, danish, at, later):
    noc = path.noc_case(firm, people=people, at=at)
    registration = path.aml_request(noc.setup, people=people, at=at)
    registration = path.decide(registration, "refuse_aml_services", people=people, at=later(1), note="No need.")
    assert list(shut(registration, "remit", at=later(1))) == ["appeal_took_the_refusal_away"]
    other = path.aml_request(noc.setup, people=people, at=later(1))
    assert shut(registration, "remit", at=later(1))["no_other_request_is_live"] == (f"See {other.reference}.",)
    with pytest.raises(MoveRefused, match=f"See {other.reference}"):
        overturned(firm, "refuse_aml_services", at=later(2))
    path.step(other, "withdraw", by=people.applicant, at=later(2), note="The first one counts.")
    [pending_one] = Appeal.objects.filter(state="appeal_filed")
    path.step(pending_one, "set_aside", by=pending_one.recorded_by, at=later(3), note="Not made out.")
    assert (again(registration).state, is_ticking(registration)) == ("requested", True)
    new = "decider_is_new_after_an_appeal"
    assert new in shut(registration, "permit_aml_services", by=people.member, at=later(3))
    assert new not in shut(registration, "permit_aml_services", by=danish, at=later(3))


@pytest.fixture
def permitted(firm, people, at):
    done = path.confirmed_setup(path.noc_case(firm, people=people, at=at), people=people, at=at)
    return path.decide(path.aml_request(done, people=people, at=at), "permit_aml_services", people=people, at=at)


def test_aml_services_that_were_ended_are_permitted_again(permitted, firm, people, overturned, later):
    ended = path.decide(permitted, "end_aml_services", people=people, at=later(1), note="They are not used.")
    assert list(shut(ended, "restore_aml_services", at=later(1))) == ["appeal_took_the_end_away"]
    appeal = overturned(firm, "end_aml_services", at=later(2))
    assert (again(ended).state, effect(appeal)[0][0][0]) == ("permitted", "effect_given")
    outbox.drain()
    # Given, taken back, and given again: the newest stands, and the notice of the end no more.
    states = Letter.objects.filter(firm=firm, code__in=("L23", "L25")).order_by("pk").values_list("code", "state")
    assert list(states) == [("L23", "revoked"), ("L25", "superseded"), ("L23", "issued")]


def test_aml_services_do_not_come_back_once_the_licence_is_decided(permitted, firm, people, overturned, later):
    ended = path.decide(permitted, "end_aml_services", people=people, at=later(1), note="They are not used.")
    path.full_case(ended.setup, people=people, at=later(2))
    appeal = overturned(firm, "end_aml_services", at=later(3))
    assert effect(appeal) == not_given(
        f"{ended.reference} cannot be brought back. "
        "The application for the full licence is decided, and the services ended with that."
    )
    # What ended with its NOC, and not by a decision on it, is no appeal's to give back.
    assert "full_licence_is_not_decided" in shut_gates(ended, "restore_aml_services", at=later(3))


# ── Licences ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_restriction_is_lifted_or_the_restrictions_eased(licence, people, overturned, at, later):
    life.restrict(licence, people=people, at=at)
    life.restrict(licence, people=people, at=later(1), wording="No new staff.")
    assert list(shut(licence, "lift_after_appeal", at=later(1))) == [
        "appeal_took_a_restriction_away",
        "no_other_restriction_stands",
    ]
    overturned(licence.firm, "impose_restriction", at=later(2))
    found = again(licence)
    assert (found.state, [each.wording for each in found.restrictions]) == (
        "active_restricted",
        ["No new clients are taken on."],
    )
    assert list(shut(licence, "ease_after_appeal", at=later(2))) == ["appeal_took_a_restriction_away"]
    assert "another_restriction_stands" not in shut_gates(found, "ease_after_appeal", at=later(2))
    appeal = overturned(licence.firm, "impose_restriction", at=later(3))
    assert effect(appeal) == given(f"Lift the restriction after an appeal: {licence.reference} stands as “Active”.")
    assert "another_restriction_stands" in shut_gates(again(found), "ease_after_appeal", at=later(3))
    ended = {each.ended_why for each in licence.measures.all()}
    assert (again(licence).restrictions, appeal.reference in " ".join(ended)) == ([], True)


def test_a_restriction_is_ended_beneath_a_notice_that_goes_on(licence, people, overturned, at, later):
    life.restrict(licence, people=people, at=at)
    life.notify(licence, people=people, at=later(1))
    appeal = overturned(licence.firm, "impose_restriction", at=later(2))
    assert (again(licence).state, again(licence).restrictions) == ("show_cause", [])
    assert effect(appeal)[1] is True
    letters = Job.objects.filter(kind="letter", payload__subject_type="licensing.licence", payload__code="L41")
    assert letters.count() == 2


def test_a_restriction_on_a_licence_that_is_over_gives_nothing_back(licence, people, basma, overturned, at, later):
    life.restrict(licence, people=people, at=at)
    life.revoke(licence, people=people, at=later(1), by=basma)
    appeal = overturned(licence.firm, "impose_restriction", at=later(2))
    measure = licence.measures.get(kind="restriction")
    words = f"{measure.reference} is ended, which gives nothing back: {licence.reference} is over."
    assert effect(appeal) == not_given(words)


def test_a_refused_renewal_waits_for_its_decision_again(licence, people, danish, overturned, at, later):
    in_its_last_year(licence, at=at)
    renewal = life.renewal_asked(licence, people=people, at=later(360))
    renewal = path.decide(renewal, "refuse_renewal", people=people, at=later(380), note="Below the bar.")
    assert again(licence).is_in_term(later(380)) is False
    overturned(licence.firm, "refuse_renewal", at=later(385))
    found = again(renewal)
    assert (found.state, found.decided_at, again(licence).is_in_term(later(385))) == ("submitted", None, True)
    assert is_ticking(renewal)
    assert "decider_is_new_after_an_appeal" in shut(renewal, "renew", by=people.member, at=later(385))
    assert "decider_is_new_after_an_appeal" not in shut(renewal, "renew", by=danish, at=later(385))


def test_a_renewal_is_not_given_back_for_a_licence_that_is_over(licence, people, overturned, at, later):
    in_its_last_year(licence, at=at)
    renewal = life.renewal_asked(licence, people=people, at=later(360))
    path.decide(renewal, "refuse_renewal", people=people, at=later(380), note="Below the bar.")
    assert licences.expire_licences(later(401)) == 1
    appeal = overturned(licence.firm, "refuse_renewal", at=later(405))
    assert effect(appeal) == not_given(f"{renewal.reference} cannot be brought back. The licence is over.")


def test_a_renewal_that_ended_with_its_licence_begins_again_with_it(licence, people, basma, overturned, at, later):
    renewal = licences.open_renewal(licence, at=at)
    assert "renewal_ended_with_its_licence" in shut_gates(renewal, "begin_again", at=at)
    life.revoke(licence, people=people, at=later(1), by=basma)
    assert again(renewal).state == "failed"
    assert list(shut(renewal, "begin_again", at=later(1))) == ["licence_is_live"]
    overturned(licence.firm, "revoke", at=later(2))
    assert (again(licence).state, again(renewal).state) == ("active", "not_due")
    assert Renewal.objects.filter(licence=licence).count() == 1


def in_its_last_year(licence, *, at):
    """Its term ends 370 days from now; the renewal is kept."""
    type(licence).objects.filter(pk=licence.pk).update(valid_to=life.in_days(at, 370))
    licences.open_renewal(again(licence), at=at)


def shut_gates(row, move, *, at):
    """The gates of a move that are shut, whatever the state."""
    gates = the_move(type(row), move).gates
    return [each.code for each in gates if not each.verdict(row, by=None, at=at, move=move)]


def test_a_refused_variation_is_decided_on_anew(licence, people, overturned, at, later):
    variation = life.variation_asked(licence, people=people, at=at)
    variation = path.decide(variation, "refuse_variation", people=people, at=later(1), note="No staff.")
    overturned(licence.firm, "refuse_variation", at=later(2))
    found = again(variation)
    assert (found.state, found.decided_at, is_ticking(found)) == ("requested", None, True)
    assert "decider_is_new_after_an_appeal" in shut(found, "vary", by=people.member, at=later(2))


@pytest.mark.parametrize("restricted", [False, True])
def test_a_refused_surrender_is_taken_up_again(licence, people, danish, overturned, at, later, restricted):
    name = "refuse_surrender"
    if restricted:
        life.restrict(licence, people=people, at=at)
        name = "refuse_surrender_restricted"
    life.surrender_asked(licence, people=people, at=later(1))
    path.decide(licence, name, people=people, at=later(2), note="Clients still wait.")
    assert list(shut(licence, "take_up_surrender_again", at=later(2))) == [
        "appeal_took_the_refusal_of_surrender_away",
        "surrender_is_declared",
    ]
    overturned(licence.firm, name, at=later(3))
    assert (again(licence).state, [each.outcome for each in licence.surrenders.all()]) == ("surrender_requested", [""])
    assert "decider_is_new_after_an_appeal" in shut(licence, "accept_surrender", by=people.member, at=later(3))
    assert "decider_is_new_after_an_appeal" not in shut(licence, "accept_surrender", by=danish, at=later(3))


def test_a_surrender_that_was_asked_for_again_is_not_taken_up(licence, people, overturned, at, later):
    life.surrender_asked(licence, people=people, at=at)
    path.decide(licence, "refuse_surrender", people=people, at=later(1), note="Clients still wait.")
    life.surrender_asked(licence, people=people, at=later(2))
    appeal = overturned(licence.firm, "refuse_surrender", at=later(3))
    words = (
        f"The decision is taken away, by which nothing comes back: {licence.reference} stands as “Surrender requested”."
    )
    assert effect(appeal) == not_given(words)


def test_a_suspension_that_was_lifted_leaves_nothing_to_give(licence, people, overturned, at, later):
    life.suspend(licence, people=people, at=at)
    path.step(licence, "hold_hearing", by=people.enforcement, at=at, note="Heard.")
    path.rate_everything(licence.firm, "FULL", people=people, at=later(1))
    life.reinstate(licence, people=people, at=later(1))
    appeal = overturned(licence.firm, "urgent_suspend", at=later(2))
    assert effect(appeal) == not_given(
        f"The decision is taken away, by which nothing comes back: {licence.reference} stands as “Active”."
    )
    life.suspend(licence, people=people, at=later(3))
    assert "appeal_took_the_decision_away" in shut(licence, "restore", at=later(3))
