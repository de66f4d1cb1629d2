"""Writing the history of scores: an entry when something in a sheet has changed, with what it was. Nothing else.

A change of a rating or of evidence writes the touched firm's in its own transaction; the night finds, in one query
over everybody, whose sheet time has changed.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from licensing import scoring, scoring_sql
from licensing.history.scored import Scored, Sheet, scored, sheets, totals
from licensing.models import Firm, Framework, ScoreEntry
from licensing.models.framework import as_rules
from licensing.scoring import exact

# So many firms are locked, and written for, at a time.
BATCH = 200


class HistoryIsLater(ValueError):
    """The history of a firm goes beyond the day that was asked for."""


def record_firm(firm_id: int, *, at: datetime) -> list[ScoreEntry]:
    """Write what has changed in the firm's sheets. The firm must be locked by this transaction."""
    # A clock that runs behind keeps nobody from their work: the history then goes on from where it stands.
    reached = ScoreEntry.objects.filter(firm=firm_id).aggregate(day=Max("day"))["day"]
    on = max(timezone.localdate(at), reached or date.min)
    return _write(scored(on, firms=[firm_id]), on=on, at=at)


def record_night(*, at: datetime) -> list[ScoreEntry]:
    """Write for everybody whose sheet has changed by the mere passing of time, or who is scored for the first time.

    One query looks at all; only those whom it finds are locked, looked at again and written for.
    """
    on = timezone.localdate(at)
    changed = sheets_that_changed(on)
    written = []
    for start in range(0, len(changed), BATCH):
        some = changed[start : start + BATCH]
        with transaction.atomic():
            ids = sorted({each.firm_id for each in some})
            list(Firm.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
            written += _write(some, on=on, at=at)
    return written


def sheets_that_changed(on: date) -> list[Scored]:
    """Whose sheet is not, or no longer, the one that the history has."""
    everybody = scored(on)
    with transaction.atomic(), connection.cursor() as cursor:
        # One aggregate over every rating there is: with the usual memory it would be written to disk in parts.
        cursor.execute("SET LOCAL work_mem = '128MB'")
        found = totals(everybody, on=on)
    kept = {key: digest for key, (_, digest) in _latest(everybody).items()}
    return [each for each in everybody if each.key in found and kept.get(each.key) != found[each.key].digest]


def _latest(subjects: Sequence[Scored]) -> dict[tuple[int, str], tuple[int, int]]:
    """The id and the digest of each subject's latest entry."""
    if not subjects:
        return {}
    firms, phases = [each.firm_id for each in subjects], [each.phase for each in subjects]
    with connection.cursor() as cursor:
        cursor.execute(scoring_sql.LATEST, (firms, phases))
        return {subjects[number - 1].key: (entry_id, digest) for number, entry_id, digest in cursor}


def _write(subjects: Sequence[Scored], *, on: date, at: datetime) -> list[ScoreEntry]:
    found, latest = sheets(subjects, on=on), _latest(subjects)
    changed = [
        each
        for each in subjects
        if each.key in found and (each.key not in latest or latest[each.key][1] != found[each.key].digest)
    ]
    if not changed:
        return []
    former = ScoreEntry.objects.select_related("framework").in_bulk([entry_id for entry_id, _ in latest.values()])
    rules = {row.pk: as_rules(row) for row in Framework.objects.filter(pk__in={each.framework_id for each in changed})}
    made = []
    for each in changed:
        last = former[latest[each.key][0]] if each.key in latest else None
        if last is not None and last.day > on:
            raise HistoryIsLater(f"The history of firm {each.firm_id} goes to {last.day}: it is not written backwards.")
        sheet = found[each.key]
        # The digest is of the database's making, and may be another after its upgrade; the sheet is then the same.
        if last is None or (last.held, last.framework_id) != (sheet.held, each.framework_id):
            made.append(_entry(each, sheet, last, rules[each.framework_id], on=on, at=at))
    return ScoreEntry.objects.bulk_create(made)


def _entry(
    subject: Scored,
    sheet: Sheet,
    last: ScoreEntry | None,
    framework: scoring.Framework,
    *,
    on: date,
    at: datetime,
) -> ScoreEntry:
    held = sheet.held
    domain_of = {each.code: each.domain for each in framework.criteria}
    sums: dict[str, list[Decimal]] = {}
    for code, line in held.items():
        of_it = sums.setdefault(domain_of[code], [Decimal(0), Decimal(0)])
        of_it[0] += line.gained
        of_it[1] += line.possible
    why = scoring.causes(
        last.held if last else None, held, framework=framework, was=last.framework.edition if last else ""
    )
    missed = {
        code: [bar.code for bar in bars] for code, bars in scoring.missed(held, framework, subject.phase, on=on).items()
    }
    entry = ScoreEntry(
        firm_id=subject.firm_id,
        phase=subject.phase,
        number=last.number + 1 if last else 1,
        day=on,
        at=at,
        framework_id=subject.framework_id,
        gained=sum((gained for gained, _ in sums.values()), Decimal(0)),
        possible=sum((possible for _, possible in sums.values()), Decimal(0)),
        domains={code: [exact(gained), exact(possible)] for code, (gained, possible) in sorted(sums.items())},
        criteria={
            code: [line.rating, line.evidence.value, line.effective, exact(line.points)]
            for code, line in sorted(held.items(), key=lambda each: scoring.in_order(each[0]))
        },
        causes=[[each.code, each.sentence, None if each.points is None else exact(each.points)] for each in why],
        missed=missed,
        level=scoring.level(missed, knocked_out=scoring.knocked_out(held.values(), framework)),
        digest=sheet.digest,
        former=last.hash if last else "",
    )
    entry.hash = hash_of(entry, framework.version)
    return entry


def hash_of(entry: ScoreEntry, version: str) -> str:
    """SHA-256 over all that an entry says, and so, by `former`, over all that was said before it."""
    said: dict[str, Any] = {
        "firm": entry.firm_id,
        "phase": entry.phase,
        "number": entry.number,
        "day": entry.day.isoformat(),
        "framework": version,
        "gained": exact(entry.gained),
        "possible": exact(entry.possible),
        "domains": entry.domains,
        "criteria": entry.criteria,
        "missed": entry.missed,
        "level": entry.level,
        "causes": entry.causes,
        "former": entry.former,
    }
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
