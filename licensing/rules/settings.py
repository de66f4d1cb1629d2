"""Gates of a change of a setting."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from pvara.kernel.gates import Shut, gate
from pvara.kernel.models import User


@gate("Whoever proposed a change does not publish it.")
def publisher_did_not_propose_it(change: Any, by: User | None) -> bool:
    return by is None or bool(change.proposed_by_id != by.pk)


@gate("The first day of the change has begun: nobody is bound by a rule that came afterwards.")
def first_day_is_to_come(change: Any, at: datetime) -> bool:
    return bool(change.effective_from > timezone.localdate(at))


@gate("A version that takes effect on that day or later is published already.")
def no_newer_version_is_published(change: Any) -> bool | Shut:
    setting = change.setting()
    newest = setting.newest
    return (
        setting.unset
        or newest.effective_from < change.effective_from
        or Shut(f"The newest version takes effect on {newest.effective_from:%-d %B %Y}.")
    )


@gate("A proposal is withdrawn by whoever made it; somebody else refuses it.")
def withdrawn_by_its_proposer(change: Any, by: User | None) -> bool:
    return by is not None and bool(change.proposed_by_id == by.pk)
