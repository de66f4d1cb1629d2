"""The score explained to staff: floors, lifts, endings, history; the committee's page; where all licensees stand."""

import io
import re
import subprocess
from datetime import timedelta

import pikepdf
import pytest
from django.utils import timezone

from licensing.actions.scores import score_night
from licensing.models import Criterion, EvidenceLink, Rating
from licensing.scoring import shown
from pvara.demo import path


@pytest.fixture
def licensee(licence, people, at):
    """A licensee that largely meets everything but one criterion in D6, whose evidence for 7.2 runs out soon."""
    rows = Criterion.objects.filter(domain__framework__edition="1.0")
    for row in rows:
        rating = 1 if row.code == "6.1" else 3
        Rating.objects.create(
            firm=licence.firm, criterion=row, rationale="Read.", assessor=people.assessor, rated_at=at, rating=rating
        )
    path.give_evidence(licence.firm, list(rows), title="Everything", people=people, at=at)
    EvidenceLink.objects.update(expires_on=None)
    soon = timezone.localdate() + timedelta(days=5)
    EvidenceLink.objects.filter(criterion__code="7.2").update(expires_on=soon)
    score_night(at=timezone.now())
    return licence


@pytest.fixture
def officer(client, people):
    client.force_login(people.officer)
    return client


def test_the_page_says_what_would_lift_the_score_and_what_will_lower_it(officer, licensee):
    answer = officer.get(f"/staff/firms/{licensee.firm_id}/score/FULL/")
    found = answer.context
    # 73.5 of 100: 75 less 1.5 for 6.1. The total is below 75 and D6 at 62.5 below 70.
    assert (answer.status_code, shown(found["score"].total), found["gate"].code) == (200, "73.50", "G3")
    assert [each.title for each in found["bars"] if each.is_missed] == ["D6 Technology and cyber security"]
    first = found["lifts"][0]
    assert (first.criterion.code, first.mends) == ("6.1", ("total", "D6"))
    assert [(each.criterion.code, shown(each.total)) for each in found["endings"]] == [("7.2", "1.50")]
    # The newest first: a document of each kind was accepted after the first score.
    *later, first_entry = found["page"]
    assert [cause.sentence for cause in first_entry.why] == ["Scored for the first time."]
    assert {len(entry.why) > 0 for entry in later} == {True}
    assert answer.content.count(b"<svg ") == 2


def test_a_firm_without_a_score_has_a_page_all_the_same(officer, firm):
    answer = officer.get(f"/staff/firms/{firm.pk}/score/NOC/")
    assert (answer.status_code, list(answer.context["page"])) == (200, [])


def test_the_picture_over_time_ends_where_the_score_stands(officer, licensee, people):
    """Several entries of one day, in whatever order a page lists them: the day ends with the last of them."""
    for code in ("8.2", "9.2", "11.1"):
        path.rate_anew(licensee.firm, code, people=people, at=timezone.now(), rating=1)
    found = officer.get(f"/staff/firms/{licensee.firm_id}/score/FULL/").context
    # Three times half of two points less: 70.5. A point of the picture is 1.8 high, from 10 down.
    assert shown(found["score"].total) == "70.50"
    line = re.search(r'<polyline points="([^"]+)"', found["over_time"])[1]
    assert float(line.split()[-1].split(",")[1]) == pytest.approx(10 + (100 - 70.5) * 1.8)


def paper_of(officer, firm, phase):
    answer = officer.get(f"/staff/firms/{firm.pk}/score/{phase}/pack.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    with pikepdf.open(io.BytesIO(answer.content)) as paper:
        pages = len(paper.pages)
    said = subprocess.run(["pdftotext", "-layout", "-", "-"], input=answer.content, capture_output=True, check=True)
    return pages, " ".join(said.stdout.decode().split())


def test_the_page_for_the_committee_is_one_page_with_all_that_decides(officer, licensee):
    pages, words = paper_of(officer, licensee.firm, "FULL")
    assert pages == 1
    assert "Gate G3, Full licence, needs 75.00%: not passed." in words
    assert "D6 Technology and cyber security 62.50% 70.00% Below its floor" in words
    assert "What would lift it fastest • 6.1 ISO/IEC 27001: +2.25 with a rating of 4 (it is 1)" in words
    assert "What is about to expire • 7.2 Net liquid assets" in words


def test_a_firm_of_which_everything_is_missed_has_one_page_too(officer, licence):
    pages, words = paper_of(officer, licence.firm, "FULL")
    assert (pages, "more, on the rating sheet." in words) == (1, True)


def test_where_all_licensees_stand(officer, licensee):
    answer = officer.get("/staff/scores/")
    assert [row for row in answer.context["rows"] if row[2]] == [(70, 75, 1)]
    assert answer.content.count(b"<svg ") == 1


def test_a_phase_that_does_not_exist_has_no_page(officer, firm):
    assert officer.get(f"/staff/firms/{firm.pk}/score/LATER/").status_code == 404
