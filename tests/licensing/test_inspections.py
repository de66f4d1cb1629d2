"""Inspections and findings: notice, results and report; plan, proof and a verification by somebody else."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from licensing.actions import findings, inspections, interests
from licensing.actions.letters import write_letter
from licensing.models import Document, Finding, Inspection, InspectionResult, LicenceApplication
from pvara.demo import path
from pvara.kernel import audit, figures
from pvara.kernel.machine import MoveRefused, unmet
from pvara.kernel.models import Job
from pvara.kernel.seen import mark
from tests.conftest import person
from tests.stages import remembered


@remembered
def rated_case(firm, *, people, at):
    """A full application that was declared complete, consulted and rated; nobody has inspected anything."""
    then = at + timedelta(days=2)
    granted = path.noc_case(firm, people=people, at=at)
    done = path.confirmed_setup(granted, people=people, at=at + timedelta(days=1))
    case = path.full_case(done, people=people, at=then, until="submitted")
    path.pay(case, people=people, at=then)
    case = path.step(case, "accept_intake", by=people.officer, at=then)
    path.tick_off(case, people=people, at=then)
    case = path.step(case, "declare_complete", by=people.officer, at=then)
    path.consult(case, people=people, at=then)
    path.rate_everything(firm, "FULL", people=people, at=then)
    return case


@pytest.fixture
def case(firm, people, at):
    return rated_case(firm, people=people, at=at)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def shut(row, name, by, at):
    return [each.code for each in unmet(fresh(row), name, by=by, at=at)]


def report(inspection, omar, at, **results):
    said = dict.fromkeys(inspection.scope, ("passed", "")) | results
    return inspections.report_inspection(inspection, by=omar, at=at, results=said, summary="As described.")


# ── Inspections ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_case_waits_for_its_inspection_and_goes_on_with_the_report(case, people, sana, omar, later):
    assert shut(case, "recommend", sana, later(2)) == ["inspection_is_closed"]
    scheduled = path.inspection(case, people=people, at=later(2))
    assert (fresh(case).state, scheduled.case) == ("inspection", case)
    assert shut(case, "report_inspection", omar, later(2)) == ["inspection_is_over"]
    done = report(scheduled, omar, later(2), custody=("failed", "One key moves a wallet."))
    assert (done.state, done.reported_by, fresh(case).state) == ("reported", omar, "under_assessment")
    assert [(each.kind, each.result) for each in done.results.all()] == [
        ("custody", "failed"),
        ("matching_engine", "passed"),
        ("wallet_control", "passed"),
    ]
    recommended = path.step(case, "recommend", by=sana, at=later(2), note="All is met.")
    gates = audit.history(recommended).get(event="recommend").data["gates"]
    assert gates["inspection_is_closed"] == {"inspections": [done.reference]}


def test_what_the_activities_need_is_tested_by_some_inspection(case, people, sana, omar, later):
    def inspected(*scope, **results):
        asked = {"kind": "technical", "scheduled_for": timezone.localdate(later(2)), "scope": list(scope)}
        scheduled = inspections.schedule_inspection(case, by=omar, at=later(2), team=[people.enforcement], **asked)
        report(scheduled, omar, later(2), **results)
        return unmet(fresh(case), "recommend", by=sana, at=later(2))

    assert case.requested_activities == ["exchange", "custody"]
    (said,) = inspected("custody", "matching_engine", matching_engine=("not_tested", "It was switched off."))
    assert (said.code, said.details) == (
        "activities_are_inspected",
        ("Exchange: Matching engine.", "Custody: Proof of control of the wallets."),
    )
    (said,) = inspected("matching_engine", matching_engine=("failed", "Orders cross."))
    assert said.details == ("Custody: Proof of control of the wallets.",)
    assert inspected("wallet_control") == []


def test_without_the_switch_no_inspection_is_needed_but_an_open_one_is_awaited(case, people, sana, later):
    off = {"key": "inspection.required", "value": False, "unit": "switch", "mark": "I", "source": "A test."}
    figures.load([{**off, "effective_from": "2026-03-06"}])
    assert shut(case, "recommend", sana, later(2)) == []
    path.inspection(case, people=people, at=later(2))
    assert fresh(case).inspection_is_required(later(1)) is True
    assert [each.state for each in fresh(case).open_inspections()] == ["scheduled"]
    assert shut(case, "recommend", sana, later(2)) == ["wrong_state"]


def test_a_cancelled_inspection_lets_the_case_go_on_and_counts_for_nothing(case, people, sana, omar, later):
    scheduled = path.inspection(case, people=people, at=later(2))
    path.step(scheduled, "cancel", by=omar, at=later(2), note="The inspector is ill.")
    assert fresh(case).state == "under_assessment"
    assert shut(case, "recommend", sana, later(2)) == ["inspection_is_closed"]


def test_the_moves_alone_are_no_inspection(case, people, omar, later):
    assert shut(case, "schedule_inspection", omar, later(2)) == ["inspection_is_scheduled"]
    scheduled = path.inspection(case, people=people, at=later(2))
    assert shut(scheduled, "report", omar, later(2)) == ["results_are_recorded"]


def test_nothing_is_reported_before_the_day(case, people, omar, later):
    scheduled = inspections.schedule_inspection(
        case,
        by=omar,
        at=later(2),
        kind="on_site",
        scheduled_for=date(2026, 3, 10),
        scope=["custody"],
        team=[people.enforcement],
    )
    with pytest.raises(MoveRefused) as refusal:
        report(scheduled, omar, later(5))
    assert [each.code for each in refusal.value.unmet] == ["day_of_the_inspection_has_come"]
    assert InspectionResult.objects.count() == 0
    assert report(scheduled, omar, later(6)).state == "reported"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": "by_post"}, "kind"),
        ({"scheduled_for": date(2026, 3, 5)}, "scheduled_for"),
        ({"scope": []}, "scope"),
        ({"scope": ["weather"]}, "scope"),
        ({"team": []}, "team"),
        ({"team": ["amina"]}, "team"),
        ({"team": ["dania"]}, "team"),
    ],
)
def test_an_inspection_that_cannot_be_right_is_sent_back(case, firm, people, omar, dania, later, changed, field):
    interests.declare(firm, by=dania, at=later(2), nature="other", explanation="A friend.")
    who = {"amina": people.applicant, "dania": dania}
    if "team" in changed:
        changed = {"team": [who[each] for each in changed["team"]]}
    said = {"kind": "on_site", "scheduled_for": date(2026, 3, 6), "scope": ["custody"], "team": [omar], **changed}
    with pytest.raises(ValidationError) as refusal:
        inspections.schedule_inspection(case, by=omar, at=later(2), **said)
    assert list(refusal.value.message_dict) == [field]
    assert (Inspection.objects.count(), fresh(case).state) == (0, "under_assessment")


def test_only_case_officers_inspect_and_a_failure_has_its_words(case, people, sana, omar, later):
    said = {"kind": "on_site", "scheduled_for": date(2026, 3, 6), "scope": ["custody"], "team": [omar]}
    for who in (sana, people.applicant):
        with pytest.raises(PermissionDenied):
            inspections.schedule_inspection(case, by=who, at=later(2), **said)
    scheduled = path.inspection(case, people=people, at=later(2))
    with pytest.raises(ValidationError) as refusal:
        report(scheduled, omar, later(2), custody=("failed", " "))
    assert list(refusal.value.message_dict) == ["note_custody"]
    with pytest.raises(ValidationError, match="each test of the scope"):
        inspections.report_inspection(scheduled, by=omar, at=later(2), results={}, summary="Nothing.")
    report(scheduled, omar, later(2))
    with pytest.raises(DatabaseError), transaction.atomic():
        InspectionResult.objects.update(result="passed")


def test_the_firm_gets_notice_and_not_the_report(case, people, omar, amina, later):
    scheduled = path.inspection(case, people=people, at=later(2))
    with transaction.atomic():
        letter = write_letter(Job.objects.get(kind="letter", payload__code="L34"))
    facts = dict(letter.content["facts"])
    assert (facts["Date"], letter.addressee, letter.for_applicant) == ("6 March 2026", case.applicant_name, True)
    assert facts["Who inspects"] == "Omar, Nadia"
    file = SimpleUploadedFile("report.txt", b"The report.\n", "text/plain")
    results = dict.fromkeys(scheduled.scope, ("passed", ""))
    inspections.report_inspection(scheduled, by=omar, at=later(2), results=results, summary="As described.", file=file)
    assert Document.objects.about(scheduled).count() == 1
    assert list(Document.objects.about(scheduled).visible_to(amina)) == []


def test_a_licence_is_inspected_too_and_stays_as_it_is(firm, people, omar, at, later):
    licence = path.licensed(firm, people=people, at=at)
    scheduled = path.inspection(licence, people=people, at=later(9))
    report(scheduled, omar, later(9))
    assert (fresh(licence).state, fresh(scheduled).case) == ("active", licence)
    with pytest.raises(IntegrityError, match="inspection_is_of_one_case"), transaction.atomic():
        Inspection.objects.filter(pk=scheduled.pk).update(licence=None)


# ── Findings ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def finding(case, people, later):
    return path.finding(path.inspect(case, people=people, at=later(2)), people=people, at=later(2))


def proof(name="Proof"):
    return SimpleUploadedFile(f"{name}.txt", f"{name}.\n".encode(), "text/plain")


def remedied(finding, people, at):
    findings.give_plan(finding, "Two signatures from Monday.", by=people.applicant, at=at)
    path.step(finding, "agree_plan", by=people.officer, at=at)
    findings.prove_remediation(finding, proof(), title="Proof", by=people.applicant, at=at)
    return path.step(finding, "report_remediation", by=people.applicant, at=at, note="Two signatures now.")


@pytest.mark.parametrize(
    ("severity", "due"),
    [
        ("critical", date(2026, 3, 20)),
        ("high", date(2026, 4, 5)),
        ("medium", date(2026, 5, 5)),
        ("low", date(2026, 6, 4)),
    ],
)
def test_the_severity_sets_the_day(case, people, later, severity, due):
    found = path.finding(case, people=people, at=later(2), severity=severity)
    assert (found.due_on, found.state, found.raised_by) == (due, "open", people.officer)
    assert Job.objects.filter(kind="notice", key__startswith=f"notice:finding:{found.pk}:raised").count() == 1


def test_a_finding_goes_from_plan_to_proof_to_a_verification_by_another(finding, people, sana, later):
    assert shut(finding, "agree_plan", people.officer, later(2)) == ["plan_is_given"]
    findings.give_plan(finding, "Something.", by=people.applicant, at=later(2))
    again = {"plan": "Two signatures from Monday.", "seen": mark({"plan": "Something."})}
    findings.give_plan(finding, by=people.applicant, at=later(2), **again)
    path.step(finding, "agree_plan", by=people.officer, at=later(3))
    with pytest.raises(ValidationError, match="no longer changed"):
        findings.give_plan(finding, "Otherwise.", by=people.applicant, at=later(3))
    assert shut(finding, "report_remediation", people.applicant, later(3)) == ["remediation_is_evidenced"]
    findings.prove_remediation(finding, proof(), title="Proof", by=people.applicant, at=later(4))
    reported = path.step(finding, "report_remediation", by=people.applicant, at=later(4), note="Two signatures now.")
    assert shut(reported, "verify", people.officer, later(5)) == ["verifier_is_not_raiser"]
    verified = path.step(reported, "verify", by=sana, at=later(5), note="Seen at their desk.")
    assert (verified.state, verified.verified_by, verified.remediated_by) == ("verified", sana, people.applicant)


def test_the_database_keeps_the_verifier_apart_from_raiser_and_remediator(finding, people, later):
    reported = remedied(finding, people, later(3))
    for who, name in ((people.officer, "verifier_is_not_raiser"), (people.applicant, "verifier_is_not_remediator")):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Finding.objects.filter(pk=reported.pk).update(verified_by=who)


def test_what_is_sent_back_needs_new_proof(finding, people, sana, later):
    remedied(finding, people, later(3))
    path.step(finding, "send_back", by=sana, at=later(4), note="One wallet is still moved by one key.")
    assert shut(finding, "report_remediation", people.applicant, later(5)) == ["remediation_is_evidenced"]
    findings.prove_remediation(finding, proof("More"), title="More", by=people.applicant, at=later(5))
    assert shut(finding, "report_remediation", people.applicant, later(5)) == []


def test_a_finding_is_closed_without_remedy_by_somebody_else_and_with_reasons(finding, people, sana, later):
    with pytest.raises(PermissionDenied):
        path.step(finding, "close", by=people.officer, at=later(3), note="Never mind.")
    with pytest.raises(MoveRefused):
        path.step(finding, "close", by=sana, at=later(3))
    assert path.step(finding, "close", by=sana, at=later(3), note="It was another firm's wallet.").state == "closed"


def test_only_the_firm_plans_and_only_officers_raise(case, finding, people, sana, stranger, later):
    for who in (people.officer, stranger):
        with pytest.raises(PermissionDenied):
            findings.give_plan(finding, "We will.", by=who, at=later(2))
        with pytest.raises(PermissionDenied):
            findings.prove_remediation(finding, proof(), title="Proof", by=who, at=later(2))
    with pytest.raises(PermissionDenied):
        findings.raise_finding(case, by=sana, at=later(2), severity="low", title="A", detail="B")
    assert (list(Finding.objects.visible_to(stranger)), list(Finding.objects.visible_to(people.applicant))) == (
        [],
        [finding],
    )


@pytest.mark.parametrize("field", ["severity", "title", "detail", "inspection"])
def test_a_finding_that_says_too_little_is_sent_back(case, people, omar, at, later, field):
    licence_inspection = path.inspect(case, people=people, at=later(2)).inspections.get()
    other = Inspection(full=LicenceApplication(pk=0), pk=0)
    said = {"severity": "low", "title": "A", "detail": "B", "inspection": licence_inspection}
    wrong = {"severity": "grave", "title": " ", "detail": "", "inspection": other}
    with pytest.raises(ValidationError) as refusal:
        findings.raise_finding(case, by=omar, at=later(2), **{**said, field: wrong[field]})
    assert list(refusal.value.message_dict) == [field]


def test_an_overdue_finding_is_flagged_the_day_after_and_once(finding, later):
    assert [finding.is_overdue(later(2 + days)) for days in (60, 61)] == [False, True]
    assert findings.flag_overdue_findings(later(62)) == 0
    assert findings.flag_overdue_findings(later(63)) == 1
    assert findings.flag_overdue_findings(later(64)) == 0
    assert audit.history(finding).filter(event="overdue").count() == 1


# ── The case ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_critical_finding_keeps_a_case_from_being_recommended(case, people, sana, later):
    case = path.inspect(case, people=people, at=later(2))
    found = path.finding(case, people=people, at=later(2), severity="critical")
    assert shut(case, "recommend", sana, later(3)) == ["no_critical_finding_is_open"]
    remedied(found, people, later(3))
    assert shut(case, "recommend", sana, later(3)) == ["no_critical_finding_is_open"]
    path.step(found, "verify", by=person("Seher", "supervisor"), at=later(3), note="Seen.")
    assert shut(case, "recommend", sana, later(3)) == []


@pytest.mark.parametrize(("severity", "gates"), [("high", ["no_high_finding_is_open"]), ("medium", [])])
def test_a_high_finding_makes_an_approval_conditional(case, people, sana, dania, later, severity, gates):
    case = path.inspect(case, people=people, at=later(2))
    path.finding(case, people=people, at=later(2), severity=severity)
    case = path.step(case, "recommend", by=sana, at=later(3), note="All is met.")
    path.vote(case, "approve_in_principle", people=people, at=later(3))
    assert shut(case, "approve_in_principle", dania, later(3)) == gates
    path.prepare(case, "approve_with_conditions", people=people, at=later(3))
    assert shut(case, "approve_with_conditions", dania, later(3)) == []
