"""What the life of a licence adds to the pages of cases: measures, renewals, surrender, appeals."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from licensing.access import PROPOSE_RESTRICTION, RECORD_APPEALS, VERIFY_REMEDY
from licensing.actions import measures
from licensing.faces.panels import Panel
from licensing.models import Appeal, Document, Licence, Reply, Variation, WindDown
from licensing.models.appeals import APPEALABLE
from licensing.models.measures import STOPPING
from licensing.states import ENDED, MeasureKind
from pvara.kernel.machine import Stateful
from pvara.kernel.models import User


def measures_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """Everything that was proposed or decided against the licence, and what may be proposed now."""
    if not isinstance(case, Licence):
        return None
    rows = list(case.measures.all())
    replies: dict[int, list[tuple[Reply, list[Document]]]] = {}
    if any(each.kind in (MeasureKind.SHOW_CAUSE, MeasureKind.URGENT_SUSPENSION) for each in rows):
        files = Document.objects.filter(subject_type="licensing.reply", firm=case.firm_id)
        handed_in: dict[int, list[Document]] = {}
        for each in files:
            handed_in.setdefault(each.subject_id, []).append(each)
        for given in Reply.objects.filter(measure__licence=case).select_related("replied_by"):
            replies.setdefault(given.measure_id, []).append((given, handed_in.get(given.pk, [])))
    today = timezone.localdate(at)
    waiting = {each.kind for each in rows if each.is_proposed}
    context = {
        "licence": case,
        "rows": [(each, replies.get(each.pk, []), each.is_over(today)) for each in rows],
        "may_propose": [
            (kind, MeasureKind(kind).label)
            for kind, states in measures.WHERE.items()
            if case.state in states and kind not in waiting and user.has_perm(measures.proposer(kind))
        ],
        "may_lift": user.has_perm(PROPOSE_RESTRICTION),
        "may_withdraw": [kind for kind in MeasureKind.values if user.has_perm(measures.proposer(kind))],
        "may_verify": user.has_perm(VERIFY_REMEDY) and any(each.kind in STOPPING and each.is_in_force for each in rows),
    }
    return Panel("Restrictions and enforcement", "measures", "staff/panels/measures.html", context)


def renewals_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """The renewal of each term, and what was asked to be varied."""
    if not isinstance(case, Licence):
        return None
    context = {
        "renewals": case.renewals.all(),
        "variations": Variation.objects.filter(licence=case),
    }
    return Panel("Renewal and variation", "renewal", "staff/panels/renewals.html", context)


def surrender_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """How the licence ends, once it does."""
    if not isinstance(case, Licence):
        return None
    surrenders = list(case.surrenders.all())
    windings = list(WindDown.objects.filter(licence=case)) if case.state in ENDED else []
    if not surrenders and not windings:
        return None
    context = {
        "licence": case,
        "surrenders": surrenders,
        "windings": [(each, each.is_late(at)) for each in windings],
        "may_find": user.has_perm(VERIFY_REMEDY),
    }
    return Panel("Surrender and wind-down", "surrender", "staff/panels/surrender.html", context)


def appeals_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """Appeals against decisions on a firm, on each case that a decision can be about."""
    if case._meta.label_lower not in APPEALABLE:
        return None
    firm: Any = case.access_anchor
    rows = list(Appeal.objects.filter(firm=firm).with_errand().select_related("decision"))
    may_record = user.has_perm(RECORD_APPEALS)
    if not rows and not may_record:
        return None
    context = {"rows": rows, "firm": firm, "may_record": may_record}
    return Panel("Appeals", "appeals", "staff/panels/appeals.html", context)
