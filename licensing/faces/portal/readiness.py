"""What a firm has to show for a phase before it applies, and how its documents and its assessment stand."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from licensing.faces import readiness as faces
from licensing.models.firms import firms_of
from licensing.models.readiness import Asked, DomainReadiness, readiness_of
from licensing.scoring import PHASES
from pvara.kernel import figures
from pvara.kernel.web import applicants_only


def _line(asked: Asked) -> dict[str, object]:
    return {
        "asked": asked,
        "showing": faces.SHOWN[asked.showing],
        "found": faces.FOUND[asked.assessed],
        "validity": faces.validity(asked),
        "next": faces.what_is_next(asked),
    }


def _card(domain: DomainReadiness) -> dict[str, object]:
    return {"domain": domain, "title": f"{domain.code} {domain.title}", "unmet": [_line(each) for each in domain.unmet]}


@require_safe
@applicants_only
def readiness(request: HttpRequest, pk: int, phase: str) -> HttpResponse:
    """Colours by domain, and for each criterion that is not met what would show it; figures only by the setting."""
    if phase not in PHASES:
        raise Http404(f"There is no phase {phase}.")
    firm = get_object_or_404(firms_of(request.user), pk=pk)
    at = timezone.now()
    found = readiness_of(firm, phase, at)
    total_shown = figures.value("score.total_shown", on=timezone.localdate(at))
    shown = {
        "firm": firm,
        "phase": phase,
        "phase_title": faces.PHASE_TITLES[phase],
        "phases": list(faces.PHASE_TITLES.items()),
        "framework": found.score.framework.version,
        "on": found.score.on,
        "total": faces.total_of(found) if total_shown else "",
        "domains": [_card(each) for each in found.domains],
    }
    return render(request, "portal/readiness.html", shown)
