"""Two versions of the framework beside each other: each part that was added, dropped or changed, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from licensing.models.framework import Criterion, Domain, EvidenceKind, Framework, GateBar
from licensing.scoring import in_order

TITLES = {
    "edition": "Number",
    "effective_from": "Takes effect on",
    "green": "Green from, in per cent",
    "amber": "Amber from, in per cent",
    "rated_twice": "Every criterion is rated twice, blindly",
    "code": "Code",
    "title": "Title",
    "domain": "Domain",
    "points": "Points",
    "applies_from": "Applies from",
    "mark": "Mark",
    "waivable_by_committee": "The committee may waive it",
    "evidence_wanted": "Evidence wanted",
    "kinds": "Kinds of evidence accepted",
    "validity_months": "Evidence is good for, in months",
    "phase": "Phase",
    "total": "Total needed, in per cent",
    "other_floor": "Floor of every other domain, in per cent",
    "conditions_below": "Conditions compulsory below, in per cent",
}
# Of the version itself; that another version has another number is no news.
OF_THE_VERSION = ("effective_from", "green", "amber", "rated_twice")


@dataclass(frozen=True)
class Change:
    """What one field of one part said and says; empty where the part was not there, or is not."""

    part: str
    field: str
    was: str
    becomes: str


def changes(old: Framework, new: Framework) -> list[Change]:
    """What a version changes against another. Nine queries, however much it is."""
    kinds = dict(EvidenceKind.objects.values_list("code", "title"))
    before, after = _parts(old, kinds), _parts(new, kinds)
    found = []
    for part in sorted({*before, *after}, key=_place):
        was, becomes = before.get(part, {}), after.get(part, {})
        found += [
            Change(part, title, was.get(title, ""), becomes.get(title, ""))
            for title in dict.fromkeys([*was, *becomes])
            if was.get(title, "") != becomes.get(title, "")
        ]
    return found


def _parts(row: Framework, kinds: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Every part of a version by its name, with what each of its fields says, in words and by the field's title."""
    domains: dict[int, Domain] = {each.pk: each for each in row.domains.all()}
    said: dict[str, dict[str, Any]] = {"Framework": {name: row.said[name] for name in OF_THE_VERSION}}
    for domain in domains.values():
        said[f"Domain {domain.code}"] = {"title": domain.title}
    for each in Criterion.objects.filter(domain__framework=row):
        fields = {name: value for name, value in each.said.items() if name != "code"}
        said[f"Criterion {each.code}"] = {**fields, "domain": domains[each.domain_id].code}
    gates: Any = row.gates.prefetch_related("floors")
    found = {
        part: {TITLES[name]: words(name, value, kinds) for name, value in fields.items()}
        for part, fields in said.items()
    }
    for gate in gates:
        found[f"Gate {gate.code}"] = _gate(gate, {each.pk: each.code for each in domains.values()})
    return found


def _gate(gate: GateBar, codes: Mapping[int, str]) -> dict[str, str]:
    bars = {
        TITLES[name]: words(name, getattr(gate, name), {})
        for name in ("title", "phase", "total", "other_floor", "conditions_below")
    }
    return bars | {f"Floor of {codes[each.domain_id]}": words("floor", each.floor, {}) for each in gate.floors.all()}


def words(name: str, value: Any, kinds: Mapping[str, str]) -> str:
    """What a field says, as people read it."""
    match value:
        case None | "":
            return "none"
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return f"{value.normalize():f}"
        case date():
            return f"{value:%-d %B %Y}"
        case list():
            return ", ".join(kinds.get(each, each) for each in value) or "every kind"
    choices = {"applies_from": Criterion.PHASES, "phase": Criterion.PHASES, "mark": Criterion.MARKS}
    return str(dict(choices.get(name, [])).get(value, value))


def _place(part: str) -> tuple[int, tuple[int, ...], str]:
    """The version first, then domains, criteria and gates, each in the order of their numbers."""
    kind, _, code = part.partition(" ")
    return ["Framework", "Domain", "Criterion", "Gate"].index(kind), in_order(code.removeprefix("D")), code
