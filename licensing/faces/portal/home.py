"""Where an exchange finds what is its own: its firms with the phase each has reached, and its letters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licensing.actions import firms as firm_actions
from licensing.actions import full, noc
from licensing.faces.cases import Words, plainly
from licensing.faces.clocks import for_firm, outward
from licensing.faces.panels import made
from licensing.faces.portal.panels import PANELS as CASE_PANELS
from licensing.models import Firm, Letter, Licence, LicenceApplication, NocApplication, SetUp
from licensing.models.firms import firms_of
from licensing.states import FullState, NocState, SetUpState
from pvara.kernel import deadlines
from pvara.kernel.machine import Stateful
from pvara.kernel.web import applicants_only, page_of, person, sent

# The page on which an applicant looks at a case of each kind.
PAGES: dict[type[Stateful], Callable[[Any], str]] = {
    NocApplication: lambda case: reverse("portal:application", args=["noc", case.pk]),
    SetUp: lambda case: reverse("portal:setup", args=[case.pk]),
    LicenceApplication: lambda case: reverse("portal:application", args=["full", case.pk]),
    Licence: lambda case: reverse("portal:licence", args=[case.pk]),
}

# A NOC that holds, or may hold again; the firm needs no other one.
IN_FORCE = (NocState.GRANTED, NocState.SUSPENDED)


@dataclass(frozen=True)
class Stage:
    """One of the four stages of the way, and where a firm stands in it; without a case it is not reached."""

    title: str
    case: Any = None
    words: Words | None = None
    href: str = ""
    clock: deadlines.Ticking | None = None


@dataclass(frozen=True)
class File:
    """A firm with its stages and what may be started now."""

    firm: Firm
    stages: list[Stage]
    phase: str
    may_start_noc: bool
    setup_to_apply_on: SetUp | None


class FirmForm(forms.ModelForm):
    """The particulars with which a firm's file is opened."""

    website = forms.URLField(label="Web address", required=False, max_length=200, assume_scheme="https")

    class Meta:
        model = Firm
        fields = ["legal_name", "trading_name", "country", "home_regulator", "home_licence_number", "website", "lei"]
        labels = {"home_licence_number": "Licence number there"}
        help_texts = {
            "legal_name": "As in the certificate of incorporation of the group's company.",
            "trading_name": "The name that customers know.",
            "home_regulator": "Who supervises the group at home, if anybody does.",
        }


@require_safe
@applicants_only
def home(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    kinds = ("nocapplications", "setups", "licenceapplications", "licences")
    firms = list(firms_of(request.user).prefetch_related(*kinds))
    shown = {
        "files": files(firms, at),
        "letters": Letter.objects.for_firms().filter(firm__in=firms).select_related("firm")[:5],
    }
    return render(request, "portal/home.html", shown)


def files(firms: list[Firm], at: Any) -> list[File]:
    """Every firm with its stages; as many queries for ten firms as for one."""
    newest: dict[tuple[int, type[Stateful]], Any] = {}
    for firm in firms:
        for model, rows in (
            (NocApplication, firm.nocapplications),
            (SetUp, firm.setups),
            (LicenceApplication, firm.licenceapplications),
            (Licence, firm.licences),
        ):
            if found := max(rows.all(), key=lambda each: each.pk, default=None):
                newest[firm.pk, model] = found
    clocks = {
        model: deadlines.of_rows(model, [case for (_, kind), case in newest.items() if kind is model], at)
        for model in PAGES
    }
    return [_file(firm, newest, clocks) for firm in firms]


def _file(firm: Firm, newest: dict[Any, Any], clocks: dict[Any, dict[int, list[deadlines.Ticking]]]) -> File:
    titles: dict[Any, str] = {
        NocApplication: "Registration",
        SetUp: "Set-up",
        LicenceApplication: "Full licence",
        Licence: "Licence",
    }
    stages = []
    for model, title in titles.items():
        case = newest.get((firm.pk, model))
        if case is None:
            stages.append(Stage(title))
        else:
            stages.append(
                Stage(
                    title, case, plainly(case), PAGES[model](case), deadlines.next_due(outward(clocks[model][case.pk]))
                )
            )
    case, setup = newest.get((firm.pk, NocApplication)), newest.get((firm.pk, SetUp))
    # A draft or an open case is continued, not doubled; what was refused may be tried again.
    may_start = case is None or (case.state in NocApplication.closed_states and case.state not in IN_FORCE)
    application = newest.get((firm.pk, LicenceApplication))
    ready = setup is not None and setup.state == SetUpState.COMPLETE
    again = {*LicenceApplication.closed_states} - {FullState.LICENSED}
    ready = ready and (application is None or application.state in again)
    phase = "NOC" if setup is None else "SETUP" if application is None else "FULL"
    return File(firm, stages, phase, may_start, setup if ready else None)


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def firm_new(request: HttpRequest) -> HttpResponse:
    """Open a firm's file; whoever opens it acts and signs for the firm."""
    form = FirmForm(sent(request)[0])
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        firm = firm_actions.register_firm(said.pop("legal_name"), by=person(request), at=timezone.now(), **said)
        messages.success(request, f"The file of {firm} is open. You act and sign for the firm.")
        return redirect("portal:home")
    return render(request, "portal/firm_new.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@applicants_only
def noc_start(request: HttpRequest, pk: int) -> HttpResponse:
    firm = get_object_or_404(firms_of(request.user), pk=pk)
    case = noc.open_noc_application(firm, by=person(request), at=timezone.now())
    return redirect("portal:application", kind="noc", pk=case.pk)


@require_POST
@applicants_only
def full_start(request: HttpRequest, pk: int) -> HttpResponse:
    setup = get_object_or_404(SetUp.objects.visible_to(request.user).select_related("firm"), pk=pk)
    try:
        case = full.open_licence_application(setup, by=person(request), at=timezone.now())
    except ValidationError as refusal:
        for said in refusal.messages:
            messages.error(request, said)
        return redirect("portal:setup", pk=pk)
    return redirect("portal:application", kind="full", pk=case.pk)


@require_safe
@applicants_only
def licence(request: HttpRequest, pk: int) -> HttpResponse:
    cases = Licence.objects.visible_to(request.user).select_related("firm", "standing")
    case = get_object_or_404(cases.prefetch_related("measures", "renewals"), pk=pk)
    letters = Letter.objects.for_firms().filter(firm=case.firm_id)
    shown = {
        "case": case,
        "words": plainly(case),
        "letters": letters,
        "standing": getattr(case, "standing", None),
        "clocks": for_firm(case, timezone.now()),
        "panels": made(CASE_PANELS, case, person(request), timezone.now()),
    }
    return render(request, "portal/licence.html", shown)


@require_safe
@applicants_only
def letters(request: HttpRequest) -> HttpResponse:
    found = Letter.objects.visible_to(request.user).select_related("firm")
    return render(request, "portal/letters.html", {"page": page_of(found, request)})
