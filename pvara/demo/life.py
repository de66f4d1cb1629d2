"""The life of a licence, walked by its people through the actions: for the demonstration world and the tests."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from licensing.actions import appeals, measures, renewals, supervision, surrender
from licensing.models import Appeal, Filing, Firm, Incident, Licence, Measure, Renewal, Variation, VisitPlan
from licensing.models.appeals import decisions_of
from licensing.models.supervision import measured
from licensing.states import LicenceState, MeasureKind
from pvara.demo.path import People, decide, finding, step, vote
from pvara.kernel.models import User
from pvara.kernel.seen import mark


def in_days(at: datetime, days: int) -> date:
    return timezone.localdate(at) + timedelta(days=days)


def propose(licence: Licence, kind: str, *, people: People, at: datetime, **changed: Any) -> Measure:
    """A measure proposed by whoever proposes that kind; a suspension of thirty days, unless told otherwise."""
    if kind == MeasureKind.RESTRICTION and not any(licence.behind_a_restriction()):
        finding(licence, people=people, at=at)
    dates = {"starts_on": in_days(at, 0), "ends_on": in_days(at, 30)} if "suspension" in kind else {}
    grounds = {} if kind == MeasureKind.RESTRICTION else {"grounds": ["client_harm"]}
    by = people.supervisor if kind == MeasureKind.RESTRICTION else people.enforcement
    said: dict[str, Any] = {"particulars": "Assets are missing.", "by": by, **dates, **grounds, **changed}
    return measures.propose(licence, kind, at=at, **said)


def restrict(licence: Licence, *, people: People, at: datetime, note: str = "Why.", **changed: Any) -> Licence:
    """Restricted: new clients, unless told otherwise."""
    if "activities" not in changed:
        changed.setdefault("wording", "No new clients are taken on.")
    propose(licence, "restriction", people=people, at=at, **changed)
    restricted: Licence = decide(licence, "impose_restriction", people=people, at=at, note=note)
    return restricted


def notify(licence: Licence, *, people: People, at: datetime, replied: bool = True) -> Licence:
    """Under a show-cause notice, with the firm's reply."""
    notice = propose(licence, "show_cause", people=people, at=at)
    licence = step(licence, "issue_show_cause", by=people.enforcement, at=at)
    if replied:
        measures.reply(notice, "They were found.", by=people.applicant, at=at)
    return licence


def suspend(
    licence: Licence, *, people: People, at: datetime, note: str = "Assets are missing.", **changed: Any
) -> Licence:
    """Suspended at once, by two people; the whole licence, unless told otherwise."""
    by = changed.pop("by", people.board)
    propose(licence, "urgent_suspension", people=people, at=at, **{"particulars": note, **changed})
    suspended: Licence = step(licence, "urgent_suspend", by=by, at=at, note=note)
    return suspended


def ratify(licence: Licence, *, people: People, at: datetime, note: str = "The danger is real.") -> Licence:
    """The board ratifies what one of it did at once."""
    ratified: Licence = decide(licence, "ratify_suspension", people=people, at=at, note=note)
    return ratified


def reinstate(
    licence: Licence, *, people: People, at: datetime, by: User | None = None, note: str = "They are found."
) -> Licence:
    """Reinstated after the supervisor has seen that the cause is remedied."""
    measures.verify_remedy(licence, note="The books were read: nothing is missing.", by=people.supervisor, at=at)
    vote(licence, "reinstate", people=people, at=at)
    reinstated: Licence = step(licence, "reinstate", by=by or people.member, at=at, note=note)
    return reinstated


def revoke(licence: Licence, *, people: People, at: datetime, by: User, note: str = "They are lost.") -> Licence:
    """Revoked after the firm was heard: on a notice, or at the hearing that follows an urgent suspension."""
    licence = Licence.objects.get(pk=licence.pk)
    if licence.state in (LicenceState.ACTIVE, LicenceState.RESTRICTED):
        licence = notify(licence, people=people, at=at)
    elif any(each.hear_by is not None and each.heard_at is None for each in licence.suspensions):
        licence = step(licence, "hold_hearing", by=people.enforcement, at=at, note="The directors were heard.")
    propose(licence, "revocation", people=people, at=at)
    vote(licence, "revoke", people=people, at=at)
    revoked: Licence = step(licence, "revoke", by=by, at=at, note=note)
    return revoked


def surrender_asked(licence: Licence, *, people: People, at: datetime) -> Licence:
    """A surrender as the firm's signatory asks for it."""
    return surrender.request_surrender(
        licence,
        reasons="The group leaves the market.",
        declaration="Nothing is held for clients any more; the last balance was paid out last week.",
        by=people.applicant,
        at=at,
        expected_version=Licence.objects.get(pk=licence.pk).version,
    )


def surrendered(licence: Licence, *, people: People, at: datetime) -> Licence:
    """A licence given back: asked for, its clients paid out as the supervisor confirms, and accepted."""
    asked = surrender_asked(licence, people=people, at=at)
    wish = asked.open_surrender
    assert wish is not None
    surrender.confirm_assets(wish, note="Balances are nil.", by=people.supervisor, at=at)
    accepted: Licence = decide(asked, "accept_surrender", people=people, at=at)
    return accepted


def renewal_asked(licence: Licence, *, people: People, at: datetime) -> Renewal:
    """The renewal of the present term, due and asked for."""
    renewals.fall_due(at)
    renewal = Renewal.objects.get(licence=licence, state="due")
    return renewals.submit_renewal(
        renewal, declaration="Nothing has changed.", by=people.applicant, at=at, expected_version=renewal.version
    )


def variation_asked(licence: Licence, *, people: People, at: datetime, **changed: Any) -> Variation:
    """A request to add brokerage, unless told otherwise."""
    said: dict[str, Any] = {"add": ["brokerage"], "reasons": "Clients ask for it.", **changed}
    return renewals.request_variation(licence, by=people.applicant, at=at, **said)


def appealed(firm: Firm, *, people: People, at: datetime, by: User | None = None, **changed: Any) -> Appeal:
    """Notice of an appeal against the newest decision on a firm."""
    said: dict[str, Any] = {"grounds": "The facts are wrong.", "filed_on": in_days(at, 0), **changed}
    return appeals.give_notice(firm, decisions_of(firm)[0], by=by or people.applicant, at=at, **said)


def supervised(licence: Licence, *, people: People, at: datetime) -> tuple[Filing, Incident, VisitPlan]:
    """A return that an event asks for, an incident with a question of ours, and the plan of the next visit."""
    event: dict[str, Any] = {"happened_on": timezone.localdate(at), "by": people.applicant, "at": at}
    filing = supervision.open_event_return(licence, "new_product", **event)
    incident = supervision.report_incident(
        licence,
        by=people.applicant,
        at=at,
        severity="medium",
        title="Withdrawals were late",
        detail="Withdrawals waited for two hours: a node had lost its connection. No client lost anything.",
        detected_at=at - timedelta(hours=5),
    )
    supervision.follow_up(incident, "Which node was it?", by=people.supervisor, at=at)
    figures: dict[str, Any] = {
        "client_assets_pkr": Decimal("250000000"),
        "users": 12_000,
        "programme_share": Decimal("4"),
    }
    supervision.assess_impact(licence, by=people.supervisor, at=at, **figures, seen=mark(measured(licence)))
    return filing, incident, VisitPlan.objects.get(licence=licence)


def filed(filing: Filing, figures: dict[str, str], *, people: People, at: datetime) -> Filing:
    """A return with its figures and its document, filed by the firm."""
    supervision.give_figures(filing, figures, by=people.applicant, at=at, seen=mark(filing.given))
    file = SimpleUploadedFile("return.txt", b"The return, signed by two directors.\n", "text/plain")
    supervision.attach_return(filing, file, title=f"{filing.kind}", by=people.applicant, at=at)
    found: Filing = step(filing, "file", by=people.applicant, at=at)
    return found
