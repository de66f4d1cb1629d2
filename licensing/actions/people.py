"""Key individuals: nomination, fit-and-proper checks, and what a decision or a departure sets going."""

from collections.abc import Iterable
from datetime import date, datetime

from dateutil.relativedelta import relativedelta
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from licensing.access import REPRESENT, VET_INDIVIDUALS
from licensing.actions.applications import require
from licensing.actions.interests import require_no_interest
from licensing.actions.notices import tell_firm
from licensing.actions.ratings import reopen
from licensing.models import Firm, FitAndProperCheck, KeyIndividual
from licensing.models.people import IN_ROLE
from licensing.states import CheckKind, CheckResult, KeyIndividualState, KeyRole
from pvara.kernel import audit, figures
from pvara.kernel.machine import follows, perform
from pvara.kernel.models import AuditEntry, User

# Those whose checks may be made or renewed.
CHECKED_IN = (KeyIndividualState.VETTING, *IN_ROLE)


# ── Nomination ───────────────────────────────────────────────────────────────────────────────────────────────────────
def nominate(
    firm: Firm,
    *,
    by: User,
    at: datetime,
    roles: Iterable[str],
    full_name: str,
    nationality: str,
    born_on: date,
    document_kind: str,
    document_number: str,
    residence: str,
    in_house: bool,
    appointed_on: date,
    employer: str = "",
) -> KeyIndividual:
    """Put a person forward for one or more key roles of a firm.

    Raises PermissionDenied for who does not act for the firm, and ValidationError for what cannot be right: an MLRO
    who is not employed in house, somebody under age, no employer for who is employed elsewhere.
    """
    if not by.has_perm(REPRESENT, firm):
        raise PermissionDenied("You do not act for this firm.")
    roles = list(roles)
    texts = {
        "full_name": full_name,
        "nationality": nationality,
        "document_number": document_number,
        "residence": residence,
    }
    wrong = {name: "Write something here." for name, said in texts.items() if not said.strip()}
    if not roles or set(roles) - set(KeyRole.values) or len(set(roles)) != len(roles):
        wrong["roles"] = "Choose at least one role, each once."
    if document_kind not in KeyIndividual.Document.values:
        wrong["document_kind"] = "Choose the kind of identity document."
    youngest = int(figures.value("key_individuals.youngest", on=timezone.localdate(at)))
    if born_on > timezone.localdate(at) - relativedelta(years=youngest):
        wrong["born_on"] = f"A key individual is at least {youngest} years old."
    if KeyRole.MLRO in roles and not in_house:
        wrong["in_house"] = "The MLRO is employed by the firm itself: the function may not be outsourced."
    if not in_house and not employer.strip():
        wrong["employer"] = "Name the employer of who is not employed by the firm itself."
    if wrong:
        raise ValidationError(wrong)
    with transaction.atomic():
        individual = KeyIndividual.objects.create(
            firm=firm,
            roles=sorted(roles, key=KeyRole.values.index),
            born_on=born_on,
            document_kind=document_kind,
            in_house=in_house,
            employer="" if in_house else employer.strip(),
            appointed_on=appointed_on,
            nominated_by=by,
            nominated_at=at,
            **{name: said.strip() for name, said in texts.items()},
        )
        # The log is read by many: it names the person and no more of their particulars than it must.
        audit.record(
            individual,
            event="nominated",
            by=by,
            at=at,
            to_state=individual.state,
            data={"full_name": individual.full_name, "roles": individual.roles, "in_house": in_house},
        )
        return individual


def report_departure(
    individual: KeyIndividual, *, by: User, at: datetime, expected_version: int, departed_on: date, reason: str
) -> KeyIndividual:
    """Report that a person has left, and on which day: none that is yet to come, none before they came."""
    require(by, REPRESENT, individual)
    if departed_on > timezone.localdate(at):
        raise ValidationError({"departed_on": "This day is yet to come: report the departure when it has happened."})
    if departed_on < individual.appointed_on <= timezone.localdate(at):
        raise ValidationError({"departed_on": "This is before the day of the appointment."})
    with transaction.atomic():
        left = perform(individual, "report_departure", by=by, at=at, expected_version=expected_version, note=reason)
        left.departed_on = departed_on
        left.save(update_fields=["departed_on"])
        audit.record(left, event="departure_dated", by=by, at=at, data={"departed_on": str(departed_on)})
        return left


# ── Vetting ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def record_check(
    individual: KeyIndividual, *, by: User, at: datetime, kind: str, result: str, made_on: date, note: str = ""
) -> FitAndProperCheck:
    """Record what came of a check; a later one takes the place of an earlier one, which is kept.

    Raises PermissionDenied for who does not vet or has decided on the person, and ValidationError for a day that is
    yet to come, a result other than clear without a note, and a person whose vetting is not taken up or is over.
    """
    if not by.has_perm(VET_INDIVIDUALS):
        raise PermissionDenied("Only case officers record checks.")
    require_no_interest(by, individual.firm, at=at, case=individual)
    today = timezone.localdate(at)
    if kind not in CheckKind.values:
        raise ValidationError({"kind": "Choose what was checked."})
    if result not in CheckResult.values:
        raise ValidationError({"result": "Choose the result."})
    if made_on > today:
        raise ValidationError({"made_on": "This day is yet to come."})
    if result != CheckResult.CLEAR and not note.strip():
        raise ValidationError({"note": "Say what was found."})
    with transaction.atomic():
        individual = KeyIndividual.objects.select_for_update(of=("self",), no_key=True).get(pk=individual.pk)
        if individual.state not in CHECKED_IN:
            raise ValidationError(
                f"{individual} is {individual.get_state_display().lower()}: take up the vetting first."
            )
        if individual.decided_by_id == by.pk:
            raise PermissionDenied("Whoever decided on the person does not check them.")
        # What a kind has no figure for is good for ever.
        months = figures.values("check_validity.", on=today).get(f"check_validity.{kind}")
        check = FitAndProperCheck.objects.create(
            individual=individual,
            kind=kind,
            result=result,
            made_on=made_on,
            expires_on=None if months is None else made_on + relativedelta(months=int(months)),
            note=note.strip(),
            recorded_by=by,
            recorded_at=at,
        )
        audit.record(
            individual,
            event="checked",
            by=by,
            at=at,
            note=check.note,
            data={"kind": kind, "result": result, "made_on": str(made_on), "expires_on": str(check.expires_on or "")},
        )
        return check


# ── What follows ─────────────────────────────────────────────────────────────────────────────────────────────────────
@follows(KeyIndividual, "approve_with_conditions")
def keep_conditions(individual: KeyIndividual, *, by: User, at: datetime, entry: AuditEntry) -> None:
    individual.conditions = [line.strip() for line in entry.note.splitlines() if line.strip()]
    individual.save(update_fields=["conditions"])


@follows(KeyIndividual, "approve", "approve_with_conditions", "object_to")
def tell_the_decision(individual: KeyIndividual, *, by: User, at: datetime, entry: AuditEntry) -> None:
    individual.decided_at = at
    individual.save(update_fields=["decided_at"])
    tell_firm(
        individual.firm,
        subject=f"{individual.reference}: {individual.get_state_display().lower()}",
        template="key_individual",
        context={"individual": individual},
        key=f"individual:{individual.pk}:{individual.version}",
        at=at,
    )


@follows(KeyIndividual, "report_departure")
def date_departure(individual: KeyIndividual, *, by: User, at: datetime, entry: AuditEntry) -> None:
    """Today, unless the firm says another day: see `report_departure`."""
    individual.departed_on = timezone.localdate(at)
    individual.save(update_fields=["departed_on"])


@follows(KeyIndividual, "approve", "approve_with_conditions", "report_departure")
def rate_anew_when_the_mlro_changes(individual: KeyIndividual, *, by: User, at: datetime, entry: AuditEntry) -> None:
    """The first MLRO of a firm is what its ratings are about; a departure, and every later one, asks for new ones."""
    if KeyRole.MLRO not in individual.roles:
        return
    if individual.state == KeyIndividualState.DEPARTED:
        changes = entry.from_state in IN_ROLE
        why = f"{individual} is no longer the MLRO."
    else:
        former = KeyIndividual.objects.filter(
            firm=individual.firm_id,
            roles__contains=[KeyRole.MLRO],
            state=KeyIndividualState.DEPARTED,
            decided_at__isnull=False,
        )
        changes = former.exclude(pk=individual.pk).exists()
        why = f"{individual} is the new MLRO."
    if changes:
        codes = figures.value("reassess.mlro", on=timezone.localdate(at))
        reopen(individual.firm, codes, by=by, at=at, why=why)
