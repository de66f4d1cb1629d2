"""Documents of a firm: what was uploaded, what still lacks evidence, the upload itself, and each with its versions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from licensing.actions import evidence as actions
from licensing.actions.versions import criteria_served
from licensing.faces.staff.cases import evidence_download, evidence_of
from licensing.models import Criterion, Evidence, EvidenceKind, EvidenceLink, Firm
from licensing.models.assessed import criteria_asked_of
from licensing.models.firms import firms_of
from licensing.models.readiness import phase_reached
from licensing.scoring import PHASES
from licensing.states import EvidenceState
from pvara.kernel.web import applicants_only, explain_on, person, sent


class CriteriaField(forms.ModelMultipleChoiceField):
    """Criteria, each with the kinds of document that it accepts."""

    titles: dict[str, str]

    def label_from_instance(self, row: Any) -> str:
        kinds = ", ".join(self.titles[code] for code in row.kinds)
        return f"{row} ({kinds})" if kinds else str(row)


class UploadForm(forms.Form):
    """A document and the criteria that it serves."""

    title = forms.CharField(label="Title", max_length=200, help_text="Such as “AML/CFT policy, approved May 2026”.")
    file = forms.FileField(label="File", help_text="PDF, Word, Excel, PNG, JPEG, text or CSV, 10 MB at most.")
    kind = forms.ModelChoiceField(
        EvidenceKind.objects.none(), label="What kind of document it is", to_field_name="code", empty_label="Choose"
    )
    criteria = CriteriaField(
        Criterion.objects.none(),
        label="What it is evidence for",
        help_text="Choose every criterion that the document serves and that accepts its kind.",
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, firm: Firm, at: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind, field = self.fields["kind"], self.fields["criteria"]
        assert isinstance(kind, forms.ModelChoiceField)
        assert isinstance(field, CriteriaField)
        kind.queryset = EvidenceKind.objects.all()
        field.queryset = criteria_asked_of(firm, at)
        field.titles = dict(EvidenceKind.objects.values_list("code", "title"))


class VersionForm(UploadForm):
    """A newer version of a document; it starts with what the earlier one was and served."""

    def __init__(self, *args: Any, earlier: Evidence, at: datetime, **kwargs: Any) -> None:
        served = [each.criterion.pk for each in criteria_served(earlier, at) if each.is_asked]
        begins = {"title": earlier.title, "kind": earlier.kind and earlier.kind.code, "criteria": served}
        super().__init__(*args, firm=earlier.firm, at=at, initial=begins, **kwargs)
        self.fields["criteria"].help_text = "It serves what the earlier version serves, and more if you choose more."


@dataclass(frozen=True)
class Wanted:
    """A criterion of the firm's phase, and how its evidence stands."""

    criterion: Criterion
    words: str
    tone: str


def wanted(firm: Firm, at: datetime) -> list[Wanted]:
    """What the firm must show in the phase that it has reached."""
    phases = PHASES[: PHASES.index(phase_reached(firm)) + 1]
    today = timezone.localdate(at)
    # By code: a document for a criterion of another version proves the same thing.
    states: dict[str, set[str]] = {}
    for link in EvidenceLink.objects.filter(evidence__firm=firm).select_related("evidence", "criterion"):
        # Each criterion has its own day: what still proves one may have expired for another.
        state = link.evidence.state
        if link.evidence.was_accepted:
            over = link.expires_on is not None and link.expires_on < today
            state = EvidenceState.EXPIRED if over else EvidenceState.ACCEPTED
        states.setdefault(link.criterion.code, set()).add(state)
    found = criteria_asked_of(firm, at).filter(applies_from__in=phases)
    return [Wanted(each, *_standing(states.get(each.code, set()))) for each in found]


def _standing(states: set[str]) -> tuple[str, str]:
    """The best that can be said of a criterion's documents."""
    for state, words, tone in (
        (EvidenceState.ACCEPTED, "Accepted", "success"),
        (EvidenceState.UPLOADED, "Waiting for us", "info"),
        (EvidenceState.EXPIRED, "Expired", "warning"),
        (EvidenceState.REJECTED, "Rejected", "danger"),
    ):
        if state in states:
            return words, tone
    return "Missing", "secondary"


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """What a firm has uploaded, and the form for more."""
    firm = get_object_or_404(firms_of(request.user), pk=pk)
    at = timezone.now()
    form = UploadForm(*sent(request), firm=firm, at=at)
    if request.method == "POST" and form.is_valid():
        try:
            uploaded = actions.upload_evidence(firm, by=person(request), at=at, **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"“{uploaded.title}” is uploaded. A case officer looks at it.")
            return redirect("portal:evidence", pk=pk)
    shown = {"firm": firm, "form": form, "evidence": evidence_of(firm), "wanted": wanted(firm, at)}
    return render(request, "portal/evidence.html", shown, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def piece(request: HttpRequest, pk: int) -> HttpResponse:
    """One document with its versions and, on the latest of them, the form for a newer one."""
    rows = Evidence.objects.visible_to(request.user).select_related("firm", "kind", "replaced_by")
    found = get_object_or_404(rows.prefetch_related("links__criterion"), pk=pk)
    at = timezone.now()
    # Who was overtaken by a colleague reads so, and what was typed is still there.
    asked = request.method == "POST" or found.next_version is None
    form = VersionForm(*sent(request), earlier=found, at=at) if asked else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            newer = actions.upload_evidence(found.firm, by=person(request), at=at, replaces=found, **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(
                request, f"Version {newer.edition} is uploaded. The earlier one counts until a case officer accepts it."
            )
            return redirect("portal:evidence_piece", pk=newer.pk)
    shown = {"piece": found, "firm": found.firm, "versions": found.versions, "form": form}
    return render(request, "portal/evidence_piece.html", shown, status=422 if form and form.errors else 200)


@require_safe
@applicants_only
def evidence_file(request: HttpRequest, pk: int) -> FileResponse:
    return evidence_download(get_object_or_404(Evidence.objects.visible_to(request.user), pk=pk))
