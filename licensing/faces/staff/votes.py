"""Votes of the committee and the board: how they stand on a case, casting one's own, and what waits for it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from licensing.access import VOTE, body_of
from licensing.actions.votes import cast_vote
from licensing.faces.panels import Panel
from licensing.models import Appeal, Motion, Vote
from licensing.models.appeals import with_subjects
from licensing.models.conflicts import cases_open_to, firms_closed_to
from licensing.models.votes import DecidedByVote, Tally, put_to_vote, tallies, voted_moves
from licensing.states import VoteChoice
from pvara.kernel import deadlines, roles
from pvara.kernel.machine import Move, StaleVersion, Stateful, machines, moves_of
from pvara.kernel.models import User
from pvara.kernel.web import explain_on, holding, machine_called, page_of, person, sent, way_back


class VoteForm(forms.Form):
    """One's own vote on one of the decisions that are open."""

    move = forms.ChoiceField(label="Decision")
    choice = forms.ChoiceField(label="Your vote", widget=forms.RadioSelect, choices=VoteChoice.choices)
    reasons = forms.CharField(
        label="Reasons",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Needed for a vote against; they go into the record of the decision.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
    next = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, found: list[Tally], initial: dict[str, Any]) -> None:
        # It stands among the forms of the moves.
        super().__init__(data, auto_id="vote_%s", initial=initial)
        field = self.fields["move"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(each.move.name, each.move.title) for each in found]


def open_tallies(case: Any, at: datetime) -> list[Tally]:
    """How the votes stand on everything that a body may decide about a row from its present state."""
    return list(tallies(case, [row.name for row in put_to_vote(case)], at).values())


def _own(found: list[Tally], user: User) -> list[Tally]:
    """Those on which a person has a vote."""
    return [each for each in found if user in each.members]


def _barred(found: list[Tally], user: User) -> list[str]:
    """Why a person has no vote; each reason once, however many decisions it keeps them from."""
    return list(dict.fromkeys(why for each in found for why in each.barred.get(user, ())))


def votes_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """Who voted what, whether that is enough, and the form for one's own vote."""
    if not isinstance(case, DecidedByVote):
        return None
    found = open_tallies(case, at)
    own = _own(found, user)
    # What was decided long ago and is not put into question is shown to those only who could do so.
    is_closed = not any(case.waits_for(each.move.name) for each in found)
    if not found or (is_closed and not own and not any(each.votes for each in found)):
        return None
    here = case.get_absolute_url()  # type: ignore[attr-defined]  # every case has a page
    first = {"version": case.version, "next": here, "move": own[0].move.name if own else ""}
    shown = {
        "tallies": found,
        "is_closed": is_closed,
        "barred": _barred(found, user),
        "barred_title": "You have no vote on some of this" if own else "You have no vote on this case",
        "form": VoteForm(found=own, initial=first) if own else None,
        "href": reverse("staff:vote", args=[case._meta.label_lower, case.pk]),
    }
    return Panel("Votes", "votes", "staff/panels/votes.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(VOTE)
def vote(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Cast a vote; one that is refused comes back with everything that was typed."""
    model: Any = machine_called(kind)
    case = get_object_or_404(model.objects.visible_to(request.user).select_related("firm"), pk=pk)
    at = timezone.now()
    found = open_tallies(case, at)
    form = VoteForm(sent(request)[0], found=found, initial={"version": case.version})
    status = 200
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        said.pop("next")
        try:
            cast = cast_vote(
                case, said.pop("move"), by=person(request), at=at, expected_version=said.pop("version"), **said
            )
        except ValidationError as refusal:
            explain_on(form, refusal)
        except StaleVersion:
            form.add_error(None, "The case has changed since you opened it: read it again, then vote.")
            # What was typed stays; the version is the one that the person now sees.
            form.data = {**request.POST.dict(), "version": model.objects.get(pk=pk).version}
            status = 409
        else:
            messages.success(request, f"Your vote is recorded: {cast.get_choice_display().lower()}.")
            return redirect(way_back(request, case.get_absolute_url()))
    status = 422 if form.errors and status == 200 else status
    shown = {"case": case, "firm": case.firm, "form": form, "tallies": found}
    return render(request, "staff/vote.html", shown, status=status)


# ── What waits ───────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Waiting:
    """A case that a body decides on: the votes that were cast on each decision, one's own, and the clock."""

    case: Any
    counts: list[str]
    own: list[Vote]
    clock: deadlines.Ticking | None


@require_safe
@holding(VOTE)
def committee(request: HttpRequest) -> HttpResponse:
    """The cases that wait for one's vote, and after them those on which one has voted."""
    at, user = timezone.now(), person(request)
    closed_to = firms_closed_to(user, at)
    found = [row for model in machines() if voted_moves(model) for row in _waiting(model, user, closed_to, at)]
    # A list of the committee's is short: it decides on some dozens of cases at a time.
    page = page_of(sorted(found, key=lambda each: bool(each.own)), request)
    varied = Appeal.objects.to_be_carried_out().visible_to(user).exclude(firm__in=closed_to)
    bodies = [body.title for body in sorted(_bodies(user), key=lambda each: each.code)]
    shown = {"page": page, "waiting": sum(not each.own for each in found), "bodies": bodies}
    shown["varied"] = with_subjects(varied.select_related("firm", "decision").order_by("pk"))
    return render(request, "staff/committee.html", shown)


def _bodies(user: User) -> set[Any]:
    rows = [row for model in machines() for row in voted_moves(model)]
    return {body for row in rows if (body := body_of(row.permissions)).role in roles.of(user)}


def _cases(model: Any, user: User, closed_to: set[int]) -> list[Any]:
    """The cases of a machine that wait for a person's bodies, and those on which one of their motions stands."""
    mine = [row for row in voted_moves(model) if body_of(row.permissions).role in roles.of(user)]
    put = Motion.objects.filter(
        subject_type=model._meta.label_lower,
        subject_id=OuterRef("pk"),
        subject_version=OuterRef("version"),
        move__in=[row.name for row in mine],
    )
    cases = model._default_manager.visible_to(user).filter(model.waiting_for(mine) | Exists(put))
    for part in ("case_officer", "recommended_by"):
        if part in {field.name for field in model._meta.get_fields()}:
            cases = cases.exclude(**{part: user})
    cases = cases_open_to(user, cases, closed=closed_to).select_related("firm").prefetch_related(*model.voted_with)
    return [case for case in cases.order_by("pk") if any(_has_a_say(user, case, row) for row in put_to_vote(case))]


def _has_a_say(user: User, case: Any, row: Move) -> bool:
    return body_of(row.permissions).role in roles.of(user) and user.pk not in case.kept_from_move(row.name)


def _waiting(model: type[Stateful], user: User, closed_to: set[int], at: datetime) -> list[Waiting]:
    cases = _cases(model, user, closed_to)
    ticking = deadlines.of_rows(model, cases, at)
    versions = {case.pk: case.version for case in cases}
    cast: dict[int, list[Vote]] = defaultdict(list)
    rows = Vote.objects.filter(
        motion__subject_type=model._meta.label_lower, motion__subject_id__in=versions, superseded_by__isnull=True
    )
    for each in rows.select_related("motion").order_by("pk"):
        if each.motion.subject_version == versions[each.motion.subject_id]:
            cast[each.motion.subject_id].append(each)
    return [
        Waiting(
            case,
            _counts(model, cast[case.pk]),
            [each for each in cast[case.pk] if each.member_id == user.pk],
            deadlines.next_due(ticking[case.pk]),
        )
        for case in cases
    ]


def _counts(model: type[Stateful], votes: list[Vote]) -> list[str]:
    """“Grant the NOC: 2 for, 1 against”, for each decision on which somebody voted."""
    by_move: dict[str, list[str]] = defaultdict(list)
    for each in votes:
        by_move[each.motion.move].append(each.choice)
    return [
        f"{moves_of(model)[move].title}: "
        + ", ".join(f"{count} {choice}" for choice in VoteChoice.values if (count := chosen.count(choice)))
        for move, chosen in by_move.items()
    ]
