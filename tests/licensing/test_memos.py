"""The internal memo of a recommendation (rows 10 and 34): its facts, kept with the case, for the regulator's people."""

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse

from licensing.actions.agreements import record_mou
from licensing.letters.memo import digest
from licensing.models import Letter, Memo
from licensing.models.memos import memos_of
from pvara.demo import path
from pvara.demo.firms import MOU
from pvara.kernel import audit, outbox


@pytest.fixture
def recommended(firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="recommended")


def rows(memo, title):
    (found,) = [each["rows"] for each in memo.content["sections"] if each["title"] == title]
    return dict(found)


def test_a_recommendation_leaves_its_memo_with_its_facts(recommended, firm):
    memo = memos_of(recommended).get()
    entry = audit.history(recommended).get(event="recommend")
    said = memo.content
    assert (memo.entry, memo.firm, said["case"], said["firm"]) == (entry, firm, recommended.reference, firm.legal_name)
    assert (said["recommended_by"], said["recommendation"]) == ("Sana", entry.note)
    assert memo.sha256 == digest(said)
    score = recommended.score(entry.at)
    assert rows(memo, "The score")["Total"] == f"{score.total:.2f}%"
    assert rows(memo, "The score")["SHA-256 of the score with its inputs"] == score.facts()["hash"]
    criteria = rows(memo, "Criteria")
    assert len(criteria) == len(score.framework.applicable("NOC"))
    assert all(each.endswith(", by Asif; moderated by Saira") for each in criteria.values())
    assert rows(memo, "The case")["Case officer, now or before"] == "Omar"
    assert set(rows(memo, "Other agencies").values()) == {"No objection"}
    assert "Approved" in set(rows(memo, "Key individuals").values())


def test_it_tells_on_paper_too_that_the_applicant_advises_the_state(firm, people, at):
    mou = record_mou(firm, by=people.supervisor, at=at, **MOU)
    memo = memos_of(path.noc_case(firm, people=people, at=at, until="recommended")).get()
    assert rows(memo, "Conflict of interest") == {str(mou): f"with the {mou.state_party}"}


def test_it_is_sent_to_nobody_and_no_letter(recommended):
    outbox.drain()
    memo = memos_of(recommended).get()
    assert not Letter.objects.filter(entry=memo.entry).exists()
    assert [each.subject for each in mail.outbox if memo.reference in each.subject + each.body] == []


def test_the_full_application_has_one_too_with_its_inspections(firm, people, at):
    done = path.confirmed_setup(path.noc_case(firm, people=people, at=at), people=people, at=at)
    case = path.full_case(done, people=people, at=at, until="recommended")
    memo = memos_of(case).get()
    assert set(rows(memo, "Inspections and findings").values()) == {"Reported"}
    assert Memo.objects.filter(firm=firm).count() == 2


def test_no_memo_is_ever_changed(recommended):
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Memo.objects.update(sha256="0" * 64)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Memo.objects.all().delete()


def test_staff_read_it_from_the_case_and_on_paper_and_the_firm_does_not(recommended, people, client):
    memo = memos_of(recommended).get()
    page, paper = memo.get_absolute_url(), reverse("staff:memo_paper", args=[memo.pk])
    client.force_login(people.member)
    assert page in client.get(recommended.get_absolute_url()).content.decode()
    shown = client.get(page).content.decode()
    assert f'<a href="{recommended.get_absolute_url()}">{recommended.reference}</a>' in shown
    first, second = client.get(paper), client.get(paper)
    assert (first["Content-Type"], first.content[:5], first.content == second.content) == (
        "application/pdf",
        b"%PDF-",
        True,
    )
    client.force_login(people.applicant)
    assert [client.get(each).status_code for each in (page, paper)] == [403, 403]
    assert list(Memo.objects.visible_to(people.applicant)) == []
