"""The set-up of the subsidiary: nine milestones, each described, saved, and submitted when it is complete."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from licensing.actions.setup import describe_milestone
from licensing.faces.cases import clocks_of, plainly
from licensing.faces.forms import AnswersForm
from licensing.faces.staff.cases import answered_particulars, letters_about
from licensing.models import Milestone, SetUp
from licensing.questions import MILESTONE_PARTICULARS
from licensing.states import MilestoneState
from pvara.kernel import audit
from pvara.kernel.web import applicants_only, explain_on, person, sent

TONES = {"verified": "success", "deficient": "danger", "submitted": "info"}


@require_safe
@applicants_only
def setup(request: HttpRequest, pk: int) -> HttpResponse:
    milestones = Milestone.objects.select_related("setup__firm")
    cases = SetUp.objects.visible_to(request.user).select_related("firm", "noc")
    case = get_object_or_404(cases.prefetch_related(Prefetch("milestones", milestones)), pk=pk)
    rows = case.milestones.all()
    shown = {
        "case": case,
        "words": plainly(case),
        "milestones": [(each, TONES.get(each.state, "secondary")) for each in rows],
        "verified": sum(each.state == MilestoneState.VERIFIED for each in rows),
        "letters": letters_about(case),
        "ticking": clocks_of(SetUp, [case], timezone.now())[case.pk],
    }
    return render(request, "portal/setup.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def milestone(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Milestone.objects.visible_to(request.user).select_related("setup__firm"), pk=pk)
    form = AnswersForm(MILESTONE_PARTICULARS[found.code], said=found.particulars, data=sent(request)[0])
    if request.method == "POST" and form.is_valid():
        try:
            describe_milestone(found, form.cleaned_data, by=person(request), at=timezone.now())
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, "Saved. Submit the milestone when everything is there.")
            return redirect("portal:milestone", pk=pk)
    shown = {
        "milestone": found,
        "setup": found.setup,
        "form": form,
        "editable": found.state in (MilestoneState.PENDING, MilestoneState.DEFICIENT),
        "said": answered_particulars(found),
        "deficiency": audit.history(found).filter(event="find_deficient").last(),
    }
    return render(request, "portal/milestone.html", shown, status=422 if form.errors else 200)
