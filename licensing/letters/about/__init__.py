"""The facts that a letter needs of its subject: one function for each kind of subject.

A letter may be written some time after the decision, when its subject has gone on; so nothing here is read that a later
move of the same case could change, unless the letter is about that move.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.apps import apps

from licensing.letters.about.authorities import of_consultation, of_inspection
from licensing.letters.about.cases import of_aml, of_full, of_milestone, of_noc, of_setup
from licensing.letters.about.licences import of_appeal, of_licence, of_renewal, of_variation
from licensing.letters.about.subject import About, day

__all__ = ["About", "about", "day"]

_ABOUT: dict[str, Callable[[Any, str, datetime], About]] = {
    "licensing.nocapplication": of_noc,
    "licensing.consultation": of_consultation,
    "licensing.inspection": of_inspection,
    "licensing.setup": of_setup,
    "licensing.milestone": of_milestone,
    "licensing.amlregistration": of_aml,
    "licensing.licenceapplication": of_full,
    "licensing.licence": of_licence,
    "licensing.renewal": of_renewal,
    "licensing.variation": of_variation,
    "licensing.appeal": of_appeal,
}


def about(code: str, subject_type: str, subject_id: int, at: datetime) -> About:
    subject = apps.get_model(subject_type)._base_manager.get(pk=subject_id)
    return _ABOUT[subject_type](subject, code, at)
