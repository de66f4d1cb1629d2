"""Evidence: taking in a document or a newer version of it, what its acceptance or rejection does, and its expiry."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from licensing import standing
from licensing.access import REPRESENT
from licensing.actions.notices import tell_firm
from licensing.actions.timers import each_of, each_row, timer
from licensing.actions.versions import (
    let_earlier_stand_again,
    locked,
    replaceable,
    served_anew,
    supersede_earlier,
)
from licensing.models import Criterion, Evidence, EvidenceKind, EvidenceLink, Firm
from licensing.scoring import in_order
from licensing.states import EvidenceState
from pvara.kernel import audit, figures
from pvara.kernel.machine import follows, perform
from pvara.kernel.models import AuditEntry, User
from pvara.kernel.uploads import take_in


def upload_evidence(
    firm: Firm,
    *,
    by: User,
    at: datetime,
    file: UploadedFile,
    title: str,
    kind: EvidenceKind,
    criteria: Iterable[Criterion] = (),
    replaces: Evidence | None = None,
) -> Evidence:
    """Take in a document for some criteria. Raises ValidationError for what it is not fit for, saying what to do.

    `kind` is what the document is; a criterion takes the kinds that its version of the framework says. A newer version
    of a document names the one that it `replaces`, and serves what that serves unless it says more.
    """
    if not by.has_perm(REPRESENT, firm):
        raise PermissionDenied("You do not act for this firm.")
    criteria = list(criteria)
    if replaces is not None:
        criteria = served_anew(firm, replaces, criteria, kind, at)
    if not criteria:
        raise ValidationError({"criteria": "Choose at least one criterion that the document serves."})
    if unserved := [each for each in criteria if not each.accepts(kind)]:
        raise ValidationError({"criteria": [_does_not_accept(each, kind) for each in unserved]})
    if not title.strip():
        raise ValidationError({"title": "Give the document a title."})
    taken = take_in(file)
    with transaction.atomic():
        earlier = None if replaces is None else replaceable(replaces)
        piece = Evidence(
            firm=firm,
            title=title.strip(),
            kind=kind,
            uploaded_by=by,
            uploaded_at=at,
            replaces=earlier,
            edition=1 if earlier is None else earlier.edition + 1,
            **asdict(taken),
        )
        piece.file = file
        piece.save()
        EvidenceLink.objects.bulk_create(EvidenceLink(evidence=piece, criterion=each) for each in criteria)
        audit.record(
            piece,
            event="uploaded",
            by=by,
            at=at,
            to_state=piece.state,
            data={
                "sha256": piece.sha256,
                "file_name": piece.file_name,
                "scan": piece.scan,
                "kind": kind.code,
                "criteria": [each.code for each in criteria],
                **({"replaces": earlier.reference, "edition": piece.edition} if earlier else {}),
            },
        )
        return piece


def _does_not_accept(criterion: Criterion, kind: EvidenceKind) -> str:
    titles = dict(EvidenceKind.objects.filter(code__in=criterion.kinds).values_list("code", "title"))
    accepted = ", or ".join(titles[code] for code in criterion.kinds)
    return f"{criterion.code} does not accept this kind ({kind}); it accepts: {accepted}. Leave it out, or show that."


@follows(Evidence, "accept")
def date_what_it_proves(piece: Evidence, *, by: User, at: datetime, entry: AuditEntry) -> None:
    today = timezone.localdate(at)
    links = list(piece.links.select_related("criterion"))
    for link in links:
        months = link.criterion.validity_months
        link.expires_on = None if months is None else today + relativedelta(months=months)
    EvidenceLink.objects.bulk_update(links, ["expires_on"])
    supersede_earlier(piece, at=at)
    standing.refresh_firm(piece.firm, by=by, at=at)


@follows(Evidence, "reject")
def score_without_it(piece: Evidence, *, by: User, at: datetime, entry: AuditEntry) -> None:
    let_earlier_stand_again(piece, at=at)
    standing.refresh_firm(piece.firm, by=by, at=at)


# ── Growing old ──────────────────────────────────────────────────────────────────────────────────────────────────────
def _with_a_last_day(first: date | None, last: date, *states: EvidenceState) -> "QuerySet[Evidence]":
    """The pieces in some states of which everything ends by a day, and not all of it before another."""
    never = EvidenceLink.objects.filter(evidence=OuterRef("pk"), expires_on__isnull=True)
    ends = Q(last__lte=last) if first is None else Q(last__gte=first, last__lte=last)
    aged = Evidence.objects.filter(~Exists(never), state__in=states).annotate(last=Max("links__expires_on"))
    return aged.filter(ends).order_by("pk")


@timer
def mark_expiring_evidence(at: datetime) -> int:
    """A piece that is good for a few weeks only says so."""
    today = timezone.localdate(at)
    ahead = int(figures.value("evidence.expiring_days", on=today))

    def mark(piece: Evidence, at: datetime) -> bool:
        piece = locked(piece)
        if piece.state != EvidenceState.ACCEPTED:
            return False
        perform(piece, "near_expiry", by=None, at=at, expected_version=piece.version)
        return True

    return each_row(_with_a_last_day(today, today + timedelta(days=ahead), EvidenceState.ACCEPTED), mark, at)


@timer
def mark_expired_evidence(at: datetime) -> int:
    """A piece whose last day is over has expired; what it counts meanwhile is the score's own matter."""

    def mark(piece: Evidence, at: datetime) -> bool:
        piece = locked(piece)
        if piece.state not in (EvidenceState.ACCEPTED, EvidenceState.EXPIRING):
            return False
        perform(piece, "expire", by=None, at=at, expected_version=piece.version)
        return True

    yesterday = timezone.localdate(at) - timedelta(days=1)
    return each_row(_with_a_last_day(None, yesterday, EvidenceState.ACCEPTED, EvidenceState.EXPIRING), mark, at)


@dataclass
class Ending:
    """What a firm can prove until a day and no longer."""

    firm: Firm
    last_day: date
    links: list[EvidenceLink] = field(default_factory=list)

    def __str__(self) -> str:
        return f"The evidence of {self.firm} that expires on {self.last_day}"

    @property
    def criteria(self) -> list[Criterion]:
        """The criteria concerned, each once, in the order of their numbers."""
        found = {link.criterion.code: link.criterion for link in self.links}
        return [found[code] for code in sorted(found, key=in_order)]

    def was_told(self, step: int) -> bool:
        return all(link.told_ahead is not None and link.told_ahead <= step for link in self.links)


def _endings(first: date, last: date) -> Iterable[Ending]:
    """What ends between two days, by firm and day. What another piece proves for longer does not end."""
    in_force = EvidenceLink.objects.filter(evidence__state__in=(EvidenceState.ACCEPTED, EvidenceState.EXPIRING))
    longer = in_force.filter(
        Q(expires_on__isnull=True) | Q(expires_on__gt=OuterRef("expires_on")),
        evidence__firm=OuterRef("evidence__firm"),
        criterion__code=OuterRef("criterion__code"),
    )
    ending = in_force.filter(~Exists(longer), expires_on__gte=first, expires_on__lte=last)
    found: dict[tuple[int, date], Ending] = {}
    for link in ending.select_related("evidence__firm", "criterion").order_by("expires_on", "pk"):
        assert link.expires_on is not None
        key = link.evidence.firm_id, link.expires_on
        found.setdefault(key, Ending(link.evidence.firm, link.expires_on)).links.append(link)
    return found.values()


@timer
def remind_of_expiry(at: datetime) -> int:
    """Each firm is told some weeks before, and again, what loses its last piece of evidence: one e-mail a day of it."""
    today = timezone.localdate(at)
    steps = sorted(int(each) for each in figures.value("evidence.reminders", on=today))

    def remind(ending: Ending, at: datetime) -> bool:
        step = min(each for each in steps if ending.last_day <= today + timedelta(days=each))
        if ending.was_told(step):
            return False
        EvidenceLink.objects.filter(pk__in=[link.pk for link in ending.links]).update(told_ahead=step)
        tell_firm(
            ending.firm,
            subject=f"Your evidence expires on {ending.last_day:%-d %B %Y}",
            template="evidence_expires",
            context={"last_day": ending.last_day, "criteria": ending.criteria},
            key=f"evidence-expires:{ending.firm.pk}:{ending.last_day}:{step}",
            at=at,
        )
        return True

    return each_of(_endings(today, today + timedelta(days=steps[-1])), remind, at) if steps else 0
