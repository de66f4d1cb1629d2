"""Gates of a version of the scoring framework: whether it adds up, when it takes effect, and who publishes it."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from pvara.kernel.gates import Shut, gate
from pvara.kernel.models import User


@gate("The framework does not add up.")
def framework_is_sound(framework: Any) -> bool | Shut:
    faults = framework.faults()
    return not faults or Shut(*(each.sentence for each in faults))


@gate("The first day of the version has begun: nobody is judged by a rule that came afterwards.")
def version_takes_effect_on_a_day_to_come(framework: Any, at: datetime) -> bool | Shut:
    first = framework.effective_from
    return first > timezone.localdate(at) or Shut(f"It was to take effect on {first:%-d %B %Y}: give it a later day.")


@gate("A version that takes effect on that day or later is published already.")
def no_later_version_is_published(framework: Any) -> bool | Shut:
    later = framework.published_from(framework.effective_from)
    return not later or Shut(
        *(f"{each} takes effect on {each.effective_from:%-d %B %Y}: choose a day after that." for each in later)
    )


@gate("Whoever proposed a version does not publish it.")
def publisher_is_not_the_proposer(framework: Any, by: User | None) -> bool:
    return by is None or bool(framework.proposed_by_id != by.pk)


@gate("A version is published already: later ones are drafted from it, proposed and published.")
def no_version_is_published_yet(framework: Any) -> bool:
    return not framework.any_is_published()


@gate("No later version is in force yet.")
def a_later_version_is_in_force(framework: Any, at: datetime) -> bool:
    return bool(framework.successor_in_force(timezone.localdate(at)))
