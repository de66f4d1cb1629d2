"""The pages of the settings: reading them, proposing a change, publishing it, and what shows on cases and outside."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from licensing.actions.firms import register_firm
from licensing.models import SettingChange
from licensing.models.framework import framework_row
from pvara.demo import path
from pvara.kernel import figures
from tests.api.program import Program


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def first_day():
    return timezone.localdate() + timedelta(days=30)


@pytest.fixture
def said(first_day):
    words = {"source": "Resolution 12 of the board", "reasons": "It proved too long."}
    return {"value": "45", "unit": "days", "effective_from": first_day.isoformat(), **words}


def page_of(key):
    return reverse("staff:setting", args=[key])


def test_all_settings_stand_in_sections_with_what_is_proposed(world, people, browse):
    page = text(browse(people.officer).get(reverse("staff:settings")))
    for words in ("Decision on a NOC application", "60 calendar days", "Paid-up capital: Exchange", "PKR 114,000,000"):
        assert words in page
    change = SettingChange.objects.get(key="noc.intake")
    assert f'<a href="{change.get_absolute_url()}">{change.reference}</a>' in page
    # A fee that could be set for an activity, and is not.
    assert f'href="{page_of("fee.annual.custody")}"' in page


def test_from_the_form_to_the_new_rule(world, people, browse, said, first_day):
    supervisor = browse(people.supervisor)
    answer = supervisor.post(page_of("noc.decision"), said, follow=True)
    change = SettingChange.objects.get(key="noc.decision")
    assert (change.value, change.effective_from, change.proposed_by) == (45, first_day, people.supervisor)
    assert answer.redirect_chain[-1][0] == change.get_absolute_url()
    assert "Whoever proposed a change does not publish it." not in text(answer)
    waits = text(supervisor.get(page_of("noc.decision")))
    assert "It is published, refused or withdrawn before another can be proposed." in waits
    assert "Propose the change" not in waits
    board = browse(people.board)
    shown = text(board.get(change.get_absolute_url()))
    assert ("60 calendar days" in shown, "45 calendar days" in shown) == (True, True)
    move = reverse("move", args=["licensing.settingchange", change.pk, "publish"])
    board.post(move, {"version": change.version})
    assert figures.value("noc.decision", on=first_day) == 45
    assert f"45 calendar days from {first_day.day} {first_day:%B %Y}" in text(board.get(reverse("staff:settings")))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"value": "soon"}, "Give a number, such as 20."),
        ({"effective_from": "2026-01-01"}, "Give a day that has not begun"),
        ({"reasons": ""}, "This field is required."),
    ],
)
def test_a_mistake_is_told_and_nothing_typed_is_lost(world, people, browse, said, changed, told):
    answer = browse(people.supervisor).post(page_of("noc.decision"), {**said, **changed})
    page = text(answer)
    assert (answer.status_code, told in page, "Resolution 12 of the board" in page) == (422, True, True)
    assert not SettingChange.objects.filter(key="noc.decision").exists()


def test_two_who_propose_at_once_lose_nothing(world, people, browse, said):
    """Two open the form; the first is quicker. The second is told, and finds their words as typed."""
    browse(people.supervisor).post(page_of("noc.decision"), said)
    answer = browse(people.finance).post(page_of("noc.decision"), {**said, "reasons": "It is not workable."})
    page = text(answer)
    assert "A change of it is proposed already." in page
    assert "It is not workable." in page


def test_who_may_not_propose_is_told_who_may(world, people, browse, said):
    answer = browse(people.member).post(page_of("noc.decision"), said, follow=True)
    assert "A change is proposed by supervisors, legal and finance officers." in text(answer)
    assert "Propose a change" not in text(answer)


@pytest.mark.parametrize(
    "key", ["aml.enabled", "reassess.control", "appeal.forum", "fee.renewal", "capital.custody", "visit.high.red"]
)
def test_every_kind_of_setting_has_its_form(world, people, browse, key):
    page = text(browse(people.supervisor).get(page_of(key)))
    assert ("Propose a change" in page, 'name="value"' in page, 'name="unit"' in page) == (True, True, False)


def test_what_is_no_setting_is_not_found(world, people, browse):
    assert browse(people.supervisor).get(page_of("noc.decisions")).status_code == 404


# ── On cases, and outside ────────────────────────────────────────────────────────────────────────────────────────────
def rules_on(page):
    """The table of a case's rules: what stands in each row, by the title of the rule."""
    table = page.partition(">Each rule, as it was and as it holds</caption>")[2].partition("</table>")[0]
    rows = re.findall(r"<th scope=\"row\"[^>]*>(.*?)</th>(.*?)</tr>", table)
    return {plain(title): [plain(cell) for cell in re.findall(r"<td>(.*?)</td>", cells)] for title, cells in rows}


def plain(markup):
    return re.sub(r"<[^>]+>", "", markup).strip()


def test_a_case_shows_the_rules_that_it_keeps_and_those_of_today_to_staff_and_to_the_firm(world, people, browse):
    case = world.draft
    yesterday = timezone.localdate() - timedelta(days=1)
    then = {"effective_from": yesterday, "people": people, "at": timezone.now() - timedelta(days=3)}
    for key, value in (
        ("noc.decision", 45),
        ("returned.rounds", 3),
        ("fee.noc_application", 250_000),
        ("letters.checked", "L10\nL17\nL40"),
    ):
        path.change_setting(key, value, **then)
    framework = framework_row(yesterday).edition
    pages = [
        browse(by).get(address)
        for by, address in (
            (people.officer, case.get_absolute_url()),
            (people.applicant, reverse("portal:application", args=["noc", case.pk])),
        )
    ]
    # Its clocks, what else it keeps, and the fee, the framework and the letters; the firm is shown neither inward
    # clocks nor whom we consult.
    assert [len(rules_on(text(page))) for page in pages] == [7 + 6 + 1 + 3, 5 + 6 + 3]
    shown_to_staff = rules_on(text(pages[0]))
    assert shown_to_staff["Completeness check of a NOC application"] == [
        "10 working days",
        "10 working days",
        "the same",
    ]
    for page in pages:
        found = rules_on(text(page))
        assert found["Decision on a NOC application"] == ["60 calendar days", "60 calendar days", "45 calendar days"]
        assert found["Returns of an application before it can only be rejected"] == ["2", "2", "3"]
        assert found["Fee: NOC application"] == [
            "nothing",
            "PKR 250,000 (not submitted yet: by the tariff of that day)",
            "the same",
        ]
        assert found["Scoring framework"] == [
            framework,
            f"{framework} (not assessed yet: it keeps the one of the day on which its assessment begins)",
            "the same",
        ]
        assert found["Letters that a second person checks"] == [
            "L10, L12, L17",
            "L10, L17 (each by the list of the day of its decision)",
            "the same",
        ]
        assert "its record is kept until" not in text(page)
    links = [f'href="{page_of("returned.rounds")}"' in text(page) for page in pages]
    assert links == [True, False]


def test_a_fee_stays_that_of_the_day_of_submission(world, people, browse):
    at = timezone.now() - timedelta(days=3)
    firm = register_firm("Tochi Exchange", by=people.applicant, at=at, country="Malta", invented=True)
    case = path.noc_case(firm, people=people, at=at, until="submitted")
    yesterday = timezone.localdate() - timedelta(days=1)
    path.change_setting("fee.noc_application", 250_000, effective_from=yesterday, people=people, at=at)
    said = rules_on(text(browse(people.officer).get(case.get_absolute_url())))["Fee: NOC application"]
    day = timezone.localdate(at)
    assert said == ["nothing", f"nothing (submitted on {day:%-d %B %Y})", "PKR 250,000"]


def test_the_record_of_a_closed_case_is_kept_for_ten_years(world, people, browse, at):
    firm = register_firm("Bolan Exchange", by=people.applicant, at=at, country="Malta", invented=True)
    case = path.noc_case(firm, people=people, at=at, until="submitted")
    path.step(case, "withdraw", by=people.applicant, at=at, note="We changed our plans.")
    day = timezone.localdate(at)
    assert f"kept until {day.day} {day:%B} {day.year + 10}" in text(browse(people.officer).get(case.get_absolute_url()))


def test_who_has_applied_is_public_only_when_the_authority_says_so(world, people, client):
    address, name = reverse("public:register") + "?list=applicants", "Jhelum Exchange Limited"
    before = text(client.get(address))
    assert ("Applicants" in before, name in before) == (False, False)
    then = {"effective_from": timezone.localdate(), "people": people, "at": timezone.now() - timedelta(days=2)}
    path.change_setting("register.applicants_public", "on", **then)
    after = text(client.get(address))
    assert ("Applicants (nothing granted yet)" in after, name in after) == (True, True)
    assert "Chenab Exchange Limited" not in after  # a draft


def test_an_applicant_sees_colours_and_the_total_only_when_the_authority_says_so(world, people, browse):
    case = path.noc_case(world.draft.firm, people=people, at=timezone.now() - timedelta(days=3), until="recommended")
    address = reverse("portal:application", args=["noc", case.pk])
    before = text(browse(people.applicant).get(address))
    rows = before.partition("Assessment by domain")[2].partition("</table>")[0]
    assert (">Green</span>" in rows, "Nothing applies in this phase" in rows, "%" in rows) == (True, True, False)
    assert "in all." not in before
    then = {"effective_from": timezone.localdate(), "people": people, "at": timezone.now() - timedelta(days=2)}
    path.change_setting("score.total_shown", "on", **then)
    assert '<span class="fs-3 fw-bold">100.00%</span> in all.' in text(browse(people.applicant).get(address))


def test_nothing_is_said_of_an_assessment_that_has_not_begun(world, people, browse):
    page = text(browse(people.applicant).get(reverse("portal:application", args=["noc", world.draft.pk])))
    assert "Your assessment" not in page


def test_a_home_regulator_is_recognised_by_the_list(world, people, browse):
    firm = world.draft.firm
    page = browse(people.officer).get(firm.get_absolute_url())
    assert "None stated" in text(page)
    for stated, badge in (
        ("Malta Financial Services Authority (MiCA)", "Recognised"),
        ("Harbour Office", "Not on the list of recognised regulators"),
    ):
        firm.home_regulator = stated
        firm.save()
        assert f">{badge}</span>" in text(browse(people.officer).get(firm.get_absolute_url()))
    sheet = reverse("staff:criterion", args=[firm.pk, "NOC", "4.1"])
    assert "Not on the list of recognised regulators" in text(browse(people.assessor).get(sheet))


# ── The same for programs ────────────────────────────────────────────────────────────────────────────────────────────
def test_programs_read_settings_and_change_them(world, people, first_day):
    program, board = Program(people.finance), Program(people.board)
    found = program.get("settings/noc.decision/").json()
    assert (found["section"], found["in_force"]["words"]) == ("applications", "60 calendar days")
    body = {"key": "noc.decision", "effective_from": str(first_day), "source": "SRO 9", "reasons": "Too long."}
    wrong = program.post("setting-changes/", {**body, "value": -1})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "value")
    made = program.post("setting-changes/", {**body, "value": 45})
    assert made.status_code == 201, made.json()
    moved = board.post(f"setting-changes/{made.json()['id']}/moves/publish/", {"expected_version": 0})
    assert moved.status_code == 200, moved.json()
    again = program.get("settings/noc.decision/").json()
    assert [each["value"] for each in again["versions"]] == [45, 60]
