"""Changing a dated table: the proposal of a row, checked against what its table can say, and its publication."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError

from licensing.access import PROPOSE_SETTINGS
from licensing.actions import changes
from licensing.actions.fees import require
from licensing.actions.tables.content import CONTENT
from licensing.models import TableChange
from licensing.models.tables import TABLES, DatedTable, Entry
from licensing.states import TableAct
from pvara.kernel import audit
from pvara.kernel.machine import follows
from pvara.kernel.models import AuditEntry, Figure, User

__all__ = ["checked", "propose", "write_row"]

CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{1,9}")


def checked(table: DatedTable, code: str, content: Mapping[str, Any], *, act: str, on: date) -> dict[str, Any]:
    """What a row would say, from text or JSON; what is not named stays as the row before says it.

    Raises ValidationError by column, and for a column that the table has not.
    """
    entry = table.entry(code)
    before = table.content(entry.newest) if entry else None
    if act == TableAct.END:
        assert before is not None
        return {**before, "ended": True}
    names = {column.name for column in table.columns}
    if unknown := sorted(set(content) - names):
        raise ValidationError(dict.fromkeys(unknown, "The table has no such column."))
    kept = {name: said for name, said in (before or {}).items() if name in names}
    found = CONTENT[table.name]({**kept, **content}, code, on, before)
    return found | ({"ended": False} if table.may_end else {})


def propose(
    name: str,
    code: str,
    content: Mapping[str, Any],
    *,
    act: str = TableAct.CHANGE,
    effective_from: date,
    source: str,
    reasons: str,
    by: User,
    at: datetime,
) -> TableChange:
    """Propose a row of a dated table from a day to come: a new entry, a new version of one, or its end.

    Raises ValidationError by field for content that its table cannot have, content that it has already, a day that has
    begun or that a published row passes, no source or reasons, or a proposal that is open already.
    """
    require(by, PROPOSE_SETTINGS)
    table = TABLES.get(name)
    if table is None:
        raise ValidationError({"table": f"There is no table “{name}”. There are {', '.join(TABLES)}."})
    code, entry = code.strip(), table.entry(code.strip())
    wrong: dict[str, Any] = _wrong_code(table, code, entry, act)
    row: dict[str, Any] = {}
    if not wrong:
        try:
            row = checked(table, code, content, act=act, on=effective_from)
        except ValidationError as refusal:
            wrong |= refusal.message_dict
    if entry and row and row == table.content(entry.newest):
        wrong["reasons"] = "It says so already: nothing would change."
    wrong |= changes.faults_of(
        effective_from=effective_from,
        newest=entry.newest.effective_from if entry else None,
        source=source,
        reasons=reasons,
        at=at,
    )
    if wrong:
        raise ValidationError(wrong)
    change = TableChange(
        table=table.name,
        code=code,
        act=act,
        title=_title(table, code, row),
        was=table.content(entry.newest) if entry else None,
        was_from=entry.newest.effective_from if entry else None,
        content=row,
        effective_from=effective_from,
        source=source.strip(),
        reasons=reasons.strip(),
        proposed_by=by,
        proposed_at=at,
    )
    changes.put(
        change,
        data=_told(change),
        alone="table_one_proposal_at_a_time",
        field="reasons",
        template="table_change_proposed",
        at=at,
    )
    return change


def _wrong_code(table: DatedTable, code: str, entry: Entry | None, act: str) -> dict[str, str]:
    """What is wrong with the entry that is named, for what is to become of it."""
    if act not in TableAct.values:
        return {"act": f"Choose one of {', '.join(TableAct.values)}."}
    if act == TableAct.ADD:
        if entry:
            return {"code": "There is such an entry already: propose a new version of it."}
        if (table.codes and code not in table.codes) or not table.takes_new:
            known = ", ".join(table.missing_codes()) if table.takes_new else ""
            return {"code": f"The regime fixes which there are; {known or 'none'} may be added."}
        if not table.codes and not CODE.fullmatch(code):
            return {"code": "Give a code of 2 to 10 letters, digits and underscores that begins with a letter."}
        return {}
    if entry is None:
        return {"code": f"There is no entry “{code}”."}
    if act == TableAct.END and not table.may_end:
        return {"act": "The regime needs this entry: it may change, and does not end."}
    if act == TableAct.END and entry.is_over:
        return {"act": "It has ended already, or will."}
    return {}


def _title(table: DatedTable, code: str, row: dict[str, Any]) -> str:
    """What people call the entry; of an activity, its name in the regime."""
    said = row.get(table.called) or str(dict(table.model._meta.get_field("code").flatchoices).get(code, code))
    return f"{code} {said}" if table.name == "letters" else said


def _told(change: TableChange) -> dict[str, Any]:
    return {
        "table": change.table,
        "code": change.code,
        "act": change.act,
        "was": change.was,
        "becomes": change.content,
        "effective_from": str(change.effective_from),
    }


# ── Publishing ───────────────────────────────────────────────────────────────────────────────────────────────────────
@follows(TableChange, "publish")
def write_row(change: TableChange, *, by: User | None, at: datetime, entry: AuditEntry) -> None:
    """Add the row that says so from that day on; its own history begins with who published it, and on what."""
    table = change.dated
    row = table.model(
        code=change.code,
        effective_from=change.effective_from,
        source=f"{change.source} ({change.reference})",
        **change.content,
    )
    if table.name == "activities":
        row.mark = Figure.Mark.FACT
    row.save()
    data = {"change": change.reference, "proposed_by": str(change.proposed_by), **_told(change)}
    audit.record(row, event="published", by=by, at=at, note=change.reasons, data=data)
    changes.tell_proposer(change, "table_change_published", "published", at=at)


@follows(TableChange, "refuse")
def tell_of_refusal(change: TableChange, *, by: User | None, at: datetime, entry: AuditEntry) -> None:
    changes.tell_proposer(change, "table_change_refused", "refused", at=at)
