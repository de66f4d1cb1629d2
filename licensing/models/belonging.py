"""What a row belongs to: the case that it came of, or that it is part of; up to the application itself."""

from typing import Any

# Where a row names its owner, by its kind; whatever is not here is a case by itself, or belongs to its firm alone. A
# request for information has a gate of its own for who stepped back from its case.
BELONGS_TO = {
    "licensing.setup": "noc",
    "licensing.milestone": "setup",
    "licensing.amlregistration": "setup",
    "licensing.consultation": "case",
    "licensing.condition": "case",
    "licensing.inspection": "case",
    "licensing.finding": "case",
    "licensing.licence": "application",
    "licensing.renewal": "licence",
    "licensing.variation": "licence",
    "licensing.filing": "licence",
    "licensing.incident": "licence",
    "licensing.supervisionproposal": "licence",
    "licensing.winddown": "licence",
    "licensing.appeal": "subject",
    "licensing.invoice": "subject",
}


def with_owners(row: Any) -> list[Any]:
    """A row, then whatever it belongs to, up to the case that belongs to nothing."""
    found = [row]
    while owner := BELONGS_TO.get(found[-1]._meta.label_lower):
        found.append(getattr(found[-1], owner))
    return found
