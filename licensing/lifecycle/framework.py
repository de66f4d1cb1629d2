"""A version of the scoring framework: drafted, proposed by one person, published by another, superseded by the next.

Only a draft changes. From its proposal on a version is what its readers read; the database keeps that.
"""

from licensing.access import DRAFT_FRAMEWORKS, PUBLISH_FRAMEWORK
from licensing.rules.framework import (
    a_later_version_is_in_force,
    framework_is_sound,
    no_later_version_is_published,
    no_version_is_published_yet,
    publisher_is_not_the_proposer,
    version_takes_effect_on_a_day_to_come,
)
from licensing.states import FrameworkState as S
from pvara.kernel.machine import SYSTEM, StateField, Stateful, move

FIT = (framework_is_sound, version_takes_effect_on_a_day_to_come, no_later_version_is_published)


class FrameworkLifecycle(Stateful):
    chapter = "P8 framework"
    state = StateField(default=S.DRAFT, choices=S.choices)

    class Meta:
        abstract = True

    @move(
        state,
        S.DRAFT,
        S.PROPOSED,
        DRAFT_FRAMEWORKS,
        gates=FIT,
        signed_as="proposed_by",
        note_required=True,
        title="Propose the version",
    )
    def propose(self) -> None: ...

    @move(
        state,
        S.PROPOSED,
        S.PUBLISHED,
        PUBLISH_FRAMEWORK,
        gates=[publisher_is_not_the_proposer, *FIT],
        signed_as="published_by",
        title="Publish the version",
    )
    def publish(self) -> None: ...

    @move(state, S.PROPOSED, S.DRAFT, PUBLISH_FRAMEWORK, note_required=True, title="Send it back")
    def send_back(self) -> None: ...

    @move(state, S.PROPOSED, S.DRAFT, DRAFT_FRAMEWORKS, note_required=True, title="Take it back")
    def take_back(self) -> None: ...

    @move(state, S.DRAFT, S.DROPPED, DRAFT_FRAMEWORKS, note_required=True, title="Drop the draft")
    def drop(self) -> None: ...

    # The one that comes with the software: there is nobody yet who could propose another.
    @move(
        state,
        S.DRAFT,
        S.PUBLISHED,
        SYSTEM,
        gates=[framework_is_sound, no_version_is_published_yet],
        title="Publish the first version",
    )
    def publish_the_first(self) -> None: ...

    @move(state, S.PUBLISHED, S.SUPERSEDED, SYSTEM, gates=[a_later_version_is_in_force], title="Supersede")
    def supersede(self) -> None: ...
