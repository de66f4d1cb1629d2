"""Key individuals of a firm: the people in its key roles, and the checks by which they were found fit and proper."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from licensing.lifecycle.people import KeyIndividualLifecycle
from licensing.models.firms import CaseQuerySet, Firm, signature
from licensing.models.scores import people_who_assessed
from licensing.states import CheckKind, CheckResult, KeyIndividualState, KeyRole
from pvara.kernel import figures
from pvara.kernel.models import User

# In their role now. Somebody nominated to follow them is not yet.
IN_ROLE = (KeyIndividualState.APPROVED, KeyIndividualState.APPROVED_CONDITIONAL)
# Held by one person at a time.
SOLE_ROLES = (KeyRole.CHIEF_EXECUTIVE, KeyRole.COMPLIANCE_OFFICER, KeyRole.MLRO)


class KeyIndividual(KeyIndividualLifecycle):
    """A person in one or more key roles. Who comes back, or takes on another role, is nominated anew."""

    class Document(models.TextChoices):
        CNIC = "cnic", "CNIC or NICOP"
        PASSPORT = "passport", "Passport"
        OTHER = "other", "Another identity document"

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="key_individuals")
    roles = ArrayField(models.CharField(max_length=20, choices=KeyRole.choices))
    full_name = models.CharField(max_length=200)
    nationality = models.CharField(max_length=80)
    born_on = models.DateField("date of birth")
    document_kind = models.CharField(max_length=10, choices=Document.choices)
    document_number = models.CharField(max_length=40)
    residence = models.CharField("country of residence", max_length=80)
    in_house = models.BooleanField("employed by the firm itself")
    employer = models.CharField(max_length=200, blank=True)
    appointed_on = models.DateField()
    departed_on = models.DateField(null=True, blank=True, editable=False)
    conditions = models.JSONField(default=list, blank=True)
    nominated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    nominated_at = models.DateTimeField()
    vetted_by = signature()
    decided_by = signature()
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CaseQuerySet.as_manager()

    # Nothing is left to decide on the person.
    closed_states = frozenset({*IN_ROLE, KeyIndividualState.OBJECTED, KeyIndividualState.DEPARTED})

    class Meta:
        verbose_name = "key individual"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(vetted_by__isnull=True) | Q(decided_by__isnull=True) | ~Q(vetted_by=F("decided_by")),
                name="individual_decider_is_not_vetter",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=IN_ROLE) | ~Q(roles__contains=["mlro"]) | Q(in_house=True),
                name="mlro_is_employed_in_house",
            ),
            models.CheckConstraint(condition=Q(roles__len__gt=0), name="individual_has_a_role"),
            models.CheckConstraint(condition=Q(in_house=True) | ~Q(employer=""), name="employer_is_named"),
            *(
                models.UniqueConstraint(
                    fields=["firm"],
                    condition=Q(state__in=IN_ROLE, roles__contains=[role.value]),
                    name=f"one_{role.value}_a_firm",
                )
                for role in SOLE_ROLES
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    def get_absolute_url(self) -> str:
        return reverse("staff:individual", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"KEY-{timezone.localdate(self.nominated_at):%Y}-{self.pk:05d}"

    @property
    def access_anchor(self) -> Firm:
        return self.firm

    @property
    def role_titles(self) -> str:
        return ", ".join(KeyRole(each).label for each in self.roles)

    @property
    def masked_number(self) -> str:
        """The number of the identity document for those who need not read it: its last three signs."""
        kept = self.document_number[-3:] if len(self.document_number) > 5 else ""
        return "•" * (len(self.document_number) - len(kept)) + kept

    def roles_held_by_others(self) -> list[str]:
        """A sentence for each of the person's roles that somebody else holds and only one may."""
        sole = set(self.roles) & set(SOLE_ROLES)
        others = KeyIndividual.objects.filter(firm=self.firm_id, state__in=IN_ROLE, roles__overlap=sorted(sole))
        return [
            f"{other} ({other.reference}) is {KeyRole(role).label}; their departure is not reported."
            for other in others.exclude(pk=self.pk)
            for role in sorted(sole & set(other.roles))
        ]

    def latest_checks(self) -> dict[str, "FitAndProperCheck"]:
        """The newest check of each kind: a later one takes the place of an earlier one."""
        return {each.kind: each for each in sorted(self.checks.all(), key=lambda each: each.pk)}

    def checks_wanting(self, at: datetime, *, results: tuple[str, ...]) -> list[str]:
        """A sentence for each check that is missing, out of date, or has another result than these."""
        today = timezone.localdate(at)
        required = figures.value("key_individuals.required_checks", on=today)
        return self.wanting(required, results=results, on=today)

    def wanting(self, required: list[str], *, results: tuple[str, ...], on: Any) -> list[str]:
        latest = self.latest_checks()
        said = []
        for kind in required:
            check = latest.get(kind)
            title = CheckKind(kind).label
            if check is None:
                said.append(f"{title}: not checked.")
            elif check.result not in results:
                said.append(f"{title}: {check.get_result_display().lower()}.")
            elif check.expires_on is not None and check.expires_on < on:
                said.append(f"{title}: the check was good until {check.expires_on:%-d %B %Y}.")
        return said

    def checker_ids(self) -> set[int]:
        """Whoever took up the vetting or made a check."""
        found = {each.recorded_by_id for each in self.checks.all()}
        return found if self.vetted_by_id is None else found | {self.vetted_by_id}

    def officer_ids(self) -> frozenset[int]:
        """Everybody who has or had an application of the firm in hand: its people are part of what they judged."""
        # Applications ask for key individuals, so they stand above them.
        from licensing.models.officers import officers_of

        return officers_of(self.firm)

    def assessor_ids(self) -> set[int]:
        return people_who_assessed(self.firm)


class CheckQuerySet(CaseQuerySet):
    firm_path = "individual__firm"


class FitAndProperCheck(models.Model):
    """One check of one person: what came of it, and the last day on which it is good; none: for ever."""

    individual = models.ForeignKey(KeyIndividual, on_delete=models.PROTECT, related_name="checks")
    kind = models.CharField(max_length=15, choices=CheckKind.choices)
    result = models.CharField(max_length=10, choices=CheckResult.choices)
    made_on = models.DateField()
    expires_on = models.DateField(null=True)
    note = models.TextField(blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = CheckQuerySet.as_manager()

    class Meta:
        verbose_name = "fit-and-proper check"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.individual}"


# ── All of a firm ────────────────────────────────────────────────────────────────────────────────────────────────────
def individuals_of(firm: Firm) -> "models.QuerySet[KeyIndividual]":
    return KeyIndividual.objects.filter(firm=firm).prefetch_related("checks").order_by("pk")


def individuals_outstanding(firm: Firm, at: datetime) -> list[str]:
    """A sentence for each required role that nobody approved holds, and for each person who is not found fit."""
    today = timezone.localdate(at)
    asked = figures.values("key_individuals.", on=today)
    there = [each for each in individuals_of(firm) if each.state != KeyIndividualState.DEPARTED]
    said = _vacant(there, asked["key_individuals.required_roles"])
    for each in there:
        if each.state not in IN_ROLE:
            said.append(f"{each}, {each.role_titles}: {each.get_state_display().lower()}.")
            continue
        # What was weighed when a person was approved is not weighed again; what is adverse or out of date is.
        wanting = each.wanting(asked["key_individuals.required_checks"], results=("clear", "concern"), on=today)
        said += [f"{each}, {each.role_titles}. {sentence}" for sentence in wanting]
    return said


def officers_outstanding(firm: Firm, at: datetime) -> list[str]:
    """A sentence for each required role that nobody approved holds."""
    required = figures.value("key_individuals.required_roles", on=timezone.localdate(at))
    return _vacant(individuals_of(firm), required)


def _vacant(individuals: Any, required: list[str]) -> list[str]:
    held = {role for each in individuals if each.state in IN_ROLE for role in each.roles}
    return [f"{KeyRole(role).label}: nobody is approved." for role in required if role not in held]
