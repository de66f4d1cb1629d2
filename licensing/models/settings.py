"""The settings of the regime under one roof: its figures, the fees of the tariff, the capital of each activity.

Each lives in its own table, as rows that are added and never changed. Here they are read alike, by a key such as
`noc.decision`, `fee.annual` or `capital.exchange`, and here stand the proposals to change them.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from licensing.lifecycle.settings import SettingChangeLifecycle
from licensing.models.activities import ActivityKind
from licensing.models.fees import TariffRow
from licensing.models.firms import StaffOnlyQuerySet, signature
from licensing.states import Activity, FeeKind, SettingChangeState
from pvara.kernel.machine import machines
from pvara.kernel.models import ClockInterval, Figure, User
from pvara.kernel.models.figures import in_words

FEE, CAPITAL = "fee.", "capital."


@dataclass(frozen=True)
class Version:
    """What a setting says from a day on, and where that comes from."""

    value: Any
    unit: str
    effective_from: date
    mark: str
    source: str

    @property
    def words(self) -> str:
        return in_words(self.value, self.unit)

    @property
    def mark_title(self) -> str:
        return str(Figure.Mark(self.mark).label)


@dataclass(frozen=True)
class Setting:
    """One setting with every version it ever had, the newest first."""

    key: str
    title: str
    versions: tuple[Version, ...]
    # A fee that nobody has set for an activity yet: it is nothing, and may be set.
    unset: bool = False

    @property
    def newest(self) -> Version:
        return self.versions[0]

    def on(self, day: date) -> Version | None:
        """The version in force on a day; None before the first."""
        return next((each for each in self.versions if each.effective_from <= day), None)

    def to_come(self, day: date) -> Version | None:
        """The version that is published and takes effect after a day, the next of them."""
        return next((each for each in reversed(self.versions) if each.effective_from > day), None)

    def get_absolute_url(self) -> str:
        return reverse("staff:setting", args=[self.key])


def every_setting() -> dict[str, Setting]:
    """Every setting by its key, in the order of the keys; three queries."""
    found: dict[str, list[tuple[str, Version]]] = defaultdict(list)
    for row in Figure.objects.all():
        found[row.key].append((row.title, _version(row, row.value, row.unit)))
    for fee in TariffRow.objects.filter(is_sample=False):
        found[fee_key(fee.kind, fee.activity)].append((fee.title, _version(fee, _number(fee.amount_pkr), "pkr")))
    unset = _fees_not_set(found)
    for terms in ActivityKind.objects.all():
        title = f"Paid-up capital: {terms.title}"
        found[f"{CAPITAL}{terms.code}"].append((title, _version(terms, _number(terms.minimum_capital_pkr), "pkr")))
    settings = {key: _setting(key, rows) for key, rows in found.items()}
    return dict(sorted({**settings, **unset}.items()))


def _fees_not_set(found: dict[str, list[tuple[str, Version]]]) -> dict[str, Setting]:
    """The fees that could be asked for an activity, of the kinds that the tariff has, and are not."""
    settings = {}
    for kind, activity in product(FeeKind, Activity):
        key, whole = fee_key(kind, activity), found.get(fee_key(kind, ""))
        if key in found or whole is None:
            continue
        first = min(version.effective_from for _, version in whole)
        nothing = Version("0", Figure.Unit.PKR, first, Figure.Mark.PROPOSAL, "No fee is set for this activity.")
        settings[key] = Setting(key, f"{kind.label}: {activity.label}", (nothing,), unset=True)
    return settings


def setting_called(key: str) -> Setting | None:
    return every_setting().get(key)


def fee_key(kind: str, activity: str) -> str:
    return f"{FEE}{kind}.{activity}" if activity else f"{FEE}{kind}"


def _setting(key: str, rows: list[tuple[str, Version]]) -> Setting:
    rows.sort(key=lambda row: row[1].effective_from, reverse=True)
    return Setting(key, rows[0][0], tuple(version for _, version in rows))


def _version(row: Any, value: Any, unit: str) -> Version:
    return Version(value, unit, row.effective_from, row.mark, row.source)


def _number(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


# ── What a change would do ───────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Governed:
    """A clock whose term a setting is, and how many of them go on under the old one."""

    clock: str
    machine: str
    open: int


def clocks_of(key: str) -> list[Governed]:
    """The clocks whose term a setting is; one query for each."""
    found = []
    for model in machines():
        for rule in model.clocks:
            if rule.figure == key:
                going = ClockInterval.objects.filter(
                    subject_type=model._meta.label_lower, clock=rule.name, ended_at=None
                ).count()
                found.append(Governed(rule.title, str(model._meta.verbose_name), going))
    return found


# ── Proposals ────────────────────────────────────────────────────────────────────────────────────────────────────────
class SettingChange(SettingChangeLifecycle):
    """The proposal to give a setting another value from a day on. Publishing it adds the row; nothing else does."""

    key = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    was = models.JSONField(encoder=DjangoJSONEncoder, blank=True)
    was_unit = models.CharField(max_length=20, choices=Figure.Unit.choices)
    value = models.JSONField(encoder=DjangoJSONEncoder, blank=True)
    unit = models.CharField(max_length=20, choices=Figure.Unit.choices)
    effective_from = models.DateField()
    source = models.TextField()
    reasons = models.TextField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    published_by = signature()
    refused_by = signature()

    objects = StaffOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = "change of a setting"
        verbose_name_plural = "changes of settings"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(state=SettingChangeState.PROPOSED), name="setting_one_proposal_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True) | ~Q(published_by=F("proposed_by")),
                name="setting_publisher_did_not_propose_it",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}: {self.words}, from {self.effective_from:%-d %B %Y}"

    def get_absolute_url(self) -> str:
        return reverse("staff:setting_change", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"SET-{self.pk:05d}"

    @property
    def words(self) -> str:
        return in_words(self.value, self.unit)

    @property
    def was_words(self) -> str:
        return in_words(self.was, self.was_unit)

    def setting(self) -> Setting:
        """The setting as it stands now. Raises LookupError when there is none of this key any more."""
        return every_setting()[self.key]
