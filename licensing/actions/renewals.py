"""P4: renewing a licence's term, and varying what it covers: what the firm asks for, and what a decision changes."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from licensing import standing
from licensing.access import SIGN
from licensing.actions.applications import require
from licensing.actions.fees import raise_invoice
from licensing.actions.licences import open_renewal
from licensing.actions.notices import tell_firm
from licensing.actions.timers import each_row, timer
from licensing.models import Licence, LicenceApplication, Renewal, Variation
from licensing.models.renewals import in_order
from licensing.states import IN_FORCE, Activity, RenewalState
from pvara.kernel import audit, clock, figures
from pvara.kernel.machine import follows, perform
from pvara.kernel.models import AuditEntry, User


# ── Renewal ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@follows(LicenceApplication, "grant_licence")
def open_the_first(case: LicenceApplication, *, by: User, at: datetime, entry: AuditEntry) -> None:
    open_renewal(Licence.objects.get(application=case), at=at)


@timer
def fall_due(at: datetime) -> int:
    """The window of a renewal opens some days before the term ends."""

    def open_window(renewal: Renewal, at: datetime) -> bool:
        if timezone.localdate(at) < renewal.opens_on(at):
            return False
        renewal = perform(renewal, "fall_due", by=None, at=at, expected_version=renewal.version)
        tell_firm(
            renewal.firm,
            subject=f"{renewal.licence.reference}: the licence can be renewed",
            template="renewal_due",
            context={"renewal": renewal, "licence": renewal.licence},
            key=f"renewal-due:{renewal.pk}",
            at=at,
        )
        return True

    waiting = Renewal.objects.filter(state=RenewalState.NOT_DUE).select_related("licence__firm", "firm")
    return each_row(waiting.order_by("pk"), open_window, at)


@timer
def open_missing_renewals(at: datetime) -> int:
    """A licence that was granted before renewals were kept gets its row."""
    kept = Renewal.objects.values("licence")
    return each_row(
        Licence.objects.live().exclude(pk__in=kept).order_by("pk"), lambda row, at: open_renewal(row, at=at), at
    )


def submit_renewal(renewal: Renewal, *, declaration: str, by: User, at: datetime, expected_version: int) -> Renewal:
    """Declare that nothing has changed, or what has, and ask for renewal, in one step."""
    require(by, SIGN, renewal)
    if not declaration.strip():
        raise ValidationError({"declaration": "Declare that nothing has changed, or what has."})
    with transaction.atomic():
        renewal = Renewal.objects.select_for_update(of=("self",), no_key=True).get(pk=renewal.pk)
        renewal.declaration = declaration.strip()
        renewal.save(update_fields=["declaration"])
        note = renewal.declaration
        return perform(renewal, "submit", by=by, at=at, expected_version=expected_version, note=note)


@follows(Renewal, "submit")
def charge_for_the_renewal(renewal: Renewal, *, by: User, at: datetime, entry: AuditEntry) -> None:
    renewal.submitted_at = at
    renewal.save(update_fields=["submitted_at"])
    raise_invoice(renewal, renewal.fee_kind, activities=renewal.charged_activities, by=None, at=at)
    # From now on the term runs on until the decision.
    standing.refresh(renewal.licence, by=by, at=at)


@follows(Renewal, "renew")
def lengthen_the_term(renewal: Renewal, *, by: User, at: datetime, entry: AuditEntry) -> None:
    licence = Licence.objects.select_for_update(of=("self",), no_key=True).get(pk=renewal.licence_id)
    months = int(figures.value("licence.term_months", on=timezone.localdate(at)))
    # Counted from the last day of the old term, not from the day on which somebody decided.
    former = licence.valid_to
    licence.valid_to = clock.last_day_of_months(former + timedelta(days=1), months)
    licence.save(update_fields=["valid_to"])
    renewal.decided_at, renewal.renewed_to = at, licence.valid_to
    renewal.save(update_fields=["decided_at", "renewed_to"])
    terms = {"renewal": renewal.reference, "from": str(former), "valid_to": str(licence.valid_to)}
    audit.record(licence, event="renewed", by=by, at=at, data=terms)
    open_renewal(licence, at=at)
    standing.refresh(licence, by=by, at=at)


@follows(Renewal, "refuse_renewal")
def let_the_term_end(renewal: Renewal, *, by: User, at: datetime, entry: AuditEntry) -> None:
    renewal.decided_at = at
    renewal.save(update_fields=["decided_at"])
    standing.refresh(renewal.licence, by=by, at=at)


@follows(Renewal, "remit")
def decide_on_the_renewal_again(renewal: Renewal, *, by: None, at: datetime, entry: AuditEntry) -> None:
    """It waits for its decision again: as long as it does, the term runs on where it was asked for in time."""
    renewal.decided_at = None
    renewal.save(update_fields=["decided_at"])
    standing.refresh(renewal.licence, by=by, at=at)


# ── Variation ────────────────────────────────────────────────────────────────────────────────────────────────────────
def request_variation(
    licence: Licence,
    *,
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
    reasons: str,
    by: User,
    at: datetime,
) -> Variation:
    """Ask that the licence cover other activities. Raises ValidationError, saying what to do."""
    require(by, SIGN, licence)
    if unknown := (set(add) | set(remove)) - set(Activity.values):
        raise ValidationError(f"There is no activity {', '.join(sorted(unknown))}.")
    added, removed = in_order(add), in_order(remove)
    if not reasons.strip():
        raise ValidationError({"reasons": "Say what is to be offered, to whom, from when; or why it is given up."})
    try:
        with transaction.atomic():
            licence = Licence.objects.select_for_update(of=("self",), no_key=True).get(pk=licence.pk)
            if licence.state not in IN_FORCE:
                raise ValidationError(f"The licence is {licence.get_state_display().lower()}: it cannot be varied now.")
            if wrong := _faults(licence, added, removed):
                raise ValidationError(wrong)
            variation = Variation.objects.create(
                firm_id=licence.firm_id,
                licence=licence,
                added=added,
                removed=removed,
                reasons=reasons.strip(),
                requested_by=by,
                requested_at=at,
            )
            facts = {"added": added, "removed": removed}
            audit.record(variation, event="requested", by=by, at=at, to_state=variation.state, data=facts)
            clock.start(variation, "decision", at=at, reason="Variation requested")
            raise_invoice(variation, variation.fee_kind, activities=variation.charged_activities, by=None, at=at)
            return variation
    except IntegrityError as twin:
        raise ValidationError("Another variation is not decided yet; withdraw it first.") from twin


def _faults(licence: Licence, added: list[str], removed: list[str]) -> dict[str, str]:
    covered = set(licence.activities)
    wrong = {}
    if not added and not removed:
        wrong["add"] = "Choose what to add or to remove."
    if there := set(added) & covered:
        wrong["add"] = f"The licence covers {', '.join(sorted(there))} already."
    if missing := set(removed) - covered:
        wrong["remove"] = f"The licence does not cover {', '.join(sorted(missing))}."
    elif not (covered - set(removed)) | set(added):
        wrong["remove"] = "No activity would be left: surrender the licence instead."
    return wrong


@follows(Variation, "vary")
def change_the_activities(variation: Variation, *, by: User, at: datetime, entry: AuditEntry) -> None:
    licence = Licence.objects.select_for_update(of=("self",), no_key=True).get(pk=variation.licence_id)
    former = list(licence.activities)
    licence.activities = variation.resulting_activities()
    licence.save(update_fields=["activities"])
    facts = {"variation": variation.reference, "from": former, "to": licence.activities}
    audit.record(licence, event="varied", by=by, at=at, data=facts)
    standing.refresh(licence, by=by, at=at)


@follows(Variation, "vary", "refuse_variation")
def date_the_decision(variation: Variation, *, by: User, at: datetime, entry: AuditEntry) -> None:
    variation.decided_at = at
    variation.save(update_fields=["decided_at"])


@follows(Variation, "remit")
def decide_on_the_variation_again(variation: Variation, *, by: None, at: datetime, entry: AuditEntry) -> None:
    variation.decided_at = None
    variation.save(update_fields=["decided_at"])
