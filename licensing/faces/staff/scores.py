"""A firm's score explained: against the floors, what would lift it fastest, what is about to lower it, its history.

The same as one page for the committee's file, and where all licensees stand. A picture and the table beneath it hold
the same; on paper they are the page's, and of the history the whole.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
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
from licensing.models.histories import history_of
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


def over_time(entries: Sequence[ScoreEntry], score: Score, *, until: date) -> SafeString:
    """The picture of some entries, the newest first, from the day of the last through `until`: nothing without any."""
    # A day ends with the last that was written on it.
    ends = {each.day: each.total for each in reversed(entries)}
    points = [charts.Point(day, total) for day, total in ends.items()]
    bars = {code: score.framework.gates[code].total for code in GATES[score.phase]}
    return drawn(charts.over_time(points, until=until, bars=bars)) if points else SafeString()


def bars_over_time(score: Score) -> list[tuple[str, str, Decimal]]:
    """What is dashed in that picture: each gate of the phase, and the total that it needs."""
    gates = [score.framework.gates[code] for code in GATES[score.phase]]
    return [(each.code, each.title, each.total) for each in gates]


@require_safe
@holding(READ_CASES)
def score(request: HttpRequest, pk: int, phase: str) -> HttpResponse:
    firm = firm_and_phase(request, pk, phase)
    at = timezone.now()
    today = timezone.localdate(at)
    found = score_of(firm, phase, at)
    history = history_of(firm, phase)
    page = page_of(history, request)
    # The picture of a page goes on to where the page before it begins.
    newer = history[page.start_index() - 2] if page.has_previous() else None
    shown = {
        **explained(firm, found, today),
        "firm": firm,
        "phase": phase,
        "phase_title": PHASE_TITLES[phase],
        "phases": [(each, PHASE_TITLES[each]) for each in PHASES],
        "page": page,
        "over_time": over_time(list(page), found, until=newer.day if newer else today),
        "gate_bars": bars_over_time(found),
    }
    return render(request, "staff/score.html", shown)


@require_safe
@holding(READ_CASES)
def score_history(request: HttpRequest, pk: int, phase: str) -> HttpResponse:
    """The whole history on paper: every entry in the picture and in the table beneath it."""
    firm = firm_and_phase(request, pk, phase)
    at = timezone.now()
    today = timezone.localdate(at)
    entries = list(history_of(firm, phase))
    if not entries:
        raise Http404("Nothing is written yet of this firm's score.")
    found = score_of(firm, phase, at)
    shown = {
        "firm": firm,
        "phase_title": PHASE_TITLES[phase],
        "entries": entries,
        "over_time": over_time(entries, found, until=today),
        "gate_bars": bars_over_time(found),
        "today": today,
    }
    return paper(
        request,
        "staff/score_history.html",
        shown,
        stylesheets=["css/score_pack.css", "css/score_history.css"],
        at=at,
        sha256=entries[0].hash,
        name=f"score-history-{firm.pk}-{phase.lower()}-{today:%Y-%m-%d}.pdf",
    )


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
    return paper(
        request,
        "staff/score_pack.html",
        shown,
        stylesheets=["css/score_pack.css"],
        at=at,
        sha256=facts["hash"],
        name=f"score-{firm.pk}-{phase.lower()}-{found.on:%Y-%m-%d}.pdf",
    )


def where_all_stand() -> dict[str, Any]:
    """What page and paper both say of all licensees, by the history."""
    last = ScoreEntry.objects.filter(firm=OuterRef("firm"), phase="FULL").order_by("-number").values("pk")[:1]
    latest = Licence.objects.live().annotate(last=Subquery(last)).values("last")
    totals = [each.total for each in ScoreEntry.objects.filter(pk__in=latest).only("gained", "possible")]
    counted = [(begins, min(begins + charts.STEP, 100), count) for begins, count in charts.shares(totals)]
    return {"picture": drawn(charts.distribution(totals)), "rows": counted, "total": len(totals)}


@require_safe
@holding(READ_CASES)
def distribution(request: HttpRequest) -> HttpResponse:
    """Where all licensees stand today."""
    return render(request, "staff/scores.html", where_all_stand())


@require_safe
@holding(READ_CASES)
def distribution_paper(request: HttpRequest) -> HttpResponse:
    """The same on paper."""
    at = timezone.now()
    today = timezone.localdate(at)
    shown = {**where_all_stand(), "today": today}
    said = hashlib.sha256(repr((today, shown["rows"])).encode()).hexdigest()
    return paper(
        request,
        "staff/scores_paper.html",
        {**shown, "hash": said},
        stylesheets=["css/score_pack.css"],
        at=at,
        sha256=said,
        name=f"scores-{today:%Y-%m-%d}.pdf",
    )


def paper(
    request: HttpRequest,
    template: str,
    shown: dict[str, Any],
    *,
    stylesheets: list[str],
    at: datetime,
    sha256: str,
    name: str,
) -> HttpResponse:
    """A page as a file; `sha256` is that of what it says. By the request, paper of the demonstration is marked so."""
    content = pdf.render(
        render_to_string(template, shown, request=request),
        stylesheets=stylesheets,
        made_at=at,
        identifier=bytes.fromhex(sha256),
    )
    return HttpResponse(
        content, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )


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
