"""Loading the first scoring framework from a fixture, and the version that a case keeps."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from licensing import scoring, soundness
from licensing.models import (
    Criterion,
    Domain,
    EvidenceKind,
    Framework,
    GateBar,
    GateFloor,
    LicenceApplication,
    NocApplication,
)
from licensing.models.framework import framework_row
from licensing.states import FrameworkState
from pvara.kernel import audit
from pvara.kernel.machine import follows, perform
from pvara.kernel.models import AuditEntry, User


@transaction.atomic
def load_framework(given: dict[str, Any], *, at: datetime) -> Framework:
    """Make a framework of a fixture's content and publish it; one that is there by its edition is left as it is.

    Kinds of evidence that are missing are added. Raises ValidationError, with a sentence for each fault, for one that
    does not add up, and MoveRefused when another version is published already: from then on people draft, propose and
    publish.
    """
    # Also beside a version that was published before there were kinds.
    for kind in given["kinds"]:
        EvidenceKind.objects.get_or_create(code=kind["code"], defaults={"title": kind["title"]})
    there = Framework.objects.filter(edition=given["edition"]).exclude(state=FrameworkState.DROPPED).first()
    if there is not None:
        return there
    if faults := soundness.faults(_as_rules(given)):
        raise ValidationError([each.sentence for each in faults])
    framework = rows_of(given)
    audit.record(framework, event="loaded", by=None, at=at, to_state=framework.state)
    perform(framework, "publish_the_first", by=None, at=at, expected_version=framework.version)
    return Framework.objects.get(pk=framework.pk)


def rows_of(given: dict[str, Any]) -> Framework:
    """A fixture's content as the rows of a draft."""
    framework = Framework.objects.create(
        edition=given["edition"],
        effective_from=date.fromisoformat(given["effective_from"]),
        green=given["green"],
        amber=given["amber"],
        rated_twice=given.get("rated_twice", False),
    )
    domains = {}
    for order, each in enumerate(given["domains"]):
        domains[each["code"]] = domain = Domain.objects.create(
            framework=framework, code=each["code"], title=each["title"], order=order
        )
        Criterion.objects.bulk_create(
            Criterion(domain=domain, order=place, **criterion) for place, criterion in enumerate(each["criteria"])
        )
    for each in given["gates"]:
        bars = {key: value for key, value in each.items() if key != "floors"}
        gate = GateBar.objects.create(framework=framework, **bars)
        GateFloor.objects.bulk_create(
            GateFloor(gate=gate, domain=domains[code], floor=floor) for code, floor in each["floors"].items()
        )
    return Framework.objects.get(pk=framework.pk)


def _as_rules(given: dict[str, Any]) -> scoring.Framework:
    """A fixture's content as the engine takes it, before any of it is a row."""

    def percent(said: str | None) -> Decimal | None:
        return None if said is None else Decimal(said)

    return scoring.Framework(
        version=given["edition"],
        domains={domain["code"]: domain["title"] for domain in given["domains"]},
        criteria=tuple(
            scoring.Criterion(
                code=each["code"],
                title=each["title"],
                domain=domain["code"],
                points=Decimal(each["points"]),
                applies_from=each["applies_from"],
                mark=scoring.Mark(each["mark"]),
                kinds=tuple(each["kinds"]),
                waivable=each.get("waivable_by_committee", False),
            )
            for domain in given["domains"]
            for each in domain["criteria"]
        ),
        gates={
            each["code"]: scoring.Gate(
                code=each["code"],
                title=each["title"],
                phase=each["phase"],
                total=Decimal(each["total"]),
                floors={code: Decimal(floor) for code, floor in each["floors"].items()},
                other_floor=percent(each["other_floor"]),
                conditions_below=percent(each["conditions_below"]),
            )
            for each in given["gates"]
        },
        green=Decimal(given["green"]),
        amber=Decimal(given["amber"]),
    )


@follows(NocApplication, "declare_complete")
@follows(LicenceApplication, "declare_complete")
def keep_the_version(
    case: NocApplication | LicenceApplication, *, by: User | None, at: datetime, entry: AuditEntry
) -> None:
    """The assessment begins: the case is judged to its end by the version of this day."""
    case.framework = framework_row(timezone.localdate(at))
    case.save(update_fields=["framework"])
