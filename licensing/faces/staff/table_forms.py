"""The form of each dated table: what a row is to say, from which day, and why. What is wrong is said by the action."""

from typing import Any

from django import forms

from licensing import letters
from licensing.models import Criterion
from licensing.models.tables import KINDS, PHASES, DatedTable, Entry
from licensing.states import WAS_PUBLISHED, Frequency, InspectedArea, TableAct
from pvara.kernel.widgets import DayInput

SPARE_ROWS = 3


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def _number() -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})


def _several(label: str, **more: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, required=False, widget=forms.CheckboxSelectMultiple, **more)


class RowForm(forms.Form):
    """What every proposal says beside its row: the first day, who decided it, and why."""

    code = forms.CharField(label="Code", max_length=20)
    effective_from = forms.DateField(label="Takes effect on", widget=DayInput, help_text="A day to come.")
    source = forms.CharField(
        label="Decided by", max_length=500, help_text="The decision, rule or notification, with its number and date."
    )
    reasons = forms.CharField(label="Reasons", widget=_area(3))
    last = ("effective_from", "source", "reasons")
    # What may be left empty; that anything else may not, the action says in its own words.
    optional: tuple[str, ...] = ()

    def __init__(
        self, table: DatedTable, entry: Entry | None, act: str, data: Any = None, *, looking: bool = False
    ) -> None:
        self.table, self.entry, self.act = table, entry, act
        shown = table.content(entry.newest) if entry else {}
        super().__init__(data, initial=self.initial_of(shown or {}))
        if act == TableAct.ADD:
            self.name_codes()
        else:
            del self.fields["code"]
        if act == TableAct.END:
            self.fields = {name: field for name, field in self.fields.items() if name in self.last}
        if looking:
            # Whoever only looks at a row need not know yet from which day on it is to hold, nor why.
            for name in self.last:
                self.fields[name].required = False
        for name, field in self.fields.items():
            field.needed = name not in self.optional  # type: ignore[attr-defined]  # read by elements/field.html
        self.order_fields([name for name in self.fields if name not in self.last] + list(self.last))

    def initial_of(self, content: dict[str, Any]) -> dict[str, Any]:
        return content

    def name_codes(self) -> None:
        missing = self.table.missing_codes()
        if self.table.codes:
            titles = dict(self.table.model._meta.get_field("code").flatchoices)
            self.fields["code"] = forms.ChoiceField(
                label="Code", choices=[(each, titles.get(each, each)) for each in missing]
            )
        else:
            self.fields["code"].help_text = "Letters, digits and underscores; it never changes."

    def content(self) -> dict[str, Any]:
        """What the row is to say, as the action takes it."""
        aside = {*self.last, "code"}
        return {name: said for name, said in self.cleaned_data.items() if name not in aside}


class ActivityForm(RowForm):
    optional = ("criteria", "inspected")

    description = forms.CharField(label="What it is", required=False, widget=_area(3))
    minimum_capital_pkr = forms.CharField(
        label="Paid-up capital, at least", required=False, widget=_number(), help_text="In rupees."
    )
    criteria = _several("Criteria that must be largely met", help_text="Whatever the total of the score.")
    inspected = _several("What an inspection must have tested", choices=InspectedArea.choices)
    aml_service = forms.BooleanField(label="AML Registered Services may include it", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field := self.fields.get("criteria"):
            assert isinstance(field, forms.MultipleChoiceField)
            # Of every version that was published, also for a day to come; a code that two have is named by the later.
            rows = Criterion.objects.filter(domain__framework__state__in=WAS_PUBLISHED)
            ordered = rows.order_by("domain__framework__effective_from", "domain__order", "pk")
            field.choices = list({each.code: str(each) for each in ordered}.items())


class AgencyForm(RowForm):
    optional = ("address", "email")

    name = forms.CharField(label="Name", required=False)
    address = forms.CharField(
        label="Address", required=False, widget=_area(3), help_text="As letters write it, a line each."
    )
    email = forms.CharField(label="E-mail address", required=False, help_text="Where our letters go; empty: by hand.")
    phases = _several("Phases in which it is consulted", choices=list(PHASES.items()))
    blocks = forms.BooleanField(
        label="Its objection blocks", required=False, help_text="Unless the board goes on over it."
    )


class ReturnForm(RowForm):
    """The rows of a return are a table of inputs; `rows` gives them line by line to the page."""

    title = forms.CharField(label="Title", required=False)
    frequency = forms.ChoiceField(label="How often", choices=Frequency.choices)
    due_days = forms.CharField(
        label="Due after the period, or after the event",
        required=False,
        widget=_number(),
        help_text="In calendar days.",
    )
    parts = (
        ("key", "Key"),
        ("label", "Label"),
        ("kind", "Kind"),
        ("least", "At least"),
        ("most", "At most"),
        ("at_most", "Not more than row"),
        ("optional", "Optional"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.numbers: list[int] = []
        if self.act == TableAct.END:
            return
        shown = list(self.entry.newest.fields) if self.entry else []
        sent = [
            int(name[4:-4])
            for name in self.data
            if name.startswith("row_") and name.endswith("_key") and name[4:-4].isdigit()
        ]
        count = min(max([len(shown) + SPARE_ROWS, *(number for number in sent)]), 60)
        self.numbers = list(range(1, count + 1))
        for number in self.numbers:
            self._add_row(number, shown[number - 1] if number <= len(shown) else {})

    def _add_row(self, number: int, row: dict[str, Any]) -> None:
        for name, title in self.parts:
            label = f"{title}, row {number}"
            if name == "kind":
                kinds = [("", "–"), *((code, words.capitalize()) for code, words in KINDS.items())]
                field: forms.Field = forms.ChoiceField(label=label, choices=kinds, required=False)
            elif name == "optional":
                field = forms.BooleanField(label=label, required=False)
            else:
                width = {"label": 40, "least": 8, "most": 8}.get(name, 18)
                field = forms.CharField(label=label, required=False, widget=forms.TextInput(attrs={"size": width}))
            field.initial = not row.get("required", True) if name == "optional" else row.get(name, "")
            self.fields[f"row_{number}_{name}"] = field

    def initial_of(self, content: dict[str, Any]) -> dict[str, Any]:
        return {name: said for name, said in content.items() if name != "fields"}

    def rows(self) -> list[list[Any]]:
        """The inputs of each row, in the order of `parts`."""
        return [[self[f"row_{number}_{name}"] for name, _ in self.parts] for number in self.numbers]

    def of_the_row(self, name: str) -> bool:
        return name.startswith("row_")

    def content(self) -> dict[str, Any]:
        said = {name: value for name, value in super().content().items() if not self.of_the_row(name)}
        rows = []
        for number in self.numbers:
            row = {name: self.cleaned_data.get(f"row_{number}_{name}", "") for name, _ in self.parts}
            optional = row.pop("optional")
            if any(row.values()):
                rows.append({**row, "required": not optional})
        return {**said, "fields": rows}


class LetterForm(RowForm):
    optional = ("appeal",)

    title = forms.CharField(label="Title", required=False)
    legal_basis = forms.CharField(label="Legal basis", required=False, widget=_area(3))
    paragraphs = forms.CharField(label="Paragraphs", required=False, widget=_area(14))
    appeal = forms.CharField(label="Right of appeal", required=False, widget=_area(4))
    signatory_name = forms.CharField(label="Signed by", required=False)
    signatory_title = forms.CharField(label="Their office", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.entry and "paragraphs" in self.fields:
            places = [f"{{{name}}}: {means}" for name, means in letters.places_of(self.entry.code).items()]
            self.fields[
                "paragraphs"
            ].help_text = f"An empty line begins another. Facts of the case stand in braces: {'; '.join(places)}."

    def initial_of(self, content: dict[str, Any]) -> dict[str, Any]:
        return {**content, "paragraphs": "\n\n".join(content.get("paragraphs", []))}


FORMS: dict[str, type[RowForm]] = {
    "activities": ActivityForm,
    "agencies": AgencyForm,
    "returns": ReturnForm,
    "letters": LetterForm,
}
