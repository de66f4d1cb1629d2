"""The page of what is overdue, the pages that explain clocks, and the flags on the cases and in the queue."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from licensing.actions import timers
from licensing.actions.firms import register_firm
from pvara.demo import path
from pvara.kernel import deadlines, figures, flags
from tests.api.program import Program
from tests.conftest import person


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def sweep() -> int:
    return timers.SWEEPS["overdue.raise_flags"](timezone.now())


def said(day) -> str:
    return f"{day.day} {day:%B %Y}"


@pytest.fixture
def late_at():
    return timezone.now() - timedelta(days=70)


def new_case(name, people, at, until="completeness_check"):
    firm = register_firm(name, by=people.applicant, at=at, country="Malta", invented=True)
    return path.noc_case(firm, people=people, at=at, until=until)


@pytest.fixture
def case(world, people, late_at):
    """A case whose two clocks have run out: the check some fifty days ago, the decision ten."""
    made = new_case("Thar Exchange Limited", people, late_at)
    sweep()
    return made


def levels(case, name):
    return [each.level for each in flags.history(case) if each.clock == name]


def explained_at(kind, row):
    return reverse(f"{kind}:clocks", args=[row._meta.label_lower, row.pk])


# ── Overdue ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_only_roles_that_were_told_are_offered_as_a_filter(case, people, browse):
    """The debt office sees none of licensing's roles among its own, nor the other way round."""
    address = reverse("staff:overdue")
    offered = {each.key for each in browse(people.supervisor).get(address).context["roles"]}
    assert offered == {"case_officer", "supervisor", "committee_member"}
    assert browse(people.debt_officer).get(address).context["roles"] == []
    asked = browse(people.supervisor).get(address, {"role": "legal_officer"}).context
    assert ([each.key for each in asked["roles"] if each.current], list(asked["page"])) == (["legal_officer"], [])


def test_the_page_lists_what_is_late_worst_first(case, people, browse):
    page = text(browse(people.supervisor).get(reverse("staff:overdue")))
    ticking = {each.rule.name: each for each in deadlines.of(case, timezone.now())}
    intake, decision = ticking["intake"].reading, ticking["decision"].reading
    assert page.index(intake.sentence()) < page.index(decision.sentence())
    for shown in (
        case.reference,
        "Thar Exchange Limited",
        f"{intake.overdue} working days",
        said(decision.due_on),
        f"Breach: case officer, {said(timezone.localdate())}",
        f"Escalation 2: committee member, {said(timezone.localdate())}",
        explained_at("staff", case),
    ):
        assert shown in page


def test_the_page_is_narrowed_to_a_role_and_to_oneself(case, people, browse):
    def rows(user, **asked):
        shown = browse(user).get(reverse("staff:overdue"), asked).context
        ours = [each for each in shown["page"] if each.row.pk == case.pk]
        return [each.ticking.rule.name for each in ours]

    both = ["intake", "decision"]
    assert (rows(people.supervisor), rows(people.officer, show="mine"), rows(people.board, show="mine")) == (
        both,
        both,
        [],
    )
    assert rows(people.supervisor, role="case_officer") == both
    assert (rows(people.supervisor, role="board_member"), rows(people.supervisor, role="nonsense")) == ([], both)
    # Another case officer has nothing to do with it: the case has its own.
    assert rows(person("Osman", "case_officer"), show="mine") == []


def test_a_page_has_twenty_five_and_asks_what_one_asks(world, people, browse, late_at):
    client, program = browse(people.supervisor), Program(people.supervisor)
    pages = (
        lambda: client.get(reverse("staff:overdue")),
        lambda: client.get(reverse("staff:overdue"), {"show": "mine", "role": "supervisor"}),
        lambda: client.get(reverse("staff:queue"), {"phase": "noc", "show": "all"}),
        lambda: program.get("overdue/"),
    )

    def asked():
        found = []
        for get in pages:
            with CaptureQueriesContext(connection) as questions:
                assert get().status_code == 200
            found.append(len(questions))
        return found

    new_case("Thar Exchange 0 Limited", people, late_at, until="submitted")
    sweep()
    asked()
    few = asked()
    for number in range(1, 31):
        new_case(f"Thar Exchange {number} Limited", people, late_at, until="submitted")
    sweep()
    assert asked() == few
    shown = client.get(reverse("staff:overdue")).context["page"]
    assert (shown.paginator.count >= 31, len(shown)) == (True, 25)


def test_nothing_is_overdue_in_a_world_of_four_days(world, people, browse):
    assert "Nothing here is overdue" in text(browse(people.board).get(reverse("staff:overdue"), {"show": "mine"}))


def test_the_queue_counts_breaches_and_shows_the_flag(case, people, browse):
    page = text(browse(people.officer).get(reverse("staff:queue"), {"phase": "noc", "show": "all", "q": "Thar"}))
    assert f'<a href="{reverse("staff:overdue")}">2 clocks overdue</a>' in page
    assert "Escalated: committee member</span> Completeness check: working day" in page


def test_the_navigation_leads_there(world, people, browse):
    page = text(browse(people.officer).get(reverse("staff:overdue")))
    assert f'href="{reverse("staff:overdue")}" aria-current="page"' in page


# ── On the case ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_case_shows_its_flags_to_staff_and_not_to_the_firm(case, people, browse):
    staff = text(browse(people.officer).get(case.get_absolute_url()))
    assert "Escalated: committee member</span> Completeness check" in staff
    assert f'<a href="{explained_at("staff", case)}">How this is counted</a>' in staff
    firm = text(browse(people.applicant).get(reverse("portal:application", args=["noc", case.pk])))
    assert f'<a href="{explained_at("portal", case)}">How this is counted</a>' in firm
    assert ("Decision: day" in firm, "Completeness check: working day" in firm, "Escalated" in firm) == (
        True,
        False,
        False,
    )


@pytest.mark.parametrize(
    "name", ["staff:setup", "staff:licence", "staff:appeal", "staff:variation", "staff:consultation"]
)
def test_every_case_page_leads_to_its_clocks(world, people, browse, name):
    page = text(browse(people.officer).get(world.address(name)))
    assert ("How this is counted" in page) == ("<progress" in page or "stopped" in page)


# ── Explained ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_clocks_are_explained_stretch_by_stretch(world, people, browse):
    at = timezone.now() - timedelta(days=30)
    case = new_case("Thar Exchange Limited", people, at, until="under_assessment")
    case = path.asked(case, "Who owns the holding company?", people=people, at=at + timedelta(days=7))
    request = case.requests().get()
    decision = next(each for each in deadlines.explain(case, timezone.now()) if each.ticking.rule.name == "decision")
    staff = text(browse(people.officer).get(explained_at("staff", case)))
    firm = text(browse(people.applicant).get(explained_at("portal", case)))
    figure = figures.figure("noc.decision", on=case.began_on)
    for page in (staff, firm):
        assert decision.sentence in page
        assert f"paused now for request {request.reference}, 23 days (" in page
        assert f"<td>Request {request.reference}</td>" in page
        assert f"the figure noc.decision of {said(figure.effective_from)}: 60 calendar days" in page
        assert figure.source in page
        assert 'aria-label="Stretches: Decision"' in page
    assert ("Completeness check" in staff, "Completeness check" in firm) == (True, False)


def test_holidays_that_were_left_out_are_named(world, people, browse):
    at = timezone.now() - timedelta(days=30)
    case = new_case("Thar Exchange Limited", people, at)
    # The first working day of the stretch that is no holiday yet.
    day = next(
        each
        for each in (timezone.localdate(at) + timedelta(days=ahead) for ahead in range(1, 12))
        if deadlines.clock.calendar().is_working_day(each)
    )
    deadlines.announce_holiday(
        day, "A day of mourning", announced_by="Cabinet Division", by=people.supervisor, at=timezone.now()
    )
    page = text(browse(people.officer).get(explained_at("staff", case)))
    assert f"A day of mourning, {said(day)}" in page


def test_a_firms_own_clock_is_explained_with_its_extension(world, people, browse):
    setup = world.granted.setup
    page = text(browse(people.applicant).get(explained_at("portal", setup)))
    assert "day 4 of 180, set-up due" in page
    assert "the figure setup.finish" in page


def test_flags_are_told_to_staff_with_whether_they_stand(case, people, browse):
    now = timezone.now()
    deadlines.announce_holiday(
        next(
            each
            for each in (timezone.localdate(now) - timedelta(days=back) for back in range(58, 69))
            if deadlines.clock.calendar().is_working_day(each)
        ),
        "A day of mourning",
        announced_by="Cabinet Division",
        by=people.supervisor,
        at=now,
    )
    sweep()
    staff = text(browse(people.officer).get(explained_at("staff", case)))
    # The check is flagged for either day, by all three levels.
    assert levels(case, "intake") == [1, 2, 3, 1, 2, 3]
    assert staff.count("<td>Past</td>") == 3
    assert staff.count("<td>Stands</td>") == 3 + len(levels(case, "decision"))
    firm = text(browse(people.applicant).get(explained_at("portal", case)))
    assert [word for word in ("Flags", "Breach", "Escalation", "Stands") if word in firm] == []


@pytest.mark.parametrize("kind", ["licensing.firm", "licensing.mou", "licensing.nothing", "tokenisation.asset"])
def test_what_has_no_clocks_is_no_page(world, people, browse, kind):
    for face, user in (("staff", people.officer), ("portal", people.applicant)):
        assert browse(user).get(reverse(f"{face}:clocks", args=[kind, 1])).status_code == 404


def test_a_firm_is_not_shown_how_long_an_agency_takes(world, people, browse):
    row = world.licence.application.noc.consultations.first()
    assert browse(people.officer).get(explained_at("staff", row)).status_code == 200
    assert browse(people.applicant).get(explained_at("portal", row)).status_code == 404


# ── For programs ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_programs_are_told_the_same(case, people, browse):
    (intake, decision) = [each for each in Program(people.officer).get("overdue/").json() if each["id"] == case.pk]
    assert (intake["kind"], intake["reference"], intake["clock"]) == (
        "licensing.nocapplication",
        case.reference,
        "intake",
    )
    assert intake["firm"]["legal_name"] == "Thar Exchange Limited"
    assert [each["level"] for each in decision["flags"]] == levels(case, "decision")
    assert (intake["breached"], intake["unit"], decision["unit"]) == (True, "working_days", "days")
    page = text(browse(people.officer).get(explained_at("staff", case)))
    for each in Program(people.officer).get(f"noc-applications/{case.pk}/").json()["clocks"]:
        assert each["sentence"] in page
        assert each["figure_source"] in page
    clocks = Program(people.applicant).get(f"noc-applications/{case.pk}/").json()["clocks"]
    assert [each["clock"] for each in clocks] == ["decision"]


def test_programs_ask_for_a_role(case, people):
    program = Program(people.officer)
    assert case.pk in [each["id"] for each in program.get("overdue/", role="committee_member").json()]
    assert case.pk not in [each["id"] for each in program.get("overdue/", role="board_member").json()]
    refused = program.get("overdue/", role="nonsense")
    assert (refused.status_code, "Choose one of" in str(refused.json())) == (400, True)
    assert Program(people.applicant).get("overdue/").status_code == 403
