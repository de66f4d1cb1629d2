"""Loading a scoring framework from a fixture. The first one is published so; later ones are drafted by staff."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from licensing import scoring
from licensing.models import Criterion, Domain, Framework, GateBar, GateFloor
from licensing.models.framework import as_rules
from pvara.kernel import audit


@transaction.atomic
def load_framework(given: dict[str, Any], *, at: datetime) -> Framework:
    """Make a framework of a fixture's content and publish it; one that is there by its version is left as it is.

    Raises ValidationError, with a sentence for each fault, for one that does not add up.
    """
    if there := Framework.objects.filter(version=given["version"]).first():
        return there
    framework = Framework.objects.create(
        version=given["version"],
        effective_from=date.fromisoformat(given["effective_from"]),
        green=given["green"],
        amber=given["amber"],
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
    framework.refresh_from_db()
    if faults := scoring.faults(as_rules(framework)):
        raise ValidationError(faults)
    framework.status = Framework.Status.PUBLISHED
    framework.published_at = at
    framework.save(update_fields=["status", "published_at"])
    audit.record(framework, event="published", by=None, at=at, data={"version": framework.version})
    return framework
