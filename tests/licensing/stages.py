"""Where random walks begin: firms at every stage of the regime, some of them with a term that is nearly over."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from licensing.actions import consultations
from licensing.actions.firms import register_firm
from licensing.models import Firm, Licence, NocApplication
from pvara.demo import life, path
from pvara.demo.answers import owners_of
from pvara.demo.path import People


def firms_at_every_stage(*, people: People, at: datetime) -> None:
    told: dict[str, Any] = {"people": people, "at": at}
    charge_for_applications(people=people, at=at)
    for state in ("draft", "submitted", "under_assessment", "recommended"):
        path.noc_case(_firm(f"Noc {state}", **told), until=state, **told)
    for state in ("draft", "recommended"):
        done = path.confirmed_setup(path.noc_case(_firm(f"Full {state}", **told), **told), **told)
        path.full_case(done, until=state, **told)
    path.nominate(done.firm, "director", **told)
    _returned(_firm("Returned", **told), **told)
    path.asked(path.noc_case(_firm("Asked", **told), until="under_assessment", **told), "Which tool?", **told)
    path.noc_case(_firm("Minded", **told), until="minded_to_refuse", **told)
    _ready(_firm("Ready", **told), **told)
    later: dict[str, Any] = {"people": people, "at": at + timedelta(days=2)}
    life.suspend(path.licensed(_firm("Suspended", **told), **told), **later)
    life.notify(path.licensed(_firm("Noticed", **told), **told), **later)
    life.revoke(path.licensed(_firm("Revoked", **told), **told), by=people.board2, **later)
    life.surrender_asked(path.licensed(_firm("Leaving", **told), **told), **later)
    path.aml_request(path.noc_case(_firm("Sets up", **told), **told).setup, **later)
    _supervised(path.licensed(_firm("Licensed", **told), **told), **later)
    refused = path.noc_case(_firm("Refused", **told), until="refused", **told)
    life.appealed(refused.firm, **later)
    path.agreement("A university", **later)
    path.propose_setting("noc.decision", 45, effective_from=_day(at, 58), **later)


def firms_whose_time_is_nearly_over(*, people: People, at: datetime) -> None:
    """What only the passing of months would lead to; a walk is too short for it."""

    def ago(days: int) -> dict[str, Any]:
        return {"people": people, "at": at - timedelta(days=days)}

    path.noc_case(_firm("Silent", **ago(88)), until="draft", **ago(88))
    _returned(_firm("Never answers", **ago(28)), **ago(28))
    path.noc_case(_firm("Slow", **ago(363)), **ago(363))
    # Its renewal is due, and what it proved is about to expire; of the other the licence itself does.
    path.licensed(_firm("Renews", **ago(336)), **ago(336))
    path.licensed(_firm("Ends", **ago(394)), **ago(394))
    case = path.noc_case(_firm("On conditions", **ago(88)), until="recommended", **ago(88))
    path.decide(case, "grant_with_conditions", **ago(88))
    done = path.confirmed_setup(path.noc_case(_firm("Unmet", **ago(178)), **ago(178)), **ago(178))
    path.full_case(done, until="in_principle", rating=3, **ago(178))
    waits = path.noc_case(_firm("Asks others", **ago(20)), until="completeness_check", **ago(20))
    path.tick_off(waits, **ago(20))
    waits = path.step(waits, "declare_complete", by=people.officer, at=at - timedelta(days=20))
    agencies = [each.code for each in waits.agencies()]
    consultations.ask_agencies(waits, agencies, by=people.officer, at=at - timedelta(days=20))


def charge_for_applications(*, people: People, at: datetime) -> None:
    """A fee, so that there are invoices: those who applied before it paid nothing."""
    before = at - timedelta(days=2)
    path.change_setting("fee.noc_application", 1000, effective_from=_day(before, 1), people=people, at=before)


def _firm(name: str, *, people: People, at: datetime) -> Firm:
    return register_firm(name, by=people.applicant, at=at, country="Pakistan", invented=True)


def _day(at: datetime, days: int) -> Any:
    return timezone.localdate(at) + timedelta(days=days)


def _returned(firm: Firm, *, people: People, at: datetime) -> None:
    case = path.noc_case(firm, people=people, at=at, until="completeness_check")
    path.returned(case, "The minute is missing.", people=people, at=at)


def _ready(firm: Firm, *, people: People, at: datetime) -> None:
    """A set-up that may be confirmed, and services that may be registered."""
    case: NocApplication = path.noc_case(firm, people=people, at=at)
    for milestone in case.setup.milestones.all():
        changed = {"subsidiary_name": f"{firm} Pakistan (Pvt) Limited"} if milestone.code == "M1" else {}
        submitted = path.submit_milestone(milestone, people=people, at=at, **changed)
        path.step(submitted, "verify", by=people.officer, at=at)
    path.rate_everything(firm, "SETUP", people=people, at=at)
    path.aml_request(case.setup, people=people, at=at)


def _supervised(licence: Licence, *, people: People, at: datetime) -> None:
    told: dict[str, Any] = {"people": people, "at": at}
    life.supervised(licence, **told)
    life.variation_asked(licence, **told)
    path.inspection(licence, **told)
    path.finding(licence, **told)
    path.notify_change(licence.firm, rows=owners_of(licence.firm.legal_name, first_owner=55), **told)
