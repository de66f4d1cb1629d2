"""What the rows of each dated table can say: one function a table, which reads what was sent and raises what is wrong.

Each takes what was sent, the code of the row, its first day and what the row before says (None for a new entry), and
gives the content as the row keeps it. They raise ValidationError by column.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from licensing import letters
from licensing.actions.tables.reading import Reader, number_of
from licensing.filings import MONTHS
from licensing.models import Criterion
from licensing.states import WAS_PUBLISHED, Frequency, InspectedArea

Content = dict[str, Any]
PHASES = ("NOC", "FULL")
KINDS = ("amount", "count", "percent", "text")
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST_ROWS = 40


def _activity(sent: Mapping[str, Any], code: str, on: date, before: Content | None) -> Content:
    read = Reader(sent)
    # What only a draft asks may never come to be asked.
    published = Criterion.objects.filter(domain__framework__state__in=WAS_PUBLISHED)
    known = list(dict.fromkeys(published.order_by("domain__order", "pk").values_list("code", flat=True)))
    content = {
        "description": read.text("description", most=4000),
        "minimum_capital_pkr": read.amount("minimum_capital_pkr"),
        "criteria": read.several("criteria", known, what="criterion", before=before),
        "inspected": read.several("inspected", InspectedArea.values, what="area", before=before),
        "aml_service": read.switch("aml_service"),
    }
    read.refuse_if_wrong()
    return content


def _agency(sent: Mapping[str, Any], code: str, on: date, before: Content | None) -> Content:
    read = Reader(sent)
    content = {
        "name": read.words("name", most=200),
        "address": read.text("address", most=1000, needed=False),
        "email": read.address("email"),
        "phases": read.several("phases", PHASES, what="phase", before=before, needed=True),
        "blocks": read.switch("blocks"),
    }
    read.refuse_if_wrong()
    return content


def _return(sent: Mapping[str, Any], code: str, on: date, before: Content | None) -> Content:
    read = Reader(sent)
    frequency = read.one("frequency", Frequency.values)
    missing = "Say how many days after the period, or after the event, it is due."
    content = {
        "title": read.words("title", most=200),
        "frequency": frequency,
        "due_days": read.whole("due_days", least=0 if frequency == Frequency.EVENT else 1, most=366, missing=missing),
        "fields": _rows_of_a_return(read, sent.get("fields")),
    }
    was = str(before["frequency"]) if before else frequency
    longest = max(MONTHS.get(each, 0) for each in (was, frequency))
    if was != frequency and longest and (on.day != 1 or (on.month - 1) % longest):
        # Otherwise some days would be asked for twice, or never.
        read.fault(
            "effective_from",
            "It is filed as often as that only from the first day of a "
            f"{ {1: 'month', 3: 'quarter', 12: 'year'}[longest] }: give such a day.",
        )
    read.refuse_if_wrong()
    return content


def _rows_of_a_return(read: Reader, sent: Any) -> list[dict[str, Any]]:
    """What a return asks for, row by row; a fault names its row."""
    if not isinstance(sent, list) or not all(isinstance(each, dict) for each in sent):
        read.fault("fields", "Give a list of rows, each with a key, a label and a kind.")
        return []
    if not 1 <= len(sent) <= MOST_ROWS:
        read.fault("fields", f"Give from 1 to {MOST_ROWS} rows: a return asks for something.")
    keys = [str(each.get("key") or "").strip() for each in sent]
    numbers = {key for key, each in zip(keys, sent, strict=True) if each.get("kind") != "text"}
    rows = []
    for number, (key, each) in enumerate(zip(keys, sent, strict=True), 1):
        row, faults = _row_of_a_return(key, each)
        if keys.count(key) > 1:
            faults.append("each key stands once")
        if "at_most" in row and (row["at_most"] == key or row["at_most"] not in numbers or key not in numbers):
            faults.append(f"there is no other row of numbers “{row['at_most']}”")
        for fault in faults:
            read.fault("fields", f"Row {number}: {fault}.")
        rows.append(row)
    return rows


def _row_of_a_return(key: str, sent: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    faults = []
    label, kind = " ".join(str(sent.get("label") or "").split()), str(sent.get("kind") or "")
    if not KEY.fullmatch(key):
        faults.append("give a key of small letters, digits and underscores, such as client_assets_pkr")
    if not 1 <= len(label) <= 200:
        faults.append("give a label of at most 200 letters")
    if kind not in KINDS:
        faults.append(f"choose one of {', '.join(KINDS)}")
    if unknown := set(sent) - {"key", "label", "kind", "required", "least", "most", "at_most"}:
        faults.append(f"a row has no {', '.join(sorted(unknown))}")
    row: dict[str, Any] = {"key": key, "label": label, "kind": kind}
    if sent.get("required", True) in (False, "off", "false"):
        row["required"] = False
    for name in ("least", "most"):
        said = sent.get(name)
        if said is None or str(said).strip() == "":
            continue
        bound = number_of(said)
        if bound is None or kind == "text":
            faults.append(f"{name} is a number, and none for a text")
        else:
            row[name] = int(bound) if bound == bound.to_integral_value() else f"{bound.normalize():f}"
    if "least" in row and "most" in row and number_of(row["least"]) > number_of(row["most"]):  # type: ignore[operator]
        faults.append("the least is more than the most")
    if other := str(sent.get("at_most") or "").strip():
        row["at_most"] = other
    return row, faults


def _letter(sent: Mapping[str, Any], code: str, on: date, before: Content | None) -> Content:
    read = Reader(sent)
    content = {
        "title": read.words("title", most=120),
        "legal_basis": read.text("legal_basis", most=2000),
        "paragraphs": read.paragraphs("paragraphs"),
        "appeal": read.text("appeal", most=4000, needed=bool(before and before["appeal"])),
        "signatory_name": read.words("signatory_name", most=120),
        "signatory_title": read.words("signatory_title", most=120),
    }
    places = letters.places_of(code)
    for name in ("title", "legal_basis", "signatory_name", "signatory_title"):
        if fault := letters.faults_of(str(content[name]), {}):
            read.fault(name, fault)
    if fault := letters.faults_of(str(content["appeal"]), places):
        read.fault("appeal", fault)
    for number, each in enumerate(content["paragraphs"], 1):
        if fault := letters.faults_of(each, places):
            read.fault("paragraphs", f"Paragraph {number}: {fault}")
    read.refuse_if_wrong()
    return content


CONTENT: dict[str, Callable[[Mapping[str, Any], str, date, Content | None], Content]] = {
    "activities": _activity,
    "agencies": _agency,
    "returns": _return,
    "letters": _letter,
}
