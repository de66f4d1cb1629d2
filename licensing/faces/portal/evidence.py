"""Documents of a firm: what was uploaded, what still lacks evidence, and the upload itself."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from licensing.actions import evidence as actions
from licensing.faces.staff.cases import evidence_download, evidence_of
from licensing.faces.staff.ratings import criteria_in_force
from licensing.models import Criterion, Evidence
from licensing.models.firms import firms_of
from pvara.kernel.web import applicants_only, explain_on, person, sent


class UploadForm(forms.Form):
    """A document and the criteria that it serves."""

    title = forms.CharField(label="Title", max_length=200, help_text="Such as “AML/CFT policy, approved May 2026”.")
    file = forms.FileField(label="File", help_text="PDF, Word, Excel, PNG, JPEG, text or CSV, 10 MB at most.")
    criteria = forms.ModelMultipleChoiceField(
        Criterion.objects.none(),
        label="What it is evidence for",
        help_text="Choose every criterion that the document serves.",
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, at: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["criteria"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = criteria_in_force(at)


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """What a firm has uploaded, and the form for more."""
    firm = get_object_or_404(firms_of(request.user), pk=pk)
    at = timezone.now()
    form = UploadForm(*sent(request), at=at)
    if request.method == "POST" and form.is_valid():
        try:
            piece = actions.upload_evidence(firm, by=person(request), at=at, **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"“{piece.title}” is uploaded. A case officer looks at it.")
            return redirect("portal:evidence", pk=pk)
    shown = {"firm": firm, "form": form, "evidence": evidence_of(firm)}
    return render(request, "portal/evidence.html", shown, status=422 if form.errors else 200)


@require_safe
@applicants_only
def evidence_file(request: HttpRequest, pk: int) -> FileResponse:
    piece = get_object_or_404(Evidence.objects.visible_to(request.user), pk=pk)
    return evidence_download(piece)
