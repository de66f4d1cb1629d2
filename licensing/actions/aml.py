"""P2: asking for AML Registered Services, and their end with the NOC on which they rest."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from licensing.access import SIGN
from licensing.actions.applications import require
from licensing.actions.timers import each_row, timer
from licensing.models import AmlRegistration, LicenceApplication, NocApplication, SetUp
from licensing.models.aml import registrable
from licensing.models.noc import SUSPENDS
from licensing.states import AmlState
from pvara.kernel import audit, clock, figures
from pvara.kernel.machine import follows, perform
from pvara.kernel.models import AuditEntry, User


def request_aml_services(
    setup: SetUp, services: Iterable[str], *, reasons: str, by: User, at: datetime
) -> AmlRegistration:
    """Ask that some services be registered before the full licence. Raises ValidationError, saying what to do."""
    require(by, SIGN, setup)
    asked, today = sorted(set(services)), timezone.localdate(at)
    if not figures.value("aml.enabled", on=today):
        raise ValidationError("AML Registered Services are switched off at present; apply for the full licence.")
    if not asked:
        raise ValidationError({"services": "Choose at least one service."})
    if beyond := sorted(set(asked) - set(registrable(today))):
        raise ValidationError({"services": f"These cannot be registered: {', '.join(beyond)}."})
    if not setup.noc.is_in_force(at):
        raise ValidationError("The No Objection Certificate is not in force.")
    try:
        with transaction.atomic():
            registration = AmlRegistration.objects.create(
                firm_id=setup.firm_id,
                setup=setup,
                services=asked,
                reasons=reasons.strip(),
                requested_by=by,
                requested_at=at,
            )
            audit.record(
                registration, event="requested", by=by, at=at, to_state=registration.state, data={"services": asked}
            )
            clock.start(registration, "decision", at=at, reason="Services requested")
            return registration
    except IntegrityError as twin:
        raise ValidationError("The firm has asked already, or holds the permission.") from twin


@follows(NocApplication, *SUSPENDS, "revoke_noc", "expire_noc")
def end_with_the_noc(case: NocApplication, *, by: User | None, at: datetime, entry: AuditEntry) -> None:
    """The permission rests on the NOC: what takes that away takes this in the same transaction."""
    _end(AmlRegistration.objects.filter(setup__noc=case), f"{case.reference}: {case.get_state_display()}.", at)


@follows(LicenceApplication, "grant_licence", "refuse_licence")
def end_with_the_licence_decision(
    case: LicenceApplication, *, by: User | None, at: datetime, entry: AuditEntry
) -> None:
    """The permission bridges the time until the licence is decided, as its letter says."""
    note = f"{case.reference}: {case.get_state_display()}."
    _end(AmlRegistration.objects.filter(setup=case.setup_id), note, at, move="end_with_licence_decision")


@timer
def end_aml_services(at: datetime) -> int:
    """A NOC may also end by its mere date, when the firm was licensed meanwhile."""
    return each_row(
        AmlRegistration.objects.filter(
            state__in=(AmlState.REQUESTED, AmlState.PERMITTED), setup__noc__valid_to__lt=timezone.localdate(at)
        ).order_by("pk"),
        lambda row, at: _end(AmlRegistration.objects.filter(pk=row.pk), "The term of the NOC has ended.", at),
        at,
    )


def _end(rows: "models.QuerySet[AmlRegistration]", note: str, at: datetime, *, move: str = "end_with_noc") -> None:
    for row in rows.filter(state__in=(AmlState.REQUESTED, AmlState.PERMITTED)):
        perform(row, move, by=None, at=at, expected_version=row.version, note=note)
