"""The form that proposes that placements may be settled in something from a day on, or no longer."""

from typing import Any

from django import forms
from django.utils import timezone

from pvara.kernel.widgets import DayInput
from tokenisation.models import settlement_assets
from tokenisation.states import SettlementKind

NEW = "new"


class PermissionForm(forms.Form):
    what = forms.ChoiceField(label="Settlement asset")
    new_code = forms.RegexField(
        "^[A-Z0-9]{2,10}$",
        label="Code, if it is new to the list",
        required=False,
        error_messages={"invalid": "Two to ten capital letters or digits."},
    )
    name = forms.CharField(label="Name, if it is new to the list", max_length=120, required=False)
    kind = forms.ChoiceField(
        label="Kind, if it is new to the list", choices=[("", "Choose a kind"), *SettlementKind.choices], required=False
    )
    currency = forms.RegexField(
        "^[A-Z]{3}$",
        label="Currency, if it is new to the list",
        required=False,
        error_messages={"invalid": "Three capital letters, such as PKR."},
    )
    permitted = forms.ChoiceField(
        label="From that day",
        choices=[("yes", "Placements may be settled in it"), ("no", "Placements may no longer be settled in it")],
        widget=forms.RadioSelect,
    )
    effective_from = forms.DateField(
        label="Takes effect on", widget=DayInput, help_text="A day to come: placements of one day have one list."
    )
    source = forms.CharField(label="Decided by", max_length=300, help_text="The decision, with its number and date.")
    reasons = forms.CharField(label="Reasons", max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        choice = self.fields["what"]
        assert isinstance(choice, forms.ChoiceField)
        listed = [(each.code, f"{each.name} ({each.code})") for each in settlement_assets(timezone.localdate())]
        choice.choices = [("", "Choose one, or say that it is new"), *listed, (NEW, "Another that is new to the list")]

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        of_new = ("new_code", "name", "kind", "currency")
        if said.get("what") == NEW:
            for field in of_new:
                if field in said and not said[field]:
                    self.add_error(field, "What is new to the list needs this.")
        elif said.get("what"):
            for field in of_new:
                if said.get(field):
                    self.add_error(field, "It is on the list already: leave this empty.")
        return said

    def said(self) -> dict[str, Any]:
        """What the action takes, its code first."""
        given = dict(self.cleaned_data)
        what, new_code = given.pop("what"), given.pop("new_code")
        return {"code": new_code if what == NEW else what, **given, "permitted": given["permitted"] == "yes"}
