"""What a version of the framework would do: everything that is judged by a score, under it and as it is judged now.

Nothing is written. A case under assessment keeps its own version whatever is published: it is shown beside the others
with what the new version would say of it, and said to keep its own.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from django.db.models import Q
from django.utils import timezone

from licensing import scoring
from licensing.models.evidence import WAS_ACCEPTED, EvidenceLink
from licensing.models.framework import Framework, as_rules, framework_row, published_versions
from licensing.models.full import LicenceApplication
from licensing.models.licences import Licence
from licensing.models.noc import NocApplication
from licensing.models.ratings import Rating
from licensing.models.scores import that_count
from licensing.models.setup import SetUp
from licensing.states import FullState, NocState, SetUpState
from pvara.kernel import figures

# What each is held against; a licence is renewed by G4 and distributes by G6.
GATES: dict[type, tuple[str, ...]] = {
    NocApplication: ("G1",),
    SetUp: ("G2", "G2a"),
    LicenceApplication: ("G3",),
    Licence: ("G4", "G6"),
}
PHASES: dict[type, str] = {NocApplication: "NOC", SetUp: "SETUP", LicenceApplication: "FULL", Licence: "FULL"}


@dataclass(frozen=True)
class AtGate:
    """One gate as it stands now and as it would."""

    code: str
    now: bool
    then: bool

    @property
    def turns(self) -> str:
        """What would become of it: `passes`, `fails`, or nothing where it stays as it is."""
        return "" if self.now == self.then else "passes" if self.then else "fails"


@dataclass(frozen=True)
class Impact:
    """One case or licence, scored now and under the version."""

    case: Any
    phase: str
    now: scoring.Score
    then: scoring.Score
    # The version that it keeps to its end; empty where the new version would judge it.
    keeps: str

    @property
    def is_untouched(self) -> bool:
        return self.now.is_untouched and self.then.is_untouched

    @property
    def colours(self) -> tuple[str, str]:
        return self.now.colour(self.now.total), self.then.colour(self.then.total)

    @property
    def changes_colour(self) -> bool:
        before, after = self.colours
        return before != after and not self.is_untouched

    @property
    def gates(self) -> list[AtGate]:
        known = self.now.framework.gates.keys() & self.then.framework.gates.keys()
        return [
            AtGate(code, self.now.clears(code), self.then.clears(code))
            for code in GATES[type(self.case)]
            if code in known
        ]

    def turns_to(self, what: str) -> list[str]:
        """The gates that would turn to `passes` or `fails`."""
        return [each.code for each in self.gates if each.turns == what]


def impact_of(version: Framework, at: datetime) -> list[Impact]:
    """Every open case and every living licence under a version. The number of queries does not grow with theirs.

    A draft counts nothing for a case that was not submitted: there is nothing to judge yet.
    """
    on = timezone.localdate(at)
    cases = [*_open_cases(), *Licence.objects.live().select_related("firm").order_by("pk")]
    firms = {each.firm_id for each in cases}
    ratings, expiries = _ratings(firms), _expiries(firms)
    grace_days = int(figures.value("evidence.grace_days", on=on))
    published = {each.pk: each for each in published_versions()}
    in_force = framework_row(on)
    rules = cache(as_rules)

    def scored(case: Any, row: Framework) -> scoring.Score:
        return scoring.score(
            rules(row),
            PHASES[type(case)],
            ratings=ratings[case.firm_id],
            expiries=expiries[case.firm_id],
            on=on,
            grace_days=grace_days,
        )

    found = []
    for case in cases:
        kept = published.get(getattr(case, "framework_id", None) or 0)
        found.append(
            Impact(
                case=case,
                phase=PHASES[type(case)],
                now=scored(case, kept or in_force),
                then=scored(case, version),
                keeps=kept.edition if kept else "",
            )
        )
    return found


def _open_cases() -> Iterable[Any]:
    nocs = NocApplication.objects.exclude(state__in=[*NocApplication.closed_states, NocState.DRAFT])
    full = LicenceApplication.objects.exclude(state__in=[*LicenceApplication.closed_states, FullState.DRAFT])
    for rows in (nocs, SetUp.objects.filter(state=SetUpState.OPEN), full):
        yield from rows.select_related("firm").order_by("pk")


def _ratings(firms: set[int]) -> dict[int, dict[str, scoring.Rating]]:
    """What counts of each criterion, by firm and code; one query."""
    last_words: dict[int, list[Rating]] = defaultdict(list)
    seen = Rating.objects.filter(Q(current=True) | Q(moderated_at__isnull=False), firm__in=firms)
    for each in seen.select_related("criterion").order_by("pk"):
        last_words[each.firm_id].append(each)
    found: dict[int, dict[str, scoring.Rating]] = defaultdict(dict)
    for firm, words in last_words.items():
        found[firm] = {code: each.counts for code, each in that_count(words).items()}
    return found


def _expiries(firms: set[int]) -> dict[int, dict[str, tuple[date | None, ...]]]:
    """The days on which accepted evidence expires, by firm and code; one query."""
    days: dict[int, dict[str, list[date | None]]] = defaultdict(lambda: defaultdict(list))
    links = EvidenceLink.objects.filter(evidence__firm__in=firms, evidence__state__in=WAS_ACCEPTED)
    for firm, code, expires_on in links.values_list("evidence__firm", "criterion__code", "expires_on"):
        days[firm][code].append(expires_on)
    found: dict[int, dict[str, tuple[date | None, ...]]] = defaultdict(dict)
    for firm, by_code in days.items():
        found[firm] = {code: tuple(each) for code, each in by_code.items()}
    return found
