"""A draft of the framework: begun from a version that was published, dated and coloured; and what follows its moves."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from licensing.access import DRAFT_FRAMEWORKS
from licensing.actions.fees import require
from licensing.actions.notices import holders_of, tell_people
from licensing.actions.timers import each_row, timer
from licensing.models import Criterion, Domain, Framework, GateBar, GateFloor
from licensing.states import WAS_PUBLISHED, FrameworkState
from pvara.kernel import audit
from pvara.kernel.machine import follows, perform
from pvara.kernel.models import AuditEntry, User
from pvara.kernel.seen import require_seen


def start_draft(source: Framework, *, edition: str, effective_from: date, by: User, at: datetime) -> Framework:
    """Begin a draft with everything that a published version says.

    Raises ValidationError by field for an edition that there is already, or a day that has begun.
    """
    require(by, DRAFT_FRAMEWORKS)
    if source.state not in WAS_PUBLISHED:
        raise ValidationError(f"{source} was never published: start from a version that was.")
    _check({"edition": edition, "effective_from": effective_from, "green": source.green, "amber": source.amber}, at=at)
    with transaction.atomic():
        draft = Framework(
            edition=edition.strip(),
            effective_from=effective_from,
            based_on=source,
            green=source.green,
            amber=source.amber,
            rated_twice=source.rated_twice,
        )
        _save_with_its_own_edition(draft)
        domains = {}
        for domain in source.domains.all():
            domains[domain.pk] = Domain.objects.create(
                framework=draft, code=domain.code, title=domain.title, order=domain.order
            )
        Criterion.objects.bulk_create(
            Criterion(domain=domains[each.domain_id], order=each.order, **each.said)
            for each in Criterion.objects.filter(domain__framework=source)
        )
        for gate in source.gates.prefetch_related("floors"):
            copy = GateBar.objects.create(
                framework=draft,
                code=gate.code,
                title=gate.title,
                phase=gate.phase,
                total=gate.total,
                other_floor=gate.other_floor,
                conditions_below=gate.conditions_below,
            )
            GateFloor.objects.bulk_create(
                GateFloor(gate=copy, domain=domains[each.domain_id], floor=each.floor) for each in gate.floors.all()
            )
        audit.record(draft, event="drafted", by=by, at=at, to_state=draft.state, data={"based_on": source.edition})
        return draft


def change_version(draft: Framework, *, by: User, at: datetime, seen: str = "", **said: Any) -> Framework:
    """Say of a draft what it is called, when it takes effect and where its colours begin.

    Raises ValidationError by field; ChangedMeanwhile where somebody else said something of it since `seen`.
    """
    with transaction.atomic():
        draft = locked_draft(draft.pk, by=by)
        require_seen(seen, draft.said, log=audit.history(draft).filter(event="version_changed"))
        now = {**draft.said, **said}
        _check(now, at=at)
        write(draft, draft, {**now, "edition": now["edition"].strip()}, event="version_changed", by=by, at=at)
        return draft


# ── How a draft is written ───────────────────────────────────────────────────────────────────────────────────────────
def locked_draft(pk: int, *, by: User) -> Framework:
    """The draft, locked. Raises PermissionDenied for who does not draft, ValidationError for what is none any more."""
    require(by, DRAFT_FRAMEWORKS)
    draft = Framework.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
    if draft.state != FrameworkState.DRAFT:
        raise ValidationError(f"{draft} is {draft.get_state_display().lower()}: only a draft changes. Start another.")
    return draft


def write(draft: Framework, row: Any, said: dict[str, Any], *, event: str, by: User, at: datetime) -> None:
    """Write what is said of a part of a draft, and record what changed; nothing happens when nothing did."""
    changed = {name: value for name, value in said.items() if getattr(row, name) != value}
    if not changed:
        return
    was = {name: getattr(row, name) for name in changed}
    for name, value in changed.items():
        setattr(row, name, value)
    if row is draft:
        _save_with_its_own_edition(draft)
    else:
        row.save(update_fields=list(changed))
    note_change(draft, row, {"was": was, "becomes": changed}, event=event, by=by, at=at)


def note_change(draft: Framework, row: Any, data: dict[str, Any], *, event: str, by: User, at: datetime) -> None:
    """Record a change of a draft, and make another version of it: whoever read the old one is to look again."""
    draft.version += 1
    draft.save(update_fields=["version"])
    part = "" if row is draft else f"{row._meta.model_name} {row.code}"
    plain = {key: {name: _plain(value) for name, value in said.items()} for key, said in data.items()}
    audit.record(draft, event=event, by=by, at=at, data={"part": part, **plain})


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return str(value) if isinstance(value, date) else value


def _check(said: dict[str, Any], *, at: datetime) -> None:
    """What is said of a version as a whole. Raises ValidationError by field, saying what to do."""
    wrong = {}
    if not said["edition"].strip() or len(said["edition"].strip()) > 20:
        wrong["edition"] = "Give it a number, such as 2.0, of 20 characters at most."
    if said["effective_from"] <= timezone.localdate(at):
        wrong["effective_from"] = "Give a day that has not begun: nobody is judged by a rule that came afterwards."
    elif taken := Framework.objects.filter(state__in=WAS_PUBLISHED, effective_from__gte=said["effective_from"]).first():
        day = f"{taken.effective_from:%-d %B %Y}"
        wrong["effective_from"] = f"{taken} takes effect on {day}: give a day after that."
    for name in ("green", "amber"):
        if not 0 <= said[name] <= 100:
            wrong[name] = "Give a percentage from 0 to 100."
    if not wrong and said["amber"] > said["green"]:
        wrong["amber"] = "Amber begins below green."
    if wrong:
        raise ValidationError(wrong)


def _save_with_its_own_edition(draft: Framework) -> None:
    """Of two who take one number at once the database lets one in, and the other is told."""
    try:
        with transaction.atomic():
            draft.save()
    except IntegrityError as clash:
        if "framework_edition_once" not in str(clash):
            raise
        raise ValidationError(
            {"edition": f"There is a version {draft.edition} already. Give it another number."}
        ) from None


# ── What follows its moves ───────────────────────────────────────────────────────────────────────────────────────────
@follows(Framework, "propose")
def tell_the_board(framework: Framework, *, by: User, at: datetime, entry: AuditEntry) -> None:
    tell_people(
        holders_of("board_member"),
        subject=f"{framework}: a version of the scoring framework is proposed",
        template="framework_proposed",
        context={"framework": framework, "reasons": entry.note},
        key=f"framework-proposed:{framework.pk}:{framework.version}",
        at=at,
    )


@follows(Framework, "publish", "publish_the_first")
def note_the_publication(framework: Framework, *, by: User | None, at: datetime, entry: AuditEntry) -> None:
    framework.published_at = at
    framework.save(update_fields=["published_at"])


@follows(Framework, "publish", "send_back")
def tell_the_proposer(framework: Framework, *, by: User, at: datetime, entry: AuditEntry) -> None:
    said = "is published" if framework.state == FrameworkState.PUBLISHED else "comes back to you"
    assert framework.proposed_by is not None
    tell_people(
        [framework.proposed_by],
        subject=f"{framework} {said}",
        template="framework_decided",
        context={"framework": framework, "said": said, "reasons": entry.note},
        key=f"framework-decided:{framework.pk}:{framework.version}",
        at=at,
    )


@timer
def supersede_frameworks(at: datetime) -> int:
    """A version whose successor is in force is superseded; the days before that stay its own."""
    published = Framework.objects.filter(state=FrameworkState.PUBLISHED).order_by("pk")

    def supersede(framework: Framework, at: datetime) -> bool:
        if framework.successor_in_force(timezone.localdate(at)) is None:
            return False
        perform(framework, "supersede", by=None, at=at, expected_version=framework.version)
        return True

    return each_row(published, supersede, at)
