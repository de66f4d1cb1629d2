"""What a row belongs to: the case that it came of, or that it is part of; up to the application itself."""

from typing import Any

from django.apps import apps

from licensing.states import SetUpState

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

# What is the firm's own, and part of whatever the firm has before us: what it is scored by, who stands behind it, who
# works for it. The firm itself stands for the ratings of its criteria.
OF_THE_FIRM = frozenset(
    {
        "licensing.firm",
        "licensing.evidence",
        "licensing.ratingoverride",
        "licensing.keyindividual",
        "licensing.changeofcontrol",
    }
)
# The cases that rest on it, until they are over. What was decided of a NOC goes on in its set-up.
RESTS_ON_THE_FIRM = ("NocApplication", "SetUp", "LicenceApplication", "Licence", "Renewal")
SETUP_IS_OVER = frozenset(set(SetUpState) - {SetUpState.OPEN})


def with_owners(row: Any) -> list[Any]:
    """A row, then whatever it belongs to, up to the case that belongs to nothing.

    What is the firm's own belongs to each of its cases that is not over: one query for a kind of case.
    """
    if row._meta.label_lower in OF_THE_FIRM:
        return [row, *(each for case in _cases_of(row.access_anchor) for each in with_owners(case))]
    found = [row]
    while owner := BELONGS_TO.get(found[-1]._meta.label_lower):
        found.append(getattr(found[-1], owner))
    return found


def _cases_of(firm: Any) -> list[Any]:
    """The cases of a firm that are not over: those on which something is, or may soon be, decided."""
    found: list[Any] = []
    for name in RESTS_ON_THE_FIRM:
        model: Any = apps.get_model("licensing", name)
        found += model._base_manager.filter(firm=firm).exclude(state__in=getattr(model, "closed_states", SETUP_IS_OVER))
    return found
