"""A letter that is out, for tests of who sees it: its bytes are nobody's concern there."""

from datetime import datetime
from typing import Any

from licensing.models import Letter, LetterDocument
from pvara.kernel.machine import perform


def issued(*, at: datetime, **fields: Any) -> Letter:
    """A routine letter that was numbered, filed and issued; `fields` are its own."""
    given = {"content": {}, "content_sha256": "0" * 64, "sha256": "0" * 64, "issued_at": at, "decided_at": at}
    letter = Letter.objects.create(**{**given, **fields})
    LetterDocument.objects.create(letter=letter, pdf=b"%PDF-")
    for move in ("pass_as_routine", "issue"):
        letter = perform(letter, move, by=None, at=at, expected_version=letter.version)
    return letter
