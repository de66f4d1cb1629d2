"""What letters give; how the check, the page and the API say that it is gone, and since when; which letter ends which.

The letters of what ended it are left unwritten wherever that is possible: they may wait for their checker for days.
"""

from datetime import date
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.urls import reverse
from guardian.shortcuts import assign_perm

from licensing import letters
from licensing.actions import licences, timers
from licensing.actions.letters import ask_for_letter, write_letter
from licensing.models import Letter, Licence
from pvara.demo import life, path
from pvara.kernel import audit, outbox
from pvara.kernel.models import Job
from tests.tokenisation.conftest import licensed_venue


@pytest.fixture
def ground(firm, people, basma, at, later):
    return SimpleNamespace(firm=firm, people=people, basma=basma, at=at, later=later)


@pytest.fixture
def licence(regime, people, at):
    """A licence without the walk that leads to it, whose term ends after five days."""
    venue = licensed_venue("Ravi Exchange", at=at)
    for permission in ("licensing.represent_firm", "licensing.sign_for_firm"):
        assign_perm(permission, people.applicant, venue.firm)
    Licence.objects.filter(pk=venue.licence_id).update(activities=["exchange", "custody"], valid_to=life.in_days(at, 5))
    return Licence.objects.get(pk=venue.licence_id)


# ── How something is given ───────────────────────────────────────────────────────────────────────────────────────────
def granted(ground):
    return path.noc_case(ground.firm, people=ground.people, at=ground.at)


def set_up(ground):
    return path.confirmed_setup(granted(ground), people=ground.people, at=ground.at)


def permitted(ground):
    asked = path.aml_request(set_up(ground), people=ground.people, at=ground.at)
    return path.decide(asked, "permit_aml_services", people=ground.people, at=ground.at)


def approved(ground):
    case = path.full_case(set_up(ground), people=ground.people, at=ground.at, until="recommended")
    path.draft(case, "Sign the custody agreement.", people=ground.people, at=ground.at, kind="precedent")
    return path.decide(case, "approve_with_conditions", people=ground.people, at=ground.at)


# ── How it is lost, three days later unless time itself takes it ─────────────────────────────────────────────────────
def noc_suspended(ground, row):
    path.step(
        getattr(row, "noc", row),
        "suspend_noc_urgently",
        by=ground.people.supervisor,
        at=ground.later(3),
        note="The home licence is in doubt.",
    )


def noc_revoked(ground, row):
    path.decide(
        getattr(row, "noc", row),
        "revoke_noc",
        people=ground.people,
        at=ground.later(3),
        note="The home licence is gone.",
    )


def term_over(ground, row):
    timers.run(at=ground.later(400))


def set_up_in_vain(ground, row):
    timers.run(at=ground.later(181))


def suspended_at_once(ground):
    noc = granted(ground)
    noc_suspended(SimpleNamespace(**{**vars(ground), "later": lambda days: ground.at}), noc)
    return type(noc).objects.get(pk=noc.pk)


def ratified(ground):
    noc = suspended_at_once(ground)
    return path.decide(noc, "ratify_suspension", people=ground.people, at=ground.at, note="It is real.")


def not_ratified(ground, row):
    timers.SWEEPS["urgent.lift_what_is_not_ratified"](ground.later(40))


def noc_reinstated(ground, row):
    path.decide(row, "reinstate_noc", people=ground.people, at=ground.later(3), note="It is remedied.")


def permission_ended(ground, row):
    path.decide(row, "end_aml_services", people=ground.people, at=ground.later(3), note="It is not used.")


def withdrawn(ground, row):
    path.step(row, "withdraw", by=ground.people.applicant, at=ground.later(3), note="We have other plans.")


def approval_lapsed(ground, row):
    timers.run(at=ground.later(166))
    timers.run(at=ground.later(181))


def licensed(ground, row):
    (condition,) = row.conditions_precedent()
    path.met(condition, people=ground.people, at=ground.at)
    path.pay(row, people=ground.people, at=ground.at)
    path.decide(row, "grant_licence", people=ground.people, at=ground.later(3))


RESTS = "the No Objection Certificate on which it rests"
LOST = [
    ("L35", approved, noc_suspended, f"{RESTS} is suspended at present.", date(2026, 3, 7)),
    ("L35", approved, noc_revoked, f"{RESTS} is no longer in force: NOC revoked.", date(2026, 3, 7)),
    ("L10", granted, noc_suspended, "the certificate is suspended at present.", date(2026, 3, 7)),
    ("L10", granted, noc_revoked, "the certificate is no longer in force: NOC revoked.", date(2026, 3, 7)),
    ("L10", set_up, term_over, "the certificate expired on 3 March 2027.", date(2027, 3, 4)),
    ("L10", granted, set_up_in_vain, "the certificate is no longer in force: NOC expired.", date(2026, 9, 1)),
    # Nobody has checked the certificate yet that says that it is in force again.
    ("L16", suspended_at_once, not_ratified, "the suspension of which it tells has ended.", date(2026, 4, 13)),
    ("L62", ratified, noc_reinstated, "the suspension of which it tells has ended.", date(2026, 3, 7)),
    ("L20", granted, set_up_in_vain, "the set-up has lapsed.", date(2026, 9, 1)),
    ("L20", set_up, noc_revoked, f"{RESTS} is no longer in force: NOC revoked.", date(2026, 3, 7)),
    ("L22", set_up, noc_suspended, f"{RESTS} is suspended at present.", date(2026, 3, 7)),
    ("L22", set_up, noc_revoked, f"{RESTS} is no longer in force: NOC revoked.", date(2026, 3, 7)),
    ("L22", set_up, term_over, f"{RESTS} expired on 3 March 2027.", date(2027, 3, 4)),
    ("L23", permitted, permission_ended, "the permission has ended.", date(2026, 3, 7)),
    ("L23", permitted, noc_suspended, "the permission has ended.", date(2026, 3, 7)),
    ("L35", approved, withdrawn, "the application was withdrawn.", date(2026, 3, 7)),
    ("L35", approved, approval_lapsed, "the approval has lapsed.", date(2026, 9, 1)),
    ("L35", approved, licensed, "the licence was granted, and stands in its place.", date(2026, 3, 7)),
]


@pytest.mark.parametrize(
    ("code", "given", "lost", "words", "since"), LOST, ids=[f"{each[0]}-{each[2].__name__}" for each in LOST]
)
def test_a_letter_says_that_what_it_gave_is_gone_and_since_when(ground, client, code, given, lost, words, since):
    row = given(ground)
    outbox.drain()
    letter = Letter.objects.get(code=code)
    held = letters.check(letter.token, at=ground.at)
    assert (held.authentic, held.holds, held.since) == (True, True, None)
    lost(ground, row)
    is_told(letter, words, since, client)


def is_told(letter, words, since, client):
    """By the check itself, on the page where the QR code leads, and by the API."""
    reason = f"This letter was issued here, but {words}"
    found = letters.check(letter.token)
    assert (found.authentic, found.holds, found.reason, found.since) == (True, False, reason, since)
    page = client.get(reverse("public:verified", args=[letter.token])).content.decode()
    assert f"{reason} It has not held since {since:%-d %B %Y}." in page
    said = client.get(f"/api/verify/{letter.token}/").json()
    assert (said["authentic"], said["holds"], said["reason"], said["since"]) == (True, False, reason, str(since))


# ── A licence, on whichever paper it was given ───────────────────────────────────────────────────────────────────────
def suspended(licence, people, basma, later):
    life.suspend(licence, people=people, at=later(3))


def revoked(licence, people, basma, later):
    life.revoke(licence, people=people, at=later(3), by=basma)


def surrendered(licence, people, basma, later):
    life.surrendered(licence, people=people, at=later(3))


def expired(licence, people, basma, later):
    assert licences.expire_licences(later(36)) == 1


PAPERS = ["L40", "L42", "L43", "L53", "L61"]
LICENCE_LOST = [
    (suspended, "the licence is suspended at present.", date(2026, 3, 7)),
    (revoked, "the licence has been revoked.", date(2026, 3, 7)),
    (surrendered, "the licence has been surrendered.", date(2026, 3, 7)),
    # Its term was over with 9 March, whenever the scheduler says so.
    (expired, "the licence has expired.", date(2026, 3, 10)),
]


@pytest.mark.parametrize("code", PAPERS)
@pytest.mark.parametrize(("lost", "words", "since"), LICENCE_LOST, ids=[each[0].__name__ for each in LICENCE_LOST])
def test_no_paper_of_a_licence_outlives_it(licence, people, basma, at, later, client, code, lost, words, since):
    on = {
        "L40": licence.application,
        "L42": life.variation_asked(licence, people=people, at=at),
        "L43": licences.open_renewal(licence, at=at),
        "L53": licence,
        "L61": licence,
    }[code]
    ask_for_letter(code, on, entry=audit.record(on, event="decided", by=None, at=at), at=at)
    outbox.drain()
    letter = Letter.objects.get(code=code)
    assert letters.check(letter.token, at=at).holds is True
    lost(licence, people, basma, later)
    is_told(letter, words, since, client)


def test_every_kind_that_gives_something_is_in_one_of_the_tables():
    assert {each[0] for each in LOST} | set(PAPERS) == set(letters.GIVEN)


def test_time_alone_ends_what_was_given_from_the_day_after_its_last(licence, at, later):
    ask_for_letter("L53", licence, entry=audit.record(licence, event="decided", by=None, at=at), at=at)
    outbox.drain()
    letter = Letter.objects.get(code="L53")
    said = [letters.check(letter.token, at=later(days)) for days in (5, 6)]
    assert [(each.holds, each.since) for each in said] == [(True, None), (False, date(2026, 3, 10))]


def test_what_was_replaced_has_not_held_since_the_decision_that_the_later_letter_reports(licence, people, at, later):
    life.notify(licence, people=people, at=at)
    outbox.drain()
    notice = Letter.objects.get(code="L50")
    path.decide(licence, "dismiss_show_cause", people=people, at=later(2), note="They are found.")
    outbox.drain()
    said = letters.check(notice.token)
    assert (said.holds, said.since) == (False, date(2026, 3, 6))
    assert said.reason == "This letter was issued here, but a later one has taken its place."


# ── Which letter ends which ──────────────────────────────────────────────────────────────────────────────────────────
def states(*codes):
    return dict(Letter.objects.filter(code__in=codes).values_list("code", "state"))


@pytest.mark.parametrize("order", [("L11", "L12"), ("L12", "L11")], ids=["in order", "late"])
def test_a_letter_leaves_those_of_another_case_of_the_firm_alone(licence, people, at, later, order):
    """A variation is refused while the firm has notice that its second NOC application may be refused."""
    case = path.noc_case(licence.firm, people=people, at=at, until="minded_to_refuse", rating=2)
    varied = life.variation_asked(licence, people=people, at=at)
    path.decide(varied, "refuse_variation", people=people, at=later(1), note="Too early.")
    for code in order:
        with transaction.atomic():
            write_letter(Job.objects.get(kind="letter", payload__code=code))
    assert states("L11", "L12") == {"L11": "issued", "L12": "issued"}
    path.heard(case, people=people, at=later(2))
    path.decide(case, "refuse_noc", people=people, at=later(2), note="The score is below the bar.")
    outbox.drain()
    assert states("L11") == {"L11": "superseded"}


def test_a_licence_is_one_case_whichever_row_a_decision_was_made_on(licence, people, at, later):
    of_another = licensed_venue("Indus Exchange", at=at).licence
    for each in (licence, of_another):
        entry = audit.record(each.application, event="decided", by=None, at=at)
        ask_for_letter("L40", each.application, entry=entry, at=at)
    varied = life.variation_asked(licence, people=people, at=at, add=[], remove=["custody"])
    path.decide(varied, "vary", people=people, at=later(1))
    outbox.drain()
    found = {each.subject_id: each.state for each in Letter.objects.filter(code="L40")}
    assert found == {licence.application_id: "superseded", of_another.application_id: "issued"}


def test_a_kind_ends_only_kinds_that_are_told_apart_by_the_same_case():
    mixed = [
        (kind.code, code)
        for kind in letters.KINDS.values()
        for code in (*kind.supersedes, *kind.revokes)
        if letters.KINDS[code].of_licence != kind.of_licence
    ]
    assert mixed == []


def test_of_two_decisions_of_one_moment_the_later_entry_counts(licence, people, tahir, at):
    life.restrict(licence, people=people, at=at)
    appeal = life.appealed(licence.firm, people=people, at=at)
    path.step(appeal, "record_appeal", by=tahir, at=at)
    path.step(appeal, "withdraw", by=people.applicant, at=at, note="We have agreed.")
    outbox.drain()
    told = Letter.objects.filter(code="L57").order_by("entry")
    assert [each.state for each in told] == ["superseded", "issued"]
    assert "It is withdrawn, and closed without a decision on it." in " ".join(told[1].content["paragraphs"])
    assert told[1].content["reasons"] == "We have agreed."


# ── A suspension that lapsed ─────────────────────────────────────────────────────────────────────────────────────────
def test_a_certificate_that_comes_back_unratified_says_so_and_waits_for_its_checker(ground):
    noc = suspended_at_once(ground)
    outbox.drain()
    told = Letter.objects.get(code="L16")
    assert letters.check(told.token).holds
    # From the day before it lapses on, as the regime ships it.
    path.change_setting(
        "letters.checked", ["L10"], effective_from=date(2026, 4, 12), people=ground.people, at=ground.later(1)
    )
    not_ratified(ground, noc)
    outbox.drain()
    again = Letter.objects.filter(code="L10").latest("pk")
    said = ["Urgent suspension", "It ended on 13 April 2026: the board of the Authority did not ratify it."]
    assert (again.state, said in again.content["facts"]) == ("draft", True)
    assert not letters.check(told.token).holds
    # A second suspension is told by a letter of its own; it does not bring the first one back.
    noc = type(noc).objects.get(pk=noc.pk)
    by = ground.people.supervisor
    path.step(noc, "suspend_noc_urgently", by=by, at=ground.later(50), note="Another hit.")
    outbox.drain()
    second = Letter.objects.filter(code="L16").latest("pk")
    assert [letters.check(each.token).holds for each in (told, second)] == [False, True]
