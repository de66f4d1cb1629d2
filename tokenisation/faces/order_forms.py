"""The forms of freezes, redemptions and orders."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from licensing import standing
from tokenisation.faces.forms import LARGEST, UnitsForm
from tokenisation.models import DistributionAuthorisation
from tokenisation.postings import RULES
from tokenisation.states import AccountKind, EntryKind


def sources_of(*kinds: EntryKind) -> list[tuple[str, str]]:
    """The accounts of a venue that entries of these kinds may take from."""
    found = dict.fromkeys(each.source for each in RULES if each.kind in kinds and each.source and each.at_venue)
    return [(each.value, each.label) for each in found]


class HoldingForm(UnitsForm):
    """Units of one of a venue's accounts, under the reference of what stands behind the act."""

    kind: EntryKind

    field_order = ["source", "units", "case_ref", "key"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"] = forms.ChoiceField(label="Which units", choices=sources_of(self.kind))
        self.fields["case_ref"].required = True
        self.order_fields(self.field_order)

    def clean_source(self) -> AccountKind:
        return AccountKind(self.cleaned_data["source"])


class FreezeForm(HoldingForm):
    kind = EntryKind.FREEZE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["case_ref"].label = "Reference of the order"


class RedeemForm(HoldingForm):
    kind = EntryKind.REDEEM

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["case_ref"].label = "Reference of the proof of payment"


class TreasuryForm(UnitsForm):
    """Units of the treasury, which lie at no venue."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "treasury_%s", **kwargs})
        self.fields["case_ref"].label = "Reference of the decision"
        self.fields["case_ref"].required = True


WHATS = [("release", "Release frozen units"), ("forced", "Transfer units by force")]
FROZEN = (AccountKind.FROZEN_SHELF, AccountKind.FROZEN_CLIENTS)


class CorrectionForm(forms.Form):
    case_ref = forms.CharField(label="Reference of the case", max_length=120)
    reasons = forms.CharField(
        label="Reasons", max_length=4000, widget=forms.Textarea(attrs={"rows": 4}), help_text="Kept with the record."
    )


class OrderForm(CorrectionForm):
    """A release or a forced transfer."""

    what = forms.ChoiceField(label="What is proposed", choices=WHATS, widget=forms.RadioSelect)
    source = forms.ChoiceField(label="Which units", choices=sources_of(EntryKind.FORCED))
    units = forms.IntegerField(label="Units", min_value=1, max_value=LARGEST)
    to_venue = forms.ModelChoiceField(
        standing.VenueStanding.objects.none(),
        label="To which venue",
        required=False,
        empty_label="To the treasury",
        help_text="For a forced transfer. The venue must be authorised for the asset and in good standing.",
    )

    field_order = ["what", "source", "units", "to_venue", "case_ref", "reasons"]

    def __init__(self, *args: Any, authorisation: DistributionAuthorisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to_venue"]
        assert isinstance(field, forms.ModelChoiceField)
        others = authorisation.asset.authorisations.exclude(pk=authorisation.pk)
        field.queryset = standing.venues().filter(pk__in=others.values("venue"))

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("what") == "release" and said.get("source") and said["source"] not in FROZEN:
            self.add_error("source", ValidationError("Only frozen units are released."))
        if said.get("what") == "release" and said.get("to_venue"):
            self.add_error("to_venue", ValidationError("Released units stay with the venue: leave this empty."))
        return said
