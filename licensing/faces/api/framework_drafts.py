"""Drafts of the scoring framework for programs: begun from a version, and edited part by part.

Each answer is the whole draft. What does not add up is read at `faults/`; a draft is proposed, published, sent back and
dropped by its moves. What is wrong with what was sent is said by field, the floor of a domain as `floor_D1`.
"""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.actions import framework as actions
from licensing.faces.api.framework_shapes import WholeFrameworkShape
from licensing.models import Criterion, Domain, Framework, GateBar
from licensing.states import WAS_PUBLISHED
from pvara.kernel.api import Endpoint, SeenField, Strict, VisibleField


def per_cent(**more: Any) -> Any:
    return serializers.DecimalField(max_digits=5, decimal_places=2, **more)


class DraftBody(Strict):
    source: Any = VisibleField(
        queryset=Framework.objects.filter(state__in=WAS_PUBLISHED), help_text="A version that was published."
    )
    edition = serializers.CharField(max_length=20, help_text="Such as 2.0.")
    effective_from = serializers.DateField(help_text="A day to come.")


class VersionBody(Strict):
    """What is left out stays as it is."""

    edition = serializers.CharField(max_length=20, required=False)
    effective_from = serializers.DateField(required=False)
    green = per_cent(required=False)
    amber = per_cent(required=False)
    rated_twice = serializers.BooleanField(required=False)
    seen = SeenField()


class NewDomainBody(Strict):
    code = serializers.CharField(max_length=4, help_text="Such as D13.")
    title = serializers.CharField(max_length=100)


class DomainBody(NewDomainBody):
    seen = SeenField()


class CriterionFields(Strict):
    code = serializers.CharField(max_length=6, help_text="Such as 1.9.")
    title = serializers.CharField(max_length=200)
    points = per_cent(help_text="All criteria together have 100.")
    applies_from = serializers.ChoiceField(choices=Criterion.PHASES)
    mark = serializers.CharField(max_length=10, allow_blank=True, help_text="mandatory, knock_out or empty")
    waivable_by_committee = serializers.BooleanField(
        required=False, help_text="Whether the committee may waive it for a firm; never of a knock-out. Left out: no."
    )
    evidence_wanted = serializers.CharField(max_length=200)
    kinds = serializers.ListField(child=serializers.CharField(max_length=30), max_length=60)
    validity_months = serializers.IntegerField(allow_null=True, help_text="Null: until something changes.")


class NewCriterionBody(CriterionFields):
    domain = serializers.CharField(max_length=4, help_text="The code of its domain.")


class CriterionBody(CriterionFields):
    """What is left out stays as it is."""

    seen = SeenField()

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for name, field in fields.items():
            if name != "seen":
                field.required = False
        return fields


class GateBody(Strict):
    title = serializers.CharField(max_length=100)
    total = per_cent()
    other_floor = per_cent(allow_null=True)
    conditions_below = per_cent(allow_null=True)
    floors = serializers.DictField(child=per_cent(), help_text="By the code of a domain; what is left out has none.")
    seen = SeenField()


class Drafting(Endpoint):
    """Adds the editing of drafts to the endpoints of the versions."""

    def _draft(self) -> Framework:
        found: Framework = self.get_object()
        return found

    def _part(self, rows: QuerySet[Any], **named: str) -> Any:
        """A part by its code, of the draft that the address names."""
        return get_object_or_404(rows, **named)

    def _whole(self, draft: Framework, *, status: int = 200) -> Response:
        return self.answer(self.get_queryset().get(pk=draft.pk), status=status)

    def _made(self) -> dict[str, Any]:
        return {"by": self.person, "at": timezone.now()}

    @extend_schema(request=DraftBody, responses={201: WholeFrameworkShape})
    def create(self, request: Request) -> Response:
        """Begin a draft with everything that a published version says."""
        said = self.said(DraftBody)
        return self._whole(actions.start_draft(said.pop("source"), **said, **self._made()), status=201)

    @extend_schema(request=VersionBody, responses=WholeFrameworkShape)
    @action(detail=True, methods=["put"], url_path="version", pagination_class=None)
    def draft(self, request: Request, pk: int) -> Response:
        """Say of a draft what it is called, when it takes effect, its colours, and whether it asks for two ratings."""
        draft = self._draft()
        actions.change_version(draft, **self.said(VersionBody), **self._made())
        return self._whole(draft)

    # ── Domains ──────────────────────────────────────────────────────────────────────────────────────────────────────
    @extend_schema(request=NewDomainBody, responses={201: WholeFrameworkShape})
    @action(detail=True, methods=["post"], pagination_class=None)
    def domains(self, request: Request, pk: int) -> Response:
        """Add a domain at the end of a draft."""
        draft = self._draft()
        actions.add_domain(draft, **self.said(NewDomainBody), **self._made())
        return self._whole(draft, status=201)

    @extend_schema(request=DomainBody, responses=WholeFrameworkShape)
    @action(detail=True, methods=["put"], url_path="domains/<str:domain_code>", pagination_class=None)
    def domain(self, request: Request, pk: int, domain_code: str) -> Response:
        """Call a domain of a draft something else."""
        draft = self._draft()
        domain = self._part(Domain.objects.filter(framework=draft), code=domain_code)
        actions.change_domain(domain, **self.said(DomainBody), **self._made())
        return self._whole(draft)

    @extend_schema(responses=WholeFrameworkShape)
    @domain.mapping.delete
    def domain_removed(self, request: Request, pk: int, domain_code: str) -> Response:
        """Take a domain out of a draft, once nothing is in it."""
        draft = self._draft()
        actions.remove_domain(self._part(Domain.objects.filter(framework=draft), code=domain_code), **self._made())
        return self._whole(draft)

    # ── Criteria ─────────────────────────────────────────────────────────────────────────────────────────────────────
    @extend_schema(request=NewCriterionBody, responses={201: WholeFrameworkShape})
    @action(detail=True, methods=["post"], pagination_class=None)
    def criteria(self, request: Request, pk: int) -> Response:
        """Add a criterion at the end of a domain of a draft."""
        draft, said = self._draft(), self.said(NewCriterionBody)
        domain = Domain.objects.filter(framework=draft, code=said.pop("domain")).first()
        if domain is None:
            raise serializers.ValidationError({"domain": "There is no such domain in this draft."})
        actions.add_criterion(domain, **said, **self._made())
        return self._whole(draft, status=201)

    @extend_schema(request=CriterionBody, responses=WholeFrameworkShape)
    @action(detail=True, methods=["put"], url_path="criteria/<str:criterion_code>", pagination_class=None)
    def criterion(self, request: Request, pk: int, criterion_code: str) -> Response:
        """Say something else of a criterion of a draft."""
        draft = self._draft()
        criterion = self._part(Criterion.objects.filter(domain__framework=draft), code=criterion_code)
        actions.change_criterion(criterion, **self.said(CriterionBody), **self._made())
        return self._whole(draft)

    @extend_schema(responses=WholeFrameworkShape)
    @criterion.mapping.delete
    def criterion_removed(self, request: Request, pk: int, criterion_code: str) -> Response:
        """Take a criterion out of a draft; cases that keep an older version are still asked for it."""
        draft = self._draft()
        criterion = self._part(Criterion.objects.filter(domain__framework=draft), code=criterion_code)
        actions.remove_criterion(criterion, **self._made())
        return self._whole(draft)

    # ── Gates ────────────────────────────────────────────────────────────────────────────────────────────────────────
    @extend_schema(request=GateBody, responses=WholeFrameworkShape)
    @action(detail=True, methods=["put"], url_path="gates/<str:gate_code>", pagination_class=None)
    def gate(self, request: Request, pk: int, gate_code: str) -> Response:
        """Set the bars of a gate of a draft, and the floors of its domains."""
        draft = self._draft()
        gate = self._part(GateBar.objects.filter(framework=draft), code=gate_code)
        actions.change_gate(gate, **self.said(GateBody), **self._made())
        return self._whole(draft)
