"""The records: every letter, as it is checked and as it was issued, and the audit log for those who read it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from licensing.access import READ_AUDIT, READ_CASES
from licensing.models import Letter, LetterText
from pvara.kernel.machine import machines
from pvara.kernel.models import AuditEntry
from pvara.kernel.web import ROWS_A_PAGE, holding, page_of


@require_safe
@holding(READ_CASES)
def letters(request: HttpRequest) -> HttpResponse:
    found = Letter.objects.visible_to(request.user).select_related("firm")
    asked = request.GET.get("q", "").strip()
    if asked:
        found = found.filter(reference__icontains=asked) | found.filter(addressee__icontains=asked)
    return render(request, "staff/letters.html", {"page": page_of(found, request), "q": asked})


@require_safe
@holding(READ_CASES)
def letter_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A letter word by word, as whoever checks it reads it, with what happened to it."""
    people = ("firm", "decided_by", "approved_by")
    letter = get_object_or_404(Letter.objects.visible_to(request.user).select_related(*people), pk=pk)
    worded = LetterText.objects.filter(code=letter.code, effective_from__lte=timezone.localdate(letter.decided_at))
    shown = {"letter": letter, "said": letter.content, "wording": worded.order_by("-effective_from").first()}
    return render(request, "staff/letter.html", shown)


@require_safe
@holding(READ_AUDIT)
def audit(request: HttpRequest) -> HttpResponse:
    """The audit log, newest first, by keyset: as fast on the last page as on the first."""
    entries = AuditEntry.objects.order_by("-pk")
    kind, before = request.GET.get("kind", ""), request.GET.get("before", "")
    kinds = {each._meta.label_lower: str(each._meta.verbose_name) for each in machines()}
    if kind in kinds:
        entries = entries.filter(subject_type=kind)
    if before.isascii() and before.isdigit() and len(before) < 19:
        entries = entries.filter(pk__lt=int(before))
    found = list(entries[: ROWS_A_PAGE + 1])
    shown = {
        "entries": found[:ROWS_A_PAGE],
        "kinds": kinds,
        "kind": kind,
        "older": found[ROWS_A_PAGE - 1].pk if len(found) > ROWS_A_PAGE else None,
    }
    return render(request, "staff/audit.html", shown)
