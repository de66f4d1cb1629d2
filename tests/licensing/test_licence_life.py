"""What is done against a licence, how it ends, and that whatever hangs on it follows in the same transaction."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from licensing import standing
from licensing.actions import licences, measures, surrender
from licensing.actions.documents import documents_of
from licensing.models import Licence, Measure, Renewal, Variation, WindDown
from pvara.demo import life, path
from pvara.kernel import audit, clock, figures
from pvara.kernel.machine import MoveRefused, perform, unmet
from pvara.kernel.models import Job
from tests.tokenisation.conftest import *  # noqa: F403  the registry's fixtures

VOTES = "votes_carry_the_decision"
NOBODY_VOTED = {VOTES: ("Licensing committee: 2 votes are a quorum; 0 count.",)}


def shut(licence, name, *, by=None, at):
    fresh = Licence.objects.get(pk=licence.pk)
    return {each.code: each.details for each in unmet(fresh, name, by=by, at=at)}


def fresh(licence):
    return Licence.objects.get(pk=licence.pk)


# ── Restrictions ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_restriction_is_proposed_imposed_eased_and_lifted(licence, people, sana, at, later):
    assert shut(licence, "impose_restriction", at=at) == {
        "restriction_is_proposed": (),
        "restriction_has_a_cause": ("Raise the finding first; the score asks nothing of supervision.",),
        **NOBODY_VOTED,
    }
    life.restrict(licence, people=people, at=at)
    life.restrict(licence, people=people, at=at, wording="", activities=["custody"], ends_on=life.in_days(at, 20))
    assert fresh(licence).state == "active_restricted"
    clients, custody = reversed(fresh(licence).restrictions)
    assert (clients.public_text, custody.public_text) == ("No new clients are taken on.", "Restricted: Custody.")
    assert (clients.proposed_by, clients.decided_by) == (sana, people.member)
    assert shut(licence, "lift_restriction", at=at) == {
        "lifting_is_proposed": (),
        "every_restriction_is_to_be_lifted": (),
        **NOBODY_VOTED,
    }
    measures.propose_lifting(custody, reasons="The vault was tested.", by=people.supervisor, at=later(1))
    assert list(shut(licence, "lift_restriction", at=at)) == ["every_restriction_is_to_be_lifted", VOTES]
    path.decide(licence, "ease_restrictions", people=people, at=later(1), note="Tested.")
    assert (fresh(licence).state, fresh(licence).restrictions) == ("active_restricted", [clients])
    measures.propose_lifting(clients, reasons="Systems are scaled.", by=people.supervisor, at=later(2))
    assert list(shut(licence, "ease_restrictions", at=at)) == ["a_restriction_remains", VOTES]
    path.decide(licence, "lift_restriction", people=people, at=later(2), note="Scaled.")
    assert (fresh(licence).state, fresh(licence).restrictions) == ("active", [])
    letters = Job.objects.filter(kind="letter", payload__subject_type="licensing.licence")
    assert [each.payload["code"] for each in letters.order_by("pk")] == ["L41"] * 4


def test_whoever_proposed_a_restriction_neither_imposes_nor_lifts_it(licence, people, at):
    roles_of_both = people.supervisor
    restriction = life.propose(licence, "restriction", people=people, at=at, wording="No new clients.")
    assert list(shut(licence, "impose_restriction", by=roles_of_both, at=at)) == [
        "decider_did_not_propose_restriction",
        VOTES,
    ]
    with pytest.raises(IntegrityError, match="measure_decider_is_not_proposer"), transaction.atomic():
        Measure.objects.filter(pk=restriction.pk).update(decided_by=roles_of_both, decided_at=at)
    path.decide(licence, "impose_restriction", people=people, at=at, note="Why.")
    measures.propose_lifting(restriction, reasons="Done.", by=roles_of_both, at=at)
    assert list(shut(licence, "lift_restriction", by=roles_of_both, at=at)) == ["lifter_did_not_propose_it", VOTES]


def test_what_is_wrong_with_a_proposal_is_said_at_once(licence, people, at):
    def faults(kind, **changed):
        with pytest.raises(ValidationError) as refused:
            life.propose(licence, kind, people=people, at=at, **changed)
        return refused.value

    assert faults("restriction", particulars=" ", activities=["advisory"]).message_dict == {
        "particulars": ["Say on which facts it rests."],
        "activities": ["The licence does not cover advisory."],
    }
    assert list(faults("restriction").message_dict) == ["wording"]
    assert faults("show_cause", grounds=[]).message_dict == {"grounds": ["Cite at least one ground."]}
    assert list(faults("urgent_suspension", grounds=["unpaid"]).message_dict) == ["grounds"]
    assert list(faults("urgent_suspension", ends_on=None).message_dict) == ["ends_on"]
    assert faults("urgent_suspension", ends_on=life.in_days(at, 91)).message_dict == {
        "ends_on": ["At most 90 days; it can be prolonged."]
    }
    assert faults("suspension").messages == ["The licence is active: no suspension from here."]
    life.propose(licence, "urgent_suspension", people=people, at=at, ends_on=life.in_days(at, 90))
    assert faults("urgent_suspension").messages == [
        "One of this kind is proposed already: decide on it, or withdraw it, first."
    ]


def test_who_proposes_and_who_does_not(licence, people, at):
    for kind, by in (
        ("restriction", people.officer),
        ("show_cause", people.supervisor),
        ("urgent_suspension", people.board),
    ):
        with pytest.raises(PermissionDenied):
            life.propose(licence, kind, people=people, at=at, by=by)


# ── Show-cause ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_notice_gives_time_to_reply_and_the_reply_ends_the_waiting(licence, people, danish, at, later):
    notice = life.propose(licence, "show_cause", people=people, at=at, grounds=["client_assets", "unpaid"])
    path.step(licence, "issue_show_cause", by=people.enforcement, at=at)
    notice.refresh_from_db()
    assert (fresh(licence).state, notice.hear_by) == ("show_cause", life.in_days(at, 14))
    waits = (f"{notice.reference}: it has until 18 March 2026.",)
    assert shut(licence, "dismiss_show_cause", by=danish, at=later(14)) == {"firm_was_heard": waits, **NOBODY_VOTED}
    path.vote(licence, "dismiss_show_cause", people=people, at=later(15))
    assert shut(licence, "dismiss_show_cause", by=danish, at=later(15)) == {}
    assert list(shut(licence, "dismiss_show_cause", by=people.enforcement, at=later(15))) == [
        "decider_did_not_issue_the_notice"
    ]
    file = SimpleUploadedFile("books.txt", b"Nothing is missing.", "text/plain")
    answer = measures.reply(notice, "See the books.", by=people.applicant, at=later(2), file=file)
    assert [each.file_name for each in documents_of(answer)] == ["books.txt"]
    path.decide(licence, "dismiss_show_cause", people=people, at=later(3), note="They are in order.")
    assert (fresh(licence).state, fresh(licence).show_cause_by, fresh(licence).show_cause) == ("active", None, None)
    with pytest.raises(ValidationError, match="does not wait for a reply"):
        measures.reply(notice, "And another thing.", by=people.applicant, at=later(4))
    limit = figures.limit("show_cause.reply", on=timezone.localdate(at))
    assert clock.reading(fresh(licence), "reply", limit=limit, at=later(5)).status == "stopped"


def test_a_dismissed_notice_leaves_restrictions_as_they_were(licence, people, at):
    life.restrict(licence, people=people, at=at)
    life.notify(licence, people=people, at=at)
    assert list(shut(licence, "dismiss_show_cause", by=people.member, at=at)) == ["no_restriction_stands", VOTES]
    path.decide(licence, "dismiss_show_cause_restricted", people=people, at=at, note="In order.")
    assert fresh(licence).state == "active_restricted"


# ── Suspension ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_after_a_notice_the_committee_suspends_for_a_period(licence, people, at, later):
    life.notify(licence, people=people, at=at)
    assert list(shut(licence, "suspend", by=people.member, at=at)) == ["suspension_is_proposed", VOTES]
    measure = life.propose(licence, "suspension", people=people, at=at, starts_on=life.in_days(at, 2))
    path.vote(licence, "suspend", people=people, at=later(1))
    assert list(shut(licence, "suspend", by=people.member, at=later(1))) == ["period_suits"]
    assert list(shut(licence, "suspend", by=people.enforcement, at=later(2))) == [
        "decider_did_not_propose_suspension",
        "decider_did_not_issue_the_notice",
    ]
    assert list(shut(licence, "suspend", by=people.member, at=later(30))) == ["period_suits"]
    path.decide(licence, "suspend", people=people, at=later(2), note="The books do not close.")
    measure.refresh_from_db()
    assert (fresh(licence).state, measure.starts_on, measure.decided_by) == (
        "suspended",
        life.in_days(at, 2),
        people.member,
    )
    # Its last day ends nothing: the committee is told, once.
    assert licences.tell_of_measures_that_end(later(30)) == 0
    assert [licences.tell_of_measures_that_end(later(31)), licences.tell_of_measures_that_end(later(32))] == [1, 0]
    assert fresh(licence).state == "suspended"
    assert Job.objects.filter(kind="notice", payload__to=people.member.pk).count() == 1
    life.propose(
        licence, "suspension", people=people, at=later(31), starts_on=life.in_days(at, 31), ends_on=life.in_days(at, 91)
    )
    path.decide(licence, "prolong_suspension", people=people, at=later(31), note="They still do not.")
    assert [each.ends_on for each in fresh(licence).suspensions] == [life.in_days(at, 91)]


def test_an_urgent_suspension_takes_two_people_and_a_hearing(licence, people, basma, at, later):
    life.propose(licence, "urgent_suspension", people=people, at=at)
    refused = shut(licence, "urgent_suspend", by=people.enforcement, at=at)
    assert list(refused) == ["confirmer_did_not_propose"]
    path.step(licence, "urgent_suspend", by=people.board, at=at, note="Withdrawals stopped.")
    assert [each.hear_by for each in fresh(licence).suspensions] == [life.in_days(at, 14)]
    life.propose(licence, "revocation", people=people, at=at)
    assert list(shut(licence, "revoke", by=people.board, at=at)) == [
        "firm_was_heard",
        "revoker_is_not_suspender",
        "votes_carry_the_decision",
    ]
    path.step(licence, "hold_hearing", by=people.enforcement, at=later(5), note="The directors were heard.")
    assert shut(licence, "hold_hearing", at=later(5)) == {"hearing_is_outstanding": ()}
    assert list(shut(licence, "revoke", by=basma, at=later(5))) == ["votes_carry_the_decision"]
    path.vote(licence, "revoke", people=people, at=later(5))
    assert shut(licence, "revoke", by=basma, at=later(5)) == {}


def test_a_suspension_in_part_stops_what_it_names_and_nothing_else(licence, people, at):
    assert licence.stopped("exchange") == []
    life.suspend(licence, people=people, at=at, activities=["custody"])
    found = fresh(licence)
    assert (found.state, found.public_status, found.suspended_activities) == (
        "suspended",
        "Suspended in part",
        ["custody"],
    )
    reasons = standing.standing_of(found).reasons
    assert [each for each in reasons if "suspended" in each or "restricted" in each] == []
    [measure] = found.suspensions
    assert (measure.covers("exchange"), measure.covers("custody")) == (False, True)


@pytest.mark.parametrize(
    ("kind", "said"), [("restriction", "Exchange is restricted."), ("urgent", "Exchange is suspended.")]
)
def test_what_stops_exchange_takes_the_standing(licence, people, at, kind, said):
    if kind == "restriction":
        life.restrict(licence, people=people, at=at, activities=["exchange"])
    else:
        life.suspend(licence, people=people, at=at, activities=["exchange"])
    assert standing.standing_of(licence).reasons[0] == said
    assert standing.standing_of(licence).may_distribute is False


def test_a_notice_is_not_published_and_a_restriction_is(licence, people, at):
    life.notify(licence, people=people, at=at)
    assert (fresh(licence).public_state, fresh(licence).public_status) == ("active", "Licensed")
    path.decide(licence, "dismiss_show_cause", people=people, at=at, note="In order.")
    life.restrict(licence, people=people, at=at)
    life.notify(licence, people=people, at=at)
    assert (fresh(licence).state, fresh(licence).public_status) == ("show_cause", "Restricted")


# ── Reinstatement and what comes back ────────────────────────────────────────────────────────────────────────────────
def test_a_reinstated_licence_brings_back_what_its_suspension_stopped_and_nothing_else(
    firm, people, danish, tbill, propose, approve, daud, dua, move
):
    """Two assets: one that the debt office had suspended itself, one that the suspension stopped."""
    from tokenisation.actions.assets import issue_asset
    from tokenisation.actions.authorisations import authorise_venue

    # Lately: a posting asks the database's own clock whether the standing holds.
    at = timezone.now() - timedelta(days=12)
    licence = path.licensed(firm, people=people, at=at)
    venue = standing.standing_of(licence)
    other = approve(propose(code="other"))
    other = issue_asset(other, expected_version=other.version, by=daud, at=other.approved_at)
    mine = authorise_venue(tbill, venue, limit_units=10, by=dua, at=at + timedelta(days=2))
    theirs = move(authorise_venue(other, venue, limit_units=10, by=dua, at=at + timedelta(days=2)), "suspend", dua)
    life.suspend(licence, people=people, at=at + timedelta(days=3))
    mine.refresh_from_db()
    assert mine.state == "suspended"
    assert shut(licence, "reinstate", by=danish, at=at + timedelta(days=4)) == {
        "remedy_is_verified": (f"{fresh(licence).suspensions[0].reference}.",),
        **NOBODY_VOTED,
    }
    measures.verify_remedy(licence, note="Nothing is missing.", by=people.supervisor, at=at + timedelta(days=4))
    assert list(shut(licence, "reinstate", by=people.supervisor, at=at + timedelta(days=4))) == [
        "reinstater_did_not_verify_the_remedy",
        VOTES,
    ]
    life.propose(licence, "restriction", people=people, at=at + timedelta(days=4), wording="No new clients.")
    path.decide(licence, "reinstate_restricted", people=people, at=at + timedelta(days=4), note="They are found.")
    found = fresh(licence)
    assert (found.state, found.suspended_by, len(found.restrictions)) == ("active_restricted", None, 1)
    assert standing.standing_of(licence).may_distribute is True
    for each in (mine, theirs):
        each.refresh_from_db()
    assert (mine.state, theirs.state) == ("active", "suspended")
    last = audit.history(mine).last()
    assert (last.event, last.actor, last.note) == ("resume", None, "The measure that stopped it has ended.")


# ── The end ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def hanging(licence, people, at):
    """A renewal and a variation that hang on the licence."""
    renewal = licences.open_renewal(licence, at=at)
    return renewal, life.variation_asked(licence, people=people, at=at)


def states_of(hanging):
    renewal, variation = hanging
    return Renewal.objects.get(pk=renewal.pk).state, Variation.objects.get(pk=variation.pk).state


def test_a_revocation_ends_what_hangs_on_the_licence_and_starts_the_wind_down(
    licence, hanging, authorisation_of_it, people, basma, at
):
    life.revoke(licence, people=people, at=at, by=basma)
    assert (fresh(licence).state, states_of(hanging)) == ("revoked", ("failed", "lapsed"))
    winding = WindDown.objects.get(licence=licence)
    assert winding.due_on == life.in_days(at, 90)
    authorisation_of_it.refresh_from_db()
    assert authorisation_of_it.state == "terminated"
    assert (winding.state, winding.is_late(at)) == ("awaiting_plan", False)


@pytest.fixture
def authorisation_of_it(licence, tbill, dua, at):
    from tokenisation.actions.authorisations import authorise_venue

    return authorise_venue(tbill, standing.standing_of(licence), limit_units=10, by=dua, at=at)


def test_a_surrender_waits_until_clients_have_their_assets(
    licence, hanging, authorisation_of_it, people, danish, at, later
):
    assert shut(licence, "request_surrender", at=at) == {
        "surrender_is_declared": ("Declare what is held for clients first.",)
    }
    asked = life.surrender_asked(licence, people=people, at=at)
    assert (asked.state, asked.public_state, shut(licence, "accept_surrender", at=at)) == (
        "surrender_requested",
        "active",
        {"client_assets_are_returned": (), **NOBODY_VOTED},
    )
    life.propose(licence, "urgent_suspension", people=people, at=at)
    assert list(shut(licence, "accept_surrender", at=at)) == [
        "client_assets_are_returned",
        "no_enforcement_is_open",
        VOTES,
    ]
    measures.withdraw_proposal(fresh(licence).proposed("urgent_suspension"), by=people.enforcement, at=at)
    surrender.confirm_assets(asked.open_surrender, note="Balances are nil.", by=people.supervisor, at=later(1))
    assert list(shut(licence, "accept_surrender", by=people.supervisor, at=later(1))) == [
        "decider_did_not_confirm_the_assets",
        VOTES,
    ]
    path.decide(licence, "accept_surrender", people=people, at=later(2))
    assert (fresh(licence).state, states_of(hanging)) == ("surrendered", ("failed", "lapsed"))
    assert [each.outcome for each in licence.surrenders.all()] == ["accepted"]
    authorisation_of_it.refresh_from_db()
    assert authorisation_of_it.state == "terminated"
    assert standing.standing_of(licence).reasons[0] == "The licence is surrendered."


def test_a_refused_surrender_can_be_asked_for_again(licence, people, at):
    life.surrender_asked(licence, people=people, at=at)
    path.decide(licence, "refuse_surrender", people=people, at=at, note="Clients still wait.")
    assert (fresh(licence).state, [each.outcome for each in licence.surrenders.all()]) == ("active", ["refused"])
    assert life.surrender_asked(licence, people=people, at=at).state == "surrender_requested"


def test_a_refused_declaration_leaves_nothing_behind(licence, people, at):
    life.notify(licence, people=people, at=at)
    with pytest.raises(MoveRefused):
        life.surrender_asked(licence, people=people, at=at)
    assert list(licence.surrenders.all()) == []


def test_an_unrenewed_licence_expires_after_its_grace(licence, hanging, authorisation_of_it, at, later):
    Licence.objects.filter(pk=licence.pk).update(valid_to=life.in_days(at, 10))
    assert licences.expire_licences(later(40)) == 0
    with pytest.raises(MoveRefused, match=r"The grace ends on 13 April 2026\."):
        perform(fresh(licence), "expire", by=None, at=later(40), expected_version=fresh(licence).version)
    assert licences.expire_licences(later(41)) == 1
    assert (fresh(licence).state, states_of(hanging)) == ("expired", ("failed", "lapsed"))
    authorisation_of_it.refresh_from_db()
    assert authorisation_of_it.state == "terminated"
    assert WindDown.objects.get(licence=licence).due_on == timezone.localdate(later(41)) + timedelta(days=90)
    assert licences.expire_licences(later(42)) == 0
