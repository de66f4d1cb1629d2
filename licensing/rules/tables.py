"""The gate of a change of a dated table that a change of a setting has not; the others stand in `settings.py`."""

from typing import Any

from pvara.kernel.gates import Shut, gate


@gate("The table was changed since this was proposed.")
def row_is_as_it_was(change: Any) -> bool | Shut:
    newest = change.newest_row()
    if (newest and newest.effective_from, change.dated.content(newest)) == (change.was_from, change.was):
        return True
    since = f" from {newest.effective_from:%-d %B %Y}" if newest else ""
    return Shut(f"Another version is published{since}. Refuse or withdraw this one, and have it proposed anew.")
