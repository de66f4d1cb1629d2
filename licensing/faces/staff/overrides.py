"""Overriding a rating: the form that proposes it, and the page of a proposal with its votes and moves."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from licensing.access import DRAFT_DECISIONS, READ_CASES
from licensing.actions import overrides as actions
from licensing.faces.panels import made
from licensing.faces.staff.votes import votes_panel
from licensing.models import Rating, RatingOverride
from pvara.kernel.web import explain_on, holding, person, sent

WAIVED = "waived"


class OverrideForm(forms.Form):
    """What a rating is to count instead, and why."""

    to_rating = forms.TypedChoiceField(
        label="It is to count",
        coerce=lambda said: None if said == WAIVED else int(said),
        widget=forms.RadioSelect,
        choices=[(number, f"{number} – {words}") for number, words in Rating.LABELS.items()],
    )
    reasons = forms.CharField(
        label="Reasons", widget=forms.Textarea(attrs={"rows": 4}), help_text="The members read them before they vote."
    )

    def __init__(self, *args: Any, waivable: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to_rating"]
        assert isinstance(field, forms.TypedChoiceField)
        if waivable:
            scale: Any = field.choices
            field.choices = [*scale, (WAIVED, "Nothing: the committee waives the criterion for this firm")]


@require_http_methods(["GET", "HEAD", "POST"])
@holding(DRAFT_DECISIONS)
def override_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose that a moderated rating counts as another."""
    rows = Rating.objects.visible_to(request.user).select_related("firm", "criterion__domain")
    given: Any = get_object_or_404(rows, pk=pk)
    form = OverrideForm(sent(request)[0], waivable=given.criterion.waivable_by_committee)
    if request.method == "POST" and form.is_valid():
        try:
            made_one = actions.propose_override(given, by=person(request), at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"{made_one.reference} is proposed: {_who_votes(made_one)} on it.")
            return redirect(made_one.get_absolute_url())
    criterion = given.criterion
    above = f"Propose an override of the rating{', or a waiver' if criterion.waivable_by_committee else ''}"
    shown = {"given": given, "firm": given.firm, "criterion": criterion, "form": form, "above": above}
    return render(request, "staff/override_new.html", shown, status=422 if form.errors else 200)


def _who_votes(override: RatingOverride) -> str:
    return "the committee votes" if override.waives else "the committee or the board votes"


@require_safe
@holding(READ_CASES)
def override(request: HttpRequest, pk: int) -> HttpResponse:
    """One proposal: what the rating says, what it is to count, how the votes stand, and its moves."""
    rows = RatingOverride.objects.visible_to(request.user).select_related(
        "firm", "rating__criterion__domain", "rating__assessor", "rating__moderator", "proposed_by", "decided_by"
    )
    found: Any = get_object_or_404(rows.prefetch_related("firm__mous"), pk=pk)
    shown = {
        "override": found,
        "given": found.rating,
        "criterion": found.rating.criterion,
        "firm": found.firm,
        "panels": made((votes_panel,), found, person(request), timezone.now()),
    }
    return render(request, "staff/override.html", shown)
