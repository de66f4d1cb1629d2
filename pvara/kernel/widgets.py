"""What all forms of the house share."""

from typing import Any

from django import forms


class DayInput(forms.DateInput):
    """A day by the browser's own calendar, which takes ISO dates alone, whatever the language of the page."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")
