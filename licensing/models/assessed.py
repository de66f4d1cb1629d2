"""By which version of the framework a firm is assessed now: that of its case under way, else the one in force.

A rating belongs to its criterion by code, whatever version it was given under. What counts for a case is what its own
version asks: a criterion that only a later version has is not asked of it, and one that a later version dropped is.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from licensing.models.aml import AmlRegistration
from licensing.models.firms import Firm
from licensing.models.framework import Criterion, Framework, framework_row
from licensing.models.full import LicenceApplication
from licensing.models.noc import NocApplication
from licensing.models.setup import SetUp
from licensing.states import AmlState, SetUpState


def assessed_by(firm: Firm, at: datetime) -> Framework:
    """The version under which the firm is rated, gives evidence and is scored. One question beside that of its day."""
    nocs = NocApplication.objects.filter(firm=firm).exclude(state__in=NocApplication.closed_states)
    full = LicenceApplication.objects.filter(firm=firm).exclude(state__in=LicenceApplication.closed_states)
    # AML services are asked for when the set-up may be complete; they are judged by its version.
    services = AmlRegistration.objects.filter(firm=firm, state=AmlState.REQUESTED)
    under_way = Q(state=SetUpState.OPEN) | Q(pk__in=services.values("setup"))
    setups = SetUp.objects.filter(under_way, firm=firm)
    kept = Q()
    for cases in (nocs, setups, full):
        kept |= Q(pk__in=cases.order_by().values("framework"))
    found = Framework.objects.filter(kept).order_by("-effective_from").first()
    return found or framework_row(timezone.localdate(at))


def criteria_asked_of(firm: Firm, at: datetime) -> QuerySet[Criterion]:
    """The criteria of the version under which the firm is assessed."""
    return Criterion.objects.filter(domain__framework=assessed_by(firm, at)).select_related("domain")


def frameworks(on: date) -> Callable[[int, str], Framework]:
    """Which version a firm is scored by at a phase, on a day: `frameworks(on)(firm.pk, "FULL")`.

    For any number of firms, in four queries. A licence goes by the version in force; a case by the one that it keeps.
    """
    in_force, versions = framework_row(on), Framework.objects.in_bulk()
    under_way: dict[str, QuerySet[Any]] = {
        "NOC": NocApplication.objects.exclude(state__in=NocApplication.closed_states),
        "SETUP": SetUp.objects.filter(state=SetUpState.OPEN),
        "FULL": LicenceApplication.objects.exclude(state__in=LicenceApplication.closed_states),
    }
    kept = {
        (firm_id, phase): versions[framework_id]
        for phase, cases in under_way.items()
        for firm_id, framework_id in cases.exclude(framework=None).values_list("firm_id", "framework_id")
    }
    return lambda firm_id, phase: kept.get((firm_id, phase), in_force)
