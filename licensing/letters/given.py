"""What a letter gave or suspended, and what has become of it: one row for each kind that does either.

Read from the rows themselves, not from later letters: those may still wait for their checker.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from licensing.letters.about import day
from licensing.letters.succession import application_of
from licensing.models import AmlRegistration, Letter, Licence, LicenceApplication, NocApplication, SetUp
from licensing.states import AmlState, FullState, LicenceState, NocState, RenewalState, SetUpState
from pvara.kernel import audit
from pvara.kernel.machine import Stateful


@dataclass(frozen=True)
class Loss:
    """What has become of it, as the end of a sentence, and the first day on which it no longer held."""

    words: str
    since: date | None


def loss(letter: Letter, at: datetime | None) -> Loss | None:
    """What has become of what the letter gave, when it is no longer in force. Without `at`, time ends nothing."""
    given = GIVEN.get(letter.code)
    return given(letter, at) if given else None


def _since(row: Stateful) -> date | None:
    """The day of the move that brought the row where it is."""
    entry = audit.history(row).filter(to_state=row.state).exclude(from_state=row.state).last()
    return timezone.localdate(entry.at) if entry else None


def _has_passed(last_day: date | None, at: datetime | None) -> bool:
    return last_day is not None and at is not None and last_day < timezone.localdate(at)


# ── The certificate, and what rests on it ────────────────────────────────────────────────────────────────────────────
def _of_noc(letter: Letter, at: datetime | None) -> Loss | None:
    noc = NocApplication.objects.filter(pk=letter.subject_id).first()
    return _loss_of(noc, "the certificate", at) if noc else None


def _loss_of(noc: NocApplication, name: str, at: datetime | None) -> Loss | None:
    if noc.state == NocState.SUSPENDED:
        return Loss(f"{name} is suspended at present.", _since(noc))
    # The scheduler lets it expire on some day after its term; it was over with its last day.
    passed = _has_passed(noc.valid_to, at) if noc.is_live else _expired_by_time(noc)
    if passed and noc.valid_to is not None:
        return Loss(f"{name} expired on {day(noc.valid_to)}.", noc.valid_to + timedelta(days=1))
    if not noc.is_live:
        return Loss(f"{name} is no longer in force: {noc.get_state_display()}.", _since(noc))
    return None


def _expired_by_time(noc: NocApplication) -> bool:
    """Whether it expired with its term, and not before it with its set-up."""
    since = _since(noc) if noc.state == NocState.EXPIRED else None
    return since is not None and noc.valid_to is not None and noc.valid_to < since


def _of_suspension(letter: Letter, at: datetime | None) -> Loss | None:
    """It ends with its suspension: the certificate that then comes back may still wait for its checker."""
    moved = audit.history(NocApplication(pk=letter.subject_id)).filter(from_state=NocState.SUSPENDED)
    ended = moved.filter(pk__gt=letter.entry_id).exclude(to_state=NocState.SUSPENDED).first()
    return Loss("the suspension of which it tells has ended.", timezone.localdate(ended.at)) if ended else None


def _of_setup(letter: Letter, at: datetime | None) -> Loss | None:
    setup = SetUp.objects.select_related("noc").filter(pk=letter.subject_id).first()
    if setup is None:
        return None
    if setup.state == SetUpState.LAPSED:
        return Loss("the set-up has lapsed.", _since(setup))
    return _loss_of(setup.noc, "the No Objection Certificate on which it rests", at)


def _of_aml(letter: Letter, at: datetime | None) -> Loss | None:
    registration = AmlRegistration.objects.select_related("setup__noc").filter(pk=letter.subject_id).first()
    if registration is None:
        return None
    if registration.state != AmlState.PERMITTED:
        return Loss("the permission has ended.", _since(registration))
    return _loss_of(registration.noc, "the No Objection Certificate on which it rests", at)


# ── The licence, from its approval in principle on ───────────────────────────────────────────────────────────────────
APPROVAL_ENDED = {
    FullState.LICENSED: "the licence was granted, and stands in its place.",
    FullState.LAPSED: "the approval has lapsed.",
    FullState.WITHDRAWN: "the application was withdrawn.",
}


def _of_approval(letter: Letter, at: datetime | None) -> Loss | None:
    case = LicenceApplication.objects.select_related("setup__noc").filter(pk=letter.subject_id).first()
    if case is None:
        return None
    if words := APPROVAL_ENDED.get(FullState(case.state)):
        return Loss(words, _since(case))
    return _loss_of(case.noc, "the No Objection Certificate on which it rests", at)


LICENCE_ENDED = {
    LicenceState.REVOKED: "the licence has been revoked.",
    LicenceState.SURRENDERED: "the licence has been surrendered.",
    LicenceState.EXPIRED: "the licence has expired.",
}


def _of_licence(letter: Letter, at: datetime | None) -> Loss | None:
    licence = Licence.objects.filter(application=application_of(letter)).first()
    if licence is None:
        return None
    if licence.state == LicenceState.SUSPENDED:
        in_part = f" in part, for {', '.join(licence.suspended_activities)}," if licence.suspended_activities else ""
        return Loss(f"the licence is suspended{in_part} at present.", _since(licence))
    if words := LICENCE_ENDED.get(LicenceState(licence.state)):
        return Loss(words, _term_ended(licence) if licence.state == LicenceState.EXPIRED else _since(licence))
    if at and not licence.is_in_term(at):
        return Loss(f"the term of the licence ended on {day(licence.valid_to)}.", _term_ended(licence))
    return None


def _term_ended(licence: Licence) -> date:
    """The first day out of its term, which goes on while a renewal waits that was asked for in time."""
    decided = [_since(each) for each in licence.renewals.filter(state=RenewalState.FAILED) if each.in_time]
    return max([licence.valid_to + timedelta(days=1), *(each for each in decided if each)])


GIVEN: dict[str, Callable[[Letter, datetime | None], Loss | None]] = {
    "L10": _of_noc,
    "L16": _of_suspension,
    "L62": _of_suspension,
    "L20": _of_setup,
    "L22": _of_setup,
    "L23": _of_aml,
    "L35": _of_approval,
    "L40": _of_licence,
    "L42": _of_licence,
    "L43": _of_licence,
    "L53": _of_licence,
    "L61": _of_licence,
}
