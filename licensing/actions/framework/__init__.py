"""The scoring framework: the first version from a fixture, later ones drafted, proposed and published by two people."""

from licensing.actions.framework.drafts import change_version, start_draft
from licensing.actions.framework.loading import load_framework
from licensing.actions.framework.parts import (
    add_criterion,
    add_domain,
    change_criterion,
    change_domain,
    change_gate,
    remove_criterion,
    remove_domain,
)

__all__ = [
    "add_criterion",
    "add_domain",
    "change_criterion",
    "change_domain",
    "change_gate",
    "change_version",
    "load_framework",
    "remove_criterion",
    "remove_domain",
    "start_draft",
]
