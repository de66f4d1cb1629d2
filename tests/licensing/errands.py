"""The work that moves wait for, as the people of the path would do it: each an errand that random walks may run.

An errand is tried whether or not its time has come: it does its work, or the action behind it refuses in words.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from licensing.actions import (
    agreements,
    appeals,
    conditions,
    consultations,
    evidence,
    fees,
    findings,
    inspections,
    letters,
    measures,
    refusals,
    renewals,
    requests,
    supervision,
    surrender,
    wind_downs,
)
from licensing.actions.handovers import hand_over, may_take_over
from licensing.models import (
    AmlRegistration,
    Appeal,
    ChangeOfControl,
    Condition,
    Consultation,
    Criterion,
    Deliverable,
    Evidence,
    Filing,
    Finding,
    Firm,
    Framework,
    Incident,
    InformationRequest,
    Inspection,
    Invoice,
    KeyIndividual,
    Letter,
    Licence,
    LicenceApplication,
    Milestone,
    Mou,
    NocApplication,
    RatingOverride,
    Renewal,
    Representation,
    SettingChange,
    SetUp,
    TableChange,
    Variation,
    WindDown,
)
from licensing.models.appeals import decisions_of
from licensing.models.votes import DecidedByVote
from licensing.rules.votes import votes_carry_the_decision
from pvara.demo import answers, life, path
from pvara.demo.path import People
from pvara.kernel import figures
from pvara.kernel.machine import moves_of
from pvara.kernel.models import Job
from pvara.kernel.seen import mark

Errand = Callable[[], object]
GIVEN = {
    "reserves": {"client_assets_pkr": "5", "liabilities_pkr": "5", "cold_share": "90", "breaks": "0"},
    "liquidity": {"liquid_assets_pkr": "9", "monthly_costs_pkr": "5"},
    "conduct": {"users": "9", "turnover_pkr": "9", "complaints": "1", "complaints_open": "0", "strs": "0"},
    "accounts": {"equity_pkr": "9", "auditor": "An auditor"},
    "new_product": {"product": "A token", "expected_users": "9"},
}


def proof() -> SimpleUploadedFile:
    return SimpleUploadedFile("proof.txt", b"What proves it.\n", "text/plain")


def errands(subject: Any, people: People, at: datetime) -> list[Errand]:
    """Everything that somebody might now do for a row, in no order."""
    return [*_ballots(subject, people, at), *_of(subject, people, at)]


def _ballots(subject: Any, people: People, at: datetime) -> list[Errand]:
    """The votes on what a body may decide from here; a body may also be of two minds."""
    if not isinstance(subject, DecidedByVote):
        return []
    names = [
        row.name
        for row in moves_of(type(subject)).values()  # type: ignore[type-var]  # mixed into machines only
        if subject.state in row.sources and votes_carry_the_decision in row.gates
    ]
    return [partial(path.prepare, subject, name, people=people, at=at) for name in names]


def _of(subject: Any, people: People, at: datetime) -> list[Errand]:
    asked: dict[str, Any] = {"people": people, "at": at}
    firm: dict[str, Any] = {"by": people.applicant, "at": at}
    staff: dict[str, Any] = {"by": people.supervisor, "at": at}
    officer: dict[str, Any] = {"by": people.officer, "at": at}
    today = timezone.localdate(at)
    match subject:
        case NocApplication() | LicenceApplication():
            return _of_an_application(subject, people, at)
        case SetUp(state="open"):
            return [
                partial(path.rate_everything, subject.firm, "SETUP", **asked),
                partial(path.aml_request, subject, **asked),
            ]
        case Milestone(state="pending" | "deficient"):
            return [partial(path.submit_milestone, subject, **asked)]
        case AmlRegistration():
            return [
                partial(path.rate_everything, subject.firm, "SETUP", **asked),
                *_appeal(subject.firm, people, at),
            ]
        case KeyIndividual(state="nominated"):
            return [partial(path.vet, subject, **asked)]
        case Licence():
            return _of_a_licence(subject, people, at)
        case Renewal(state="due"):
            said = {"declaration": "Nothing has changed.", "expected_version": subject.version}
            return [partial(renewals.submit_renewal, subject, **said, **firm)]
        case Renewal() | Variation():
            return [
                *_appeal(subject.firm, people, at),
                partial(path.pay, subject, **asked),
                partial(path.prove_again, subject.firm, **asked),
                partial(path.rate_everything, subject.firm, "FULL", **asked),
            ]
        case Consultation():
            reply = {"verdict": "no_objection", "received_on": today, "seen": mark(subject.replied)}
            against = {**reply, "verdict": "objection", "text": "Unknown owners."}
            return [
                partial(consultations.record_reply, subject, **reply, **officer),
                partial(consultations.record_reply, subject, **against, **officer),
            ]
        case Inspection(state="scheduled"):
            results = dict.fromkeys(subject.scope, ("passed", ""))
            said = {"results": results, "summary": "Everything works as it was described."}
            return [partial(inspections.report_inspection, subject, **said, **officer)]
        case Finding():
            return [
                partial(findings.give_plan, subject, "A second key next week.", seen=mark(subject.planned), **firm),
                partial(findings.prove_remediation, subject, proof(), title="Proof", **firm),
            ]
        case Condition():
            return [
                partial(path.met, subject, **asked),
                partial(conditions.prove_condition, subject, proof(), title="Proof", **firm),
            ]
        case Filing(state="due"):
            return [partial(life.filed, subject, GIVEN[subject.code], **asked)]
        case Incident():
            return [
                partial(supervision.follow_up, subject, "Which node was it?", **staff),
                partial(supervision.follow_up, subject, "The third.", **firm),
            ]
        case InformationRequest():
            items = list(subject.items.all())
            return [
                partial(act, each, **said, seen=mark(there))
                for each in items
                for act, said, there in (
                    (requests.answer_question, {"answer": "As written.", **firm}, each.answered),
                    (requests.follow_up, {"words": "Since when?", **officer}, each.followed_up),
                )
            ]
        case ChangeOfControl():
            return [partial(path.rate_anew, subject.firm, "3.1", **asked)]
        case Appeal():
            members = [people.member, people.member2, people.board]
            return [
                partial(appeals.name_panel, subject, members, by=people.supervisor, at=at, seen=mark(subject.named))
            ]
        case WindDown(state="awaiting_plan"):
            said = {"seen": mark(subject.planned), **firm}
            return [partial(wind_downs.write_plan, subject, "Clients are paid out in May.", **said)]
        case Mou():
            promised = {"kind": "training", "title": "A course for supervisors", "due_on": today}
            terms = {"state_party": "Ministry of Finance", "scope": "Advice.", "signed_on": today, "in_force_to": today}
            return [
                partial(agreements.promise, subject, **promised, **staff),
                partial(agreements.draft_agreement, [("A bank", None)], title="Another study", **terms, **staff),
            ]
        case Deliverable():
            return [partial(agreements.document_delivery, subject, proof(), title="Proof", **staff)]
        case KeyIndividual():
            return [partial(path.nominate, subject.firm, "director", **asked)]
        case Evidence():
            kind, (served,) = next(iter(path.by_kind([Criterion.objects.order_by("pk")[0]]).items()))
            member = {"title": "Another file", "kind": kind, "criteria": [served]}
            return [partial(evidence.upload_evidence, subject.firm, file=proof(), **member, **firm)]
        case Letter(state="approved"):
            return [
                partial(letters.issue_checked_letter, job) for job in Job.objects.filter(key=f"issue:{subject.key}")
            ]
        case Invoice():
            return _of_an_invoice(subject, people, at)
        case RatingOverride():
            proposals = (("1.4", 2), ("1.2", 2), ("4.1", None))
            return [partial(path.override, subject.firm, *said, **asked) for said in proposals]
        case Framework():
            day = today + timedelta(days=30)
            number = f"{Framework.objects.count()}.0"
            return [partial(path.drafted_framework, number, day, **asked)]
        case TableChange():
            day = today + timedelta(days=30)
            return [
                partial(path.propose_row, "returns", code, {"due_days": 7}, effective_from=day, **asked)
                for code in ("reserves", "liquidity", "conduct", "accounts")
            ]
        case SettingChange():
            day = today + timedelta(days=30)
            return [
                partial(path.propose_setting, key, 7, effective_from=day, **asked)
                for key in ("noc.decision", "noc.intake", "returned.rounds", "request.stop_at_most")
            ]
    return []


def _appeal(firm: Firm, people: People, at: datetime) -> list[Errand]:
    return [partial(life.appealed, firm, people=people, at=at)] if decisions_of(firm) else []


def _of_an_invoice(invoice: Invoice, people: People, at: datetime) -> list[Errand]:
    """Part of the money or all of it, money that goes back, and the wish that nothing be charged."""
    assert people.finance is not None
    books: dict[str, Any] = {"by": people.finance, "at": at}
    paid_on = {"paid_on": timezone.localdate(at), "bank_reference": f"BANK-{invoice.number}-{invoice.payments.count()}"}
    return [
        partial(fees.record_payment, invoice, amount=Decimal(1), **paid_on, **books),
        partial(fees.record_payment, invoice, amount=invoice.outstanding_pkr, **paid_on, **books),
        *(partial(fees.reverse_payment, each, reasons="Sent twice.", **books) for each in invoice.payments.all()),
        partial(fees.ask_for_waiver, invoice, reasons="A public body.", by=people.applicant, at=at),
    ]


def _letters_to_write(subject: Any, at: datetime) -> list[Errand]:
    """The letters that moves asked for and that somebody checks: those that nobody does are left to the worker."""
    asked = Job.objects.filter(
        kind="letter", payload__subject_type=subject._meta.label_lower, payload__subject_id=subject.pk
    )
    checked = figures.value("letters.checked", on=timezone.localdate(at))
    return [partial(letters.write_letter, job) for job in asked if job.payload["code"] in checked]


def _of_an_application(case: Any, people: People, at: datetime) -> list[Errand]:
    asked: dict[str, Any] = {"people": people, "at": at}
    phase = "NOC" if isinstance(case, NocApplication) else "FULL"
    match case.state:
        case "draft":
            return [partial(path.fill_in, case, **asked)]
        case "submitted":
            return [partial(path.pay, case, **asked)]
        case "completeness_check":
            return [
                partial(path.tick_off, case, **asked),
                partial(path.draft_deficiency, case, "The minute is missing.", **asked),
            ]
        case "returned_incomplete":
            return [partial(path.resubmitted, case, **asked)]
        case "under_assessment":
            return [
                *_handovers(case, people, at),
                partial(path.rate_everything, case.firm, phase, **asked),
                partial(path.disclose, case.firm, **asked),
                partial(path.consult, case, **asked),
                partial(
                    consultations.ask_agencies, case, [each.code for each in case.agencies()], by=people.officer, at=at
                ),
                partial(path.draft_question, case, "Who owns the holding?", **asked),
                *([partial(path.inspection, case, **asked)] if phase == "FULL" else []),
            ]
        case "minded_to_refuse":
            said = {"by": people.applicant, "at": at, "text": "The policy is approved next month."}
            heard = [
                partial(refusals.consider, each, by=people.member, at=at, note="An intention is no approval.")
                for each in Representation.objects.filter(notice=case.notice_of_refusal())
            ]
            return [partial(refusals.make_representations, case, **said), *heard]
        case "in_principle":
            return [
                partial(path.pay, case, **asked),
                *(partial(path.met, each, **asked) for each in case.imposed_conditions),
            ]
        case "granted" if phase == "NOC":
            return [partial(path.rate_everything, case.firm, phase, **asked), *_letters_to_write(case, at)]
        case "refused" | "suspended" | "revoked":
            return [*_appeal(case.firm, people, at), *_letters_to_write(case, at)]
    return []


def _handovers(case: Any, people: People, at: datetime) -> list[Errand]:
    """To whoever may have the case in hand beside its officer."""
    more = {"by": people.supervisor, "at": at, "reasons": "Leave.", "expected_version": case.version}
    return [partial(hand_over, case, each, **more) for each in may_take_over(case, at=at)[:1]]


def _of_a_licence(licence: Licence, people: People, at: datetime) -> list[Errand]:
    asked: dict[str, Any] = {"people": people, "at": at}
    kinds = ("restriction", "show_cause", "suspension", "urgent_suspension", "revocation")
    wish = licence.open_surrender
    return [
        *(partial(life.propose, licence, kind, wording="No new clients.", **asked) for kind in kinds),
        *(
            partial(measures.reply, each, "They were found.", by=people.applicant, at=at)
            for each in licence.measures.all()
            if each.kind == "show_cause"
        ),
        *(
            partial(
                measures.propose_lifting,
                each,
                reasons="It is over.",
                by=people.supervisor,
                at=at,
                seen=mark(each.lifting),
            )
            for each in licence.restrictions
        ),
        partial(
            measures.verify_remedy,
            licence,
            note="The books were read.",
            by=people.supervisor,
            at=at,
            seen=mark(licence.remedy_noted),
        ),
        partial(life.surrender_asked, licence, **asked),
        *(
            partial(
                surrender.confirm_assets,
                each,
                note="Nil.",
                by=people.supervisor,
                at=at,
                seen=mark(each.assets_noted),
            )
            for each in ([wish] if wish else [])
        ),
        partial(life.variation_asked, licence, **asked),
        partial(life.supervised, licence, **asked),
        *_appeal(licence.firm, people, at),
        *_letters_to_write(licence, at),
        partial(path.inspection, licence, **asked),
        partial(path.finding, licence, **asked),
        partial(path.rate_everything, licence.firm, "FULL", **asked),
        partial(path.prove_again, licence.firm, **asked),
        partial(
            path.notify_change, licence.firm, rows=answers.owners_of(licence.firm.legal_name, first_owner=55), **asked
        ),
    ]
