"""A score as a decision keeps it: with the rules, what was rated, what proved it, and a hash over everything.

From what is kept the score is reckoned again, years later and without a database, and must come to the same hash.
Layout 1 named its framework by the version only; layout 2 carries its whole content; layout 3 says of each criterion
whether the committee may waive it, and by which decision it did. All are read.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from licensing.scoring.frameworks import Criterion, Framework, Gate
from licensing.scoring.scale import Mark
from licensing.scoring.sheets import Score, score
from licensing.scoring.words import exact, in_order

LAYOUT = 3
# Those that carry their framework.
WITH_CONTENT = (2, LAYOUT)


def hash_of(said: Mapping[str, Any]) -> str:
    """SHA-256 of a record, but for the hash that it carries itself, in one way of writing."""
    canonical = json.dumps(
        {key: value for key, value in said.items() if key != "hash"},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def content_of(framework: Framework) -> dict[str, Any]:
    """A framework as data, whatever the order of its criteria."""
    return {
        "version": framework.version,
        "domains": dict(sorted(framework.domains.items())),
        "criteria": {
            each.code: [
                *(each.title, each.domain, exact(each.points), each.applies_from, each.mark.value),
                *([*each.kinds], each.waivable),
            ]
            for each in sorted(framework.criteria, key=lambda each: in_order(each.code))
        },
        "gates": {
            code: {
                "title": gate.title,
                "phase": gate.phase,
                "total": exact(gate.total),
                "floors": {domain: exact(floor) for domain, floor in sorted(gate.floors.items())},
                "other_floor": _said(gate.other_floor),
                "conditions_below": _said(gate.conditions_below),
            }
            for code, gate in sorted(framework.gates.items())
        },
        "green": exact(framework.green),
        "amber": exact(framework.amber),
    }


def framework_from(content: Mapping[str, Any]) -> Framework:
    return Framework(
        version=content["version"],
        domains=dict(content["domains"]),
        criteria=tuple(
            # Layout 2 says nothing of waivers: there were none.
            Criterion(code, title, domain, Decimal(points), applies_from, Mark(mark), tuple(kinds), *waivable)
            for code, (title, domain, points, applies_from, mark, kinds, *waivable) in content["criteria"].items()
        ),
        gates={
            code: Gate(
                code=code,
                title=each["title"],
                phase=each["phase"],
                total=Decimal(each["total"]),
                floors={domain: Decimal(floor) for domain, floor in each["floors"].items()},
                other_floor=_read(each["other_floor"]),
                conditions_below=_read(each["conditions_below"]),
            )
            for code, each in content["gates"].items()
        },
        green=Decimal(content["green"]),
        amber=Decimal(content["amber"]),
    )


def freeze(
    found: Score,
    *,
    ratings: Mapping[str, int],
    evidence: Mapping[str, Sequence[str]],
    waivers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A score for the record. `ratings` are the rows that were counted, `evidence` the hashes of the files behind.

    `waivers` are the references of the decisions by which criteria were waived; all of them by a criterion's code.
    """
    said = found.facts()
    del said["hash"]
    content = content_of(found.framework)
    for code, of_it in said["criteria"].items():
        of_it |= {"rating_id": ratings.get(code), "sha256": sorted(evidence.get(code, ()))}
        of_it |= {"waived_by": (waivers or {}).get(code)}
    said |= {"layout": LAYOUT, "content": content, "content_hash": hash_of(content)}
    return {**said, "hash": hash_of(said)}


def differences(kept: Mapping[str, Any], *, framework: Framework | None = None) -> list[str]:
    """What does not come out the same when a record is reckoned again, a sentence each; empty when everything does.

    `framework` is for a record of layout 1, which has none of its own. Raises LookupError where it is missing, and
    for a layout that nobody here knows.
    """
    layout = kept.get("layout", 1)
    if layout not in (1, *WITH_CONTENT):
        raise LookupError(f"The record has the layout {layout}; this program reads 1 to {LAYOUT}.")
    found = []
    if hash_of(kept) != kept["hash"]:
        found.append(f"The hash of the record is {hash_of(kept)}, and it says {kept['hash']}.")
    if layout in WITH_CONTENT:
        if hash_of(kept["content"]) != kept["content_hash"]:
            found.append(f"The framework {kept['framework']} in the record is not the one of which it has the hash.")
        framework = framework_from(kept["content"])
    if framework is None:
        raise LookupError(f"The record names the framework {kept['framework']} only, and it is not there.")
    again = score(
        framework,
        kept["phase"],
        ratings={code: each["rating"] for code, each in kept["criteria"].items()},
        expiries={
            code: tuple(day and date.fromisoformat(day) for day in each["expires"])
            for code, each in kept["criteria"].items()
        },
        on=date.fromisoformat(kept["on"]),
        grace_days=kept["grace_days"],
    ).facts()
    for key in ("framework", "total"):
        if again[key] != kept[key]:
            found.append(f"The {key} is {kept[key]} in the record, and comes to {again[key]}.")
    for code in sorted({*again["domains"], *kept["domains"]}):
        one, other = kept["domains"].get(code), again["domains"].get(code)
        if one != other:
            found.append(f"{code} is {one} in the record, and comes to {other}.")
    for code in sorted({*again["criteria"], *kept["criteria"]}, key=in_order):
        of_it, anew = kept["criteria"].get(code), again["criteria"].get(code)
        if of_it is None or anew is None:
            found.append(f"{code} is {'not ' if of_it is None else ''}in the record, and should be otherwise.")
            continue
        for what in ("effective", "evidence"):
            if of_it[what] != anew[what]:
                found.append(f"{code}: {what} is {of_it[what]} in the record, and comes to {anew[what]}.")
    return found


def _said(bar: Decimal | None) -> str | None:
    return None if bar is None else exact(bar)


def _read(bar: str | None) -> Decimal | None:
    return None if bar is None else Decimal(bar)
