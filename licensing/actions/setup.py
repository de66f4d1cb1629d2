"""P2: the set-up opens with the NOC; the firm describes and proves its milestones, staff verify them; or it lapses."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from licensing import questions
from licensing.access import REPRESENT
from licensing.actions.applications import require
from licensing.actions.documents import attach
from licensing.actions.letters import ask_for_letter
from licensing.actions.notices import tell_firm
from licensing.actions.timers import each_row, timer
from licensing.models import Document, Milestone, NocApplication, SetUp
from licensing.models.framework import framework_row
from licensing.states import MilestoneCode, MilestoneState, SetUpState
from pvara.kernel import audit, clock, figures
from pvara.kernel.machine import follows, perform
from pvara.kernel.models import AuditEntry, User
from pvara.kernel.seen import require_seen


def open_setup(noc: NocApplication, *, at: datetime) -> SetUp:
    """Open the set-up with its nine milestones; the system does so when the NOC is granted."""
    with transaction.atomic():
        setup = SetUp.objects.create(
            firm_id=noc.firm_id, noc=noc, opened_at=at, framework=framework_row(timezone.localdate(at))
        )
        entry = audit.record(setup, event="opened", by=None, at=at, to_state=setup.state)
        clock.start(setup, "set_up", at=at, reason="NOC granted")
        for code in MilestoneCode.values:
            milestone = Milestone.objects.create(setup=setup, code=code)
            audit.record(milestone, event="opened", by=None, at=at, to_state=milestone.state)
        ask_for_letter("L20", setup, entry=entry, at=at)
        return setup


def describe_milestone(
    milestone: Milestone, particulars: dict[str, Any], *, by: User, at: datetime, seen: str = ""
) -> Milestone:
    """Keep what the firm says of a milestone; it may be incomplete until it is submitted.

    `seen` is the mark of the particulars that they take the place of; ChangedMeanwhile where these are others by now.
    """
    require(by, REPRESENT, milestone)
    asked = {question.key: question for question in questions.MILESTONE_PARTICULARS[milestone.code]}
    if unknown := set(particulars) - set(asked):
        raise ValidationError(f"{milestone.code} does not ask for: {', '.join(sorted(unknown))}.")
    for key, question in asked.items():
        questions.check(question, particulars.get(key))
    with transaction.atomic():
        milestone = Milestone.objects.select_for_update(of=("self",), no_key=True).get(pk=milestone.pk)
        _require_open(milestone)
        if milestone.state not in (MilestoneState.PENDING, MilestoneState.DEFICIENT):
            raise ValidationError(f"{milestone.code} has been submitted; it can no longer be changed.")
        require_seen(seen, milestone.described, log=audit.history(milestone).filter(event="described"))
        milestone.particulars = particulars
        # Whoever is about to submit it is to read it again.
        milestone.version += 1
        milestone.save(update_fields=["particulars", "version"])
        audit.record(milestone, event="described", by=by, at=at, data={"particulars": particulars})
        return milestone


def prove_milestone(milestone: Milestone, file: UploadedFile, *, title: str, by: User, at: datetime) -> Document:
    """Attach a document to a milestone that is not submitted yet. Raises ValidationError, saying what to do."""
    require(by, REPRESENT, milestone)
    with transaction.atomic():
        milestone = Milestone.objects.select_for_update(of=("self",), no_key=True).get(pk=milestone.pk)
        _require_open(milestone)
        if milestone.state not in (MilestoneState.PENDING, MilestoneState.DEFICIENT):
            raise ValidationError({"file": f"{milestone.code} has been submitted; nothing can be added to it now."})
        return attach(milestone, file, firm=milestone.setup.firm, title=title, by=by, at=at)


def _require_open(milestone: Milestone) -> None:
    if milestone.setup.state != SetUpState.OPEN:
        raise ValidationError("The set-up is over: nothing is added to its milestones any more.")


@follows(SetUp, "ask_to_extend")
def note_the_asking(setup: SetUp, *, by: User, at: datetime, entry: AuditEntry) -> None:
    setup.extension_asked_at = at
    setup.save(update_fields=["extension_asked_at"])


@follows(SetUp, "extend_setup")
def give_more_time(setup: SetUp, *, by: User, at: datetime, entry: AuditEntry) -> None:
    opened = timezone.localdate(setup.opened_at)
    setup.extended_by_days = figures.limit("setup.extension", on=opened).length
    setup.extended_at = at
    setup.save(update_fields=["extended_by_days", "extended_at"])
    tell_firm(
        setup.firm,
        subject=f"{setup.reference}: more time for the set-up",
        template="setup_extended",
        context={"setup": setup, "last_day": setup.last_day(at)},
        key=f"setup-extended:{setup.pk}",
        at=at,
    )


@follows(SetUp, "lapse")
def stop_verifying(setup: SetUp, *, by: User | None, at: datetime, entry: AuditEntry) -> None:
    """What was handed in for a set-up that is over is not verified any longer."""
    for milestone in setup.milestones.filter(state=MilestoneState.SUBMITTED):
        clock.halt(milestone, at=at)


@follows(SetUp, "reopen_with_noc")
def verify_again(setup: SetUp, *, by: User | None, at: datetime, entry: AuditEntry) -> None:
    """What waited to be verified when the set-up lapsed waits again, for the whole time."""
    for milestone in setup.milestones.filter(state=MilestoneState.SUBMITTED):
        clock.start(milestone, "verification", at=at, reason="The set-up is open again")


@timer
def lapse_setups(at: datetime) -> int:
    """A set-up that was not confirmed in its time lapses, and its NOC with it."""

    def lapse(setup: SetUp, at: datetime) -> bool:
        if timezone.localdate(at) <= setup.last_day(at):
            return False
        note = f"It was to be finished by {setup.last_day(at):%-d %B %Y}."
        perform(setup, "lapse", by=None, at=at, expected_version=setup.version, note=note)
        return True

    return each_row(SetUp.objects.filter(state=SetUpState.OPEN).select_related("noc").order_by("pk"), lapse, at)
