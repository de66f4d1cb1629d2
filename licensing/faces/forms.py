"""Forms made from the regime's questions. They check and keep what is typed; the actions behind them do the rest."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from licensing import questions
from licensing.questions import Question
from pvara.kernel.forms import SharedForm
from pvara.kernel.widgets import DayInput

YES_NO = (("yes", "Yes"), ("no", "No"))


def field_for(question: Question) -> forms.Field:
    """The field that asks a question. None is compulsory here: a form may be saved half filled in."""
    told: dict[str, Any] = {"label": question.label, "help_text": question.hint, "required": False}
    match question.kind:
        case "long":
            return forms.CharField(widget=forms.Textarea(attrs={"rows": 5}), **told)
        case "number" | "percent":
            return forms.CharField(
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}), **told
            )
        case "date":
            return forms.CharField(widget=DayInput, **told)
        case "yes_no":
            return forms.ChoiceField(widget=forms.RadioSelect, choices=YES_NO, **told)
        case "email":
            return forms.CharField(widget=forms.EmailInput(attrs={"autocomplete": "email"}), **told)
        case "choices":
            return forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, choices=question.choices, **told)
        case _:
            return forms.CharField(**told)


class AnswersForm(SharedForm):
    """The questions of one section, or of one milestone, over what was answered before."""

    def __init__(self, asked: Iterable[Question], *, said: Mapping[str, Any], data: Any = None) -> None:
        super().__init__(data, shows=said)
        self.asked = tuple(asked)
        for question in self.asked:
            field = field_for(question)
            # What must be answered before submitting; the page says “optional” of the others.
            field.needed = question.required  # type: ignore[attr-defined]  # read by elements/field.html
            self.fields[question.key] = field

    @property
    def answers(self) -> dict[str, Any]:
        return {question.key: self.cleaned_data[question.key] for question in self.asked}

    def clean(self) -> dict[str, Any]:
        for question in self.asked:
            try:
                questions.check(question, self.cleaned_data.get(question.key))
            except ValidationError as wrong:
                for said in wrong.message_dict[question.key]:
                    # The label stands beside the field already.
                    self.add_error(question.key, said.removeprefix(f"“{question.label}”: ").capitalize())
        return self.cleaned_data


class DocumentForm(forms.Form):
    """A document that is handed in with a row."""

    title = forms.CharField(label="Title", max_length=200)
    file = forms.FileField(label="File", help_text="PDF, Word, Excel, PNG, JPEG, text or CSV, 10 MB at most.")
