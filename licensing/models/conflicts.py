"""Who is removed from a firm's cases today, and why: interests that stand, and those that other rows show.

Read, never kept: whoever joins a team or acts for a firm is removed from that moment on, whatever wrote the row.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from dateutil.relativedelta import relativedelta
from django.db import connection
from django.db.models import F, QuerySet
from django.utils import timezone

from licensing.access import REPRESENT
from licensing.models.agreements import MouMember
from licensing.models.belonging import with_owners
from licensing.models.firms import Firm, FirmUserObjectPermission
from licensing.models.interests import Interest, Recusal
from pvara.kernel import figures, looks
from pvara.kernel.models import User

Nature = Interest.Nature

# Asked before each move and each rating, so written out: to compose it took ten times as long as to answer it.
TIED = """
SELECT EXISTS (SELECT FROM licensing_interest WHERE firm_id = %(firm)s AND person_id = %(person)s)
    OR EXISTS (
        SELECT FROM licensing_firmuserobjectpermission WHERE content_object_id = %(firm)s AND user_id = %(person)s
    )
    OR EXISTS (
        SELECT FROM licensing_moumember JOIN licensing_mouparty USING (mou_id)
        WHERE firm_id = %(firm)s AND person_id = %(person)s
    )
    OR EXISTS (
        SELECT FROM licensing_recusal WHERE %(of_a_case)s AND firm_id = %(firm)s AND person_id = %(person)s
    )
"""


@dataclass(frozen=True)
class Ground:
    """One reason why a person takes no part in a firm's cases. `interest` is the row it stands in, if there is one.

    What follows from another row is ended there: leave the team, stop acting. Only the rest can be lifted.
    """

    firm_id: int
    person_id: int
    nature: str
    kind: str
    sentence: str
    interest: Interest | None = None

    @property
    def can_be_lifted(self) -> bool:
        return self.interest is not None or self.nature == Nature.ADDRESS

    @property
    def title(self) -> str:
        return Nature(self.nature).label


def host_of(website: str) -> str:
    """The domain of a web address without its “www.”; empty when it has none."""
    host = (urlsplit(website).hostname or "").lower()
    return host.removeprefix("www.")


def domain_of(person: User) -> str:
    return person.email.rpartition("@")[2].lower()


def grounds(at: datetime, *, firm: Firm | None = None, person: User | None = None) -> list[Ground]:
    """Every ground that stands at that moment for a firm, for a person, or for both. Five queries at most."""
    if firm is None and person is None:
        raise ValueError("Name a firm, a person, or both.")
    return list(_grounds_on(timezone.localdate(at), firm, person))


@looks.remembered
def _grounds_on(today: date, firm: Firm | None, person: User | None) -> tuple[Ground, ...]:
    months = int(figures.value("interest.cool_off_months", on=today))
    rows = _rows(firm, person)
    return (
        *_recorded(rows, today, months),
        *_acting(firm, person),
        *_in_teams(firm, person, today, months),
        *_at_the_firms_address(firm, person, lifted=_lifted_addresses(rows)),
    )


def by_person(found: Iterable[Ground]) -> dict[int, list[Ground]]:
    people: dict[int, list[Ground]] = defaultdict(list)
    for each in found:
        people[each.person_id].append(each)
    return dict(people)


def recused_from(subject: Any, *, person: User | None = None) -> "QuerySet[Recusal]":
    """The recusals from one row itself."""
    rows = Recusal.objects.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)
    return rows if person is None else rows.filter(person=person)


def recusals_reaching(subject: Any, *, person: User | None = None) -> list[Recusal]:
    """The recusals from a row and from whatever it belongs to: who stepped back from a case has no part in its rest.

    One query, as long as nobody stepped back from anything of the firm's.
    """
    rows = Recusal.objects.filter(firm=subject.access_anchor)
    there = list(rows if person is None else rows.filter(person=person))
    return reaching(subject, there) if there else []


def reaching(subject: Any, recusals: Iterable[Recusal]) -> list[Recusal]:
    """Those of some recusals that reach a row."""
    owners = {(each._meta.label_lower, each.pk) for each in with_owners(subject)}
    return [each for each in recusals if (each.subject_type, each.subject_id) in owners]


@looks.remembered
def stepped_back(person: User) -> tuple[Recusal, ...]:
    """Every recusal of a person."""
    return tuple(Recusal.objects.filter(person=person))


@looks.remembered
def recusals_from(subject: Any) -> dict[int, Recusal]:
    """The recusals that reach a row, by the person's key."""
    return {each.person_id: each for each in recusals_reaching(subject)}


def may_exist(firm: Firm, person: User, *, case: Any = None) -> bool:
    """Whether any row at all ties a person to a firm or takes them off a case of it: one query for almost everybody."""
    if domain_of(person) == host_of(firm.website):
        return True
    asked = {"firm": firm.pk, "person": person.pk, "of_a_case": case is not None}
    with connection.cursor() as cursor:
        cursor.execute(TIED, asked)
        return bool(cursor.fetchone()[0])


def firms_closed_to(person: User, at: datetime) -> set[int]:
    """The firms in whose cases a person takes no part."""
    return {each.firm_id for each in grounds(at, person=person)}


def cases_open_to(person: User, cases: "QuerySet[Any]", *, closed: set[int]) -> "QuerySet[Any]":
    """The cases from which a person is not removed; `closed` are the firms that are closed to them.

    For who stepped back from a case, the rows of its firm are looked at one by one.
    """
    cases = cases.exclude(firm__in=closed)
    left = stepped_back(person)
    if not left:
        return cases
    there = cases.filter(firm__in={each.firm_id for each in left})
    return cases.exclude(pk__in=[each.pk for each in there if reaching(each, left)])


# ── Where grounds come from ──────────────────────────────────────────────────────────────────────────────────────────
def _narrowed(rows: Any, firm: Firm | None, person: User | None) -> Any:
    if firm is not None:
        rows = rows.filter(firm=firm)
    return rows if person is None else rows.filter(person=person)


def _rows(firm: Firm | None, person: User | None) -> list[Interest]:
    return list(_narrowed(Interest.objects.select_related("lifting").order_by("pk"), firm, person))


def _is_lifted(row: Interest) -> bool:
    return getattr(row, "lifting", None) is not None


def _lifted_addresses(rows: Iterable[Interest]) -> set[tuple[int, int]]:
    return {(row.firm_id, row.person_id) for row in rows if row.nature == Nature.ADDRESS and _is_lifted(row)}


def _recorded(rows: Iterable[Interest], today: date, months: int) -> list[Ground]:
    return [
        Ground(row.firm_id, row.person_id, row.nature, row.kind, _sentence(row), row)
        for row in rows
        if not _is_lifted(row) and not _has_passed(row.nature, row.until, today, months)
    ]


def _has_passed(nature: str, until: date | None, today: date, months: int) -> bool:
    """Work for a firm, or on its agreement, casts a shadow of some months; other ties end with their last day."""
    if until is None:
        return False
    shadow = months if nature in (Nature.WORKED_FOR, Nature.MOU_TEAM) else 0
    return today > until + relativedelta(months=shadow)


def _sentence(row: Interest) -> str:
    until = f", until {row.until:%-d %B %Y}" if row.until else ""
    said = row.explanation.strip().rstrip(".")
    return f"{row.get_kind_display()}: {row.get_nature_display().lower()}{until}. {said}."


def _acting(firm: Firm | None, person: User | None) -> list[Ground]:
    held = FirmUserObjectPermission.objects.filter(permission__codename=REPRESENT.split(".")[1])
    if firm is not None:
        held = held.filter(content_object=firm)
    if person is not None:
        held = held.filter(user=person)
    return [
        Ground(firm_id, person_id, Nature.WORKED_FOR, Interest.Kind.DETECTED, "Detected: acts for the firm.")
        for firm_id, person_id in held.values_list("content_object", "user")
    ]


def _in_teams(firm: Firm | None, person: User | None, today: date, months: int) -> list[Ground]:
    # A row for each firm that is party to the agreement.
    members = MouMember.objects.select_related("mou").annotate(counterparty=F("mou__parties__firm"))
    members = members.filter(counterparty__isnull=False) if firm is None else members.filter(counterparty=firm.pk)
    if person is not None:
        members = members.filter(person=person)
    return [
        Ground(
            member.counterparty,
            member.person_id,
            Nature.MOU_TEAM,
            Interest.Kind.DETECTED,
            f"Detected: {'works' if member.left_on is None else 'worked'} on “{member.mou.title}” for the state"
            f"{'' if member.left_on is None else f', until {member.left_on:%-d %B %Y}'}.",
        )
        for member in members
        if not _has_passed(Nature.MOU_TEAM, member.left_on, today, months)
    ]


def _at_the_firms_address(firm: Firm | None, person: User | None, *, lifted: set[tuple[int, int]]) -> list[Ground]:
    if person is None and firm is not None:
        host = host_of(firm.website)
        people = User.objects.filter(email__iendswith=f"@{host}") if host else User.objects.none()
        pairs = [(firm, each.pk, host) for each in people]
    elif person is not None:
        host = domain_of(person)
        firms = [firm] if firm is not None else Firm.objects.filter(website__icontains=host)
        pairs = [(each, person.pk, host) for each in firms if host and host_of(each.website) == host]
    return [
        Ground(
            each.pk,
            pk,
            Nature.ADDRESS,
            Interest.Kind.DETECTED,
            f"Detected: has an e-mail address at {host}, the firm's own domain.",
        )
        for each, pk, host in pairs
        if (each.pk, pk) not in lifted
    ]


# ── As people read it ────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Removed:
    """One of the state's people who takes no part, and every ground for it."""

    person: User
    grounds: tuple[Ground, ...]
    recusal: Recusal | None = None


def removed_from(firm: Firm, at: datetime, *, case: Any = None) -> list[Removed]:
    """The people with a role who take no part in the firm's cases, or in this one, by name."""
    found = by_person(grounds(at, firm=firm))
    recusals = recusals_from(case) if case is not None else {}
    people = User.objects.filter(pk__in={*found, *recusals}, role_assignments__isnull=False).distinct()
    return [
        Removed(each, tuple(found.get(each.pk, ())), recusals.get(each.pk)) for each in people.order_by("name", "pk")
    ]
