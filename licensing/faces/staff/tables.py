"""The dated tables for the regulator: all of them, one, one entry with its versions, and a change from proposal on."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from licensing.access import PROPOSE_SETTINGS, READ_CASES
from licensing.actions import tables as actions
from licensing.faces.staff.table_forms import FORMS, ReturnForm, RowForm
from licensing.faces.tables import lines_of, open_changes, specimen_of, versions_of
from licensing.models import TableChange
from licensing.models.settings import CAPITAL, FEE
from licensing.models.tables import TABLES, DatedTable, Entry
from licensing.states import FeeKind, SettingChangeState, TableAct
from pvara.kernel.web import explain_on, holding, person, sent

TITLES = {
    TableAct.ADD: "Propose a new entry",
    TableAct.CHANGE: "Propose a new version",
    TableAct.END: "Propose its end",
}


def table_called(name: str) -> DatedTable:
    if name not in TABLES:
        raise Http404(f"There is no table “{name}”.")
    return TABLES[name]


def entry_called(name: str, code: str) -> Entry:
    found = table_called(name).entry(code)
    if found is None:
        raise Http404(f"The table has no “{code}”.")
    return found


@require_safe
@holding(READ_CASES)
def tables(request: HttpRequest) -> HttpResponse:
    """Every dated table, with how many entries it has and what is proposed."""
    shown = [(table, len(table.entries()), open_changes(table)) for table in TABLES.values()]
    return render(request, "staff/tables.html", {"tables": shown})


@require_safe
@holding(READ_CASES)
def table(request: HttpRequest, name: str) -> HttpResponse:
    """One table: each entry with what holds now and what is to come, and the entries that are proposed."""
    found = table_called(name)
    lines = lines_of(found, timezone.localdate())
    there = {line.entry.code for line in lines}
    shown = {
        "table": found,
        "lines": lines,
        "new": [each for each in open_changes(found) if each.code not in there],
        "may": request.user.has_perm(PROPOSE_SETTINGS),
        "may_add": request.user.has_perm(PROPOSE_SETTINGS) and found.may_grow(),
    }
    return render(request, "staff/table.html", shown)


@require_safe
@holding(READ_CASES)
def table_row(request: HttpRequest, name: str, code: str) -> HttpResponse:
    """One entry: what it says, said and will say, and every proposal to change it."""
    entry, today = entry_called(name, code), timezone.localdate()
    changes = TableChange.objects.filter(table=name, code=code).select_related("proposed_by")
    waiting = next((each for each in changes if each.state == SettingChangeState.PROPOSED), None)
    may = request.user.has_perm(PROPOSE_SETTINGS) and waiting is None
    current = entry.on(today) or entry.newest
    shown = {
        "table": entry.table,
        "entry": entry,
        "versions": versions_of(entry, today),
        "waiting": waiting,
        "changes": changes,
        "may_change": may,
        "may_end": may and entry.table.may_end and not entry.is_over,
        "specimen": specimen_of(entry.table, code, _wording(entry.table, current), today),
        "kept_elsewhere": _kept_elsewhere(entry),
    }
    return render(request, "staff/table_row.html", shown)


def _wording(table: DatedTable, row: Any) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in table.columns}


def _kept_elsewhere(entry: Entry) -> list[tuple[str, str]]:
    """The settings that say something of the same activity: what it costs, and its capital."""
    if entry.table.name != "activities":
        return []
    fees = [(f"Fee: {kind.label}", f"{FEE}{kind}.{entry.code}") for kind in FeeKind]
    return [("Paid-up capital", f"{CAPITAL}{entry.code}"), *fees]


# ── Proposing ────────────────────────────────────────────────────────────────────────────────────────────────────────
@require_http_methods(["GET", "HEAD", "POST"])
@holding(PROPOSE_SETTINGS)
def table_row_new(request: HttpRequest, name: str) -> HttpResponse:
    found = table_called(name)
    if not found.may_grow():
        raise Http404("The regime fixes which entries this table has.")
    return _proposed(request, found, None, TableAct.ADD)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(PROPOSE_SETTINGS)
def table_row_change(request: HttpRequest, name: str, code: str) -> HttpResponse:
    entry = entry_called(name, code)
    return _proposed(request, entry.table, entry, TableAct.CHANGE)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(PROPOSE_SETTINGS)
def table_row_end(request: HttpRequest, name: str, code: str) -> HttpResponse:
    entry = entry_called(name, code)
    if not entry.table.may_end:
        raise Http404("The regime needs this entry: it does not end.")
    return _proposed(request, entry.table, entry, TableAct.END)


def _proposed(request: HttpRequest, table: DatedTable, entry: Entry | None, act: TableAct) -> HttpResponse:
    """The form of a row: proposed, looked at beforehand, or shown again with what is wrong and all that was typed."""
    looking = "preview" in request.POST
    form = FORMS[table.name](table, entry, act, sent(request)[0], looking=looking)
    specimen = None
    if request.method == "POST":
        complete = form.is_valid()
        content = {} if act == TableAct.END else form.content()
        code = entry.code if entry else form.cleaned_data.get("code", "").strip()
        on = form.cleaned_data.get("effective_from") or timezone.localdate()
        try:
            if looking or not complete:
                row = actions.checked(table, code, content, act=act, on=on)
                specimen = specimen_of(table, code, row, on) if complete else None
            else:
                said = {name: form.cleaned_data[name] for name in form.last}
                change = actions.propose(
                    table.name, code, content, act=act, by=person(request), at=timezone.now(), **said
                )
                message = f"{change.reference} is proposed; a member of the board publishes or refuses it."
                messages.success(request, message)
                return redirect(change.get_absolute_url())
        except ValidationError as refusal:
            explain_on(form, _unsaid(form, refusal))
    shown = {
        "table": table,
        "entry": entry,
        "form": form,
        "plain": _plain_fields(form),
        "title": TITLES[act],
        "specimen": specimen,
        "preview": table.name == "letters",
        "back": (entry or table).get_absolute_url(),
    }
    return render(request, "staff/table_form.html", shown, status=422 if form.errors else 200)


def _unsaid(form: RowForm, refusal: ValidationError) -> ValidationError:
    """What is wrong with the row, but for the fields of which the form has said already what they miss."""
    said_already = set(form.errors)
    return ValidationError({name: said for name, said in refusal.message_dict.items() if name not in said_already})


def _plain_fields(form: RowForm) -> list[Any]:
    """The fields that stand one below the other; the rows of a return stand in a table of their own."""
    if not isinstance(form, ReturnForm):
        return list(form)
    return [field for field in form if not form.of_the_row(field.name)]


@require_safe
@holding(READ_CASES)
def table_change(request: HttpRequest, pk: int) -> HttpResponse:
    """One proposal: the row as it is beside the row as it is to be, and its moves."""
    rows = TableChange.objects.visible_to(request.user).select_related("proposed_by", "published_by", "refused_by")
    found: Any = get_object_or_404(rows, pk=pk)
    ends = found.act == TableAct.END
    shown = {
        "change": found,
        "table": found.dated,
        "beside": [] if ends else found.beside(),
        "ends": ends,
        "entry": found.dated.entry(found.code),
        "specimen": specimen_of(found.dated, found.code, found.content, found.effective_from),
    }
    return render(request, "staff/table_change.html", shown)
