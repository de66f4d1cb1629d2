"""A document of an asset: handed in by one person of the debt office, made public by another."""

from pvara.kernel.machine import StateField, Stateful, move
from tokenisation.access import HAND_IN, PUBLISH
from tokenisation.rules import no_later_edition_is_published, publisher_is_not_uploader
from tokenisation.states import DocumentState as D


class AssetDocumentLifecycle(Stateful):
    """What is published is never taken back: a later edition supersedes it, and both can be read. What was handed in
    by mistake is withdrawn before."""

    chapter = "T10"
    state = StateField(default=D.HANDED_IN, choices=D.choices)

    class Meta:
        abstract = True

    @move(
        state,
        D.HANDED_IN,
        D.PUBLISHED,
        PUBLISH,
        gates=[publisher_is_not_uploader, no_later_edition_is_published],
        signed_as="published_by",
        title="Publish the document",
    )
    def publish(self) -> None: ...

    @move(state, D.HANDED_IN, D.WITHDRAWN, HAND_IN, note_required=True, title="Withdraw the document")
    def withdraw(self) -> None: ...
