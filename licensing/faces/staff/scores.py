"""A firm's score explained: against the floors, what would lift it fastest, what is about to lower it, its history.

The same as one page for the committee's file, and where all licensees stand.
"""

from datetime import date
from typing import Any

from django import forms
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from licensing import charts, scoring
from licensing.access import READ_CASES
from licensing.faces.agreed import WrongSpan, as_lines, span_asked
from licensing.faces.staff.cases import GATES
from licensing.faces.staff.ratings import PHASE_TITLES, firm_and_phase
from licensing.models import Firm, Licence, ScoreEntry
from licensing.models.evidence import newer_versions_waiting
from licensing.models.histories import by_day, history_of
from licensing.models.scores import score_of
from licensing.scoring import PHASES, Score
from pvara.kernel import figures, pdf
from pvara.kernel.web import holding, page_of
from pvara.kernel.widgets import DayInput

# What is listed of each; the sheet itself has the rest.
FASTEST = 10


def drawn(svg: str) -> SafeString:
    """A picture of ours: `charts` escapes whatever words it is given."""
    return mark_safe(svg)


def gate_to_reach(score: Score) -> str:
    """The first gate of the phase, in the order of the pages, that is missed; the last where none is."""
    gates = GATES[score.phase]
    return next((code for code in gates if not score.clears(code)), gates[-1])


def bars_of(score: Score, gate: str) -> list[charts.Bar]:
    rules = score.framework.gates[gate]
    return [
        charts.Bar(f"{code} {score.framework.domains[code]}", value, rules.floors.get(code, rules.other_floor))
        for code, value in score.domains.items()
        if value is not None
    ]


def explained(firm: Firm, score: Score, on: date) -> dict[str, Any]:
    """What page and paper both say of a score."""
    gate = gate_to_reach(score)
    ahead = max(int(each) for each in figures.value("evidence.reminders", on=on))
    bars = bars_of(score, gate)
    return {
        "score": score,
        "gate": score.framework.gates[gate],
        "verdict": score.verdict(gate),
        "bars": bars,
        "picture": drawn(charts.domains(bars)),
        "lifts": scoring.lifts(score, gate)[:FASTEST],
        "endings": scoring.endings(score, days=ahead),
        "ahead": ahead,
        "waiting": newer_versions_waiting(firm),
    }


@require_safe
@holding(READ_CASES)
def score(request: HttpRequest, pk: int, phase: str) -> HttpResponse:
    firm = firm_and_phase(request, pk, phase)
    at = timezone.now()
    today = timezone.localdate(at)
    found = score_of(firm, phase, at)
    page = page_of(history_of(firm, phase), request)
    points = [charts.Point(each.day, each.total) for each in by_day(firm, phase)]
    gates = {code: found.framework.gates[code].total for code in GATES[phase]}
    shown = {
        **explained(firm, found, today),
        "firm": firm,
        "phase": phase,
        "phase_title": PHASE_TITLES[phase],
        "phases": [(each, PHASE_TITLES[each]) for each in PHASES],
        "page": page,
        "over_time": drawn(charts.over_time(points, until=today, bars=gates)) if points else "",
    }
    return render(request, "staff/score.html", shown)


@require_safe
@holding(READ_CASES)
def score_pack(request: HttpRequest, pk: int, phase: str) -> HttpResponse:
    """The one page on the score that goes into the committee's file; of what is long it has the beginning."""
    firm = firm_and_phase(request, pk, phase)
    at = timezone.now()
    found = score_of(firm, phase, at)
    facts = found.facts()
    shown = {
        **explained(firm, found, timezone.localdate(at)),
        "firm": firm,
        "phase_title": PHASE_TITLES[phase],
        "hash": facts["hash"],
    }
    content = pdf.render(
        render_to_string("staff/score_pack.html", shown),
        stylesheets=["css/score_pack.css"],
        made_at=at,
        identifier=bytes.fromhex(facts["hash"]),
    )
    name = f"score-{firm.pk}-{phase.lower()}-{found.on:%Y-%m-%d}.pdf"
    return HttpResponse(
        content, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )


@require_safe
@holding(READ_CASES)
def distribution(request: HttpRequest) -> HttpResponse:
    """Where all licensees stand today, by the history."""
    last = ScoreEntry.objects.filter(firm=OuterRef("firm"), phase="FULL").order_by("-number").values("pk")[:1]
    latest = Licence.objects.live().annotate(last=Subquery(last)).values("last")
    totals = [each.total for each in ScoreEntry.objects.filter(pk__in=latest).only("gained", "possible")]
    counted = [(begins, min(begins + charts.STEP, 100), count) for begins, count in charts.shares(totals)]
    shown = {"picture": drawn(charts.distribution(totals)), "rows": counted, "total": len(totals)}
    return render(request, "staff/scores.html", shown)


class SpanForm(forms.Form):
    """Over which days assessors are compared."""

    since = forms.DateField(label="From", widget=DayInput)
    until = forms.DateField(label="Through", widget=DayInput)


@require_safe
@holding(READ_CASES)
def rating_agreement(request: HttpRequest) -> HttpResponse:
    """How far assessors agreed who rated the same criteria blindly, over a span of days."""
    today = timezone.localdate()
    form, wrong = SpanForm(), None
    try:
        # A field that was left empty asks for nothing.
        since, until = span_asked({name: said for name, said in request.GET.dict().items() if said}, today=today)
    except WrongSpan as refusal:
        wrong, (since, until) = refusal, span_asked({}, today=today)
        form = SpanForm(request.GET)
        form.add_error(wrong.field, str(wrong))
    else:
        form = SpanForm(initial={"since": since, "until": until})
    shown = {"form": form, "since": since, "until": until, "rows": [] if wrong else as_lines(since, until)}
    return render(request, "staff/rating_agreement.html", shown, status=422 if wrong else 200)
