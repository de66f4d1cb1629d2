"""Verification of letters: by number, by the token in the QR code's address, or by the PDF file itself."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from licensing.letters import check
from pvara.kernel.web import sent


class VerifyForm(forms.Form):
    """A number or a file; with both, the file decides."""

    number = forms.CharField(
        label="Number of the letter", max_length=80, required=False, help_text="Such as PVARA/NOC/2026/00001."
    )
    file = forms.FileField(
        label="The PDF file",
        required=False,
        help_text="The surest way: a single changed character is found. The file is looked at and not kept.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            # One of the two is enough; “optional” beside both would say otherwise.
            field.needed = True  # type: ignore[attr-defined]  # read by elements/field.html

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["file"]
        if file is not None and file.size is not None and file.size > settings.UPLOAD_LIMIT_BYTES:
            raise forms.ValidationError("The file is larger than any letter of ours.")
        return file

    def clean(self) -> dict[str, object]:
        said = self.cleaned_data
        if not self.errors and not said.get("number") and not said.get("file"):
            self.add_error("number", "Give the number of the letter, or choose its PDF file.")
        return said


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    form = VerifyForm(*sent(request))
    if request.method != "POST" or not form.is_valid():
        return render(request, "public/verify.html", {"form": form}, status=422 if form.errors else 200)
    file = form.cleaned_data["file"]
    return _answer(request, form.cleaned_data["number"], file.read() if file else None)


@require_safe
def verified(request: HttpRequest, token: str) -> HttpResponse:
    """Where the QR code of a letter leads."""
    return _answer(request, token, None)


def _answer(request: HttpRequest, number: str, content: bytes | None) -> HttpResponse:
    found = check(number, uploaded=content, at=timezone.now())
    letter = found.letter
    shown = {
        "found": found,
        "letter": letter,
        "by_file": content is not None,
        "form": VerifyForm(initial={"number": number if content is None and letter is None else ""}),
    }
    return render(request, "public/verified.html", shown, status=200 if letter else 404)
