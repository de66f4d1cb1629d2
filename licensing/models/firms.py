"""Firms, and the people who act for them."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.urls import reverse
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from licensing.access import READ_CASES, REPRESENT
from pvara.kernel import figures
from pvara.kernel.models import User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


def signature() -> Any:
    """The field that keeps the person who made a move."""
    return models.ForeignKey(User, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+")


def firms_of(user: "User | AnonymousUser") -> models.QuerySet["Firm"]:
    """The firms for which a person acts, read from the grants on the firms themselves."""
    if user.pk is None:
        return Firm.objects.none()
    return Firm.objects.filter(
        pk__in=FirmUserObjectPermission.objects.filter(user=user, permission__codename=REPRESENT.split(".")[1]).values(
            "content_object"
        )
    )


class CaseQuerySet(models.QuerySet[Any]):
    """Rows that belong to a firm: staff see all of them, an applicant those of the firms they act for."""

    firm_path = "firm"

    def visible_to(self, user: "User | AnonymousUser") -> "CaseQuerySet":
        if user.pk is None or not user.is_active:
            return self.none()
        if user.has_perm(READ_CASES):
            return self
        return self.filter(**{f"{self.firm_path}__in": firms_of(user)})


class StaffOnlyQuerySet(CaseQuerySet):
    """Rows about a firm that the firm itself never sees."""

    def visible_to(self, user: "User | AnonymousUser") -> "CaseQuerySet":
        return self if user.pk is not None and user.is_active and user.has_perm(READ_CASES) else self.none()


class FirmQuerySet(CaseQuerySet):
    firm_path = "pk"


class Firm(models.Model):
    """An exchange, as a group: the holder of a NOC and the parent of a local subsidiary."""

    legal_name = models.CharField(max_length=200, unique=True)
    trading_name = models.CharField(max_length=200, blank=True)
    country = models.CharField("country of incorporation", max_length=80)
    home_regulator = models.CharField(max_length=200, blank=True)
    home_licence_number = models.CharField(max_length=100, blank=True)
    website = models.URLField(blank=True)
    lei = models.CharField("LEI", max_length=20, blank=True)
    public_note = models.TextField(blank=True, help_text="Public facts with their dates and sources.")
    invented = models.BooleanField(default=False, help_text="An invented firm, for the demonstration only.")
    created_at = models.DateTimeField()

    objects = FirmQuerySet.as_manager()

    class Meta:
        ordering = ["legal_name"]
        permissions = [
            ("represent_firm", "May act for the firm"),
            ("sign_for_firm", "May sign for the firm"),
        ]

    def __str__(self) -> str:
        return self.trading_name or self.legal_name

    def get_absolute_url(self) -> str:
        return reverse("staff:firm", args=[self.pk])

    @property
    def access_anchor(self) -> "Firm":
        return self

    def regulator_is_recognised(self, on: date) -> bool:
        """Whether the home regulator that the firm states is one of those recognised on a day."""
        stated = self.home_regulator.casefold()
        return any(name.casefold() in stated for name in figures.value("home_regulators.recognised", on=on))

    @property
    def advises_the_state(self) -> bool:
        """Whether an agreement makes this applicant an adviser to the state: a conflict of interest to show."""
        return bool(self.advising_mous)

    @property
    def advising_mous(self) -> list[Any]:
        """The agreements that are signed and have not ended; read from what the page has prefetched."""
        return [each for each in self.mous.all() if each.is_signed]

    def conflicts_of(self, person: User, at: datetime, *, case: Any = None) -> list[str]:
        """Why a person takes no part in this firm's cases, or in this one; empty when nothing removes them."""
        # What removes a person is read from rows that refer to firms, so from modules above this one.
        from licensing.models import conflicts

        if not conflicts.may_exist(self, person, case=case):
            return []
        said = [each.sentence for each in conflicts.grounds(at, firm=self, person=person)]
        if case is not None:
            said += [f"Recused: {each.reasons}" for each in conflicts.recusals_reaching(case, person=person)]
        return said


class FirmUserObjectPermission(UserObjectPermissionBase):
    """Who acts and signs for a firm (the direct table is several times faster than guardian's generic one)."""

    content_object = models.ForeignKey(Firm, on_delete=models.CASCADE)


class FirmGroupObjectPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Firm, on_delete=models.CASCADE)
