"""The form that proposes a sub-limit of a programme: one choice says of what, so that no wrong pair can be made."""

from typing import Any

from django import forms

from licensing import standing
from pvara.kernel.widgets import DayInput
from tokenisation.models import Programme
from tokenisation.states import AssetClass, InvestorClass, LimitScope


class LimitForm(forms.Form):
    programme = forms.ModelChoiceField(Programme.objects.all(), empty_label=None)
    of_what = forms.ChoiceField(label="Limits what")
    percent = forms.DecimalField(
        label="Share of the programme's cap, per cent",
        min_value=0,
        max_value=100,
        decimal_places=2,
        help_text="100 lifts an older limit of the same.",
    )
    effective_from = forms.DateField(label="Takes effect on", widget=DayInput, help_text="Today or a day to come.")
    source = forms.CharField(label="Decided by", max_length=300, help_text="The decision, with its number and date.")
    reasons = forms.CharField(label="Reasons", max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.venues = {str(each.pk): each for each in standing.venues()}
        choice = self.fields["of_what"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [
            ("", "Choose a class or a venue"),
            ("Class of assets", [(f"{LimitScope.ASSET_CLASS}:{each}", each.label) for each in AssetClass]),
            (
                "Venue",
                [(f"{LimitScope.VENUE}:", "Every venue without a limit of its own")]
                + [(f"{LimitScope.VENUE}:{pk}", str(each)) for pk, each in self.venues.items()],
            ),
            ("Class of investors", [(f"{LimitScope.INVESTORS}:{each}", each.label) for each in InvestorClass]),
        ]

    def said(self) -> dict[str, Any]:
        """What the action takes."""
        given = dict(self.cleaned_data)
        scope, which = given.pop("of_what").split(":")
        is_venue = scope == LimitScope.VENUE
        given["scope"] = LimitScope(scope)
        given["of_class"] = "" if is_venue else which
        given["venue"] = self.venues[which] if is_venue and which else None
        given["share_bp"] = int(given.pop("percent") * 100)
        return given
