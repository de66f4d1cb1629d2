"""Firms and their cases: form A1, the set-up, the full licence, and the licence itself; each with its moves."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from licensing import questions
from licensing.actions import aml, applications, firms, full, measures, noc, setup
from licensing.faces.api import bodies, shapes
from licensing.faces.api.documents import DocumentBody, DocumentShape
from licensing.faces.api.living import NoteBody
from licensing.faces.api.milestone_shapes import MilestoneShape
from licensing.faces.api.returns import WithChecklist
from licensing.models import AmlRegistration, Firm, Licence, LicenceApplication, Milestone, NocApplication, SetUp
from pvara.kernel.api import SEEN, SEEN_HERE, Moves, OneFile, Reads

PEOPLE = ("declaration_signed_by", "submitted_by", "case_officer", "recommended_by", "decided_by")
FREE_FORM = {"application/json": {"type": "object", "additionalProperties": True}}
SECTION = OpenApiParameter("section", str, OpenApiParameter.PATH, description="The key of a section of the form.")


def answers_in(request: Request) -> dict[str, Any]:
    """The body as a table of answers; what they may be, the form says."""
    if not isinstance(request.data, dict):
        raise ValidationError("Send an object: an answer for each question.")
    return request.data


class Firms(Reads):
    """Exchanges, as groups."""

    queryset = Firm.objects.all()
    serializer_class = shapes.FirmShape

    def get_queryset(self) -> QuerySet[Firm]:
        return Firm.objects.visible_to(self.request.user).prefetch_related("mous")

    @extend_schema(request=bodies.FirmBody, responses={201: shapes.FirmShape})
    def create(self, request: Request) -> Response:
        """Open a firm's file. Whoever opens it acts and signs for the firm."""
        if request.user.is_staff:
            raise PermissionDenied("Staff do not act for firms.")
        said = self.said(bodies.FirmBody)
        firm = firms.register_firm(said.pop("legal_name"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.get_queryset().get(pk=firm.pk), status=201)


# ── Applications ─────────────────────────────────────────────────────────────────────────────────────────────────────
class Applications(Reads, Moves, WithChecklist):
    """What form A1 and the full application have in common: answers, fee reference, declaration."""

    filters = {"state": "state", "firm": "firm_id"}
    parameters = {"answers": SEEN_HERE}

    @extend_schema(responses=bodies.SectionShape(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def form(self, request: Request, pk: int) -> Response:
        """What the form asks, section by section, and whether each question is answered."""
        case = self.get_object()
        return Response(bodies.SectionShape(bodies.sections_of(case.form, case.answers), many=True).data)

    @extend_schema(request=FREE_FORM, parameters=[SECTION, SEEN])
    @action(detail=True, methods=["put"], url_path="answers/<str:section>", pagination_class=None)
    def answers(self, request: Request, pk: int, section: str) -> Response:
        """Write the answers of one section. They may be incomplete until the case is submitted, or submitted again."""
        case = applications.save_answers(
            self.get_object(), section, answers_in(request), by=self.person, at=timezone.now(), seen=self.seen
        )
        return self.answer(self.fresh(case))

    @extend_schema(request=bodies.FeeReferenceBody)
    @action(detail=True, methods=["put"], url_path="fee-reference", pagination_class=None)
    def fee_reference(self, request: Request, pk: int) -> Response:
        """Say under which reference the fee was paid."""
        case = self.get_object()
        said = self.said(bodies.FeeReferenceBody)
        case = applications.give_fee_reference(
            case, said["fee_reference"], by=self.person, at=timezone.now(), seen=said["seen"]
        )
        return self.answer(self.fresh(case))

    @extend_schema(request=bodies.SignatureBody)
    @action(detail=True, methods=["post"], pagination_class=None)
    def declaration(self, request: Request, pk: int) -> Response:
        """Sign that the answers are true and complete. The signature falls with the next change of an answer."""
        case = self.get_object()
        seen = self.said(bodies.SignatureBody)["seen"]
        case = applications.sign_declaration(case, by=self.person, at=timezone.now(), seen=seen)
        return self.answer(self.fresh(case))


class NocApplications(Applications):
    """Phase 1: form A1 and the No Objection Certificate. A NOC is not an operating licence."""

    queryset = NocApplication.objects.all()
    serializer_class = shapes.NocApplicationShape
    brief_class = shapes.NocApplicationBrief

    def get_queryset(self) -> QuerySet[NocApplication]:
        return (
            NocApplication.objects.visible_to(self.request.user)
            .select_related("firm", *PEOPLE)
            .prefetch_related("conditions")
        )

    @extend_schema(request=bodies.OpenNocBody, responses={201: shapes.NocApplicationShape})
    def create(self, request: Request) -> Response:
        """Open form A1 for a firm you act for."""
        firm = self.said(bodies.OpenNocBody)["firm"]
        case = noc.open_noc_application(firm, by=self.person, at=timezone.now())
        return self.answer(self.fresh(case), status=201)


class LicenceApplications(Applications):
    """Phase 3: the subsidiary's application for the full licence."""

    queryset = LicenceApplication.objects.all()
    serializer_class = shapes.LicenceApplicationShape
    brief_class = shapes.LicenceApplicationBrief

    def get_queryset(self) -> QuerySet[LicenceApplication]:
        return (
            LicenceApplication.objects.visible_to(self.request.user)
            .select_related("firm", "granted_by", *PEOPLE)
            .prefetch_related("conditions")
        )

    @extend_schema(request=bodies.OpenFullBody, responses={201: shapes.LicenceApplicationShape})
    def create(self, request: Request) -> Response:
        """Open the full application on a confirmed set-up."""
        said = self.said(bodies.OpenFullBody)
        case = full.open_licence_application(said["setup"], by=self.person, at=timezone.now())
        return self.answer(self.fresh(case), status=201)


# ── Set-up ───────────────────────────────────────────────────────────────────────────────────────────────────────────
class SetUps(Reads, Moves):
    """Phase 2: the local subsidiary; opens by itself when the NOC is granted."""

    queryset = SetUp.objects.all()
    serializer_class = shapes.SetUpShape
    brief_class = shapes.SetUpBrief
    filters = {"state": "state", "firm": "firm_id"}

    def get_queryset(self) -> QuerySet[SetUp]:
        rows = SetUp.objects.visible_to(self.request.user).select_related("firm", "confirmed_by")
        if self.action == "list":
            return rows
        return rows.prefetch_related("milestones__setup", "milestones__submitted_by", "milestones__verified_by")


class Milestones(Reads, Moves):
    """The nine milestones of each set-up."""

    queryset = Milestone.objects.all()
    serializer_class = MilestoneShape
    brief_class = shapes.MilestoneBrief
    filters = {"state": "state", "setup": "setup_id"}
    parameters = {"particulars": SEEN_HERE}

    def get_queryset(self) -> QuerySet[Milestone]:
        return Milestone.objects.visible_to(self.request.user).select_related(
            "setup__firm", "setup__noc", "submitted_by", "verified_by"
        )

    @extend_schema(responses=bodies.QuestionShape(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def form(self, request: Request, pk: int) -> Response:
        """What is asked of this milestone."""
        milestone = self.get_object()
        asked = bodies.questions_of(questions.MILESTONE_PARTICULARS[milestone.code], milestone.particulars)
        return Response(bodies.QuestionShape(asked, many=True).data)

    @extend_schema(request=FREE_FORM, parameters=[SEEN])
    @action(detail=True, methods=["put"], pagination_class=None)
    def particulars(self, request: Request, pk: int) -> Response:
        """Describe a milestone. The particulars may be incomplete until it is submitted."""
        milestone = setup.describe_milestone(
            self.get_object(), answers_in(request), by=self.person, at=timezone.now(), seen=self.seen
        )
        return self.answer(self.fresh(milestone))

    @extend_schema(request={"multipart/form-data": DocumentBody}, responses={201: DocumentShape})
    @action(detail=True, methods=["post"], pagination_class=None, parser_classes=[OneFile])
    def documents(self, request: Request, pk: int) -> Response:
        """Attach a document that proves a milestone, before it is submitted."""
        said = self.said(DocumentBody)
        document = setup.prove_milestone(self.get_object(), by=self.person, at=timezone.now(), **said)
        return Response(DocumentShape(document).data, status=201)


class AmlRegistrations(Reads, Moves):
    """AML Registered Services: what a NOC holder may be permitted before its full licence. Not a licence either."""

    queryset = AmlRegistration.objects.all()
    serializer_class = shapes.AmlRegistrationShape
    brief_class = shapes.AmlRegistrationBrief
    filters = {"state": "state", "firm": "firm_id"}

    def get_queryset(self) -> QuerySet[AmlRegistration]:
        return AmlRegistration.objects.visible_to(self.request.user).select_related(
            "firm", "requested_by", "decided_by"
        )

    @extend_schema(request=bodies.AmlRequestBody, responses={201: shapes.AmlRegistrationShape})
    def create(self, request: Request) -> Response:
        """Ask for services on a set-up; refused as long as the Authority has switched them off."""
        said = self.said(bodies.AmlRequestBody)
        asked = aml.request_aml_services(said.pop("setup"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.fresh(asked), status=201)


# ── Licences ─────────────────────────────────────────────────────────────────────────────────────────────────────────
class Licences(Reads, Moves):
    """Phase 4: licences, each with its standing as a venue."""

    queryset = Licence.objects.all()
    serializer_class = shapes.LicenceShape
    brief_class = shapes.LicenceBrief
    filters = {"state": "state", "firm": "firm_id"}

    def get_queryset(self) -> QuerySet[Licence]:
        rows = Licence.objects.visible_to(self.request.user)
        return rows.select_related("firm", "standing", "suspended_by", "revoked_by").prefetch_related("conditions")

    @extend_schema(request=NoteBody)
    @action(detail=True, methods=["post"], pagination_class=None)
    def remedy(self, request: Request, pk: int) -> Response:
        """Verify that what led to the suspension is remedied; somebody else reinstates the licence."""
        licence = self.get_object()
        measures.verify_remedy(licence, by=self.person, at=timezone.now(), **self.said(NoteBody))
        return self.answer(self.fresh(licence))
