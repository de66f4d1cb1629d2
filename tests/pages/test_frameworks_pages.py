"""The pages of the scoring framework: a version, its draft, what it changes and would do, and its publication."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from licensing.models import Criterion, Framework, GateBar
from pvara.demo import path
from tests.pages.opened import Opened


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def draft(world):
    return Framework.objects.get(state="draft")


@pytest.fixture
def sana(people, browse):
    return browse(people.supervisor)


def part(draft, name, *codes):
    return reverse(f"staff:{name}", args=[draft.pk, *codes])


def of(draft, code):
    return Criterion.objects.get(domain__framework=draft, code=code)


def form_of(criterion, **changed):
    """A criterion as its form shows it."""
    said = {name: "" if value is None else value for name, value in criterion.said.items()}
    return {**said, **changed}


def test_a_version_reads_as_a_table_with_a_running_sum_and_a_checklist(draft, people, browse):
    page = text(browse(people.officer).get(draft.get_absolute_url()))
    assert "D1 AML/CFT/CPF: 16 points" in page
    assert "Policy and board minute" in page
    assert "(Policy, plan or charter, Board minute)" in page
    # The last criterion of the table carries the sum of all points.
    assert '<td class="text-end">2</td><td class="text-end">100</td>' in page
    assert "The points sum to 100" in page
    assert "Add a criterion to D1" not in page


def test_the_list_says_which_version_is_in_force_and_offers_a_draft_to_who_drafts(draft, people, browse, sana):
    address = reverse("staff:frameworks")
    seen = [text(client.get(address)) for client in (browse(people.officer), sana)]
    assert ["Framework 2.0" in page and "In force" in page for page in seen] == [True, True]
    assert ["Start the draft" in page for page in seen] == [False, True]
    browse(people.officer).post(address, {"edition": "3.0"})
    assert Framework.objects.count() == 2


def test_a_draft_is_started_by_its_form_and_what_was_typed_is_kept(draft, sana):
    first = Framework.objects.get(edition="1.0")
    day = (timezone.localdate() + timedelta(days=90)).isoformat()
    said = {"source": first.pk, "edition": "2.0", "effective_from": day}
    answer = sana.post(reverse("staff:frameworks"), said)
    assert answer.status_code == 422
    assert "There is a version 2.0 already. Give it another number." in text(answer)
    assert f'value="{day}"' in text(answer)
    assert sana.post(reverse("staff:frameworks"), {**said, "edition": "3.0"}).status_code == 302
    assert Framework.objects.get(edition="3.0").based_on == first


def test_a_criterion_is_changed_by_its_form_and_the_faults_are_said_at_once(draft, sana):
    opened = Opened(sana, part(draft, "criterion_change", "1.1"))
    assert opened.send(**form_of(of(draft, "1.1"), points="2.5")).status_code == 302
    page = text(sana.get(draft.get_absolute_url()))
    assert "The points of all criteria sum to 100.5; they must sum to 100." in page
    assert "The framework does not add up." in page  # the gate of the move says so too
    changes = text(sana.get(part(draft, "framework_changes")))
    assert "<td>Points</td><td>2</td><td>2.5</td>" in changes


def test_nothing_that_was_typed_is_lost_on_an_error(draft, sana):
    opened = Opened(sana, part(draft, "criterion_change", "1.1"))
    typed = form_of(of(draft, "1.1"), title="Something else", points="0", kinds=[])
    answer = opened.send(**typed)
    assert answer.status_code == 422
    page = text(answer)
    assert 'value="Something else"' in page
    assert "Give it more than 0 points and 100 at most, with two decimals at most." in page
    assert "Choose at least one kind of evidence that it accepts." in page
    assert of(draft, "1.1").points == 2


def test_whoever_comes_second_is_shown_what_the_first_wrote(draft, people, browse, sana):
    address = part(draft, "criterion_change", "1.1")
    second, first = Opened(browse(people.moderator), address), Opened(sana, address)
    first.send(**form_of(of(draft, "1.1"), title="As the supervisor says"))
    answer = second.send(**form_of(of(draft, "1.1"), title="As the moderator says"))
    assert answer.status_code == 422
    assert "Meanwhile Sana wrote here" in text(answer)
    assert "As the supervisor says" in text(answer)
    assert 'value="As the moderator says"' in text(answer)


def test_a_gate_is_changed_with_its_floors(draft, sana):
    gate = GateBar.objects.get(framework=draft, code="G1")
    opened = Opened(sana, part(draft, "gate_change", "G1"))
    bars = {"title": gate.title, "total": "62", "other_floor": "", "conditions_below": "65", "floor_D1": "101"}
    answer = opened.send(**bars)
    assert answer.status_code == 422
    assert "Give a percentage from 0 to 100, with two decimals at most." in text(answer)
    assert opened.send(**{**bars, "floor_D1": "60", "floor_D2": "55.5"}).status_code == 302
    said = GateBar.objects.get(pk=gate.pk).said
    assert (str(said["total"]), {code: str(floor) for code, floor in said["floors"].items()}) == (
        "62.00",
        {"D1": "60.00", "D2": "55.50"},
    )


def test_criteria_and_domains_come_and_go(draft, sana):
    assert sana.post(part(draft, "domain_new"), {"code": "D13", "title": "Training"}).status_code == 302
    said = form_of(of(draft, "1.1"), code="13.1", title="Staff are trained")
    assert sana.post(part(draft, "criterion_new", "D13"), said).status_code == 302
    refused = sana.post(part(draft, "domain_removed", "D13"), follow=True)
    assert "Remove its criteria first: 13.1." in text(refused)
    gone = sana.post(part(draft, "criterion_removed", "13.1"), follow=True)
    assert "13.1 Staff are trained is out of the draft." in text(gone)
    assert "D13 Training is out of the draft." in text(sana.post(part(draft, "domain_removed", "D13"), follow=True))


def test_the_day_and_the_colours_are_changed(draft, sana):
    opened = Opened(sana, part(draft, "framework_change"))
    day = timezone.localdate() + timedelta(days=30)
    said = {"edition": "2.1", "effective_from": day.isoformat(), "green": "85", "amber": "60"}
    assert opened.send(**{**said, "amber": "90"}).status_code == 422
    assert opened.send(**said).status_code == 302
    now = Framework.objects.get(pk=draft.pk)
    assert (now.edition, now.effective_from, now.green, now.amber) == ("2.1", day, 85, 60)


def test_one_proposes_and_another_publishes_on_its_page(draft, people, browse, sana):
    version = Framework.objects.get(pk=draft.pk).version
    move = reverse("move", args=["licensing.framework", draft.pk, "propose"])
    sana.post(move, {"version": version, "note": "The committee asked for it."})
    assert Framework.objects.get(pk=draft.pk).state == "proposed"
    # What is proposed is read, and its forms write nothing.
    page = text(sana.get(draft.get_absolute_url()))
    assert "Add a criterion to D1" not in page
    opened = Opened(sana, part(draft, "criterion_change", "1.1"))
    said = opened.send(**form_of(of(draft, "1.1"), points="3"))
    assert "Framework 2.0 is proposed: only a draft changes. Start another." in text(said)
    move = reverse("move", args=["licensing.framework", draft.pk, "publish"])
    browse(people.board).post(move, {"version": version + 1})
    assert Framework.objects.get(pk=draft.pk).state == "published"


def test_the_first_version_has_nothing_to_be_compared_with(world, sana):
    first = Framework.objects.get(edition="1.0")
    assert "there is nothing to compare it with" in text(sana.get(part(first, "framework_changes")))


def test_what_a_version_would_do_is_said_case_by_case(draft, world, sana):
    everything = text(sana.get(part(draft, "framework_impact") + "?all=yes"))
    assert world.licence.reference in everything
    assert "Keeps its version" in everything
    some = text(sana.get(part(draft, "framework_impact")))
    assert "for which it makes a difference" in some
    assert world.licence.reference not in some
    table = sana.get(part(draft, "framework_impact_csv"))
    assert table["Content-Type"].startswith("text/csv")
    assert table.content.decode().startswith("case,firm,kind,state,phase,judged_by,keeps_its_version,")


def test_as_many_questions_for_thirty_versions_as_for_two(draft, people, sana):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert sana.get(reverse("staff:frameworks")).status_code == 200
        return len(seen)

    few = queries()
    for number in range(28):
        path.drafted_framework(
            f"9.{number}", timezone.localdate() + timedelta(days=60), people=people, at=timezone.now()
        )
    assert (Framework.objects.count(), queries()) == (30, few)
