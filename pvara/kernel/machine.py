"""The state machine of the house: one row per move, and `perform()`, the only thing that changes a state.

A lifecycle class lists its moves with `@move`; the body of each is empty. Here they are looked up, explained
(`unmet`, `moves`) and made (`perform`). What an app must do in the same transaction as a move it registers with
`@follows`. What a gate is stands in `gates.py`; the table and the diagram that people read come from `regime.py`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, ClassVar, TypeVar

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django_fsm import FSMField, FSMFieldMixin, FSMModelMixin, transition

from pvara.kernel import audit, clock, outbox, roles
from pvara.kernel.gates import Gate, Shut
from pvara.kernel.models import AuditEntry, User
from pvara.kernel.refusals import MoveRefused, StaleVersion, UnknownMove, Unmet

# The permission of a move that only the passing of time makes: the scheduler's, no person's.
SYSTEM = "system"

S = TypeVar("S", bound="Stateful")


# ── Moves ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Move:
    """One row of a machine's table."""

    name: str
    sources: tuple[str, ...]
    target: str
    permissions: tuple[str, ...]
    gates: tuple[Gate, ...]
    letter: str | None
    clocks: tuple[str, ...]
    signed_as: str | None
    note_required: bool
    note_title: str
    title: str


def _several(one_or_more: str | Iterable[str]) -> tuple[str, ...]:
    return (one_or_more,) if isinstance(one_or_more, str) else tuple(one_or_more)


def move(
    state: FSMFieldMixin | str,
    source: str | Iterable[str],
    target: str,
    permission: str | Iterable[str],
    *,
    gates: Iterable[Gate] = (),
    letter: str | None = None,
    clock: str | Iterable[str] = (),
    signed_as: str | None = None,
    note_required: bool = False,
    note_title: str = "",
    title: str | None = None,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Declare a move.

    `state` is the field, or its name where a lifecycle is in several modules and the class that joins them declares it.
    `permission` is one permission or several, any of which will do; `SYSTEM` is the scheduler's. `clock` is a verb
    and a clock's name, such as `start:decision`; `halt:all` stops whichever clocks still go. `signed_as` names the
    field that keeps who made the move. `note_title` says what the note is for, when it is not the reasons.
    """

    def row(body: Callable[..., None]) -> Callable[..., None]:
        method = transition(field=state, source=list(_several(source)), target=target)(body)
        method._move = Move(
            name=body.__name__,
            sources=_several(source),
            target=target,
            permissions=_several(permission),
            gates=tuple(gates),
            letter=letter,
            clocks=_several(clock) if clock else (),
            signed_as=signed_as,
            note_required=note_required,
            note_title=note_title,
            title=title or body.__name__.replace("_", " ").capitalize(),
        )
        return method

    return row


class StateField(FSMField):
    """Where a row stands. Only a move changes it; in the tables, and so in the migrations, it is a column of text.

    The models of a migration's past make no moves. Were this field among them, each of the thousands that a migration
    builds would be told of every other, which makes an empty database three times as slow to bring up to date.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"protected": True, **options})

    def deconstruct(self) -> Any:
        name, _, args, options = super().deconstruct()
        return name, "django.db.models.CharField", args, {k: v for k, v in options.items() if k != "protected"}


class Stateful(FSMModelMixin, models.Model):
    """A row with a state. The lifecycle class below it declares the field `state` and the moves."""

    version = models.PositiveIntegerField(default=0, editable=False)

    state: Any  # the field itself is the lifecycle's

    # Where the machine stands among the others when the regime is read from start to end.
    chapter: ClassVar[str] = ""

    # Its statutory clocks; moves turn them by their names.
    clocks: ClassVar[tuple[clock.ClockRule, ...]] = ()

    # The figures beside those of its clocks that a row keeps from the day on which it began.
    keeps: ClassVar[tuple[str, ...]] = ()

    # What holds for every move that a member of staff makes on this machine, beside the move's own gates.
    standing_gates: ClassVar[tuple[Gate, ...]] = ()

    class Meta:
        abstract = True

    @property
    def access_anchor(self) -> models.Model:
        """The object on which an applicant's permission for this row is held."""
        return self

    @property
    def began_on(self) -> date | None:
        """The day whose figures hold for this row as long as it lives; None where each clock has its own."""
        return None

    def more_time(self, clock: str) -> int:
        """By how much a clock of this row was made longer, in the unit of its limit."""
        return 0

    def reason_to_turn(self, row: Move) -> str:
        """What a stretch of a clock is put down to that begins with a move; asked before what follows the move."""
        return row.title

    def refresh_from_db(self, using: str | None = None, fields: Any = None, from_queryset: Any = None) -> None:
        # django-fsm's own version switches protection off on the field that all rows share, and leaves it off when
        # the row is gone. Taking the values out of this instance alone lets Django set them again.
        names = [f.attname for f in self._meta.concrete_fields if isinstance(f, FSMFieldMixin)]
        if fields is None:
            self._prefetched_objects_cache: dict[str, Any] = {}
            fields = [f.attname for f in self._meta.concrete_fields if f.attname in self.__dict__]
        kept = {name: self.__dict__.pop(name) for name in names if name in fields and name in self.__dict__}
        try:
            models.Model.refresh_from_db(self, using=using, fields=fields, from_queryset=from_queryset)
        except BaseException:
            self.__dict__.update(kept)
            raise


@cache
def moves_of(model: type[Stateful]) -> dict[str, Move]:
    """The rows of a machine's table, by name, in the order in which they were written."""
    rows = [getattr(member, "_move", None) for each in model.__mro__ for member in vars(each).values()]
    return {row.name: row for row in rows if row is not None}


def machines() -> list[type[Stateful]]:
    """Every machine of the house, in the order in which an exchange meets them."""
    return sorted(
        (model for model in apps.get_models() if issubclass(model, Stateful)), key=lambda model: model.chapter
    )


def label(model: Any, state: str) -> str:
    """A state in people's words."""
    return str(dict(model._meta.get_field("state").flatchoices).get(state, state)).lower()


# ── What follows a move ──────────────────────────────────────────────────────────────────────────────────────────────
Follower = Callable[..., None]
_followers: dict[tuple[str, str], list[Follower]] = {}


def follows(model: type[Stateful], *names: str) -> Callable[[Follower], Follower]:
    """Register what must happen in the same transaction as a move: `fn(subject, *, by, at, entry)`."""

    def registered(follower: Follower) -> Follower:
        for name in names:
            if name not in moves_of(model):
                raise LookupError(f"{model._meta.label} has no move {name}.")
            _followers.setdefault((model._meta.label_lower, name), []).append(follower)
        return follower

    return registered


# ── Asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Offer:
    """A move out of the present state, whether this person may make it, and what stands in the way."""

    name: str
    title: str
    target: str
    note_required: bool
    note_title: str
    permitted: bool
    unmet: tuple[Unmet, ...]
    is_idle: bool
    """Whether what it is about is not there at all."""

    @property
    def possible(self) -> bool:
        return self.permitted and not self.unmet


def the_move(model: type[Stateful], name: str) -> Move:
    try:
        return moves_of(model)[name]
    except KeyError:
        raise UnknownMove(f"{model._meta.verbose_name} has no move “{name}”.") from None


def may(by: User | None, row: Move, subject: Stateful) -> bool:
    """Whether the person holds one of the move's permissions, through a role or on the object itself."""
    if by is None:
        return SYSTEM in row.permissions
    held = (permission for permission in row.permissions if permission != SYSTEM)
    # A permission is held through a role or on an object, and only the latter costs a question to the database.
    return any(
        by.has_perm(permission, subject.access_anchor) if permission in roles.ON_OBJECTS else by.has_perm(permission)
        for permission in held
    )


Judgement = tuple[list[Unmet], dict[str, dict[str, Any]]]


def _judge(subject: Stateful, gates: Iterable[Gate], *, by: User | None, at: datetime, move: str = "") -> Judgement:
    """Every shut gate, and the facts of those that stand open."""
    shut, facts = [], {}
    for each in gates:
        verdict = each.verdict(subject, by=by, at=at, move=move)
        if isinstance(verdict, Shut):
            shut.append(Unmet(each.code, each.reason, verdict.details))
        elif verdict.facts:
            facts[each.code] = verdict.facts
    return shut, facts


def _standing(subject: Stateful, by: User | None) -> tuple[Gate, ...]:
    """The gates that hold for whatever this person does with the row."""
    return subject.standing_gates if by is not None and by.is_staff else ()


def _out_of_place(subject: Stateful, row: Move) -> list[Unmet]:
    if subject.state in row.sources:
        return []
    places = " or ".join(label(type(subject), source) for source in row.sources)
    return [
        Unmet(
            "wrong_state",
            f"“{row.title}” starts from {places}; this is {label(type(subject), subject.state)}.",
        )
    ]


def unmet(subject: Stateful, name: str, *, by: User | None, at: datetime) -> list[Unmet]:
    """Everything but permission that stands in the way of a move; empty when nothing does."""
    row = the_move(type(subject), name)
    gates = (*_standing(subject, by), *row.gates)
    return _out_of_place(subject, row) or _judge(subject, gates, by=by, at=at, move=name)[0]


def moves(subject: Stateful, *, by: User | None, at: datetime) -> list[Offer]:
    """The moves out of the present state, in the table's order; the scheduler's own are left out for people."""
    rows = [
        row
        for row in moves_of(type(subject)).values()
        if subject.state in row.sources and (by is None or row.permissions != (SYSTEM,))
    ]
    # Asked once for all of them.
    always = _judge(subject, _standing(subject, by), by=by, at=at)[0] if rows else []
    shut = {row.name: _judge(subject, row.gates, by=by, at=at, move=row.name)[0] for row in rows}
    premises = {row.name: {each.code for each in row.gates if each.is_premise} for row in rows}
    return [
        Offer(
            name=row.name,
            title=row.title,
            target=row.target,
            note_required=row.note_required,
            note_title=row.note_title,
            permitted=may(by, row, subject),
            unmet=(*always, *shut[row.name]),
            is_idle=any(each.code in premises[row.name] for each in shut[row.name]),
        )
        for row in rows
    ]


# ── Moving ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def perform(
    subject: S,
    name: str,
    *,
    by: User | None,
    at: datetime,
    expected_version: int,
    note: str = "",
    data: dict[str, Any] | None = None,
) -> S:
    """Make a move, or change nothing.

    In one transaction: lock the row, check version, source state, person and every gate; write the audit entry, the
    state, the clock intervals and the outbox rows; run what follows. Returns the row as it now is. `by` is None for
    the scheduler. Raises MoveRefused with all reasons, StaleVersion, PermissionDenied or UnknownMove.
    """
    row = the_move(type(subject), name)
    with transaction.atomic():
        # Another transaction's move on this row waits here; rows that merely refer to it do not.
        subject = type(subject)._base_manager.select_for_update(of=("self",), no_key=True).get(pk=subject.pk)
        if not may(by, row, subject):
            raise PermissionDenied(f"You are not among those who may {row.title.lower()}.")
        if subject.version != expected_version:
            raise StaleVersion(subject, expected_version)
        if misplaced := _out_of_place(subject, row):
            raise MoveRefused(subject, name, misplaced)
        shut, facts = _judge(subject, (*_standing(subject, by), *row.gates), by=by, at=at, move=name)
        if row.note_required and not note.strip():
            shut.append(Unmet("note_is_given", "Give the reasons: they are part of the record."))
        if shut:
            raise MoveRefused(subject, name, shut)

        came_from = subject.state
        # The entry comes first: the database refuses a change of state that no entry of this transaction announces.
        entry = audit.record(
            subject,
            event=name,
            by=by,
            at=at,
            from_state=came_from,
            to_state=row.target,
            note=note,
            data={**(data or {}), **({"gates": facts} if facts else {})},
        )
        getattr(subject, name)()
        subject.version += 1
        changed = ["state", "version"]
        if row.signed_as:
            setattr(subject, row.signed_as, by)
            changed.append(row.signed_as)
        subject.save(update_fields=changed)
        _turn_clocks(subject, row, at=at)
        _write_letter(subject, row, entry, at=at)
        for follower in _followers.get((subject._meta.label_lower, name), []):
            follower(subject, by=by, at=at, entry=entry)
        return subject


def _turn_clocks(subject: Stateful, row: Move, *, at: datetime) -> None:
    verbs: dict[str, Callable[..., object]] = {
        "start": clock.start,
        "pause": clock.pause,
        "resume": clock.resume,
        "stop": clock.stop,
        "halt": clock.halt,
    }
    reason = subject.reason_to_turn(row) if row.clocks else ""
    for each in row.clocks:
        verb, which = each.split(":")
        verbs[verb](subject, which, at=at, reason=reason)


def _write_letter(subject: Stateful, row: Move, entry: AuditEntry, *, at: datetime) -> None:
    if row.letter is None:
        return
    outbox.enqueue(
        "letter",
        key=f"letter:{subject._meta.label_lower}:{subject.pk}:{subject.version}:{row.letter}",
        payload={
            "code": row.letter,
            "subject_type": subject._meta.label_lower,
            "subject_id": subject.pk,
            "version": subject.version,
            "entry_id": entry.pk,
            "at": at.isoformat(),
        },
        at=at,
        subject=subject,
    )
