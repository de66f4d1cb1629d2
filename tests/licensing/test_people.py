"""Key individuals: nomination, vetting, decision, departure, and what a case asks of all of them."""

from datetime import date, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from licensing.actions import people as actions
from licensing.models import FitAndProperCheck, KeyIndividual, Rating
from licensing.models.scores import criteria_outstanding
from licensing.states import CheckKind
from pvara.demo import answers, path
from pvara.kernel import audit, roles
from pvara.kernel.machine import MoveRefused
from pvara.kernel.models import Job
from tests.licensing.test_rules import shut


def day(*said: int) -> datetime:
    return timezone.make_aware(datetime(*said))


@pytest.fixture
def nominated(firm, people, at):
    return path.nominate(firm, "mlro", people=people, at=at)


@pytest.fixture
def vetted(nominated, people, at):
    return path.vet(nominated, people=people, at=at)


@pytest.fixture
def officers(firm, people, at):
    """The three whom every firm has, approved."""
    return [
        path.approved(firm, role, people=people, at=at) for role in ("chief_executive", "compliance_officer", "mlro")
    ]


# ── Nomination ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_nomination_is_in_the_record_without_more_particulars_than_it_needs(nominated, people):
    entry = audit.history(nominated).get()
    assert (entry.event, entry.actor, entry.to_state) == ("nominated", people.applicant, "nominated")
    assert entry.data == {"full_name": "M. Reporting", "roles": ["mlro"], "in_house": True}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"full_name": "  "}, {"full_name": ["Write something here."]}),
        ({"document_number": ""}, {"document_number": ["Write something here."]}),
        ({"document_kind": "card"}, {"document_kind": ["Choose the kind of identity document."]}),
        (
            {"in_house": False, "employer": "An outsourcer"},
            {"in_house": ["The MLRO is employed by the firm itself: the function may not be outsourced."]},
        ),
    ],
)
def test_what_a_nomination_lacks_is_said_at_its_field(firm, people, at, changed, said):
    with pytest.raises(ValidationError) as refusal:
        path.nominate(firm, "mlro", people=people, at=at, **changed)
    assert refusal.value.message_dict == said


@pytest.mark.parametrize("chosen", [(), ("mlro", "mlro"), ("king",)])
def test_roles_are_chosen_from_the_list_and_once(firm, people, at, chosen):
    said = answers.individual("mlro")
    with pytest.raises(ValidationError) as refusal:
        actions.nominate(firm, by=people.applicant, at=at, roles=chosen, **said)
    assert refusal.value.message_dict == {"roles": ["Choose at least one role, each once."]}


def test_who_is_employed_elsewhere_has_an_employer_that_is_named(firm, people, at):
    with pytest.raises(ValidationError) as refusal:
        path.nominate(firm, "director", people=people, at=at, in_house=False)
    assert refusal.value.message_dict == {"employer": ["Name the employer of who is not employed by the firm itself."]}
    outside = path.nominate(firm, "director", people=people, at=at, in_house=False, employer="Another Limited")
    assert (outside.in_house, outside.employer) == (False, "Another Limited")


def test_a_key_individual_comes_of_age_on_the_birthday_a_leap_day_too(firm, people):
    """Born on 29 February 2008: eighteen on 28 February 2026, as the calendar counts years back."""
    said = {"people": people, "born_on": date(2008, 2, 29)}
    with pytest.raises(ValidationError, match="at least 18 years old"):
        path.nominate(firm, "director", at=day(2026, 2, 28, 23, 59), **said)
    assert path.nominate(firm, "director", at=day(2026, 3, 1), **said).state == "nominated"


def test_only_who_acts_for_the_firm_nominates(firm, people, at, stranger):
    for person in (stranger, people.officer):
        with pytest.raises(PermissionDenied):
            actions.nominate(firm, by=person, at=at, roles=["director"], **answers.individual("director"))


def test_the_number_of_a_document_is_masked_but_for_its_end():
    said = {"42101-1234567-1": "••••••••••••7-1", "AB123": "•••••", "AB1234": "•••234"}
    assert {number: KeyIndividual(document_number=number).masked_number for number in said} == said


# ── Checks ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def check(individual, people, at, *, by=None, **changed):
    said = {"kind": "police", "result": "clear", "made_on": timezone.localdate(at), **changed}
    return actions.record_check(individual, by=by or people.officer, at=at, **said)


def test_a_check_is_good_for_as_long_as_its_figure_says(vetted):
    assert {each.kind: each.expires_on for each in vetted.checks.all()} == {
        "police": date(2026, 9, 4),
        "insolvency": date(2028, 3, 4),
        "regulatory": date(2028, 3, 4),
        "references": date(2028, 3, 4),
        "qualification": None,
    }


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"made_on": date(2026, 3, 5)}, {"made_on": ["This day is yet to come."]}),
        ({"kind": "horoscope"}, {"kind": ["Choose what was checked."]}),
        ({"result": "fine"}, {"result": ["Choose the result."]}),
        ({"result": "adverse"}, {"note": ["Say what was found."]}),
    ],
)
def test_a_check_that_cannot_be_right_is_refused(vetted, people, at, changed, said):
    with pytest.raises(ValidationError) as refusal:
        check(vetted, people, at, **changed)
    assert refusal.value.message_dict == said


def test_a_check_made_on_the_day_that_has_just_begun_in_pakistan(vetted, people):
    """19:30 in London on 3 March is half past midnight of the 4th in Karachi."""
    assert check(vetted, people, day(2026, 3, 4, 0, 30), made_on=date(2026, 3, 4)).made_on == date(2026, 3, 4)
    with pytest.raises(ValidationError, match="yet to come"):
        check(vetted, people, day(2026, 3, 3, 23, 59), made_on=date(2026, 3, 4))


def test_who_is_not_being_vetted_is_not_checked(nominated, people, at):
    with pytest.raises(ValidationError, match="is nominated: take up the vetting first"):
        check(nominated, people, at)


def test_only_case_officers_check_and_never_who_decided(vetted, people, at):
    with pytest.raises(PermissionDenied, match="Only case officers record checks"):
        check(vetted, people, at, by=people.supervisor)
    done = path.step(vetted, "approve", by=people.supervisor, at=at)
    roles.grant(people.supervisor, "case_officer", by=None, at=at)
    with pytest.raises(PermissionDenied, match="Whoever decided on the person does not check them"):
        check(done, people, at, by=people.supervisor)


def test_a_check_stands_as_it_was_recorded(vetted):
    with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
        FitAndProperCheck.objects.filter(individual=vetted).update(result="clear")


# ── Gates of a decision ──────────────────────────────────────────────────────────────────────────────────────────────
def test_who_is_checked_and_clear_may_be_approved(vetted, people, at):
    assert shut(vetted, "approve", by=people.supervisor, at=at) == {}
    assert shut(vetted, "approve", by=people.member, at=at) == {}


def test_every_check_that_is_missing_is_named(nominated, people, at):
    taken_up = path.step(nominated, "take_up", by=people.officer, at=at)
    check(taken_up, people, at, kind="references")
    missing = (
        "Police record: not checked.",
        "Insolvency: not checked.",
        "Regulatory record: not checked.",
        "Qualification and experience: not checked.",
    )
    assert shut(taken_up, "approve", by=people.supervisor, at=at) == {"checks_are_clear": missing}
    assert shut(taken_up, "approve_with_conditions", by=people.supervisor, at=at) == {"no_check_is_adverse": missing}
    assert shut(taken_up, "object_to", by=people.supervisor, at=at) == {}


def test_a_matter_to_weigh_asks_for_conditions_and_an_adverse_one_for_an_objection(nominated, people, at):
    weighed = path.vet(nominated, people=people, at=at, insolvency="concern")
    assert shut(weighed, "approve", by=people.supervisor, at=at) == {
        "checks_are_clear": ("Insolvency: a matter to weigh.",)
    }
    assert shut(weighed, "approve_with_conditions", by=people.supervisor, at=at) == {}
    check(weighed, people, at, kind="insolvency", result="adverse", note="Declared bankrupt.")
    assert shut(weighed, "approve_with_conditions", by=people.supervisor, at=at) == {
        "no_check_is_adverse": ("Insolvency: adverse.",)
    }
    check(weighed, people, at, kind="insolvency", result="clear", note="It was somebody else.")
    assert shut(weighed, "approve", by=people.supervisor, at=at) == {}


def test_a_police_check_is_good_through_its_last_day(vetted, people):
    assert shut(vetted, "approve", by=people.supervisor, at=day(2026, 9, 4, 23, 59)) == {}
    assert shut(vetted, "approve", by=people.supervisor, at=day(2026, 9, 5)) == {
        "checks_are_clear": ("Police record: the check was good until 4 September 2026.",)
    }


def test_whoever_took_up_or_checked_does_not_decide(vetted, people, danish, at):
    roles.grant(people.officer, "supervisor", by=None, at=at)
    roles.grant(danish, "case_officer", by=None, at=at)
    check(vetted, people, at, by=danish)
    for person in (people.officer, danish):
        for move in ("approve", "approve_with_conditions", "object_to"):
            assert shut(vetted, move, by=person, at=at) == {"decider_made_no_check": ()}
    assert shut(vetted, "approve", by=people.member, at=at) == {}


def test_an_mlro_who_is_not_employed_in_house_is_not_approved(vetted, people, at):
    KeyIndividual.objects.filter(pk=vetted.pk).update(in_house=False, employer="An outsourcer")
    for move in ("approve", "approve_with_conditions"):
        assert shut(vetted, move, by=people.supervisor, at=at) == {"mlro_is_employed_in_house": ()}
    KeyIndividual.objects.filter(pk=vetted.pk).update(roles=["director"])
    assert shut(vetted, "approve", by=people.supervisor, at=at) == {}


def test_a_successor_waits_until_the_departure_is_reported(firm, vetted, people, at):
    first = path.step(vetted, "approve", by=people.supervisor, at=at)
    second = path.vet(path.nominate(firm, "mlro", "director", people=people, at=at), people=people, at=at)
    assert shut(second, "approve", by=people.supervisor, at=at) == {
        "role_is_vacant": (
            f"M. Reporting ({first.reference}) is Money-laundering reporting officer (MLRO); "
            "their departure is not reported.",
        )
    }
    path.step(first, "report_departure", by=people.applicant, at=at, note="Retired.")
    assert shut(second, "approve", by=people.supervisor, at=at) == {}


def test_a_role_that_several_may_hold_is_never_taken(firm, people, at):
    path.approved(firm, "director", people=people, at=at)
    assert path.approved(firm, "director", people=people, at=at).state == "approved"


# ── The same in the database ─────────────────────────────────────────────────────────────────────────────────────────
def test_the_database_keeps_who_vetted_from_deciding(nominated, people, at):
    vetted = path.step(nominated, "take_up", by=people.officer, at=at)
    with pytest.raises(IntegrityError, match="individual_decider_is_not_vetter"), transaction.atomic():
        KeyIndividual.objects.filter(pk=vetted.pk).update(decided_by=people.officer)


def test_the_database_keeps_who_checked_from_deciding_and_who_decided_from_checking(vetted, people, danish, at):
    roles.grant(danish, "case_officer", by=None, at=at)
    made = check(vetted, people, at, by=danish)
    with pytest.raises(DatabaseError, match="Whoever checks a key individual does not decide"), transaction.atomic():
        KeyIndividual.objects.filter(pk=vetted.pk).update(decided_by=danish)
    path.step(vetted, "approve", by=people.supervisor, at=at)
    made.pk, made.recorded_by = None, people.supervisor
    with pytest.raises(DatabaseError, match="Whoever checks a key individual does not decide"), transaction.atomic():
        made.save(force_insert=True)


def test_the_database_keeps_the_mlro_in_house(vetted, people, at):
    done = path.step(vetted, "approve", by=people.supervisor, at=at)
    with pytest.raises(IntegrityError, match="mlro_is_employed_in_house"), transaction.atomic():
        KeyIndividual.objects.filter(pk=done.pk).update(in_house=False, employer="An outsourcer")


@pytest.mark.parametrize("role", ["chief_executive", "compliance_officer", "mlro"])
def test_the_database_keeps_one_of_each_sole_role(firm, people, at, role):
    path.approved(firm, role, people=people, at=at)
    second = path.approved(firm, "director", people=people, at=at)
    with pytest.raises(IntegrityError, match=f"one_{role}_a_firm"), transaction.atomic():
        KeyIndividual.objects.filter(pk=second.pk).update(roles=["director", role])


# ── Decisions and departures ─────────────────────────────────────────────────────────────────────────────────────────
def test_conditions_are_kept_and_the_firm_is_told(nominated, people, at):
    weighed = path.vet(nominated, people=people, at=at, references="concern")
    done = path.step(weighed, "approve_with_conditions", by=people.member, at=at, note="A course by June.\n\nA mentor.")
    assert (done.conditions, done.decided_at, done.decided_by) == (
        ["A course by June.", "A mentor."],
        at,
        people.member,
    )
    (told,) = Job.objects.filter(kind="notice")
    assert told.payload["to"] == people.applicant.pk
    assert told.payload["subject"] == f"{done.reference}: approved with conditions"
    assert "M. Reporting" not in told.payload["body"]


def test_a_departure_is_dated_by_the_day_of_its_report_or_as_the_firm_says(firm, people, at):
    today = path.step(path.nominate(firm, "director", people=people, at=at), "report_departure", by=people.applicant,
                      at=at, note="Changed their mind.")  # fmt: skip
    assert (today.state, today.departed_on) == ("departed", date(2026, 3, 4))
    other = path.nominate(firm, "director", people=people, at=at)
    left = actions.report_departure(
        other, by=people.applicant, at=at, expected_version=0, departed_on=date(2026, 3, 1), reason="Resigned."
    )
    assert (left.state, left.departed_on) == ("departed", date(2026, 3, 1))


@pytest.mark.parametrize(
    ("departed_on", "said"),
    [
        (date(2026, 3, 5), "This day is yet to come: report the departure when it has happened."),
        (date(2025, 6, 30), "This is before the day of the appointment."),
    ],
)
def test_a_departure_has_happened_and_not_before_the_appointment(nominated, people, at, departed_on, said):
    with pytest.raises(ValidationError) as refusal:
        actions.report_departure(
            nominated, by=people.applicant, at=at, expected_version=0, departed_on=departed_on, reason="Left."
        )
    assert refusal.value.message_dict == {"departed_on": [said]}


def test_a_departure_needs_a_reason_and_changes_nothing_without(nominated, people, at):
    with pytest.raises(MoveRefused):
        actions.report_departure(
            nominated, by=people.applicant, at=at, expected_version=0, departed_on=date(2026, 3, 4), reason=" "
        )
    nominated.refresh_from_db()
    assert (nominated.state, nominated.departed_on) == ("nominated", None)


# ── A change of the MLRO ─────────────────────────────────────────────────────────────────────────────────────────────
def test_the_first_mlro_leaves_the_ratings_alone(firm, people, at):
    path.rate_everything(firm, "NOC", people=people, at=at)
    path.approved(firm, "mlro", people=people, at=at)
    assert criteria_outstanding(firm, "NOC", at) == []


def test_a_departure_and_a_new_mlro_ask_for_new_ratings(firm, officers, people, at):
    path.rate_everything(firm, "NOC", people=people, at=at)
    waiting = [
        "1.5 In-house MLRO, not outsourced is not rated.",
        "3.2 Key individuals fit and proper is not rated.",
    ]
    path.step(officers[2], "report_departure", by=people.applicant, at=at, note="Retired.")
    assert criteria_outstanding(firm, "NOC", at) == waiting
    entry = audit.history(firm).filter(event="criteria_reopened").get()
    assert (entry.actor, entry.note) == (people.applicant, "M. Reporting is no longer the MLRO.")
    assert entry.data == {"criteria": ["1.5", "3.2"]}
    # Nothing that was given is lost, and no score moves until a moderator has seen the new ratings.
    assert Rating.objects.filter(firm=firm, criterion__code="1.5").count() == 1
    path.rate_anew(firm, "1.5", "3.2", people=people, at=at)
    assert criteria_outstanding(firm, "NOC", at) == []
    path.approved(firm, "mlro", people=people, at=at, full_name="N. Ew")
    assert criteria_outstanding(firm, "NOC", at) == waiting


def test_who_was_never_approved_leaves_without_a_trace_in_the_ratings(firm, people, at):
    path.rate_everything(firm, "NOC", people=people, at=at)
    for individual in (
        path.nominate(firm, "mlro", people=people, at=at),
        path.vet(path.nominate(firm, "mlro", people=people, at=at), people=people, at=at),
        path.approved(firm, "director", people=people, at=at),
    ):
        path.step(individual, "report_departure", by=people.applicant, at=at, note="Left.")
    path.approved(firm, "mlro", people=people, at=at)
    assert criteria_outstanding(firm, "NOC", at) == []


# ── What a case asks ─────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def assessed(firm, people, at):
    """A NOC application that lacks nothing but the recommendation."""
    case = path.noc_case(firm, people=people, at=at, until="under_assessment")
    path.rate_everything(firm, "NOC", people=people, at=at)
    return case


def the(firm, role):
    return KeyIndividual.objects.get(firm=firm, roles__contains=[role])


GATE = "key_individuals_are_fit_and_proper"


def test_a_case_without_an_mlro_is_not_recommended(assessed, firm, people, at):
    assert shut(assessed, "recommend", at=at) == {}
    path.step(the(firm, "mlro"), "report_departure", by=people.applicant, at=at, note="Left.")
    path.rate_anew(firm, "1.5", "3.2", people=people, at=at)
    assert shut(assessed, "recommend", at=at) == {
        GATE: ("Money-laundering reporting officer (MLRO): nobody is approved.",)
    }


def test_everybody_who_is_there_is_approved(assessed, firm, people, at):
    waiting = path.nominate(firm, "director", people=people, at=at)
    assert shut(assessed, "recommend", at=at) == {GATE: ("D. Rector, Director: nominated.",)}
    path.vet(waiting, people=people, at=at, police="adverse")
    assert shut(assessed, "recommend", at=at) == {GATE: ("D. Rector, Director: being vetted.",)}
    objected = path.step(waiting, "object_to", by=people.supervisor, at=at, note="A conviction.")
    assert shut(assessed, "recommend", at=at) == {GATE: ("D. Rector, Director: objected to.",)}
    path.step(objected, "report_departure", by=people.applicant, at=at, note="Dismissed.")
    assert shut(assessed, "recommend", at=at) == {}


def test_what_was_found_since_the_approval_counts(assessed, firm, people, at):
    director = path.vet(path.nominate(firm, "director", people=people, at=at), people=people, at=at, police="concern")
    path.step(director, "approve_with_conditions", by=people.member, at=at, note="Report every year.")
    assert shut(assessed, "recommend", at=at) == {}
    check(director, people, at, kind="regulatory", result="adverse", note="Fined abroad.")
    assert shut(assessed, "recommend", at=at) == {GATE: ("D. Rector, Director. Regulatory record: adverse.",)}


def test_a_police_check_that_has_run_out_is_renewed(assessed, firm, people):
    late = day(2026, 9, 5)
    assert shut(assessed, "recommend", at=day(2026, 9, 4)).get(GATE) is None
    assert len(shut(assessed, "recommend", at=late)[GATE]) == 3
    for individual in KeyIndividual.objects.filter(firm=firm):
        check(individual, people, late)
    assert shut(assessed, "recommend", at=late).get(GATE) is None


@pytest.mark.parametrize("move", ["grant_noc", "grant_with_conditions"])
def test_nothing_is_granted_to_a_firm_whose_mlro_has_left(assessed, firm, people, at, move):
    case = path.step(assessed, "recommend", by=people.supervisor, at=at, note="All criteria are met.")
    path.prepare(case, move, people=people, at=at)
    assert shut(case, move, by=people.member, at=at) == {}
    path.step(the(firm, "mlro"), "report_departure", by=people.applicant, at=at, note="Left.")
    assert shut(case, move, by=people.member, at=at) == {
        "officers_are_approved": ("Money-laundering reporting officer (MLRO): nobody is approved.",)
    }


def test_the_milestone_of_the_officers_is_verified_when_they_are_approved(firm, people, at):
    setup = path.noc_case(firm, people=people, at=at).setup
    six, two = (path.submit_milestone(setup.milestones.get(code=code), people=people, at=at) for code in ("M6", "M2"))
    assert shut(six, "verify", by=people.officer, at=at) == {}
    path.step(the(firm, "compliance_officer"), "report_departure", by=people.applicant, at=at, note="Left.")
    assert shut(six, "verify", by=people.officer, at=at) == {
        "officers_are_approved": ("Compliance officer: nobody is approved.",)
    }
    assert shut(two, "verify", by=people.officer, at=at) == {}


def test_the_checks_are_those_of_the_figures(nominated, people, at):
    from pvara.kernel import figures

    figures.load(
        [
            {
                "key": "key_individuals.required_checks",
                "value": ["police"],
                "unit": "words",
                "mark": "I",
                "source": "A test.",
                "effective_from": "2026-03-04",
            }
        ]
    )
    taken_up = path.step(nominated, "take_up", by=people.officer, at=at)
    check(taken_up, people, at)
    assert shut(taken_up, "approve", by=people.supervisor, at=at) == {}
    assert {each.kind for each in taken_up.checks.all()} < set(CheckKind.values)
