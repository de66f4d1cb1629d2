"""What hangs on a case and ends with it; an approval in principle that is not used; and what a grant asks once more."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from licensing.actions import consultations, fees, inspections, timers
from licensing.actions.setup import describe_milestone, prove_milestone
from licensing.models import AmlRegistration, Consultation, Finding, Inspection, LicenceApplication
from pvara.demo import life, path
from pvara.kernel import audit, clock, outbox
from pvara.kernel.machine import perform, unmet
from pvara.kernel.models import ClockInterval, Job


def fresh(row):
    return type(row)._base_manager.get(pk=row.pk)


def shut(row, move, *, at, by=None):
    return [each.code for each in unmet(fresh(row), move, by=by, at=at)]


def running(row):
    return ClockInterval.objects.filter(subject_type=row._meta.label_lower, subject_id=row.pk, ended_at=None).count()


@pytest.fixture
def confirmed(firm, people, at):
    return path.confirmed_setup(path.noc_case(firm, people=people, at=at), people=people, at=at)


@pytest.fixture
def approved(confirmed, people, at):
    """Approved in principle on 4 March 2026, with one condition precedent: until 31 August."""
    case = path.full_case(confirmed, people=people, at=at, until="recommended")
    path.draft(case, "Sign the custody agreement.", people=people, at=at, kind="precedent")
    return path.decide(case, "approve_with_conditions", people=people, at=at)


# ── An approval in principle ─────────────────────────────────────────────────────────────────────────────────────────
def warn(at):
    return timers.SWEEPS["silence.warn_the_silent"](at)


def lapse(at):
    return timers.SWEEPS["silence.lapse_the_silent"](at)


def test_an_approval_is_warned_a_fortnight_before_and_lapses_after_its_hundred_and_eighty_days(approved, at, later):
    assert (warn(later(165)), warn(later(166)), warn(later(167))) == (0, 1, 0)
    assert (lapse(later(180)), lapse(later(181)), lapse(later(182))) == (0, 1, 0)
    case = fresh(approved)
    entry = audit.history(case).last()
    assert (case.state, entry.event, entry.actor) == ("lapsed", "let_approval_lapse", None)
    assert entry.note == "The conditions precedent of the approval of 4 March 2026 are not all met."
    assert running(case) == 0
    assert Job.objects.filter(kind="letter", payload__code="L14", payload__subject_id=case.pk).count() == 1


def test_whatever_the_firm_does_meanwhile_its_time_is_the_same(approved, people, at, later):
    warn(later(166))
    assert fresh(approved).lapses_on() == life.in_days(at, 180)
    assert shut(approved, "let_approval_lapse", at=later(180)) == ["time_for_the_conditions_is_over"]
    assert shut(approved, "let_approval_lapse", at=later(181)) == []


def test_nobody_lapses_unwarned(approved, later):
    assert lapse(later(300)) == 0
    assert shut(approved, "let_approval_lapse", at=later(300)) == ["time_for_the_conditions_is_over"]


def test_who_has_met_every_condition_waits_for_the_board_and_never_lapses(approved, people, at, later):
    (condition,) = approved.conditions_precedent()
    path.met(condition, people=people, at=later(100))
    assert (warn(later(170)), lapse(later(300))) == (0, 0)
    assert "a_condition_precedent_is_unmet" in shut(approved, "let_approval_lapse", at=later(300))
    assert fresh(approved).state == "in_principle"


# ── The grant ────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("severity", ["critical", "high"])
def test_the_grant_asks_for_findings_again(confirmed, people, at, later, severity):
    """An approval without conditions does not survive a high finding, and none survives a critical one."""
    case = path.full_case(confirmed, people=people, at=at, until="in_principle")
    expected = {"critical": "no_critical_finding_is_open", "high": "conditions_are_imposed_where_compulsory"}[severity]
    assert expected not in shut(case, "grant_licence", at=later(1), by=people.board)
    licensee = Finding.objects.create(
        firm=case.firm,
        full=case,
        severity=severity,
        title="Keys are copied",
        detail="Two of them.",
        raised_by=people.officer,
        raised_at=later(1),
        due_on=life.in_days(at, 30),
    )
    assert expected in shut(case, "grant_licence", at=later(1), by=people.board)
    assert fresh(licensee).state == "open"


def test_the_grant_asks_for_people_and_owners_again(confirmed, people, at, later):
    case = path.full_case(confirmed, people=people, at=at, until="in_principle")
    again = {"key_individuals_are_fit_and_proper", "ownership_is_disclosed_to_natural_persons"}
    assert not again & set(shut(case, "grant_licence", at=later(1), by=people.board))
    # A police record is good for six months: what was clear at the recommendation is to be looked at anew.
    assert "key_individuals_are_fit_and_proper" in shut(case, "grant_licence", at=later(200), by=people.board)


def test_a_licence_is_not_reinstated_while_its_holder_owes_a_fee(licence, people, danish, at, later):
    life.suspend(licence, people=people, at=at)
    assert "no_invoice_is_unpaid" not in shut(licence, "reinstate", at=later(1), by=danish)
    path.change_setting("fee.annual", "1000", effective_from=life.in_days(at, 1), people=people, at=at)
    invoice = fees.raise_invoice(fresh(licence).application, "annual", activities=["exchange"], by=None, at=later(1))
    assert "no_invoice_is_unpaid" in shut(licence, "reinstate", at=later(1), by=danish)
    fees.record_payment(
        invoice,
        amount=Decimal(invoice.total_pkr),
        paid_on=life.in_days(at, 1),
        bank_reference="B-1",
        by=people.finance,
        at=later(1),
    )
    assert "no_invoice_is_unpaid" not in shut(licence, "reinstate", at=later(1), by=danish)


# ── What ends with a case ────────────────────────────────────────────────────────────────────────────────────────────
def test_nobody_is_reminded_about_a_case_that_was_withdrawn(firm, people, at, later):
    case = path.noc_case(firm, people=people, at=at, until="completeness_check")
    path.tick_off(case, people=people, at=at)
    case = path.step(case, "declare_complete", by=people.officer, at=at)
    asked = consultations.ask_agencies(case, ["FMU"], by=people.officer, at=at)[0]
    path.step(case, "withdraw", by=people.applicant, at=later(1), note="We leave.")
    assert (fresh(asked).state, running(asked)) == ("ended", 0)
    assert timers.SWEEPS["consultations.remind_agencies"](later(60)) == 0
    outbox.drain()
    assert Consultation.objects.get().chased_at is None


def test_an_inspection_is_called_off_with_its_application(confirmed, people, at, later):
    case = path.full_case(confirmed, people=people, at=at, until="under_assessment")
    inspections.schedule_inspection(
        case,
        by=people.officer,
        at=at,
        kind="on_site",
        scheduled_for=life.in_days(at, 9),
        scope=["custody"],
        team=[people.officer],
    )
    path.step(case, "withdraw", by=people.applicant, at=later(1), note="We leave.")
    assert (Inspection.objects.latest("pk").state, fresh(case).state) == ("cancelled", "withdrawn")


def test_what_was_handed_in_for_a_set_up_that_lapsed_is_not_verified_any_longer(firm, people, at, later):
    noc = path.noc_case(firm, people=people, at=at)
    milestone = path.submit_milestone(noc.setup.milestones.get(code="M5"), people=people, at=at)
    assert running(milestone) == 1
    waiting = noc.setup.milestones.get(code="M6")
    moves = [(milestone, "verify", people.officer), (milestone, "find_deficient", people.officer)]
    moves += [(waiting, "submit", people.applicant)]
    assert ["set_up_is_open" in shut(row, name, by=by, at=at) for row, name, by in moves] == [False, False, False]
    path.step(noc.setup, "lapse", by=None, at=later(181), note="Its time has ended.")
    assert running(fresh(milestone)) == 0
    assert ["set_up_is_open" in shut(row, name, by=by, at=later(182)) for row, name, by in moves] == [True, True, True]
    given = {"by": people.applicant, "at": later(182)}
    with pytest.raises(ValidationError, match="The set-up is over"):
        describe_milestone(fresh(waiting), {}, **given)
    with pytest.raises(ValidationError, match="The set-up is over"):
        prove_milestone(fresh(waiting), SimpleUploadedFile("a.txt", b"x"), title="Proof", **given)


@pytest.mark.parametrize("ends", ["licensed", "refused"])
def test_aml_services_end_with_the_decision_on_the_licence(confirmed, people, at, later, ends):
    registration = AmlRegistration.objects.create(
        firm=confirmed.firm, setup=confirmed, services=["exchange"], requested_by=people.applicant, requested_at=at
    )
    clock.start(registration, "decision", at=at)
    assert shut(registration, "end_with_licence_decision", at=at) == ["full_licence_is_decided"]
    case = path.full_case(confirmed, people=people, at=at, until="licensed" if ends == "licensed" else "recommended")
    if ends == "refused":
        case = path.decide(case, "notify_refusal", people=people, at=at, note="The policy is weak.")
        path.heard(case, people=people, at=at)
        case = path.decide(case, "refuse_licence", people=people, at=at, note="It stays weak.")
    assert LicenceApplication.objects.get(pk=case.pk).state == ends
    assert (fresh(registration).state, running(registration)) == ("ended", 0)
    last = audit.history(registration).last()
    assert (last.event, last.actor) == ("end_with_licence_decision", None)
    with pytest.raises(Exception, match="starts from"):
        perform(
            fresh(registration),
            "end_with_licence_decision",
            by=None,
            at=later(1),
            expected_version=fresh(registration).version,
            note="Again.",
        )
