"""Bank statements for finance: a file is handed in, looked through row by row, and then imported as it was shown."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from licensing.access import KEEP_ACCOUNTS, READ_AUDIT
from licensing.actions import statements as actions
from licensing.actions.statement_files import COLUMNS, MOST_ROWS, TITLES
from licensing.faces.fees import account_on
from licensing.models import BankStatement
from licensing.states import RowVerdict
from pvara.kernel.web import explain_on, holding, page_of, person, sent

TONES = {RowVerdict.RECORDED: "success", RowVerdict.DUPLICATE: "secondary", RowVerdict.FOREIGN: "secondary"}


class StatementForm(forms.Form):
    """A statement as the bank's site exports it."""

    file = forms.FileField(
        label="Statement",
        help_text=f"A CSV file in UTF-8 with commas between the columns, {MOST_ROWS:,} rows at most. "
        "Nothing is recorded before you have seen every row.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@holding(KEEP_ACCOUNTS, READ_AUDIT)
def statements(request: HttpRequest) -> HttpResponse:
    """The statements that were handed in, and the form for another one."""
    form = StatementForm(*sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            found, new = actions.hand_in(form.cleaned_data["file"], by=person(request), at=timezone.now())
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            if not new:
                messages.warning(request, f"This very file was handed in before, as {found.file_name}. Here it is.")
            return redirect("staff:statement", pk=found.pk)
    rows = BankStatement.objects.defer("content").select_related("uploaded_by", "imported_by")
    shown = {
        "form": form,
        "page": page_of(rows, request),
        "columns": [(TITLES[key], names) for key, names in COLUMNS.items()],
        "account": account_on(timezone.now()),
        "keeps_accounts": request.user.has_perm(KEEP_ACCOUNTS),
    }
    return render(request, "staff/statements.html", shown, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(KEEP_ACCOUNTS, READ_AUDIT)
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    """What an import will make of each row; or what it made of it. Confirming does exactly what is shown."""
    found = get_object_or_404(BankStatement.objects.select_related("uploaded_by", "imported_by"), pk=pk)
    at, status = timezone.now(), 200
    if request.method == "POST":
        try:
            actions.import_statement(found, shown=request.POST.get("shown", ""), by=person(request), at=at)
        except ValidationError as refusal:
            for said in refusal.messages:
                messages.error(request, said)
            status = 409
        else:
            messages.success(request, "The statement is imported as it was shown.")
            return redirect("staff:statement", pk=pk)
        found.refresh_from_db()
    imported = found.imported_at is not None
    rows = actions.as_imported(found) if imported else actions.look_through(found, by=person(request), at=at)
    counts = [(title, sum(each.verdict == value for each in rows)) for value, title in RowVerdict.choices]
    money = [each.amount_pkr for each in rows if each.is_recorded and each.amount_pkr is not None]
    shown = {
        "statement": found,
        "imported": imported,
        "rows": [(each, TONES.get(RowVerdict(each.verdict), "warning")) for each in rows],
        "counts": [(title, count) for title, count in counts if count],
        "shown_hash": "" if imported else actions.shown_hash(rows),
        "to_record": len(money),
        "sum": sum(money),
        "keeps_accounts": request.user.has_perm(KEEP_ACCOUNTS),
    }
    return render(request, "staff/statement.html", shown, status=status)
