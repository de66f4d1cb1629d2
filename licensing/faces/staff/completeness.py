"""The completeness check: the checklist of an application, and the list of what is missing as it is drafted."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from licensing.access import CHECK_INTAKE, READ_CASES
from licensing.actions import checklists, deficiencies
from licensing.faces.panels import Panel
from licensing.faces.returns import CHECKED_IN, by_round, case_of, documents_of_all
from licensing.models import Deficiency, LicenceApplication, NocApplication
from licensing.models.checklists import ChecklistItem, checklist_of
from licensing.states import ChecklistVerdict
from pvara.kernel.forms import SharedForm
from pvara.kernel.machine import Stateful
from pvara.kernel.models import User
from pvara.kernel.seen import ChangedMeanwhile
from pvara.kernel.web import explain_on, holding, person, sent


class ChecklistForm(SharedForm):
    """A verdict and a note for each item, which belong together; what was not looked at stays as it is."""

    def __init__(self, data: Any, *, items: list[ChecklistItem]) -> None:
        super().__init__(data, shows={item.key: item.found for item in items})
        self.items = items
        for item in items:
            verdict = forms.ChoiceField(
                label=item.title,
                help_text=f"{item.hint} {item.words}{'' if item.basis or not item.is_document else '; no document'}.",
                widget=forms.RadioSelect,
                choices=ChecklistVerdict.choices,
                required=False,
                initial=item.verdict,
            )
            # Every item is to be looked at some day, so the page does not call it optional.
            verdict.needed = True  # type: ignore[attr-defined]  # read by elements/field.html
            self.fields[f"verdict_{item.key}"] = verdict
            self.fields[f"note_{item.key}"] = forms.CharField(
                label=f"Note on {item.title}",
                required=False,
                max_length=2000,
                initial=item.found[1],
            )

    def clean(self) -> dict[str, Any]:
        for item in self.items:
            note = self.cleaned_data.get(f"note_{item.key}")
            if note and not self.cleaned_data.get(f"verdict_{item.key}") and not self.has_error(f"verdict_{item.key}"):
                self.add_error(f"verdict_{item.key}", "Choose what you found.")
        return self.cleaned_data

    def found(self) -> dict[str, tuple[str, str]]:
        said = self.cleaned_data
        return {
            item.key: (said[f"verdict_{item.key}"], said[f"note_{item.key}"])
            for item in self.items
            if said[f"verdict_{item.key}"]
        }

    def typed(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {item.key: (said[f"verdict_{item.key}"], said[f"note_{item.key}"]) for item in self.items}

    def put(self, name: str, said: tuple[str, str]) -> None:
        for part, words in zip(("verdict", "note"), said, strict=True):
            super().put(f"{part}_{name}", words)

    def title_of(self, name: str) -> str:
        return super().title_of(f"verdict_{name}")

    def words_of(self, name: str, said: tuple[str, str]) -> str:
        verdict, note = said
        return ". ".join(each for each in (super().words_of(f"verdict_{name}", verdict), note) if each)


def may_check(user: Any, case: Any) -> bool:
    return case.state == "completeness_check" and user.has_perm(CHECK_INTAKE)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(READ_CASES)
def checklist(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Every item that a complete application has; ticked off in one go or in many."""
    case = case_of(request, kind, pk)
    at = timezone.now()
    items = checklist_of(case, at)
    form = ChecklistForm(sent(request)[0], items=items)
    if request.method == "POST" and form.is_valid():
        try:
            seen = form.cleaned_data["seen"]
            ticks = checklists.check_items(case, form.found(), seen=seen, by=person(request), at=at)
        except ValidationError as refusal:
            _explain(form, refusal)
        except ChangedMeanwhile as newer:
            form.tell(newer)
        else:
            messages.success(request, f"{len(ticks)} item{'' if len(ticks) == 1 else 's'} recorded.")
            return redirect("staff:checklist", kind=kind, pk=pk)
    shown = {
        "case": case,
        "firm": case.firm,
        "kind": kind,
        "items": items,
        "in_order": sum(each.verdict == ChecklistVerdict.IN_ORDER for each in items),
        "wanting": [each for each in items if each.verdict == ChecklistVerdict.WANTING],
        "form": form if may_check(request.user, case) or form.errors else None,
    }
    return render(request, "staff/checklist.html", shown, status=422 if form.errors else 200)


def _explain(form: ChecklistForm, refusal: ValidationError) -> None:
    """An action speaks of items; the form has two fields for each."""
    by_item = refusal.message_dict if hasattr(refusal, "error_dict") else {"": refusal.messages}
    for item, said in by_item.items():
        for each in said:
            form.add_error(f"note_{item}" if f"note_{item}" in form.fields else None, each)


# ── Deficiencies ─────────────────────────────────────────────────────────────────────────────────────────────────────
class DeficiencyForm(SharedForm):
    """One thing that is missing."""

    item = forms.ChoiceField(label="Item of the checklist", required=False)
    missing = forms.CharField(
        label="What is missing",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="As the firm will read it: what is missing, and what would make it good.",
    )

    def __init__(self, data: Any, *, items: list[ChecklistItem], shows: Any = None, **more: Any) -> None:
        super().__init__(data, shows=shows, **more)
        field = self.fields["item"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "None of them"), *((each.key, each.title) for each in items)]


@require_http_methods(["GET", "HEAD", "POST"])
@holding(READ_CASES)
def deficiency_list(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """What is drafted, what was returned and what was answered; and the form for one more."""
    case = case_of(request, kind, pk)
    at = timezone.now()
    items = checklist_of(case, at)
    wanting = next((each for each in items if each.key == request.GET.get("item")), None)
    first = {"item": wanting.key, "missing": wanting.found[1]} if wanting else {}
    form = DeficiencyForm(sent(request)[0], items=items, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            deficiencies.draft_deficiency(case, by=person(request), at=at, **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, "Drafted. Somebody else returns the application with the whole list.")
            return redirect("staff:deficiencies", kind=kind, pk=pk)
    rows = list(Deficiency.objects.about(case).select_related("drafted_by", "answered_by"))
    documents = documents_of_all(rows)
    shown = {
        "case": case,
        "firm": case.firm,
        "rounds": [
            (round, [(each, documents[each.row.pk]) for each in lines]) for round, lines in by_round(reversed(rows))
        ],
        "form": form if may_check(request.user, case) or form.errors else None,
    }
    return render(request, "staff/deficiencies.html", shown, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(READ_CASES)
def deficiency(request: HttpRequest, pk: int) -> HttpResponse:
    """One deficiency: a draft to put right, or what was returned with its answer."""
    rows = Deficiency.objects.visible_to(request.user).select_related("firm", "drafted_by", "returned_by")
    row = get_object_or_404(rows, pk=pk)
    case = row.case
    at = timezone.now()
    # What was returned stands: there is nothing to put right, whatever is sent.
    is_open = row.is_draft and (may_check(request.user, case) or request.method == "POST")
    form = DeficiencyForm(sent(request)[0], items=checklist_of(case, at), shows=row.drafted) if is_open else None
    if request.method == "POST" and form is None:
        messages.error(request, "The application was returned with it; it can no longer be changed.")
        return redirect("staff:deficiency", pk=pk)
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            deficiencies.redraft_deficiency(row, by=person(request), at=at, **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        except ChangedMeanwhile as newer:
            form.tell(newer)
        else:
            messages.success(request, "The draft is saved.")
            return redirect("staff:deficiencies", kind=row.kind, pk=case.pk)
    shown = {
        "row": row,
        "case": case,
        "firm": row.firm,
        "kind": row.kind,
        "documents": documents_of_all([row])[row.pk],
        "form": form,
    }
    return render(request, "staff/deficiency.html", shown, status=422 if form is not None and form.errors else 200)


@require_POST
@holding(READ_CASES)
def deficiency_drop(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Deficiency.objects.visible_to(request.user), pk=pk)
    kind, number = row.kind, row.subject_id
    try:
        seen = request.POST.get("seen", "")
        deficiencies.drop_deficiency(row, by=person(request), at=timezone.now(), seen=seen)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    except ChangedMeanwhile as newer:
        messages.error(request, f"{newer} Read the draft again; it is not dropped.")
        return redirect("staff:deficiency", pk=pk)
    else:
        messages.success(request, "The draft is dropped.")
    return redirect("staff:deficiencies", kind=kind, pk=number)


# ── On the pages of cases ────────────────────────────────────────────────────────────────────────────────────────────
def checklist_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """How far the completeness check is, while it goes on."""
    if not isinstance(case, NocApplication | LicenceApplication) or case.state not in CHECKED_IN:
        return None
    items = checklist_of(case, at)
    context = {
        "case": case,
        "kind": _kind(case),
        "items": len(items),
        "in_order": sum(each.verdict == ChecklistVerdict.IN_ORDER for each in items),
        "wanting": [each.title for each in items if each.verdict == ChecklistVerdict.WANTING],
    }
    return Panel("Completeness checklist", "checklist", "staff/panels/checklist.html", context)


def deficiencies_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """What is missing: drafted, returned and answered."""
    if not isinstance(case, NocApplication | LicenceApplication) or case.state == "draft":
        return None
    rows = list(Deficiency.objects.about(case))
    if not rows and case.state not in CHECKED_IN:
        return None
    context = {
        "case": case,
        "kind": _kind(case),
        "rounds": by_round(rows),
        "due_on": case.answer_due_on() if case.state == "returned_incomplete" else None,
    }
    return Panel("What is missing", "deficiencies", "staff/panels/deficiencies.html", context)


def _kind(case: NocApplication | LicenceApplication) -> str:
    return "noc" if isinstance(case, NocApplication) else "full"
