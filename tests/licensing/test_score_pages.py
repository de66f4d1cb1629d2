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
from licensing.models.histories import history_of
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


def paper_of(officer, firm, phase, name="pack"):
    return read(officer.get(f"/staff/firms/{firm.pk}/score/{phase}/{name}.pdf"))


def read(answer):
    """How many pages a paper has, and its words."""
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


def test_where_all_licensees_stand_is_the_same_on_paper(officer, licensee):
    page = officer.get("/staff/scores/")
    assert 'href="/staff/scores/distribution.pdf"' in page.content.decode()
    pages, words = read(officer.get("/staff/scores/distribution.pdf"))
    assert (pages, "Licensees by their total Total Licensees 70–75% 1" in words) == (1, True)
    # Drawn by the same code, from the same figures.
    assert papers(officer, "/staff/scores/distribution.pdf")["picture"] == page.context["picture"]


def papers(officer, address):
    return officer.get(address).context


def dots(picture):
    return len(re.findall("<circle ", picture))


@pytest.fixture
def long_history(licensee, people, monkeypatch):
    """More entries than a page holds, of two days."""
    monkeypatch.setattr("pvara.kernel.web.ROWS_A_PAGE", 4)
    for rating in (1, 2):
        path.rate_anew(licensee.firm, "8.2", people=people, at=timezone.now(), rating=rating)
    return list(history_of(licensee.firm, "FULL"))


def test_the_picture_of_a_page_holds_what_its_table_lists(officer, licensee, long_history):
    address = f"/staff/firms/{licensee.firm_id}/score/FULL/"
    pages = [officer.get(address, {"page": 1}).context]
    while pages[-1]["page"].has_next():
        pages.append(officer.get(address, {"page": len(pages) + 1}).context)
    listed = [list(each["page"]) for each in pages]
    assert (len(pages) > 1, [entry for each in listed for entry in each]) == (True, long_history)
    days = [{entry.day for entry in each} for each in listed]
    assert [dots(each["over_time"]) for each in pages] == [len(each) for each in days]
    # An older picture goes on to where the newer one begins.
    for newer, older in zip(listed, pages[1:], strict=False):
        assert older["over_time"].endswith(f">{newer[-1].day.isoformat()}</text></svg>")


def test_the_whole_history_is_on_paper(officer, licensee, long_history):
    address = f"/staff/firms/{licensee.firm_id}/score/FULL/history.pdf"
    assert f'href="{address}"' in officer.get(address.removesuffix("history.pdf")).content.decode()
    said = papers(officer, address)
    assert (said["entries"], dots(said["over_time"])) == (long_history, len({each.day for each in long_history}))
    pages, words = paper_of(officer, licensee.firm, "FULL", "history")
    assert pages >= 1
    assert f"{len(long_history)} entries through" in words
    rows = words.split("Framework Why ", 1)[1]
    assert [day for day in long_history if f"{day.day:%-d %B %Y} {shown_total(day)}" not in rows] == []
    assert "Scored for the first time." in words
    assert "Gate G3, Full licence, needs 75.00%." in words


def shown_total(entry):
    return f"{shown(entry.total)}%"


def test_a_history_that_has_not_begun_has_no_paper(officer, firm):
    assert officer.get(f"/staff/firms/{firm.pk}/score/NOC/history.pdf").status_code == 404


@pytest.mark.parametrize("marked", [True, False])
def test_papers_of_the_demonstration_say_so(officer, licensee, settings, marked):
    settings.DEMONSTRATION = marked
    for address in ("history", "pack"):
        _, words = paper_of(officer, licensee.firm, "FULL", address)
        assert ("Demonstration data" in words) is marked
    assert ("Demonstration data" in read(officer.get("/staff/scores/distribution.pdf"))[1]) is marked


def test_a_phase_that_does_not_exist_has_no_page(officer, firm):
    assert officer.get(f"/staff/firms/{firm.pk}/score/LATER/").status_code == 404
