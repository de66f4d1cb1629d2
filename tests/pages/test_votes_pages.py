"""Votes, conditions and refusals on the pages: what is shown to whom, what the forms do, and what they cost."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from licensing.actions.firms import register_firm
from licensing.models import Condition, Document, Licence, RefusalGround, Renewal, Representation, Vote
from pvara.demo import life, path
from tests.tokenisation.conftest import licensed_venue


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def words(answer) -> str:
    """What stands on a page, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def now(row):
    return type(row)._base_manager.get(pk=row.pk)


@pytest.fixture
def case(firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="recommended")


@pytest.fixture
def condition(case, people, at):
    return path.decide(case, "grant_with_conditions", people=people, at=at).imposed_conditions[0]


@pytest.fixture
def minded(case, people, at):
    return path.decide(case, "notify_refusal", people=people, at=at, note="Below the bar.")


def cast(client, case, **form):
    address = reverse("staff:vote", args=[case._meta.label_lower, case.pk])
    said = {"move": "grant_noc", "choice": "for", "reasons": "", "version": case.version, **form}
    return client.post(address, said)


# ── Votes ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_member_votes_on_the_page_of_the_case_and_everybody_reads_it(case, people, browse):
    client = browse(people.member)
    assert "Cast my vote" in text(client.get(case.get_absolute_url()))
    answer = cast(client, case, next=case.get_absolute_url())
    assert (answer.status_code, answer.url) == (302, case.get_absolute_url())
    page = browse(people.officer).get(case.get_absolute_url())
    assert "Cast my vote" not in text(page)
    assert "Licensing committee: 1 of 2 have voted; 2 are a quorum, which is not reached." in words(page)
    cast(browse(people.member2), case)
    assert "Grant the NOC Carried" in words(browse(people.officer).get(case.get_absolute_url()))


def test_a_dissent_without_reasons_comes_back_with_what_was_typed(case, people, browse):
    answer = cast(browse(people.member), case, choice="against")
    assert answer.status_code == 422
    assert "Say why you are against it" in text(answer)
    assert 'value="against" id="vote_choice_1" checked' in text(answer)
    assert Vote.objects.filter(motion__subject_id=case.pk).count() == 0


def test_a_vote_on_an_older_version_is_not_cast_and_its_reasons_are_kept(case, people, at, browse):
    path.draft(case, people=people, at=at)
    answer = cast(browse(people.member), case, reasons="Strong in every domain.")
    assert answer.status_code == 409
    assert "Strong in every domain.</textarea>" in text(answer)
    again = {"version": now(case).version, "reasons": "Strong in every domain."}
    assert cast(browse(people.member), case, **again).status_code == 302


def test_who_may_not_vote_is_told_why(case, people, browse):
    from licensing.actions import interests

    interests.recuse(case, by=people.member, at=case.opened_at, reasons="I wrote a book about it.")
    client = browse(people.member)
    page = words(client.get(case.get_absolute_url()))
    assert "You have no vote on this case Recused: I wrote a book about it." in page
    assert cast(client, case).status_code == 403


def test_nothing_is_voted_on_after_the_decision(case, people, at, browse):
    path.decide(case, "grant_noc", people=people, at=at)
    answer = cast(browse(people.member), now(case))
    assert answer.status_code == 422
    assert Vote.objects.filter(motion__subject_id=case.pk).count() == 2


def test_the_committee_finds_what_waits_for_it(case, people, browse):
    address = reverse("staff:committee")
    client = browse(people.member)
    page = words(client.get(address))
    # The world's own: a case that the committee is minded to refuse, a request for AML services, a restriction and an
    # override that are proposed.
    assert "5 cases wait for your vote." in page
    assert case.reference in page
    cast(client, case)
    page = words(client.get(address))
    assert "4 cases wait for your vote." in page
    assert "Grant the NOC: 1 for For" in page
    assert "1 case waits for your vote." in words(browse(people.board).get(address))


def test_the_committees_list_costs_the_same_for_one_case_and_thirty(
    regime, people, at, browse, django_assert_num_queries, django_assert_max_num_queries
):
    def waiting(numbers):
        for number in numbers:
            firm = register_firm(f"Exchange {number:02}", by=people.applicant, at=at, country="Malta")
            path.vote(path.noc_case(firm, people=people, at=at, until="recommended"), "grant_noc", people=people, at=at)

    client = browse(people.member)
    client.get(reverse("staff:committee"))
    with django_assert_max_num_queries(31) as one:
        client.get(reverse("staff:committee"))
    waiting(range(3))
    with django_assert_num_queries(len(one.captured_queries)):
        client.get(reverse("staff:committee"))


# ── Conditions ───────────────────────────────────────────────────────────────────────────────────────────────────────
def draft(client, case, **form):
    said = {"kind": "continuing", "text": "Report every month.", "due_on": "", "is_public": "on", **form}
    return client.post(reverse("staff:condition_new", args=["noc", case.pk]), said)


def test_a_condition_is_drafted_shown_and_taken_back(case, people, browse):
    client = browse(people.supervisor)
    assert draft(client, case).status_code == 302
    drafted = Condition.objects.get(noc=case)
    assert (drafted.text, drafted.due_on, drafted.is_public) == ("Report every month.", None, True)
    page = text(client.get(case.get_absolute_url()))
    assert "Continuing condition: Report every month." in page
    assert client.post(reverse("staff:condition_taken_back", args=[drafted.pk])).status_code == 302
    assert not Condition.objects.filter(noc=case).exists()


def test_a_draft_that_cannot_be_right_comes_back_whole(case, people, browse):
    answer = draft(browse(people.member), case, due_on="2020-01-01")
    assert answer.status_code == 422
    assert "which is not a day to come" in text(answer)
    assert "Report every month.</textarea>" in text(answer)
    assert 'value="2020-01-01"' in text(answer)


def test_the_firm_sees_what_binds_it_and_nothing_that_is_only_drafted(case, people, at, browse):
    drafted = path.draft(case, "A secret so far.", people=people, at=at)
    client = browse(people.applicant)
    page = text(client.get(reverse("portal:application", args=["noc", case.pk])))
    assert "A secret so far." not in page
    assert client.get(reverse("portal:condition", args=[drafted.pk])).status_code == 404
    path.decide(case, "grant_with_conditions", people=people, at=at)
    page = text(client.get(reverse("portal:application", args=["noc", case.pk])))
    assert "A secret so far." in page
    assert client.get(reverse("portal:condition", args=[drafted.pk])).status_code == 200


def test_the_firm_proves_a_condition_and_the_officer_reads_it(condition, people, browse):
    client = browse(people.applicant)
    address = reverse("portal:condition", args=[condition.pk])
    empty = client.post(address, {"title": "Accounts", "file": SimpleUploadedFile("a.txt", b"")})
    assert empty.status_code == 422
    assert 'value="Accounts"' in text(empty)
    done = client.post(address, {"title": "Accounts", "file": SimpleUploadedFile("a.txt", b"The accounts.\n")})
    assert (done.status_code, Document.objects.about(condition).get().title) == (302, "Accounts")
    path.step(condition, "submit_evidence", by=people.applicant, at=condition.imposed_at)
    assert client.post(address, {"title": "More"}).status_code == 302
    page = text(browse(people.officer).get(condition.get_absolute_url()))
    assert ("Accounts" in page, "Find the condition satisfied" in page) == (True, True)


def test_what_was_sent_back_is_said_to_the_firm(condition, people, at, browse):
    client = browse(people.applicant)
    address = reverse("portal:condition", args=[condition.pk])
    client.post(address, {"title": "Accounts", "file": SimpleUploadedFile("a.txt", b"The accounts.\n")})
    path.step(condition, "submit_evidence", by=people.applicant, at=at)
    path.step(condition, "send_back", by=people.officer, at=at, note="They are not signed.")
    assert "What is missing They are not signed." in words(client.get(address))


def test_the_register_shows_public_conditions_only(case, people, at, client):
    for name, public in (("Report every month.", True), ("Replace the auditor.", False)):
        from licensing.actions.conditions import draft_condition

        draft_condition(case, by=people.member, at=at, kind="continuing", text=name, due_on=None, is_public=public)
    done = path.decide(case, "grant_with_conditions", people=people, at=at)
    page = text(client.get(reverse("public:entry", args=[done.reference])))
    assert ("Report every month." in page, "Replace the auditor." in page) == (True, False)


# ── Refusals ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_ground_is_drafted_by_criterion_or_section_and_taken_back(case, people, browse):
    client = browse(people.member)
    address = reverse("staff:ground_new", args=["noc", case.pk])
    assert client.post(address, {"about": "", "text": "No policy."}).status_code == 422
    for about in ("1.1", "applicant"):
        assert client.post(address, {"about": about, "text": "No policy."}).status_code == 302
    page = words(client.get(case.get_absolute_url()))
    assert "1.1 Board-approved AML/CFT policy aligned with AMLA 2010: No policy." in page
    assert "Form, The applicant: No policy." in page
    for ground in RefusalGround.objects.filter(noc=case):
        client.post(reverse("staff:ground_taken_back", args=[ground.pk]))
    assert not RefusalGround.objects.filter(noc=case).exists()


def test_the_firm_reads_the_grounds_and_answers_them(minded, people, browse):
    client = browse(people.applicant)
    shown = words(client.get(reverse("portal:application", args=["noc", minded.pk])))
    assert "The policy is not approved by the board." in shown
    address = reverse("portal:representations", args=["noc", minded.pk])
    assert client.post(address, {"text": " "}).status_code == 422
    file = SimpleUploadedFile("minute.txt", b"The minute.\n")
    sent = client.post(address, {"text": "It is approved now.", "title": "Minute", "file": file})
    assert sent.status_code == 302
    made = Representation.objects.get(notice__noc=minded)
    assert [each.title for each in Document.objects.about(made)] == ["Minute"]
    assert "It is approved now." in text(client.get(address))


def test_an_answer_with_a_bad_file_comes_back_with_its_words(minded, people, browse):
    address = reverse("portal:representations", args=["noc", minded.pk])
    sent = browse(people.applicant).post(
        address, {"text": "It is approved now.", "title": "", "file": SimpleUploadedFile("x.exe", b"MZ\x90\x00")}
    )
    assert sent.status_code == 422
    assert "It is approved now.</textarea>" in text(sent)
    assert not Representation.objects.filter(notice__noc=minded).exists()


def test_a_member_considers_what_the_firm_says_and_others_read_it(minded, people, at, browse):
    from licensing.actions.refusals import make_representations

    made = make_representations(minded, by=people.applicant, at=at, text="It is approved now.")
    address = reverse("staff:representation", args=[made.pk])
    assert "Record that it was considered" not in text(browse(people.officer).get(address))
    assert browse(people.officer).post(address, {"note": "Mine."}).status_code == 302
    assert browse(people.member).post(address, {"note": " "}).status_code == 422
    assert browse(people.member).post(address, {"note": "The minute proves it."}).status_code == 302
    assert "The minute proves it." in text(browse(people.officer).get(address))
    assert "considered by Dania" in words(browse(people.officer).get(minded.get_absolute_url()))


# ── Decisions on a licence, its renewal and its variations ───────────────────────────────────────────────────────────
def listed(client):
    return words(client.get(reverse("staff:committee")))


def test_a_measure_waits_for_the_committee_from_its_proposal_to_its_votes(world, people, browse):
    """The world's licence has a restriction proposed; without a proposal there is nothing to vote on."""
    licence, client = now(world.licence), browse(people.member)
    assert licence.reference in listed(client)
    page = words(client.get(licence.get_absolute_url()))
    assert "Licensing committee: 0 of 2 have voted; 2 are a quorum, which is not reached." in page
    assert f"With it go: {licence.proposed('restriction').terms}" in page
    assert cast(client, licence, move="suspend").status_code == 422
    assert cast(client, licence, move="impose_restriction", next=licence.get_absolute_url()).status_code == 302
    assert "Impose the restriction: 1 for For" in listed(client)
    address = reverse("move", args=["licensing.licence", licence.pk, "impose_restriction"])
    alone = client.post(address, {"version": licence.version, "note": "Complaints."})
    assert alone.status_code == 422
    assert "2 votes are a quorum; 1 count." in text(alone)
    assert cast(browse(people.member2), licence, move="impose_restriction").status_code == 302
    assert client.post(address, {"version": licence.version, "note": "Complaints."}).status_code == 302
    assert now(licence).state == "active_restricted"
    assert 'id="votes"' not in text(client.get(licence.get_absolute_url()))
    assert licence.reference not in listed(client)


def test_who_proposed_a_measure_is_told_that_they_have_no_vote_on_it(world, people, at, browse):
    from pvara.kernel import roles

    roles.grant(people.supervisor, "committee_member", by=None, at=at)
    client = browse(people.supervisor)
    licence = now(world.licence)
    page = words(client.get(licence.get_absolute_url()))
    assert "You have no vote on this case Proposed it." in page
    assert "Cast my vote" not in page
    assert cast(client, licence, move="impose_restriction").status_code == 403
    assert licence.reference not in listed(client)


def test_a_variation_and_a_renewal_are_voted_on_their_pages(world, people, browse):
    variation = life.variation_asked(world.licence, people=people, at=timezone.now())
    client = browse(people.member)
    assert variation.reference in listed(client)
    for member in (people.member, people.member2):
        answer = cast(browse(member), variation, move="refuse_variation", next=variation.get_absolute_url())
        assert (answer.status_code, answer.url) == (302, variation.get_absolute_url())
    assert "Refuse the variation Carried" in words(client.get(variation.get_absolute_url()))
    renewal = renewal_of(world.licence, people)
    assert renewal.reference in listed(client)
    assert cast(client, renewal, move="refuse_renewal").status_code == 302
    page = words(client.get(renewal.get_absolute_url()))
    assert "Licensing committee: 1 of 2 have voted; 2 are a quorum, which is not reached." in page


def renewal_of(licence, people):
    near, at = timezone.localdate() + timedelta(days=60), timezone.now()
    Licence.objects.filter(pk=licence.pk).update(valid_to=near)
    Renewal.objects.filter(licence=licence).update(term_ends=near)
    return life.renewal_asked(licence, people=people, at=at)


def test_a_noc_waits_for_the_committee_when_it_is_to_be_extended(world, people, browse):
    noc, client = now(world.granted), browse(people.member)
    assert noc.reference not in listed(client)
    path.step(noc, "ask_to_extend", by=people.applicant, at=timezone.now(), note="The bank takes its time.")
    assert noc.reference in listed(client)
    assert "Decided already." not in words(client.get(noc.get_absolute_url()))
    path.decide(noc, "extend_noc", people=people, at=timezone.now())
    assert noc.reference not in listed(client)


def test_the_committees_list_costs_the_same_for_one_licence_and_five(world, people, browse, django_assert_num_queries):
    client = browse(people.member)
    client.get(reverse("staff:committee"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("staff:committee"))
    for number in range(4):
        licence = licensed_venue(f"Exchange {number}", at=timezone.now()).licence
        life.propose(licence, "restriction", people=people, at=timezone.now(), wording="No new clients.")
        path.vote(licence, "impose_restriction", people=people, at=timezone.now())
    with django_assert_num_queries(len(one)):
        page = client.get(reverse("staff:committee"))
    assert words(page).count("Impose the restriction: 2 for For") == 4
