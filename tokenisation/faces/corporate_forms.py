"""The forms of corporate actions: what is proposed, the rate of a period, and the evidence of a payment."""

from decimal import Decimal

from django import forms

from pvara.kernel.widgets import DayInput
from tokenisation.states import EVENTS, ActionKind

SHA256 = r"^[0-9a-f]{64}$"


class WithReasons(forms.Form):
    """The last two fields of whatever one person proposes and another decides on."""

    case_ref = forms.CharField(label="Reference of the decision or notice", max_length=120)
    reasons = forms.CharField(
        label="Reasons", max_length=4000, widget=forms.Textarea(attrs={"rows": 3}), help_text="Kept with the record."
    )


class PartialForm(WithReasons):
    due_date = forms.DateField(
        label="Due together with the payment of",
        widget=DayInput,
        help_text="The due date of a coupon or rental that is announced, but not of the last one.",
    )
    per_unit = forms.DecimalField(
        label="Repaid of each unit",
        min_value=Decimal("0.0001"),
        max_digits=20,
        decimal_places=4,
        help_text="In the currency of the asset. Later payments are for what is left.",
    )

    field_order = ["due_date", "per_unit", "case_ref", "reasons"]


class EventForm(WithReasons):
    kind = forms.ChoiceField(
        label="What happened", choices=[(each.value, each.label) for each in EVENTS], widget=forms.RadioSelect
    )
    occurred_on = forms.DateField(label="On", widget=DayInput)

    field_order = ["kind", "occurred_on", "case_ref", "reasons"]

    def clean_kind(self) -> ActionKind:
        return ActionKind(self.cleaned_data["kind"])


class FixingForm(forms.Form):
    rate_bp = forms.IntegerField(
        label="Rate, basis points", min_value=0, max_value=100_000, help_text="1080 is 10.80%, the spread included."
    )
    source = forms.CharField(label="Publication that it was read from", max_length=200)


class EvidenceForm(forms.Form):
    paid_on = forms.DateField(label="Paid on", widget=DayInput)
    amount = forms.DecimalField(
        label="Amount, to all venues together", min_value=Decimal("0.01"), max_digits=24, decimal_places=2
    )
    reference = forms.CharField(label="Reference of the proof of payment", max_length=120)
    document_sha256 = forms.RegexField(
        SHA256,
        label="SHA-256 of the document",
        error_messages={"invalid": "Paste the 64 signs of the SHA-256, in small letters."},
    )
