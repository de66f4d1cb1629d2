"""Forms that write over what others may write too, and how such a form says that somebody did."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from pvara.kernel.seen import ChangedMeanwhile, changed, mark


class SharedForm(forms.Form):
    """A form that is filled in with what is there, and carries the mark of it in the hidden field `seen`.

    An action takes `seen` with the rest of what was sent. Where it raises ChangedMeanwhile, `tell` shows the form once
    more: what the person typed is kept, and what they left as it was follows the newer words. `shows` is None for
    something new, which is written over nothing.
    """

    data: Any  # what was sent, which `tell` fills in anew
    # What stands there now and was not seen: a title and the words, for each.
    meanwhile: list[tuple[str, str]]

    def __init__(self, data: Any = None, files: Any = None, *, shows: Mapping[str, Any] | None, **more: Any) -> None:
        super().__init__(data, files, **{"initial": dict(shows or {}), **more})
        self.meanwhile = []
        # Without an id: a page may have several of them.
        hidden = forms.HiddenInput(attrs={"id": False})
        if shows is not None:
            self.fields["seen"] = forms.CharField(widget=hidden, required=False, initial=mark(shows))

    @property
    def mark(self) -> str:
        """What the page shows, for another button on it that writes over the same."""
        return str(self["seen"].value() or "")

    def tell(self, newer: ChangedMeanwhile) -> None:
        """Say who wrote what meanwhile. Sent again, the form is about that."""
        seen = self.cleaned_data["seen"]
        self.data = self.data.copy()
        self.data[self.add_prefix("seen")] = newer.seen
        typed = self.typed()
        for name in changed(seen, newer.now):
            if name in typed and not changed(seen, {name: typed[name]}):
                self.put(name, newer.now[name])
            self.meanwhile.append((self.title_of(name), self.words_of(name, newer.now[name])))
        self.add_error(None, f"{newer} Read it below; what you typed is still here. Save again if it still holds.")

    # ── What a form with fields of its own making says otherwise ─────────────────────────────────────────────────────
    def typed(self) -> dict[str, Any]:
        """What was sent, by the names under which the page showed it."""
        return self.cleaned_data

    def put(self, name: str, said: Any) -> None:
        """Fill in what somebody else wrote."""
        field = self.add_prefix(name)
        if isinstance(said, list):
            self.data.setlist(field, [str(getattr(each, "pk", each)) for each in said])
        elif said is True:
            self.data[field] = "on"
        elif said in (None, False, ""):
            self.data.pop(field, None)
        else:
            self.data[field] = str(said)

    def title_of(self, name: str) -> str:
        field = self.fields.get(name)
        return str(field.label) if field is not None and field.label else name.replace("_", " ").capitalize()

    def words_of(self, name: str, said: Any) -> str:
        """What is there in words that people read."""
        choices: Any = getattr(self.fields.get(name), "choices", ())
        titles = {str(value): str(title) for value, title in choices}
        if isinstance(said, bool):
            return "Yes" if said else "No"
        if isinstance(said, list):
            return ", ".join(titles.get(str(getattr(each, "pk", each)), str(each)) for each in said)
        if isinstance(said, date):
            return f"{said:%-d %B %Y}"
        return titles.get(str(said), str(said)) if said not in (None, "") else ""
