"""Drafts of the scoring framework: how the tests reach the parts of one."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from licensing.models import Criterion, Framework, GateBar
from pvara.kernel.machine import unmet

APRIL = date(2026, 4, 1)


def of(draft, code):
    return Criterion.objects.get(domain__framework=draft, code=code)


def gate(draft, code="G1"):
    return GateBar.objects.get(framework=draft, code=code)


def refused(call, *args, **said):
    with pytest.raises(ValidationError) as refusal:
        call(*args, **said)
    return refusal.value.message_dict if hasattr(refusal.value, "error_dict") else refusal.value.messages


def shut(draft, name, *, by, at):
    return {each.code: each.details for each in unmet(Framework.objects.get(pk=draft.pk), name, by=by, at=at)}
