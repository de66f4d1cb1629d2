"""The parts of a draft: its domains, its criteria with the evidence that they accept, and the bars of its gates."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from licensing.actions.framework.drafts import locked_draft, note_change, write
from licensing.models import Criterion, Domain, EvidenceKind, Framework, GateBar, GateFloor
from licensing.scoring import PHASES, Mark
from pvara.kernel import audit
from pvara.kernel.models import User
from pvara.kernel.seen import require_seen

PER_CENT = "Give a percentage from 0 to 100, with two decimals at most."


# ── Domains ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@transaction.atomic
def add_domain(draft: Framework, *, by: User, at: datetime, code: str, title: str) -> Domain:
    """Add a domain at the end. Raises ValidationError by field."""
    draft = locked_draft(draft.pk, by=by)
    _check_domain(draft, None, code, title)
    order = draft.domains.aggregate(last=Max("order"))["last"]
    domain = Domain.objects.create(
        framework=draft, code=code.strip(), title=title.strip(), order=0 if order is None else order + 1
    )
    note_change(draft, domain, {"becomes": domain.said}, event="domain_added", by=by, at=at)
    return domain


@transaction.atomic
def change_domain(domain: Domain, *, by: User, at: datetime, code: str, title: str, seen: str = "") -> Domain:
    """Call a domain something else; its floors and criteria stay with it. `seen` is the mark of what it was called."""
    draft = locked_draft(domain.framework_id, by=by)
    domain = Domain.objects.get(pk=domain.pk)
    require_seen(seen, domain.said, log=_changes(draft, domain))
    _check_domain(draft, domain, code, title)
    write(draft, domain, {"code": code.strip(), "title": title.strip()}, event="domain_changed", by=by, at=at)
    return domain


@transaction.atomic
def remove_domain(domain: Domain, *, by: User, at: datetime) -> None:
    """Take a domain out of a draft, once nothing is in it. Raises ValidationError as long as something is."""
    draft = locked_draft(domain.framework_id, by=by)
    if inside := list(domain.criteria.values_list("code", flat=True)):
        raise ValidationError(f"Remove its criteria first: {', '.join(inside)}.")
    if barred := list(GateFloor.objects.filter(domain=domain).values_list("gate__code", flat=True)):
        raise ValidationError(f"Take its floor away first: {', '.join(barred)}.")
    note_change(draft, domain, {"was": domain.said}, event="domain_removed", by=by, at=at)
    domain.delete()


def _check_domain(draft: Framework, domain: Domain | None, code: str, title: str) -> None:
    wrong = {}
    if not re.fullmatch(r"D[1-9][0-9]?", code.strip()):
        wrong["code"] = "Give it a code such as D13."
    elif draft.domains.filter(code=code.strip()).exclude(pk=domain.pk if domain else 0).exists():
        wrong["code"] = f"There is a domain {code.strip()} already."
    if not title.strip():
        wrong["title"] = "Give the domain a title."
    if wrong:
        raise ValidationError(wrong)


# ── Criteria ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@transaction.atomic
def add_criterion(domain: Domain, *, by: User, at: datetime, **said: Any) -> Criterion:
    """Add a criterion at the end of a domain; `said` are its fields. Raises ValidationError by field."""
    draft = locked_draft(domain.framework_id, by=by)
    _check_criterion(draft, None, said)
    last = domain.criteria.aggregate(last=Max("order"))["last"]
    criterion = Criterion.objects.create(domain=domain, order=0 if last is None else last + 1, **said)
    note_change(draft, criterion, {"becomes": criterion.said}, event="criterion_added", by=by, at=at)
    return criterion


@transaction.atomic
def change_criterion(criterion: Criterion, *, by: User, at: datetime, seen: str = "", **said: Any) -> Criterion:
    """Say something else of a criterion. `seen` is the mark of what was said; ChangedMeanwhile where that is old."""
    draft = locked_draft(criterion.domain.framework_id, by=by)
    criterion = Criterion.objects.get(pk=criterion.pk)
    require_seen(seen, criterion.said, log=_changes(draft, criterion))
    now = {**criterion.said, **said}
    _check_criterion(draft, criterion, now)
    write(draft, criterion, now, event="criterion_changed", by=by, at=at)
    return criterion


@transaction.atomic
def remove_criterion(criterion: Criterion, *, by: User, at: datetime) -> None:
    """Take a criterion out of a draft; cases that keep an older version are still asked for it."""
    draft = locked_draft(criterion.domain.framework_id, by=by)
    note_change(draft, criterion, {"was": criterion.said}, event="criterion_removed", by=by, at=at)
    criterion.delete()


def _check_criterion(draft: Framework, criterion: Criterion | None, said: Mapping[str, Any]) -> None:
    wrong = {}
    others = Criterion.objects.filter(domain__framework=draft).exclude(pk=criterion.pk if criterion else 0)
    if not re.fullmatch(r"[1-9][0-9]?\.[1-9][0-9]?", said["code"]):
        wrong["code"] = "Give it a code such as 1.9."
    elif others.filter(code=said["code"]).exists():
        wrong["code"] = f"There is a criterion {said['code']} already. Give it a code of its own."
    if not said["title"].strip():
        wrong["title"] = "Say what is asked."
    if not 0 < said["points"] <= 100 or said["points"] != round(said["points"], 2):
        wrong["points"] = "Give it more than 0 points and 100 at most, with two decimals at most."
    if said["applies_from"] not in PHASES:
        wrong["applies_from"] = f"Choose a phase: {', '.join(PHASES)}."
    if said["mark"] not in set(Mark):
        wrong["mark"] = "Choose one of the marks, or none."
    if said.get("waivable_by_committee") and said["mark"] == Mark.KNOCK_OUT:
        wrong["waivable_by_committee"] = "A knock-out is asked of everybody: nobody waives it."
    if not said["evidence_wanted"].strip():
        wrong["evidence_wanted"] = "Say what the firm is to show."
    known = set(EvidenceKind.objects.values_list("code", flat=True))
    if not said["kinds"]:
        wrong["kinds"] = "Choose at least one kind of evidence that it accepts."
    elif unknown := sorted(set(said["kinds"]) - known):
        wrong["kinds"] = f"There is no kind of evidence {', '.join(unknown)}."
    if said["validity_months"] is not None and not 1 <= said["validity_months"] <= 120:
        wrong["validity_months"] = "Give it 1 to 120 months, or none when evidence is good until something changes."
    if wrong:
        raise ValidationError(wrong)


# ── Gates ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@transaction.atomic
def change_gate(
    gate: GateBar,
    *,
    by: User,
    at: datetime,
    title: str,
    total: Decimal,
    other_floor: Decimal | None,
    conditions_below: Decimal | None,
    floors: Mapping[str, Decimal],
    seen: str = "",
) -> GateBar:
    """Set the bars of a gate, in per cent; `floors` by the code of a domain, those that are left out have none.

    Which gates there are, and at which phase, is the regime's and not a version's. Raises ValidationError by field: the
    floor of a domain is the field `floor_D1`.
    """
    draft = locked_draft(gate.framework_id, by=by)
    gate = GateBar.objects.get(pk=gate.pk)
    was = gate.said
    require_seen(seen, was, log=_changes(draft, gate))
    bars = {"total": total, "other_floor": other_floor, "conditions_below": conditions_below}
    domains = {each.code: each for each in draft.domains.all()}
    wrong = {name: PER_CENT for name, bar in bars.items() if not _is_per_cent(bar)}
    wrong |= {f"floor_{code}": PER_CENT for code, floor in floors.items() if not _is_per_cent(floor)}
    wrong |= {f"floor_{code}": f"There is no domain {code}." for code in floors if code not in domains}
    if not title.strip():
        wrong["title"] = "Give the gate a title."
    if wrong:
        raise ValidationError(wrong)
    now = {"title": title.strip(), **bars, "floors": dict(floors)}
    changed = {name: value for name, value in now.items() if was[name] != value}
    if not changed:
        return gate
    GateBar.objects.filter(pk=gate.pk).update(title=title.strip(), **bars)
    gate.floors.exclude(domain__code__in=floors).delete()
    for code, floor in floors.items():
        GateFloor.objects.update_or_create(gate=gate, domain=domains[code], defaults={"floor": floor})
    data = {"was": {name: was[name] for name in changed}, "becomes": changed}
    note_change(draft, gate, data, event="gate_changed", by=by, at=at)
    return GateBar.objects.get(pk=gate.pk)


def _is_per_cent(bar: Decimal | None) -> bool:
    return bar is None or (0 <= bar <= 100 and bar == round(bar, 2))


def _changes(draft: Framework, row: Any) -> Any:
    """What the log has of changes of one part."""
    return audit.history(draft).filter(data__part=f"{row._meta.model_name} {row.code}")
