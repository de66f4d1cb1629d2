"""P2: the set-up opens with the NOC; the firm describes its milestones, staff verify them."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from licensing import questions
from licensing.access import REPRESENT
from licensing.actions.applications import require
from licensing.actions.letters import ask_for_letter
from licensing.models import Milestone, NocApplication, SetUp
from licensing.states import MilestoneCode, MilestoneState
from pvara.kernel import audit, clock
from pvara.kernel.models import User


def open_setup(noc: NocApplication, *, at: datetime) -> SetUp:
    """Open the set-up with its nine milestones; the system does so when the NOC is granted."""
    with transaction.atomic():
        setup = SetUp.objects.create(firm_id=noc.firm_id, noc=noc, opened_at=at)
        entry = audit.record(setup, event="opened", by=None, at=at, to_state=setup.state)
        clock.start(setup, "set_up", at=at, reason="NOC granted")
        for code in MilestoneCode.values:
            milestone = Milestone.objects.create(setup=setup, code=code)
            audit.record(milestone, event="opened", by=None, at=at, to_state=milestone.state)
        ask_for_letter("L20", setup, entry=entry, at=at)
        return setup


def describe_milestone(milestone: Milestone, particulars: dict[str, Any], *, by: User, at: datetime) -> Milestone:
    """Keep what the firm says of a milestone; it may be incomplete until it is submitted."""
    require(by, REPRESENT, milestone)
    asked = {question.key: question for question in questions.MILESTONE_PARTICULARS[milestone.code]}
    if unknown := set(particulars) - set(asked):
        raise ValidationError(f"{milestone.code} does not ask for: {', '.join(sorted(unknown))}.")
    for key, question in asked.items():
        questions.check(question, particulars.get(key))
    with transaction.atomic():
        milestone = Milestone.objects.select_for_update(of=("self",), no_key=True).get(pk=milestone.pk)
        if milestone.state not in (MilestoneState.PENDING, MilestoneState.DEFICIENT):
            raise ValidationError(f"{milestone.code} has been submitted; it can no longer be changed.")
        milestone.particulars = particulars
        milestone.save(update_fields=["particulars"])
        audit.record(milestone, event="described", by=by, at=at, data={"particulars": particulars})
        return milestone
