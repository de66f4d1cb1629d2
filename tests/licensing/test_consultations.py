"""Consultation: each agency is asked, replies or lets its time pass; the board alone goes on over an objection."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from licensing import letters
from licensing.actions import consultations, interests, timers
from licensing.actions.letters import write_letter
from licensing.models import (
    Agency,
    AgencyReply,
    Consultation,
    Document,
    Letter,
    LicenceApplication,
    NocApplication,
    ObjectionOverride,
)
from licensing.models.agencies import agencies_in_force
from pvara.demo import path
from pvara.kernel import audit
from pvara.kernel.machine import MoveRefused, unmet
from pvara.kernel.models import Job
from pvara.kernel.seen import mark
from tests.licensing.test_standing import in_a_thread, wait_for_a_waiter

CODES = ["FMU", "SBP", "SECP", "MOI", "FBR"]
GO_ON = "go_on_over_the_objection"


@pytest.fixture
def case(firm, people, at):
    """A NOC case under assessment of which nobody was asked yet, with everything else rated."""
    case = path.noc_case(firm, people=people, at=at, until="completeness_check")
    path.tick_off(case, people=people, at=at)
    case = path.step(case, "declare_complete", by=people.officer, at=at)
    path.disclose(firm, people=people, at=at)
    path.rate_everything(firm, "NOC", people=people, at=at)
    return NocApplication.objects.get(pk=case.pk)


@pytest.fixture
def asked(case, omar, at):
    return {each.agency.code: each for each in consultations.ask_agencies(case, CODES, by=omar, at=at)}


def reply(consultation, omar, at, verdict="no_objection", text="", **more):
    on = more.pop("received_on", timezone.localdate(at))
    fresh = Consultation.objects.get(pk=consultation.pk)
    said = {"verdict": verdict, "text": text, "received_on": on, "seen": mark(fresh.replied), **more}
    return consultations.record_reply(fresh, by=omar, at=at, **said)


def shut(case, name, by, at):
    fresh = type(case).objects.get(pk=case.pk)
    return {each.code: each.details for each in unmet(fresh, name, by=by, at=at)}


# ── Asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_each_phase_has_its_agencies_and_two_of_them_block(regime, at):
    on = timezone.localdate(at)
    for phase in ("NOC", "FULL"):
        assert [(each.code, each.blocks) for each in agencies_in_force(on, phase)] == [
            ("FMU", True),
            ("SBP", False),
            ("SECP", False),
            ("MOI", True),
            ("FBR", False),
        ]
    assert agencies_in_force(on, "SETUP") == []


def test_a_case_keeps_to_the_agencies_of_the_day_on_which_it_was_opened(case, later):
    Agency.objects.create(
        code="SBP", name="State Bank of Pakistan", phases=["FULL"], blocks=True, effective_from=later(1)
    )
    assert [each.code for each in case.agencies()] == CODES
    after = agencies_in_force(timezone.localdate(later(1)), "NOC")
    assert [each.code for each in after] == ["FMU", "SECP", "MOI", "FBR"]


def test_an_agency_that_is_consulted_no_more_is_still_asked_about_older_cases(case, later):
    fmu = Agency.objects.get(code="FMU")
    row = {"code": "FMU", "name": fmu.name, "phases": fmu.phases, "blocks": True, "effective_from": later(1)}
    Agency.objects.create(**row, ended=True)
    assert [each.code for each in case.agencies()] == CODES
    after = agencies_in_force(timezone.localdate(later(1)), "NOC")
    assert [each.code for each in after] == ["SBP", "SECP", "MOI", "FBR"]
    with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
        Agency.objects.filter(code="FMU").update(ended=False)


def test_asking_starts_a_clock_of_its_own_for_each_agency(asked, at, later):
    said = {code: each.time_to_reply(later(7)) for code, each in asked.items()}
    shown = {code: (each.elapsed, each.limit.length, each.limit.unit) for code, each in said.items()}
    assert shown == dict.fromkeys(CODES, (5, 15, "working_days"))
    entry = audit.history(asked["FMU"]).get(event="requested")
    assert (entry.actor.name, entry.data["agency"]) == ("Omar", "FMU")


@pytest.mark.parametrize(
    ("codes", "sentence"),
    [
        ([], "Choose at least one agency."),
        (["FMU"], "Asked already: FMU."),
        (["ISI", "SBP"], "Not consulted in this phase: ISI."),
    ],
)
def test_what_cannot_be_asked_is_sent_back(case, omar, at, codes, sentence):
    consultations.ask_agencies(case, ["FMU"], by=omar, at=at)
    with pytest.raises(ValidationError) as refusal:
        consultations.ask_agencies(case, codes, by=omar, at=at)
    assert refusal.value.message_dict == {"agencies": [sentence]}
    assert Consultation.objects.count() == 1


def test_nobody_is_asked_about_a_case_that_is_not_assessed(firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="submitted")
    with pytest.raises(ValidationError, match="while the case is assessed"):
        consultations.ask_agencies(case, ["FMU"], by=people.officer, at=at)


def test_only_a_case_officer_without_an_interest_asks_and_records(case, asked, omar, sana, amina, at):
    for who in (sana, amina):
        with pytest.raises(PermissionDenied):
            consultations.ask_agencies(case, ["FMU"], by=who, at=at)
        with pytest.raises(PermissionDenied):
            reply(asked["FMU"], who, at)
    # Who stepped back from the case has stepped back from its consultations.
    interests.recuse(case, by=omar, at=at, reasons="I wrote about it.")
    with pytest.raises(PermissionDenied, match="Recused"):
        reply(asked["FMU"], omar, at)
    with pytest.raises(PermissionDenied, match="Recused"):
        consultations.ask_agencies(case, ["SBP"], by=omar, at=at)


def test_the_database_has_an_agency_once_a_case_and_a_consultation_on_one_case(asked, at):
    given = {"firm": asked["FMU"].firm, "agency": asked["FMU"].agency, "requested_at": at}
    by = asked["FMU"].requested_by
    with pytest.raises(IntegrityError, match="agency_once_a_noc_case"), transaction.atomic():
        Consultation.objects.create(**given, requested_by=by, noc=asked["FMU"].noc)
    with pytest.raises(IntegrityError, match="consultation_is_on_one_case"), transaction.atomic():
        Consultation.objects.create(**given, requested_by=by)


# ── Replies ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_reply_is_kept_with_its_letter_which_the_firm_never_sees(asked, omar, amina, at):
    file = SimpleUploadedFile("fmu.txt", b"No objection.\n", "text/plain")
    kept = reply(asked["FMU"], omar, at, "comments", "Mind the Travel Rule.", file=file)
    found = Consultation.objects.get(pk=asked["FMU"].pk)
    assert (found.state, found.reply, found.time_to_reply(at).status) == ("replied", kept, "stopped")
    document = Document.objects.about(found).get()
    assert (document.title, document.for_applicant) == ("Reply of Financial Monitoring Unit, 4 March 2026", False)
    assert list(Document.objects.about(found).visible_to(amina)) == []
    assert list(Consultation.objects.visible_to(amina)) == []
    assert list(AgencyReply.objects.visible_to(amina)) == []
    assert Consultation.objects.visible_to(omar).count() == 5


def test_a_later_reply_takes_the_place_of_an_earlier_one_which_is_kept(asked, omar, at, later):
    first = reply(asked["FMU"], omar, at, "objection", "The owners are unknown to us.")
    second = reply(asked["FMU"], omar, later(3))
    found = Consultation.objects.get(pk=asked["FMU"].pk)
    assert (found.reply, list(found.replies.all())) == (second, [second, first])
    assert [each.event for each in audit.history(found)] == ["requested", "record_reply", "replied_again"]
    for change in ({"text": "Never mind."}, {"verdict": "comments"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            AgencyReply.objects.filter(pk=first.pk).update(**change)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"verdict": "silence"}, "verdict"),
        ({"verdict": "objection"}, "text"),
        ({"verdict": "comments", "text": "  "}, "text"),
        ({"received_on": "2026-03-05"}, "received_on"),
        ({"received_on": "2026-03-03"}, "received_on"),
    ],
)
def test_a_reply_that_cannot_be_right_is_sent_back(asked, omar, at, given, field):
    if "received_on" in given:
        given = {"received_on": timezone.datetime.fromisoformat(given["received_on"]).date()}
    with pytest.raises(ValidationError) as refusal:
        reply(asked["SBP"], omar, at, **given)
    assert list(refusal.value.message_dict) == [field]
    assert AgencyReply.objects.count() == 0


def test_the_move_alone_is_no_reply(asked, omar, at):
    with pytest.raises(MoveRefused) as refusal:
        path.step(asked["FMU"], "record_reply", by=omar, at=at)
    assert [each.code for each in refusal.value.unmet] == ["reply_is_on_record"]


def test_silence_is_recorded_when_the_time_is_over_and_not_a_day_before(asked, omar, later):
    # Working day 15 of 15 is 25 March; the holidays of Eid al-Fitr lie in between.
    due = asked["FMU"].time_to_reply(later(1)).due_on
    last = later((due - timezone.localdate(later(0))).days)
    assert shut(asked["FMU"], "close_without_reply", omar, last).keys() == {"time_to_reply_is_over"}
    with pytest.raises(MoveRefused):
        path.step(asked["FMU"], "close_without_reply", by=omar, at=last)
    over = last + timedelta(days=4)
    closed = path.step(asked["FMU"], "close_without_reply", by=omar, at=over)
    assert (closed.state, closed.time_to_reply(over).status) == ("no_reply", "stopped")
    # What comes late is a reply all the same.
    reply(closed, omar, over + timedelta(days=1), "comments", "We have some after all.")
    assert Consultation.objects.get(pk=closed.pk).state == "replied"


# ── Reminding ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_agency_that_is_late_is_reminded_once(asked, omar, at, later):
    reply(asked["SBP"], omar, at)
    assert consultations.remind_agencies(later(10)) == 0
    assert consultations.remind_agencies(later(60)) == 4
    assert consultations.remind_agencies(later(61)) == 0
    chased = Consultation.objects.exclude(chased_at=None).values_list("agency__code", flat=True)
    assert sorted(chased) == ["FBR", "FMU", "MOI", "SECP"]
    assert Job.objects.filter(kind="letter", payload__code="L07").count() == 4
    assert "consultations.remind_agencies" in timers.SWEEPS


# ── The case ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_case_is_recommended_when_every_agency_has_replied_or_let_its_time_pass(case, omar, sana, at, later):
    assert shut(case, "recommend", sana, at)["consultations_are_closed"][0] == "Financial Monitoring Unit: not asked."
    asked = {each.agency.code: each for each in consultations.ask_agencies(case, CODES, by=omar, at=at)}
    for code in CODES[1:]:
        reply(asked[code], omar, at)
    assert shut(case, "recommend", sana, at) == {
        "consultations_are_closed": ("Financial Monitoring Unit: no reply yet.",)
    }
    path.step(asked["FMU"], "close_without_reply", by=omar, at=later(60))
    assert path.step(case, "recommend", by=sana, at=later(60), note="All is met.").state == "recommended"


def test_an_objection_that_does_not_block_leaves_the_way_open(case, people, at):
    path.consult(case, people=people, at=at, SBP="objection", FBR="comments")
    case = path.step(case, "recommend", by=people.supervisor, at=at, note="All is met.")
    assert path.decide(case, "grant_noc", people=people, at=at).state == "granted"


@pytest.mark.parametrize("name", ["grant_noc", "grant_with_conditions"])
def test_an_objection_that_blocks_is_gone_over_by_the_board_alone_and_the_decision_says_so(
    case, people, basma, at, name
):
    path.consult(case, people=people, at=at, FMU="objection")
    case = path.step(case, "recommend", by=people.supervisor, at=at, note="All is met.")
    objection = Consultation.objects.get(agency__code="FMU")
    path.prepare(case, name, people=people, at=at)
    assert shut(case, name, people.member, at) == {
        "no_blocking_objection_stands": ("Financial Monitoring Unit objects, in its reply of 4 March 2026.",)
    }
    for who in (people.member, people.supervisor, people.officer):
        with pytest.raises(PermissionDenied):
            path.step(objection, GO_ON, by=who, at=at, note="It was answered.")
    assert shut(objection, GO_ON, people.board, at) == {
        "votes_carry_the_decision": ("Board: 2 votes are a quorum; 0 count.",)
    }
    path.vote(objection, GO_ON, people=people, at=at)
    with pytest.raises(MoveRefused) as refused:
        path.step(objection, GO_ON, by=basma, at=at, note=" ")
    assert [each.code for each in refused.value.unmet] == ["note_is_given"]
    path.step(objection, GO_ON, by=basma, at=at, note="It was answered.")
    granted = path.step(case, name, by=people.member, at=at)
    entry = audit.history(granted).get(event=name)
    assert entry.data["gates"]["no_blocking_objection_stands"] == {
        "FMU": {"by": "Basma", "reasons": "It was answered."}
    }
    assert audit.history(objection).get(event=GO_ON).data["gates"]["votes_carry_the_decision"]["for"] == [
        "Bilal",
        "Basma",
    ]


def test_an_override_is_of_one_objection(case, people, basma, at, later):
    path.consult(case, people=people, at=at, FMU="objection")
    objection = Consultation.objects.get(agency__code="FMU")
    path.decide(objection, GO_ON, people=people, at=at, note="It was answered.")
    assert "objection_is_not_overridden" in shut(objection, GO_ON, basma, at)
    reply(objection, people.officer, later(1), "objection", "Another matter.")
    assert [each.override for each in case.blocking_objections()] == [None]
    path.vote(objection, GO_ON, people=people, at=later(1))
    # Who voted had read that reply, not this one.
    reply(objection, people.officer, later(1), "objection", "A third matter.")
    assert shut(objection, GO_ON, basma, later(1)).keys() == {"votes_carry_the_decision"}
    reply(objection, people.officer, later(2))
    assert case.blocking_objections() == []
    assert "objection_blocks" in shut(objection, GO_ON, basma, later(2))
    with pytest.raises(DatabaseError), transaction.atomic():
        ObjectionOverride.objects.update(reasons="Otherwise.")


def test_a_full_case_asks_again_and_an_objection_stops_every_step_to_the_licence(firm, people, basma, at, later):
    granted = path.noc_case(firm, people=people, at=at)
    done = path.confirmed_setup(granted, people=people, at=later(1))
    case = path.full_case(done, people=people, at=later(2), until="recommended")
    objection = Consultation.objects.get(full=case, agency__code="MOI")
    reply(objection, people.officer, later(3), "objection", "A director was refused entry.")
    for name, who in (("approve_in_principle", people.member), ("approve_with_conditions", people.member)):
        path.prepare(case, name, people=people, at=later(3))
        assert shut(case, name, who, later(3)).keys() == {"no_blocking_objection_stands"}
    path.decide(objection, GO_ON, people=people, at=later(3), note="He has left.")
    case = path.decide(case, "approve_in_principle", people=people, at=later(3))
    # It objects once more, before the board grants.
    reply(objection, people.officer, later(4), "objection", "He has come back.")
    path.vote(case, "grant_licence", people=people, at=later(4))
    assert shut(case, "grant_licence", people.board, later(4)).keys() == {"no_blocking_objection_stands"}
    assert LicenceApplication.objects.get(pk=case.pk).state == "in_principle"


# ── Letters ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def letter(asked):
    with transaction.atomic():
        return write_letter(Job.objects.get(kind="letter", payload__code="L06", subject_id=asked["FMU"].pk))


def test_the_request_is_written_to_the_agency(letter, case):
    assert (letter.reference, letter.addressee, letter.for_applicant, letter.firm) == (
        "PVARA/CON/2026/00001",
        "Financial Monitoring Unit",
        False,
        case.firm,
    )
    facts = dict(letter.content["facts"])
    assert (facts["Applicant"], facts["Application"]) == ("Indus Exchange (Pvt) Limited", case.reference)
    assert facts["Reply by"] in letter.content["paragraphs"][1]


def test_the_firm_neither_sees_the_letter_nor_is_told_of_it(letter, amina, omar):
    assert list(Letter.objects.visible_to(amina).filter(pk=letter.pk)) == []
    assert Letter.objects.visible_to(omar).filter(pk=letter.pk).exists()
    assert list(Letter.objects.for_firms().filter(pk=letter.pk)) == []
    from licensing.actions.letters import send_letter

    send_letter(Job(payload={"letter": letter.pk}))
    assert mail.outbox == []


def test_an_agency_with_an_address_gets_the_letter_itself(case, omar, at):
    Agency.objects.create(
        code="FMU",
        name="Financial Monitoring Unit",
        email="consultation@fmu.example",
        phases=["NOC"],
        effective_from=timezone.localdate(case.opened_at),
    )
    consultations.ask_agencies(case, ["FMU"], by=omar, at=at)
    with transaction.atomic():
        sent = write_letter(Job.objects.get(kind="letter", payload__code="L06"))
    from licensing.actions.letters import send_letter

    send_letter(Job(payload={"letter": sent.pk}))
    (message,) = mail.outbox
    ((name, content, kind),) = message.attachments
    assert (message.to, name, kind) == (["consultation@fmu.example"], "PVARA-CON-2026-00001.pdf", "application/pdf")
    assert content == bytes(sent.document.pdf)


def test_verification_says_that_it_is_genuine_and_not_whom_it_is_about(letter):
    found = letters.check(letter.token)
    assert (found.authentic, found.holds, found.letter.public_firm, found.letter.public_case) == (True, True, "", "")


# ── At the same moment ───────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_a_grant_that_meets_an_objection_waits_for_it_and_is_refused(firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="recommended")
    path.vote(case, "grant_noc", people=people, at=at)
    fmu = Consultation.objects.get(agency__code="FMU")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            reply(fmu, people.officer, at, "objection", "The owners are unknown to us.")
            grant = in_a_thread(pool, lambda: path.step(case, "grant_noc", by=people.member, at=at))
            wait_for_a_waiter(grant)
        with pytest.raises(MoveRefused) as refusal:
            grant.result(timeout=30)
    assert [each.code for each in refusal.value.unmet] == ["no_blocking_objection_stands"]
    assert NocApplication.objects.get(pk=case.pk).state == "recommended"
