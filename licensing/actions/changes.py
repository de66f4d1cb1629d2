"""What proposals to change a setting and to change a table have in common: the day, the reasons, who is told."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from licensing.actions.notices import holders_of, tell_people
from licensing.models import SettingChange, TableChange
from pvara.kernel import audit
from pvara.kernel.models import User

Change = SettingChange | TableChange


def faults_of(*, effective_from: date, newest: date | None, source: str, reasons: str, at: datetime) -> dict[str, Any]:
    """What is wrong with a proposal, whatever it proposes, by field; `newest`: when the newest version begins."""
    wrong = {}
    if effective_from <= timezone.localdate(at):
        wrong["effective_from"] = "Give a day that has not begun: nobody is bound by a rule that came afterwards."
    elif newest and effective_from <= newest:
        said = f"{newest:%-d %B %Y}"
        wrong["effective_from"] = f"Give a day after {said}, on which the newest version takes effect."
    if not source.strip():
        wrong["source"] = "Say by which decision, rule or notification it is changed."
    if not reasons.strip():
        wrong["reasons"] = "Give the reasons: they are part of the record."
    return wrong


@transaction.atomic
def put(change: Change, *, data: dict[str, Any], alone: str, field: str, template: str, at: datetime) -> None:
    """Save a proposal that nobody has made yet, with its entry, and tell the board.

    Of two who propose at once the database lets one in, by its constraint `alone`; the other is told at `field`, as if
    they had come later.
    """
    try:
        with transaction.atomic():
            change.save()
    except IntegrityError as clash:
        if alone not in str(clash):
            raise
        said = "A change of it is proposed already. Publish, refuse or withdraw that first."
        raise ValidationError({field: said}) from None
    by = change.proposed_by
    audit.record(change, event="proposed", by=by, at=at, to_state=change.state, note=change.reasons, data=data)
    _tell(holders_of("board_member"), change, template, f"a {_what(change)} is proposed", at=at)


def tell_proposer(change: Change, template: str, became: str, *, at: datetime) -> None:
    """Tell whoever proposed it what became of it, such as “published”."""
    _tell([change.proposed_by], change, template, f"the {_what(change)} is {became}", at=at)


def _what(change: Change) -> str:
    return str(change._meta.verbose_name)


def _tell(people: Iterable[User], change: Change, template: str, said: str, *, at: datetime) -> None:
    tell_people(
        people,
        subject=f"{change.reference}: {said}",
        template=template,
        context={"change": change},
        key=f"{template}:{change.pk}",
        at=at,
    )
