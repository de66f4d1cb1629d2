"""The completeness checklist of an application: its items are made from the form and the framework, never typed in.

What a case officer found of an item is a row that is added, and holds as long as what they looked at is there: an
answer that changes, or a document that is rejected, puts the item back on the list.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from licensing.models.evidence import EvidenceLink
from licensing.models.framework import Criterion
from licensing.models.subjects import OfApplication, OfApplicationQuerySet, is_of_an_application
from licensing.scoring import PHASES
from licensing.states import ChecklistVerdict, EvidenceState
from pvara.kernel import looks
from pvara.kernel.models import User
from pvara.kernel.uploads import Scan


class ChecklistTick(OfApplication):
    """What somebody found of one item. `basis` is what they had before them."""

    item = models.CharField(max_length=60)
    verdict = models.CharField(max_length=10, choices=ChecklistVerdict.choices)
    note = models.TextField(blank=True)
    basis = ArrayField(models.CharField(max_length=64))
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = OfApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [is_of_an_application("tick_is_of_an_application")]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="tick_by_subject")]

    def __str__(self) -> str:
        return f"{self.item}: {self.get_verdict_display().lower()}"


@dataclass(frozen=True)
class ChecklistItem:
    """One thing that a complete application has, and what was found of it."""

    key: str
    title: str
    hint: str
    basis: tuple[str, ...]
    is_document: bool
    tick: ChecklistTick | None

    @property
    def holds(self) -> bool:
        """Whether what was found still rests on what is there."""
        return self.tick is not None and set(self.tick.basis) <= set(self.basis)

    @property
    def verdict(self) -> str:
        return self.tick.verdict if self.tick is not None and self.holds else ""

    @property
    def found(self) -> tuple[str, str]:
        """The verdict that holds, with its note; what the next one is written over."""
        return (self.verdict, self.tick.note) if self.tick is not None and self.verdict else ("", "")

    @property
    def words(self) -> str:
        if self.tick is None:
            return "Not looked at"
        return ChecklistVerdict(self.tick.verdict).label if self.holds else "Changed since"

    @property
    def tone(self) -> str:
        tones: dict[str, str] = {ChecklistVerdict.IN_ORDER: "success", ChecklistVerdict.WANTING: "danger"}
        return tones.get(self.verdict, "secondary")

    @property
    def sentence(self) -> str:
        """What keeps the item from being in order; for those who want to declare the case complete."""
        return f"{self.title}: {self.words.lower()}."


def checklist_of(case: Any, at: datetime) -> list[ChecklistItem]:
    """Every item of a case's checklist, the form's sections first. Four queries, whatever its length."""
    return _on(case, timezone.localdate(at))


@looks.remembered
def _on(case: Any, on: date) -> list[ChecklistItem]:
    ticks = {each.item: each for each in ChecklistTick.objects.about(case).select_related("recorded_by")}
    return [
        ChecklistItem(key, title, hint, basis, is_document, ticks.get(key))
        for key, title, hint, basis, is_document in _items(case, on)
    ]


def wanting(case: Any, at: datetime) -> list[str]:
    """A sentence for each item that is not in order."""
    return [each.sentence for each in checklist_of(case, at) if each.verdict != ChecklistVerdict.IN_ORDER]


def found_wanting(case: Any, at: datetime) -> list[str]:
    """The titles of the items that somebody looked at and found wanting."""
    return [each.title for each in checklist_of(case, at) if each.verdict == ChecklistVerdict.WANTING]


def documents_missing(case: Any, at: datetime) -> list[str]:
    """Each criterion that always applies and for which no document is there, with what is wanted for it."""
    items = checklist_of(case, at)
    return [f"{each.title}: {each.hint}." for each in items if each.is_document and not each.basis]


def _items(case: Any, on: date) -> Iterator[tuple[str, str, str, tuple[str, ...], bool]]:
    for section in case.form:
        said = json.dumps(case.answers.get(section.key, {}), sort_keys=True)
        basis = (hashlib.sha256(said.encode()).hexdigest(),)
        yield f"section:{section.key}", section.title, "A section of the form.", basis, False
    phases = PHASES[: PHASES.index(case.phase) + 1]
    criteria = Criterion.objects.filter(domain__framework=case.framework_on(on), applies_from__in=phases).exclude(
        mark=""
    )
    there: dict[str, list[str]] = defaultdict(list)
    links = EvidenceLink.objects.filter(evidence__firm=case.firm_id).exclude(
        Q(evidence__state__in=(EvidenceState.REJECTED, EvidenceState.SUPERSEDED)) | Q(evidence__scan=Scan.INFECTED)
    )
    # By code: a document for a criterion of an older framework proves the same thing.
    for code, piece in links.order_by("evidence").values_list("criterion__code", "evidence"):
        there[code].append(str(piece))
    for each in criteria.select_related("domain"):
        yield f"criterion:{each.code}", str(each), each.evidence_wanted, tuple(there[each.code]), True
