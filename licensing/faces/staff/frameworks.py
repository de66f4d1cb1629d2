"""The scoring framework for the regulator: its versions, one of them as a table, what it changes, and its faults."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from licensing.access import DRAFT_FRAMEWORKS, READ_CASES
from licensing.actions import framework as actions
from licensing.faces.impact import as_csv, makes_a_difference, sums_of
from licensing.models import Criterion, Domain, EvidenceKind, Framework
from licensing.models.compared import changes
from licensing.models.framework import as_rules, framework_row
from licensing.models.impact import impact_of
from licensing.soundness import Fault, faults
from licensing.states import WAS_PUBLISHED
from pvara.kernel.web import explain_on, holding, person, sent
from pvara.kernel.widgets import DayInput


class DraftForm(forms.Form):
    """From which version a draft starts, what it is called and when it takes effect."""

    source = forms.ModelChoiceField(
        Framework.objects.none(), label="Start from", empty_label=None, help_text="The draft says all that it says."
    )
    edition = forms.CharField(label="Number", max_length=20, help_text="Such as 2.0.")
    effective_from = forms.DateField(label="Takes effect on", widget=DayInput, help_text="A day to come.")

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, initial={"source": framework_row(today)})
        field = self.fields["source"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Framework.objects.filter(state__in=WAS_PUBLISHED)


@dataclass(frozen=True)
class Line:
    """A criterion in the table, with the points of all criteria down to it."""

    criterion: Criterion
    kinds: list[str]
    sum: Decimal


@dataclass(frozen=True)
class Section:
    domain: Domain
    lines: list[Line]

    @property
    def points(self) -> Decimal:
        return sum((line.criterion.points for line in self.lines), Decimal(0))


@dataclass(frozen=True)
class Check:
    """One thing that must hold before a version may be proposed, and what of it does not."""

    title: str
    faults: list[Fault]


def sections(framework: Framework) -> list[Section]:
    """The domains with their criteria, and the running sum of their points; three queries."""
    titles = dict(EvidenceKind.objects.values_list("code", "title"))
    found, running = [], Decimal(0)
    for domain in framework.domains.prefetch_related("criteria"):
        lines = []
        for criterion in domain.criteria.all():
            running += criterion.points
            lines.append(Line(criterion, [titles[code] for code in criterion.kinds], running))
        found.append(Section(domain, lines))
    return found


def checklist(said: list[Fault]) -> Iterator[Check]:
    """The faults, sorted into what must hold: what does hold is shown as well."""
    sums = {"points": "The points sum to 100", "amber": "The colours are in order"}
    for field, title in sums.items():
        yield Check(title, [each for each in said if not each.part and each.field == field])
    of_criteria = [each for each in said if each.part and not each.part.startswith("G")]
    without = [each for each in of_criteria if each.field == "kinds"]
    yield Check("Every criterion accepts some kind of evidence", without)
    yield Check("Every criterion has points, a domain and a phase, once", [f for f in of_criteria if f not in without])
    yield Check("Every bar lies between 0 and 100 per cent", [each for each in said if each.part.startswith("G")])


def version_called(request: HttpRequest, pk: int) -> Framework:
    rows = Framework.objects.visible_to(request.user).select_related("based_on", "proposed_by", "published_by")
    found: Framework = get_object_or_404(rows, pk=pk)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@holding(READ_CASES)
def frameworks(request: HttpRequest) -> HttpResponse:
    """Every version, and the form that starts a draft."""
    today = timezone.localdate()
    may = request.user.has_perm(DRAFT_FRAMEWORKS)
    form = DraftForm(sent(request)[0], today=today) if may else None
    if request.method == "POST" and form is None:
        messages.error(request, "A version is drafted by moderators and supervisors.")
        return redirect("staff:frameworks")
    if form is not None and request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        try:
            draft = actions.start_draft(said.pop("source"), **said, by=person(request), at=timezone.now())
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"{draft} is drafted. It says what the version says from which it was started.")
            return redirect(draft.get_absolute_url())
    rows = Framework.objects.visible_to(request.user).select_related("based_on", "proposed_by", "published_by")
    shown = {"rows": rows, "in_force": framework_row(today), "form": form}
    return render(request, "staff/frameworks.html", shown, status=422 if form is not None and form.errors else 200)


@require_safe
@holding(READ_CASES)
def framework(request: HttpRequest, pk: int) -> HttpResponse:
    """One version as a table: what is asked, what it counts, what each gate needs, and whether it adds up."""
    found = version_called(request, pk)
    shown = {
        "framework": found,
        "sections": sections(found),
        "gates": found.gates.prefetch_related("floors__domain"),
        "checks": list(checklist(faults(as_rules(found)))),
        "may_change": found.is_draft and request.user.has_perm(DRAFT_FRAMEWORKS),
    }
    return render(request, "staff/framework.html", shown)


@require_safe
@holding(READ_CASES)
def framework_changes(request: HttpRequest, pk: int) -> HttpResponse:
    """What a version changes against the one that it was started from."""
    found = version_called(request, pk)
    source = found.based_on
    shown = {"framework": found, "source": source, "changes": changes(source, found) if source else []}
    return render(request, "staff/framework_changes.html", shown)


@require_safe
@holding(READ_CASES)
def framework_impact(request: HttpRequest, pk: int) -> HttpResponse:
    """Every open case and living licence under this version, beside the one by which each is judged now."""
    found = version_called(request, pk)
    impacts = impact_of(found, timezone.now())
    differing = [each for each in impacts if makes_a_difference(each)]
    everything = request.GET.get("all") == "yes"
    shown = {
        "framework": found,
        "sums": sums_of(impacts),
        "rows": impacts if everything else differing,
        "everything": everything,
        "total": len(impacts),
        "differing": len(differing),
    }
    return render(request, "staff/framework_impact.html", shown)


@require_safe
@holding(READ_CASES)
def framework_impact_csv(request: HttpRequest, pk: int) -> HttpResponse:
    found = version_called(request, pk)
    return as_csv(found, impact_of(found, timezone.now()))
