"""The forms of the registry. They check what is typed and hand it on; only the actions behind them write."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone

from licensing import standing
from pvara.kernel.forms import SharedForm
from pvara.kernel.widgets import DayInput
from tokenisation import instruments
from tokenisation.models import (
    Asset,
    CommodityTerms,
    DebtTerms,
    FxRate,
    Programme,
    RegisterStatement,
    settlement_assets,
)
from tokenisation.states import DEBT, AssetKind, Authority, DocumentKind

# The largest number that the database's bigint columns hold.
LARGEST = 2**63 - 1


class NominalField(forms.DecimalField):
    """An amount that is kept in hundredths of the currency and shown and typed in its units."""

    def prepare_value(self, value: Any) -> Any:
        # What is kept is a number, what was typed a text.
        return f"{Decimal(value) / 100:f}" if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        amount = super().clean(value)
        return None if amount is None else int(amount * 100)


class ProposalForm(forms.ModelForm):
    """What an asset is, whatever its kind."""

    programme = forms.ModelChoiceField(Programme.objects.all(), empty_label=None)

    class Meta:
        model = Asset
        fields = [
            "programme",
            "code",
            "name",
            "kind",
            "issuer",
            "issuer_lei",
            "guarantor",
            "isin",
            "cfi",
            "fisn",
            "legal_nature",
            "authoritative_record",
            "risk_text",
            "tax_note",
            "currency",
            "authorised_units",
            "retail_allowed",
            "per_investor_cap",
            "institutional_allowed",
            "non_resident_allowed",
            "lockup_until",
        ]
        widgets = {"lockup_until": DayInput, "tax_note": forms.Textarea(attrs={"rows": 3})}
        labels = {
            "risk_text": "Risks in plain words",
            "retail_allowed": "May be sold to retail clients",
            "per_investor_cap": "Most units that one investor may hold at a venue",
            "institutional_allowed": "May be sold to institutional clients",
            "non_resident_allowed": "May be sold to non-residents",
            "lockup_until": "Locked up until",
        }
        help_texts = {
            "code": "Short and unique, such as MTB-2026-03.",
            "issuer_lei": "ISO 17442: twenty signs.",
            "guarantor": "Whoever answers for it beside the issuer.",
            "isin": "If it has one.",
            "cfi": "ISO 10962: six letters, such as DBFTFB.",
            "fisn": "ISO 18774: 35 signs at the most.",
            "per_investor_cap": "Leave it empty if there is no cap.",
            "non_resident_allowed": "Only where the State Bank's rules on foreign exchange permit it.",
            "lockup_until": "The last day on which units may not change hands between investors, if there is one.",
        }

    def __init__(self, *args: Any, commodity: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [(each.value, each.label) for each in AssetKind if (each not in DEBT) is commodity]
        if commodity:
            # A commodity is valued in dollars from its price and has no nominal of its own.
            self.fields.pop("currency")
        else:
            self.fields["unit_nominal"] = NominalField(
                label="Nominal of one unit, in whole units of the currency",
                min_value=Decimal("0.01"),
                max_value=10**13,
                decimal_places=2,
                help_text=instruments.nominals_in_words(timezone.localdate()),
            )


class AmendedForm(SharedForm, ProposalForm):
    """What a draft says of the asset, to be written over."""

    def put(self, name: str, said: Any) -> None:
        super().put(name, NominalField().prepare_value(said) if name == "unit_nominal" else said)

    def words_of(self, name: str, said: Any) -> str:
        return super().words_of(name, NominalField().prepare_value(said) if name == "unit_nominal" else said)


class DebtTermsForm(forms.ModelForm):
    class Meta:
        model = DebtTerms
        fields = [
            "issue_date",
            "maturity_date",
            "coupon",
            "rate_bp",
            "payments_a_year",
            "day_count",
            "business_day",
            "custody_account",
            "shariah_compliant",
        ]
        widgets = {"issue_date": DayInput, "maturity_date": DayInput}
        help_texts = {"rate_bp": "1127 is 11.27%."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["maturity_date"].help_text = instruments.terms_in_words(timezone.localdate())


class CommodityTermsForm(forms.ModelForm):
    class Meta:
        model = CommodityTerms
        fields = [
            "commodity",
            "grade",
            "unit_of_measure",
            "quantity_per_unit",
            "site",
            "custodian",
            "receipt_no",
            "price_usd_cents",
            "price_source",
            "price_as_of",
            "haircut_bp",
        ]
        widgets = {"price_as_of": DayInput}
        labels = {"haircut_bp": "Haircut, basis points"}
        help_texts = {"haircut_bp": "2000 is 20%."}


class AmendedDebtForm(SharedForm, DebtTermsForm):
    """A draft's terms, to be written over."""


class AmendedCommodityForm(SharedForm, CommodityTermsForm):
    """A draft's quantity, place, custodian and price, to be written over."""


class HandInForm(forms.Form):
    """A document of an asset."""

    kind = forms.ChoiceField(label="What it is", choices=[("", "Choose a kind"), *DocumentKind.choices])
    title = forms.CharField(
        label="Title",
        max_length=200,
        help_text="The kind and title of a document that is here already make its next edition.",
    )
    file = forms.FileField(label="File", help_text="PDF, Word, Excel, PNG, JPEG, text or CSV, 10 MB at most.")


class ApprovalForm(forms.Form):
    authority = forms.ChoiceField(choices=[("", "Choose an authority"), *Authority.choices])
    reference = forms.CharField(label="Reference of the authority's letter", max_length=80)


class AttestationForm(forms.Form):
    """What the custodian's document says. Custodian and unit are typed from it, and compared with the terms."""

    custodian = forms.CharField(label="Custodian who signed it", max_length=200)
    quantity = forms.IntegerField(label="Quantity attested", min_value=0, max_value=LARGEST)
    unit_of_measure = forms.CharField(label="Unit of measure", max_length=20, help_text="As the document says it.")
    as_of = forms.DateTimeField(label="As of", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    expires_at = forms.DateTimeField(label="Holds until", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    document_sha256 = forms.RegexField(
        r"^[0-9a-f]{64}$",
        label="SHA-256 of the custodian's document",
        error_messages={"invalid": "Paste the 64 signs of the SHA-256, in small letters."},
    )

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if {"as_of", "expires_at"} <= said.keys() and said["as_of"] >= said["expires_at"]:
            self.add_error("expires_at", "An attestation runs out after the moment it speaks of.")
        return said


class RateForm(forms.ModelForm):
    class Meta:
        model = FxRate
        fields = ["currency", "date", "per_usd"]
        widgets = {"date": DayInput}
        labels = {"per_usd": "Units of the currency for one US dollar"}
        error_messages = {"__all__": {"unique_together": "This day's rate is recorded already."}}


class AuthorisationForm(forms.Form):
    """Which venue may distribute the asset, and up to how much."""

    venue = forms.ModelChoiceField(standing.VenueStanding.objects.none(), empty_label="Choose a venue")
    limit_units = forms.IntegerField(label="Limit, in units", min_value=1, max_value=LARGEST)
    valid_from = forms.DateField(
        label="First day", widget=DayInput, required=False, help_text="Today, if you leave it empty."
    )
    valid_to = forms.DateField(
        label="Last day", widget=DayInput, required=False, help_text="Leave it empty if there is none. It can be moved."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["venue"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = standing.venues()


class LastDayForm(forms.Form):
    """Another last day of an authorisation, and why."""

    valid_to = forms.DateField(label="New last day", widget=DayInput)
    reasons = forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    expected_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class UnitsForm(forms.Form):
    """Units to move. The key is drawn with the page, so that a second click on the same form posts nothing more."""

    units = forms.IntegerField(label="Units", min_value=1, max_value=LARGEST)
    case_ref = forms.CharField(label="Your reference", max_length=120, required=False, help_text="Kept with the entry.")
    key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)

    @classmethod
    def fresh(cls, **more: Any) -> "UnitsForm":
        return cls(initial={"key": uuid4().hex}, **more)


class PlacementForm(UnitsForm):
    """A placement, and in what it was settled: one of those that are permitted today, the default first."""

    field_order = ["units", "settlement", "case_ref", "key"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        permitted = [each for each in settlement_assets(timezone.localdate()) if each.permitted]
        choices = [(each.code, f"{each.name} ({each.code})") for each in permitted]
        self.fields["settlement"] = forms.ChoiceField(
            label="Settled in",
            # With no list there is nothing to choose, and nothing is recorded.
            choices=choices if permitted and permitted[0].is_default else [("", "Not recorded"), *choices],
            required=False,
            help_text="What your client paid in: it is recorded here, not moved.",
        )
        self.order_fields(self.field_order)


class RegisterForm(forms.ModelForm):
    """The traditional register's own figure."""

    class Meta:
        model = RegisterStatement
        fields = ["as_of", "units", "reference"]
        widgets = {"as_of": DayInput}
        labels = {"as_of": "At the end of"}
