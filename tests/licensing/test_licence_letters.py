"""The letters of a licence's life: each can be issued, says what was decided, and ends those before it."""

import pytest
from guardian.shortcuts import assign_perm

from licensing import letters
from licensing.actions import licences, surrender
from licensing.actions.letters import ask_for_letter
from licensing.models import Letter, Licence
from pvara.demo import life, path
from pvara.kernel import audit, outbox
from tests.tokenisation.conftest import licensed_venue


@pytest.fixture
def licence(regime, people, at):
    venue = licensed_venue("Ravi Exchange", at=at)
    for permission in ("licensing.represent_firm", "licensing.sign_for_firm"):
        assign_perm(permission, people.applicant, venue.firm)
    Licence.objects.filter(pk=venue.licence_id).update(activities=["exchange", "custody"])
    return Licence.objects.get(pk=venue.licence_id)


def letter(code):
    return Letter.objects.filter(code=code).latest("pk")


def said(code):
    return " ".join(letter(code).content["paragraphs"])


def test_from_the_restriction_to_the_revocation(licence, people, basma, at, later):
    life.restrict(licence, people=people, at=at)
    life.notify(licence, people=people, at=later(1))
    life.propose(licence, "suspension", people=people, at=later(2), activities=["custody"])
    path.decide(licence, "suspend", people=people, at=later(2), note="The books do not close.")
    life.revoke(licence, people=people, at=later(3), by=basma, note="They never closed.")
    outbox.drain()
    assert dict(Letter.objects.values_list("code", "state")) == {
        "L41": "superseded",
        "L50": "superseded",
        "L51": "superseded",
        "L54": "issued",
    }
    assert ["Restriction 1", "No new clients are taken on."] in letter("L41").content["facts"]
    assert "The facts on which the notice rests are these. Assets are missing." in said("L50")
    assert "in writing and by 19 March 2026" in said("L50")
    assert "from 6 March 2026 to 5 April 2026" in said("L51")
    assert "The suspension is of Custody." in said("L51")
    assert ["Ground 1", "Imminent harm to clients"] in letter("L54").content["facts"]
    assert "The wind-down is to be finished by 5 June 2026." in said("L54")
    assert letter("L54").content["reasons"] == "They never closed."


def test_a_letter_written_late_says_what_was_decided_then(licence, people, at, later):
    life.restrict(licence, people=people, at=at)
    life.restrict(licence, people=people, at=later(1), wording="No margin trading.")
    outbox.drain()
    first, second = Letter.objects.filter(code="L41").order_by("issued_at")
    assert [fact for fact in first.content["facts"] if fact[0].startswith("Restriction")] == [
        ["Restriction 1", "No new clients are taken on."]
    ]
    assert (first.state, second.content["facts"][-1]) == ("superseded", ["Restriction 2", "No margin trading."])


def test_a_certificate_follows_the_variation_the_renewal_and_the_surrender(licence, people, danish, at, later):
    renewal = licences.open_renewal(licence, at=at)
    varied = life.variation_asked(licence, people=people, at=at, add=[], remove=["custody"])
    path.decide(varied, "vary", people=people, at=at)
    outbox.drain()
    amended = letter("L42")
    assert (amended.content["activities"], letters.check(amended.token).holds) == (["Exchange"], True)
    entry = audit.record(renewal, event="renewed", by=None, at=later(1))
    ask_for_letter("L43", renewal, entry=entry, at=later(1))
    asked = life.surrender_asked(licence, people=people, at=later(2))
    outbox.drain()
    assert letters.check(amended.token).reason.endswith("a later one has taken its place.")
    surrender.confirm_assets(asked.open_surrender, note="Nil.", by=people.supervisor, at=later(2))
    path.decide(licence, "accept_surrender", people=people, at=later(3))
    outbox.drain()
    assert dict(Letter.objects.values_list("code", "state")) == {
        "L42": "superseded",
        "L43": "revoked",
        "L55": "issued",
    }


@pytest.mark.parametrize("restricted", [False, True])
def test_a_notice_that_is_dismissed_is_taken_back_by_its_own_letter(licence, people, at, later, restricted):
    if restricted:
        life.restrict(licence, people=people, at=at)
    life.notify(licence, people=people, at=at)
    move = "dismiss_show_cause_restricted" if restricted else "dismiss_show_cause"
    path.decide(licence, move, people=people, at=later(2), note="The books were found.")
    outbox.drain()
    assert (letter("L50").state, letter("L58").state) == ("superseded", "issued")
    assert said("L58").startswith(
        f"On 4 March 2026 the Authority asked {licence.holder_name} to show cause why licence"
    )
    standing = (
        "The restrictions that stand are named under the particulars." if restricted else "No restriction stands."
    )
    assert said("L58").endswith(f"The licence is in force as it was before it. {standing}")
    assert letter("L58").content["reasons"] == "The books were found."


def test_a_refused_surrender_and_an_expired_licence(licence, people, at, later):
    life.surrender_asked(licence, people=people, at=at)
    path.decide(licence, "refuse_surrender", people=people, at=at, note="Clients still wait.")
    outbox.drain()
    refusal = letter("L59")
    assert refusal.content["case"].startswith("SUR-2026-")
    assert f"{refusal.content['case']}, by which {licence.holder_name} asked to surrender licence" in said("L59")
    assert said("L59").split(". ")[1:3] == [
        "The licence stays in force, with every duty that it carries",
        "No restriction stands",
    ]
    assert (refusal.content["reasons"], refusal.content["appeal"][:21]) == (
        "Clients still wait.",
        "If you are aggrieved ",
    )
    Licence.objects.filter(pk=licence.pk).update(valid_to=life.in_days(at, 5))
    assert licences.expire_licences(later(36)) == 1
    outbox.drain()
    assert "Its term ended on 9 March 2026" in said("L56")
