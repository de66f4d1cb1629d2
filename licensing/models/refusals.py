"""A refusal before it is one: its grounds, the notice that gives them, and what the firm says to it.

Each notice opens a round of its own: what the firm said to an earlier one, which was reopened, is not said to this one.
"""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from licensing.models.firms import CaseQuerySet, Firm
from licensing.models.framework import Criterion
from licensing.states import NocState
from pvara.kernel import looks
from pvara.kernel.models import User


class OfAnApplication(models.Model):
    """A row that belongs to one of the two applications."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="%(class)ss")
    noc = models.ForeignKey(
        "licensing.NocApplication", null=True, blank=True, on_delete=models.PROTECT, related_name="%(class)ss"
    )
    application = models.ForeignKey(
        "licensing.LicenceApplication", null=True, blank=True, on_delete=models.PROTECT, related_name="%(class)ss"
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(noc__isnull=False, application__isnull=True)
                | Q(noc__isnull=True, application__isnull=False),
                name="%(class)s_is_of_one_case",
            ),
        ]

    @property
    def case(self) -> Any:
        return self.noc or self.application


class RefusalNotice(OfAnApplication):
    """Notice that the committee is minded to refuse, and the last day on which the firm may answer it."""

    number = models.PositiveSmallIntegerField()
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    last_day = models.DateField()

    objects = CaseQuerySet.as_manager()

    class Meta(OfAnApplication.Meta):
        ordering = ["-pk"]
        constraints = [
            *OfAnApplication.Meta.constraints,
            models.UniqueConstraint(fields=["noc", "number"], name="notice_number_once_a_noc"),
            models.UniqueConstraint(fields=["application", "number"], name="notice_number_once_an_application"),
        ]

    def __str__(self) -> str:
        return f"Notice {self.number} on {self.case.reference}"

    def time_is_over(self, at: datetime) -> bool:
        return timezone.localdate(at) > self.last_day


class GroundQuerySet(CaseQuerySet):
    def visible_to(self, user: Any) -> "CaseQuerySet":
        """What is only drafted is the regulator's own."""
        found = super().visible_to(user)
        return found if user.is_staff else found.filter(notice__isnull=False)


class RefusalGround(OfAnApplication):
    """One ground: the criterion or the section of the form that it is about, and what is wrong there."""

    criterion = models.ForeignKey(Criterion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    section = models.CharField("section of the form", max_length=40, blank=True)
    text = models.TextField()
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    notice = models.ForeignKey(RefusalNotice, null=True, blank=True, on_delete=models.PROTECT, related_name="grounds")

    objects = GroundQuerySet.as_manager()

    class Meta(OfAnApplication.Meta):
        ordering = ["pk"]
        constraints = [
            *OfAnApplication.Meta.constraints,
            models.CheckConstraint(
                condition=Q(criterion__isnull=False, section="") | Q(criterion__isnull=True) & ~Q(section=""),
                name="ground_is_about_one_thing",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="ground_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.about}: {self.text}"

    @property
    def about(self) -> str:
        """The criterion, or the section by its title in the form."""
        if self.criterion is not None:
            return str(self.criterion)
        titles = {each.key: each.title for each in self.case.form}
        return f"Form, {titles.get(self.section, self.section)}"


class RepresentationQuerySet(CaseQuerySet):
    firm_path = "notice__firm"


class Representation(models.Model):
    """What the firm says to a notice, in its time. Its documents are handed in with it. Never changed."""

    notice = models.ForeignKey(RefusalNotice, on_delete=models.PROTECT, related_name="representations")
    text = models.TextField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    objects = RepresentationQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="representation_says_something")]

    def __str__(self) -> str:
        return f"Representation of {timezone.localdate(self.made_at):%Y-%m-%d} to {self.notice}"


class Consideration(models.Model):
    """That a representation was considered, by whom, and what came of it. Never changed."""

    representation = models.OneToOneField(Representation, on_delete=models.PROTECT, related_name="consideration")
    note = models.TextField()
    considered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    considered_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(note=""), name="consideration_says_something")]

    def __str__(self) -> str:
        return f"{self.representation}, considered"


class MayBeRefused(models.Model):
    """An application that may be refused; the relations are those of `OfAnApplication`."""

    class Meta:
        abstract = True

    def grounds(self) -> tuple[RefusalGround, ...]:
        """Every ground that was ever drafted on it and not taken back."""
        return _grounds_of(self)

    def drafted_grounds(self) -> list[RefusalGround]:
        """The grounds that no notice has given yet."""
        return [each for each in self.grounds() if each.notice_id is None]

    def notice_of_refusal(self) -> Any:
        """The newest notice; None before the first."""
        return self.refusalnotices.order_by("-number").first()  # type: ignore[attr-defined]

    def notice_that_waits(self) -> Any:
        """The notice that the firm may answer and the committee decides on; None where none waits."""
        return self.notice_of_refusal() if self.state == NocState.MINDED_TO_REFUSE else None  # type: ignore[attr-defined]

    @property
    def may_draft_grounds(self) -> bool:
        """Whether grounds may be drafted now, for a notice that is not given yet."""
        return bool(self.state == NocState.RECOMMENDED)  # type: ignore[attr-defined]


@looks.remembered
def _grounds_of(case: Any) -> tuple[RefusalGround, ...]:
    return tuple(case.refusalgrounds.select_related("criterion", "noc", "application"))
