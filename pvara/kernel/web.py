"""One page behind every move of the house, and what all faces share: who may open a page, roles, calendar, jobs.

`POST /moves/<app.model>/<pk>/<move>/` with `version`, `note` and `next`. Whoever may not see the row gets 404.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Page, Paginator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pvara.kernel import audit, clock, deadlines, outbox, roles
from pvara.kernel.machine import (
    MoveRefused,
    StaleVersion,
    Stateful,
    UnknownMove,
    label,
    machines,
    perform,
    the_move,
)
from pvara.kernel.models import Job, User
from pvara.kernel.widgets import DayInput

GRANT_ROLES = "kernel.grant_roles"
KEEP_CALENDAR = "kernel.keep_calendar"
RETRY_JOBS = "kernel.retry_jobs"
ROWS_A_PAGE = 25

View = Callable[..., HttpResponseBase]


# ── Who may open a page ──────────────────────────────────────────────────────────────────────────────────────────────
def holding(*permissions: str) -> Callable[[View], View]:
    """For those who hold one of the permissions through a role; others are asked to sign in, or refused."""

    def guarded(view: View) -> View:
        @wraps(view)
        @login_required
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not any(request.user.has_perm(each) for each in permissions):
                raise PermissionDenied("This page belongs to another role.")
            return view(request, *args, **kwargs)

        return page

    return guarded


def person(request: HttpRequest) -> User:
    """Who is signed in, on a page that nobody else reaches."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def applicants_only(view: View) -> View:
    """For people who hold no role: an exchange's own. Staff have their own pages, with their own rights."""

    @wraps(view)
    @login_required
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if roles.of(person(request)):
            raise PermissionDenied("These pages are for exchanges. Yours are under “Cases”.")
        return view(request, *args, **kwargs)

    return page


# ── Small things that every page needs ───────────────────────────────────────────────────────────────────────────────
def page_of(rows: "models.QuerySet[Any] | list[Any]", request: HttpRequest) -> Page:
    """The page that the address asks for; the nearest one when it asks for nonsense."""
    return Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))


def sent(request: HttpRequest) -> tuple[Any, Any]:
    """What a form takes as its data and files: None and None as long as it is only shown."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def way_back(request: HttpRequest, otherwise: str) -> str:
    """Where the form asked to go on to, if that is one of our own pages."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours and wanted else otherwise


def explain_on(form: forms.BaseForm, refusal: ValidationError | MoveRefused, *others: forms.BaseForm) -> None:
    """Write an action's refusal on the form it came from, beside the field where it names one of the form's.

    `others` are the forms that were sent with it, whose fields it may name as well.
    """
    if isinstance(refusal, MoveRefused):
        for gate in refusal.unmet:
            form.add_error(None, str(gate))
        return
    by_field = refusal.message_dict if hasattr(refusal, "error_dict") else {"": refusal.messages}
    for name, said in by_field.items():
        holder = next((each for each in (form, *others) if name in each.fields), None)
        for each in said:
            (holder or form).add_error(name if holder else None, each)


# ── Every move ───────────────────────────────────────────────────────────────────────────────────────────────────────
def machine_called(name: str) -> type[Stateful]:
    for each in machines():
        if each._meta.label_lower == name:
            return each
    raise Http404(f"There is no {name}.")


@require_POST
@login_required
def move(request: HttpRequest, kind: str, pk: int, name: str) -> HttpResponse:
    """Make a move and go back; or say everything that stands in its way, with the typed note kept."""
    model: Any = machine_called(kind)
    subject = get_object_or_404(model.objects.visible_to(request.user), pk=pk)
    try:
        row = the_move(model, name)
    except UnknownMove as unknown:
        raise Http404(str(unknown)) from unknown
    note, before = request.POST.get("note", "").strip(), subject.state
    back = way_back(request, subject.get_absolute_url())
    said = {"subject": subject, "kind": kind, "row": row, "note": note, "back": back}
    try:
        moved = perform(
            subject,
            name,
            by=person(request),
            at=timezone.now(),
            expected_version=_version(request),
            note=note,
        )
    except MoveRefused as refusal:
        fresh = model.objects.get(pk=pk)
        return render(request, "moves/refused.html", {**said, "subject": fresh, "unmet": refusal.unmet}, status=422)
    except StaleVersion as stale:
        since = list(audit.history(stale.subject).order_by("-seq")[:5])
        still = stale.subject.state in row.sources
        more = {"subject": stale.subject, "entries": since, "still_possible": still}
        return render(request, "moves/stale.html", {**said, **more}, status=409)
    # A move that leaves the state as it was tells nothing by naming it.
    now = "" if moved.state == before else f" {moved.reference} is now {label(model, moved.state)}."
    messages.success(request, f"{row.title}: done.{now}")
    return redirect(back)


def _version(request: HttpRequest) -> int:
    """The version that the person was looking at; -1, which no row ever has, when the form does not say."""
    said = request.POST.get("version", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else -1


# ── Accounts ─────────────────────────────────────────────────────────────────────────────────────────────────────────
class RoleForm(forms.Form):
    """Who gets which role."""

    email = forms.EmailField(label="E-mail address of the person", help_text="They need an account first.")
    role = forms.ChoiceField(label="Role", choices=())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Choose a role"), *((each.code, each.title) for each in roles.ROLES.values())]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        self.person = User.objects.filter(email__iexact=email, is_active=True).first()
        if self.person is None:
            raise ValidationError("Nobody has an account with this address. Ask them to sign up first.")
        return email


@require_http_methods(["GET", "HEAD", "POST"])
@holding(GRANT_ROLES)
def people(request: HttpRequest) -> HttpResponse:
    """Everybody who holds a role, and the form that gives one."""
    form = RoleForm(sent(request)[0])
    if request.method == "POST" and form.is_valid() and form.person is not None:
        try:
            roles.grant(form.person, form.cleaned_data["role"], by=person(request), at=timezone.now())
        except roles.RolesClash as clash:
            form.add_error("role", str(clash))
        else:
            messages.success(request, f"{form.person} is now {roles.ROLES[form.cleaned_data['role']].title.lower()}.")
            return redirect("people")
    staff = User.objects.filter(role_assignments__isnull=False).distinct().prefetch_related("role_assignments")
    shown = {
        "form": form,
        "page": page_of(staff.order_by("name", "pk"), request),
        "titles": {each.code: each.title for each in roles.ROLES.values()},
    }
    return render(request, "people.html", shown, status=422 if form.errors else 200)


@require_POST
@holding(GRANT_ROLES)
def role_revoked(request: HttpRequest, pk: int, role: str) -> HttpResponse:
    """Take a role from somebody."""
    whose = get_object_or_404(User, pk=pk)
    title = roles.ROLES[role].title.lower() if role in roles.ROLES else role
    try:
        done = roles.revoke(whose, role, by=person(request), at=timezone.now())
    except roles.RolesClash as clash:
        messages.error(request, str(clash))
    else:
        if done:
            messages.success(request, f"{whose} is no longer {title}.")
        else:
            messages.info(request, f"{whose} was not {title} any more.")
    return redirect("people")


# ── The calendar ─────────────────────────────────────────────────────────────────────────────────────────────────────
class HolidayForm(forms.Form):
    """A day on which offices are shut."""

    date = forms.DateField(label="Date", widget=DayInput)
    name = forms.CharField(label="Name", max_length=120, help_text="Such as “Eid al-Fitr, first day”.")
    announced_by = forms.CharField(
        label="Announced by", max_length=200, help_text="The notification, such as “Cabinet Division, 12 March 2026”."
    )


@require_http_methods(["GET", "HEAD", "POST"])
@holding(KEEP_CALENDAR)
def holidays(request: HttpRequest) -> HttpResponse:
    """The holidays that every working-day clock counts by, and the form that announces one."""
    form = HolidayForm(sent(request)[0])
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        try:
            day, name = said.pop("date"), said.pop("name")
            _, moved = deadlines.announce_holiday(day, name, **said, by=person(request), at=timezone.now())
        except clock.ClockError as refusal:
            form.add_error("date", str(refusal))
        else:
            messages.success(request, f"The holiday is in the calendar. Deadlines that moved: {len(moved)}.")
            return redirect("holidays")
    rows = clock.Holiday.objects.filter(date__gte=timezone.localdate())
    shown = {"form": form, "page": page_of(rows, request)}
    return render(request, "holidays.html", shown, status=422 if form.errors else 200)


@require_POST
@holding(KEEP_CALENDAR)
def holiday_withdrawn(request: HttpRequest, pk: int) -> HttpResponse:
    holiday = get_object_or_404(clock.Holiday, pk=pk)
    moved = deadlines.withdraw_holiday(holiday, by=person(request), at=timezone.now())
    messages.success(request, f"{holiday} is out of the calendar. Deadlines that moved: {len(moved)}.")
    return redirect("holidays")


# ── What was given up ────────────────────────────────────────────────────────────────────────────────────────────────
@require_safe
@holding(RETRY_JOBS)
def jobs(request: HttpRequest) -> HttpResponse:
    """Work that failed too often to be tried again by itself. What it holds is not shown: it may be a firm's own."""
    given_up = Job.objects.filter(state=Job.State.FAILED).defer("payload").order_by("-pk")
    return render(request, "jobs.html", {"page": page_of(given_up, request)})


@require_POST
@holding(RETRY_JOBS)
def job_again(request: HttpRequest, pk: int) -> HttpResponse:
    """One more attempt, once the reason of the failure is removed."""
    job = get_object_or_404(Job, pk=pk)
    try:
        outbox.try_again(job, by=person(request), at=timezone.now())
    except LookupError:
        messages.info(request, "It was not given up any more: somebody tried it again, or it is done.")
    else:
        messages.success(request, "It is tried once more. If it fails again, it comes back to this list.")
    return redirect("jobs")


urlpatterns = [
    path("moves/<str:kind>/<int:pk>/<slug:name>/", move, name="move"),
    path("people/", people, name="people"),
    path("people/<int:pk>/roles/<slug:role>/revoke/", role_revoked, name="role_revoked"),
    path("jobs/", jobs, name="jobs"),
    path("jobs/<int:pk>/again/", job_again, name="job_again"),
    path("holidays/", holidays, name="holidays"),
    path("holidays/<int:pk>/withdraw/", holiday_withdrawn, name="holiday_withdrawn"),
]
