"""The dated tables of the regime that say more than a number, and the proposals to change them.

What an activity asks for, whom we consult, what licensees file, how our letters read: each is a row of its own table,
from a day on until the next row of its code. Rows are added and never changed. Here each table says what its rows are
made of, so that one mechanism proposes, compares and writes them all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from licensing.lifecycle.tables import TableChangeLifecycle
from licensing.models.activities import ActivityKind
from licensing.models.agencies import Agency
from licensing.models.firms import StaffOnlyQuerySet, signature
from licensing.models.letters import LetterText
from licensing.models.supervision import ReturnKind
from licensing.states import Activity, Frequency, InspectedArea, SettingChangeState, TableAct
from pvara.kernel.models import Figure, User
from pvara.kernel.models.figures import in_words

# What the rows say in code, as people say it.
PHASES = {"NOC": "NOC", "FULL": "Full licence"}
KINDS = {"amount": "amount", "count": "number", "percent": "per cent", "text": "text"}


@dataclass(frozen=True)
class Column:
    """One thing that the rows of a table say: its field, its title, and how its value reads."""

    name: str
    title: str
    reads: Callable[[Any], list[str]]

    def lines(self, content: dict[str, Any] | None) -> list[str]:
        """The value as people read it, a line each; none where there is nothing."""
        said = (content or {}).get(self.name)
        return self.reads(said) if said not in (None, "", []) else []


def _as_it_is(said: Any) -> list[str]:
    return str(said).splitlines()


def _each(said: list[str]) -> list[str]:
    return [str(each) for each in said]


def _yes(said: bool) -> list[str]:
    return ["Yes" if said else "No"]


def _rupees(said: str) -> list[str]:
    return [in_words(Decimal(said), Figure.Unit.PKR)]


def _days(said: int) -> list[str]:
    return [f"{said} calendar days"]


def _areas(said: list[str]) -> list[str]:
    return [str(InspectedArea(each).label) for each in said]


def _phases(said: list[str]) -> list[str]:
    return [PHASES.get(each, each) for each in said]


def _frequency(said: str) -> list[str]:
    return [str(Frequency(said).label)]


def _asked(said: list[dict[str, Any]]) -> list[str]:
    return [_row_of_a_return(each) for each in said]


def _row_of_a_return(row: dict[str, Any]) -> str:
    bounds = [f"{words} {row[name]}" for name, words in (("least", "at least"), ("most", "at most")) if name in row]
    if "at_most" in row:
        bounds.append(f"not more than {row['at_most']}")
    if not row.get("required", True):
        bounds.append("optional")
    return f"{row['label']} ({', '.join([row['key'], KINDS[row['kind']], *bounds])})"


@dataclass(frozen=True)
class DatedTable:
    """A table of rows that hold from a day on.

    `codes` are those that it may have, where the regime fixes them; where it does not, anybody who may propose invents
    one. `holds` says whom a new row reaches.
    """

    name: str
    title: str
    one: str
    model: type[Any]
    columns: tuple[Column, ...]
    holds: str
    called: str
    may_end: bool = False
    codes: tuple[str, ...] = ()
    takes_new: bool = True

    def content(self, row: Any) -> dict[str, Any] | None:
        """What a row says, fit for JSON; None for no row."""
        if row is None:
            return None
        said = {column.name: getattr(row, column.name) for column in self.columns}
        said = {name: f"{value.normalize():f}" if isinstance(value, Decimal) else value for name, value in said.items()}
        return said | ({"ended": row.ended} if self.may_end else {})

    def entries(self) -> "list[Entry]":
        """Every entry that the table ever had, by its code; one query."""
        found: dict[str, list[Any]] = {}
        for row in self.model.objects.order_by("code", "-effective_from"):
            found.setdefault(row.code, []).append(row)
        return [Entry(self, code, tuple(rows)) for code, rows in found.items()]

    def entry(self, code: str) -> "Entry | None":
        rows = tuple(self.model.objects.filter(code=code).order_by("-effective_from"))
        return Entry(self, code, rows) if rows else None

    def missing_codes(self) -> list[str]:
        """Of the codes that the regime fixes, those without a row."""
        there = set(self.model.objects.values_list("code", flat=True))
        return [code for code in self.codes if code not in there]

    def may_grow(self) -> bool:
        """Whether an entry may be added: not where every code that the regime fixes has its rows."""
        return self.takes_new and (not self.codes or bool(self.missing_codes()))

    def get_absolute_url(self) -> str:
        return reverse("staff:table", args=[self.name])


@dataclass(frozen=True)
class Entry:
    """One entry of a table with all its rows, the newest first."""

    table: DatedTable
    code: str
    versions: tuple[Any, ...]

    @property
    def newest(self) -> Any:
        return self.versions[0]

    @property
    def title(self) -> str:
        return str(getattr(self.newest, self.table.called))

    def on(self, day: date) -> Any:
        """The row in force on a day; None before the first, and after its end."""
        row = next((each for each in self.versions if each.effective_from <= day), None)
        return None if row is None or getattr(row, "ended", False) else row

    def to_come(self, day: date) -> Any:
        """The next row that takes effect after a day."""
        return next((each for each in reversed(self.versions) if each.effective_from > day), None)

    @property
    def is_over(self) -> bool:
        return bool(getattr(self.newest, "ended", False))

    def get_absolute_url(self) -> str:
        return reverse("staff:table_row", args=[self.table.name, self.code])


TABLES = {
    table.name: table
    for table in (
        DatedTable(
            "activities",
            "Activities",
            "terms of an activity",
            ActivityKind,
            (
                Column("description", "What it is", _as_it_is),
                Column("minimum_capital_pkr", "Paid-up capital, at least", _rupees),
                Column("criteria", "Criteria that must be largely met", _each),
                Column("inspected", "What an inspection must have tested", _areas),
                Column("aml_service", "AML Registered Services may include it", _yes),
            ),
            "An application, and a variation, keep the terms of the day on which they were opened.",
            "title",
            codes=tuple(Activity.values),
        ),
        DatedTable(
            "agencies",
            "Agencies consulted",
            "agency",
            Agency,
            (
                Column("name", "Name", _as_it_is),
                Column("address", "Address", _as_it_is),
                Column("email", "E-mail address", _as_it_is),
                Column("phases", "Phases in which it is consulted", _phases),
                Column("blocks", "Its objection blocks", _yes),
            ),
            "A case keeps the agencies of the day on which it was opened.",
            "name",
            may_end=True,
        ),
        DatedTable(
            "returns",
            "Calendar of returns",
            "return",
            ReturnKind,
            (
                Column("title", "Title", _as_it_is),
                Column("frequency", "How often", _frequency),
                Column("due_days", "Due after the period, or after the event", _days),
                Column("fields", "What it asks for", _asked),
            ),
            "A return is asked for by the terms of the first day of its period; an event by those of its day.",
            "title",
            may_end=True,
        ),
        DatedTable(
            "letters",
            "Wording of letters",
            "wording of a letter",
            LetterText,
            (
                Column("title", "Title", _as_it_is),
                Column("legal_basis", "Legal basis", _as_it_is),
                Column("paragraphs", "Paragraphs", _each),
                Column("appeal", "Right of appeal", _as_it_is),
                Column("signatory_name", "Signed by", _as_it_is),
                Column("signatory_title", "Their office", _as_it_is),
            ),
            "A letter is written in the wording of the day of the decision that it reports.",
            "title",
            # Every letter of the regime comes with its wording: none is added without a move that sends it.
            takes_new=False,
        ),
    )
}


@dataclass(frozen=True)
class Beside:
    """A column as it is and as it is to be."""

    title: str
    was: list[str]
    becomes: list[str]

    @property
    def differs(self) -> bool:
        return self.was != self.becomes


class TableChange(TableChangeLifecycle):
    """The proposal of a row of a dated table. Publishing it adds the row; nothing else does."""

    table = models.CharField(max_length=20, choices=[(name, table.title) for name, table in TABLES.items()])
    code = models.CharField(max_length=20)
    act = models.CharField(max_length=10, choices=TableAct.choices)
    title = models.CharField(max_length=200)
    # The newest row when it was proposed, and its first day; neither, for a new entry.
    was = models.JSONField(encoder=DjangoJSONEncoder, null=True, blank=True)
    was_from = models.DateField(null=True, blank=True)
    content = models.JSONField(encoder=DjangoJSONEncoder)
    effective_from = models.DateField()
    source = models.TextField()
    reasons = models.TextField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    published_by = signature()
    refused_by = signature()

    objects = StaffOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = "change of a table"
        verbose_name_plural = "changes of tables"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "code"],
                condition=Q(state=SettingChangeState.PROPOSED),
                name="table_one_proposal_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True) | ~Q(published_by=F("proposed_by")),
                name="table_publisher_did_not_propose_it",
            ),
            models.CheckConstraint(
                condition=Q(act=TableAct.ADD, was_from__isnull=True)
                | ~Q(act=TableAct.ADD) & Q(was_from__isnull=False, was_from__lt=F("effective_from")),
                name="table_change_comes_after_the_row_it_changes",
            ),
        ]

    def __str__(self) -> str:
        return (
            f"{self.dated.title}, {self.title}: {self.get_act_display().lower()} from {self.effective_from:%-d %B %Y}"
        )

    def get_absolute_url(self) -> str:
        return reverse("staff:table_change", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"TAB-{self.pk:05d}"

    @property
    def dated(self) -> DatedTable:
        return TABLES[self.table]

    def newest_row(self) -> Any:
        """The newest row of its entry as it stands now; None where there is none."""
        entry = self.dated.entry(self.code)
        return entry.newest if entry else None

    def beside(self) -> list[Beside]:
        """Every column as it was and as it is to be, for whoever decides on it."""
        return [
            Beside(column.title, column.lines(self.was), column.lines(self.content)) for column in self.dated.columns
        ]
