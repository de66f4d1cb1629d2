"""What the world is made of, and the address at which each page shows something of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from licensing.models import (
    AmlRegistration,
    Appeal,
    BankStatement,
    ChangeOfControl,
    Consultation,
    Deficiency,
    Deliverable,
    Document,
    Evidence,
    Filing,
    Finding,
    Firm,
    Framework,
    Incident,
    Inspection,
    Invoice,
    KeyIndividual,
    Letter,
    Licence,
    Measure,
    Memo,
    Mou,
    MouMember,
    NocApplication,
    Payment,
    Rating,
    RatingOverride,
    Renewal,
    Representation,
    RequestItem,
    SettingChange,
    SupervisionProposal,
    TableChange,
    Variation,
    WindDown,
)
from pvara.demo.programme import Registry
from pvara.kernel.models import Holiday, Job
from tokenisation.models import ReserveAttestation, SettlementPermission, SubLimit

INVOICE_PAGES = (
    "staff:invoice",
    "staff:invoice_paper",
    "staff:invoice_again",
    "staff:payment_new",
    "staff:waiver_new",
    "staff:waiver_declined",
    "portal:invoice",
    "portal:invoice_paper",
    "portal:waiver_new",
)


@dataclass(frozen=True)
class World:
    """A licensed exchange with a shelf, one whose set-up is open, and one that has just begun; all are amina's."""

    licence: Licence
    granted: NocApplication
    draft: NocApplication
    registry: Registry

    @property
    def firm(self) -> Firm:
        return self.licence.firm

    def parameters(self) -> dict[str, dict[str, Any]]:
        """What the address of each page is made of; pages that are not named take nothing."""
        firm, application = self.firm, self.licence.application
        case = {"pk": self.licence.pk}
        draft = {"kind": "noc", "pk": self.draft.pk}
        letter = Letter.objects.filter(firm=firm, code="L40").latest("pk")
        measure = {"pk": Measure.objects.latest("pk").pk}
        appeal = {"pk": Appeal.objects.latest("pk").pk}
        renewal = {"pk": Renewal.objects.filter(firm=firm).latest("pk").pk}
        variation = {"pk": Variation.objects.latest("pk").pk}
        piece = Evidence.objects.filter(firm=firm).latest("pk")
        bill = {"pk": self.registry.bill.pk}
        shelf = {"pk": self.registry.authorisation.pk}
        made = Representation.objects.latest("pk")
        gold = self.registry.programme.assets.get(kind="gold")
        return {
            "move": {"kind": "licensing.licence", "pk": self.licence.pk, "name": "suspend"},
            "role_revoked": {"pk": application.decided_by_id, "role": "committee_member"},
            "job_again": {"pk": Job.objects.latest("pk").pk},
            "holiday_withdrawn": {"pk": Holiday.objects.latest("pk").pk},
            "staff:firm": {"pk": firm.pk},
            "staff:firm_people": {"pk": firm.pk},
            "staff:individual": {"pk": KeyIndividual.objects.filter(firm=firm).latest("pk").pk},
            "staff:change": {"pk": ChangeOfControl.objects.latest("pk").pk},
            "staff:score": {"pk": firm.pk, "phase": "FULL"},
            "staff:score_pack": {"pk": firm.pk, "phase": "FULL"},
            "staff:score_history": {"pk": firm.pk, "phase": "FULL"},
            "staff:ratings": {"pk": firm.pk, "phase": "FULL"},
            "staff:criterion": {"pk": firm.pk, "phase": "FULL", "code": "1.1"},
            "staff:rate_domain": {"pk": firm.pk, "phase": "FULL", "code": "D1"},
            "staff:moderate_domain": {"pk": firm.pk, "phase": "FULL", "code": "D1"},
            "staff:interests": {"pk": firm.pk},
            "staff:interest_lift": {"pk": firm.pk, "who": application.decided_by_id, "nature": "family"},
            "staff:proposal": {"pk": SupervisionProposal.objects.latest("pk").pk},
            "staff:wind_down": {"pk": WindDown.objects.latest("pk").pk},
            "portal:wind_down": {"pk": WindDown.objects.latest("pk").pk},
            "portal:wind_down_document": {"pk": WindDown.objects.latest("pk").pk},
            "staff:hand_over": {"kind": "noc", "pk": application.setup.noc_id},
            "staff:recuse": {"kind": "licensing.licence", "pk": self.licence.pk},
            "staff:checklist": {"kind": "noc", "pk": Deficiency.objects.latest("pk").subject_id},
            "staff:deficiencies": {"kind": "noc", "pk": Deficiency.objects.latest("pk").subject_id},
            "staff:deficiency": {"pk": Deficiency.objects.latest("pk").pk},
            "staff:deficiency_drop": {"pk": Deficiency.objects.latest("pk").pk},
            "staff:questions": {"kind": "noc", "pk": RequestItem.objects.latest("pk").request.subject_id},
            "staff:request": {"pk": RequestItem.objects.latest("pk").request_id},
            "staff:request_item": {"pk": RequestItem.objects.latest("pk").pk},
            "staff:question_drop": {"pk": RequestItem.objects.latest("pk").pk},
            "staff:vote": {"kind": "licensing.nocapplication", "pk": self.granted.pk},
            "staff:condition_new": {"kind": "full", "pk": application.pk},
            "staff:condition": {"pk": self.granted.imposed_conditions[0].pk},
            "staff:condition_taken_back": {"pk": self.granted.imposed_conditions[0].pk},
            "staff:ground_new": {"kind": "noc", "pk": made.notice.noc_id},
            "staff:ground_taken_back": {"pk": made.notice.grounds.get().pk},
            "staff:representation": {"pk": made.pk},
            "portal:condition": {"pk": self.granted.imposed_conditions[0].pk},
            "portal:representations": {"kind": "noc", "pk": made.notice.noc_id},
            "staff:setting": {"key": "noc.decision"},
            "staff:setting_change": {"pk": SettingChange.objects.latest("pk").pk},
            "staff:table": {"name": "returns"},
            "staff:table_row_new": {"name": "agencies"},
            "staff:table_row": {"name": "letters", "code": "L10"},
            "staff:table_row_change": {"name": "returns", "code": "conduct"},
            "staff:table_row_end": {"name": "returns", "code": "conduct"},
            "staff:table_change": {"pk": TableChange.objects.latest("pk").pk},
            **{
                name: {"pk": Framework.objects.get(state="draft").pk, **part}
                for name, part in {
                    "staff:framework": {},
                    "staff:framework_changes": {},
                    "staff:framework_impact": {},
                    "staff:framework_impact_csv": {},
                    "staff:framework_change": {},
                    "staff:domain_new": {},
                    "staff:domain": {"code": "D1"},
                    "staff:domain_removed": {"code": "D1"},
                    "staff:criterion_new": {"code": "D1"},
                    "staff:criterion_change": {"code": "1.1"},
                    "staff:criterion_removed": {"code": "1.1"},
                    "staff:gate_change": {"code": "G1"},
                }.items()
            },
            "staff:override_new": {"pk": Rating.objects.filter(firm=firm, criterion__code="1.2").latest("pk").pk},
            "staff:override": {"pk": RatingOverride.objects.latest("pk").pk},
            "staff:memo": {"pk": Memo.objects.filter(firm=firm).latest("pk").pk},
            "staff:memo_paper": {"pk": Memo.objects.filter(firm=firm).latest("pk").pk},
            "staff:agreement": {"pk": Mou.objects.latest("pk").pk},
            "staff:agreement_change": {"pk": Mou.objects.latest("pk").pk},
            "staff:team_join": {"pk": Mou.objects.latest("pk").pk},
            "staff:team_leave": {"pk": MouMember.objects.latest("pk").pk},
            "staff:deliverable_new": {"pk": Mou.objects.latest("pk").pk},
            "staff:deliverable": {"pk": Deliverable.objects.latest("pk").pk},
            "staff:inspection_new": {"kind": "licence", "pk": self.licence.pk},
            "staff:inspection": {"pk": Inspection.objects.latest("pk").pk},
            "staff:finding_new": {"kind": "licence", "pk": self.licence.pk},
            "staff:finding": {"pk": Finding.objects.latest("pk").pk},
            "portal:finding": {"pk": Finding.objects.latest("pk").pk},
            "portal:finding_proof": {"pk": Finding.objects.latest("pk").pk},
            "staff:consult": {"kind": "noc", "pk": application.noc.pk},
            "staff:consultation": {"pk": Consultation.objects.filter(firm=firm).latest("pk").pk},
            "staff:noc": {"pk": application.noc.pk},
            "staff:setup": {"pk": application.setup_id},
            "staff:full": {"pk": application.pk},
            "staff:licence": case,
            "staff:measure_new": {**case, "kind": "restriction"},
            "staff:measure_lift": measure,
            "staff:measure_withdraw": measure,
            "staff:clocks": {"kind": "licensing.nocapplication", "pk": application.noc.pk},
            "portal:clocks": {"kind": "licensing.nocapplication", "pk": application.noc.pk},
            "staff:filing": {"pk": Filing.objects.latest("pk").pk},
            "staff:incident": {"pk": Incident.objects.latest("pk").pk},
            "staff:impact": case,
            "portal:filing": {"pk": Filing.objects.latest("pk").pk},
            "portal:filing_document": {"pk": Filing.objects.latest("pk").pk},
            "portal:incident": {"pk": Incident.objects.latest("pk").pk},
            "portal:event_return": case,
            "portal:incident_new": case,
            "staff:licence_finding": {**case, "what": "remedy"},
            "staff:renewal": renewal,
            "staff:variation": variation,
            "staff:appeal": appeal,
            "staff:appeal_new": {"pk": firm.pk},
            "staff:evidence": {"pk": piece.pk},
            "staff:evidence_file": {"pk": piece.pk},
            "staff:document": {"pk": Document.objects.latest("pk").pk},
            **{name: {"pk": Invoice.objects.latest("pk").pk} for name in INVOICE_PAGES},
            "staff:payment_back": {"pk": Payment.objects.latest("pk").pk},
            "staff:statement": {"pk": BankStatement.objects.latest("pk").pk},
            "staff:letter": {"pk": letter.pk},
            "staff:letter_page": {"pk": letter.pk},
            "staff:asset_new": {"shelf": "debt"},
            "staff:asset": bill,
            "staff:asset_amend": {"pk": self.registry.programme.assets.get(kind="oil").pk},
            "staff:asset_document": {"pk": self.registry.waiting.pk},
            "staff:asset_document_file": {"pk": self.registry.waiting.pk},
            "staff:asset_document_new": bill,
            **{key: {**bill, "form": "csv"} for key in ("staff:cap_table", "staff:ledger_file", "staff:bond_terms")},
            "staff:approval_new": {"pk": gold.pk},
            "staff:attestation_new": {"pk": gold.pk},
            "staff:attestation": {"pk": ReserveAttestation.objects.latest("pk").pk},
            "staff:authorise": bill,
            "staff:authorisation": shelf,
            "staff:last_day": shelf,
            "staff:allocate": shelf,
            "staff:take_back": shelf,
            "staff:allocation_file": shelf,
            "staff:freeze": shelf,
            "staff:redeem": shelf,
            "staff:treasury_redeem": bill,
            "staff:order_new": shelf,
            "staff:correction_new": {"pk": self.registry.order.reverses_id},
            "staff:break": {"pk": self.registry.bill.breaks.get().pk},
            "staff:register_new": bill,
            "staff:exposure": {"pk": self.registry.programme.pk},
            "staff:limit": {"pk": SubLimit.objects.latest("pk").pk},
            "staff:settlement_permission": {"pk": SettlementPermission.objects.latest("pk").pk},
            "staff:order": {"pk": self.registry.order.pk},
            "staff:partial_new": {"pk": self.registry.coupon.asset_id},
            "staff:event_new": {"pk": self.registry.coupon.asset_id},
            "staff:corporate_action": {"pk": self.registry.coupon.pk},
            "staff:fixing_new": {"pk": self.registry.coupon.pk},
            "staff:payment_evidence_new": {"pk": self.registry.coupon.pk},
            "staff:rate_fixing": {"pk": self.registry.fixing.pk},
            "portal:noc_start": {"pk": firm.pk},
            "portal:evidence": {"pk": firm.pk},
            "portal:evidence_piece": {"pk": piece.pk},
            "portal:evidence_file": {"pk": piece.pk},
            "portal:readiness": {"pk": firm.pk, "phase": "FULL"},
            "portal:people": {"pk": firm.pk},
            "portal:nominate": {"pk": firm.pk},
            "portal:individual": {"pk": KeyIndividual.objects.filter(firm=firm).latest("pk").pk},
            "portal:statement": {"pk": firm.pk},
            "portal:change_new": {"pk": firm.pk},
            "portal:change": {"pk": ChangeOfControl.objects.latest("pk").pk},
            "portal:deficiency": {"pk": Deficiency.objects.earliest("pk").pk},
            "portal:request": {"pk": RequestItem.objects.earliest("pk").request_id},
            "portal:request_item": {"pk": RequestItem.objects.earliest("pk").pk},
            "portal:application": draft,
            "portal:review": draft,
            "portal:fee": draft,
            "portal:declare": draft,
            "portal:section": {**draft, "key": "activities"},
            "portal:setup": {"pk": self.granted.setup.pk},
            "portal:full_start": {"pk": application.setup_id},
            "staff:aml_registration": {"pk": AmlRegistration.objects.latest("pk").pk},
            "portal:aml_request": {"pk": self.granted.setup.pk},
            "portal:aml_registration": {"pk": AmlRegistration.objects.latest("pk").pk},
            "portal:milestone_proof": {"pk": self.granted.setup.milestones.get(code="M1").pk},
            "portal:milestone": {"pk": self.granted.setup.milestones.get(code="M1").pk},
            "portal:licence": case,
            "portal:notice": case,
            "portal:renewal": renewal,
            "portal:variation_new": case,
            "portal:variation": variation,
            "portal:surrender": case,
            "portal:appeal_new": {"pk": firm.pk},
            "portal:appeal": appeal,
            "portal:document": {"pk": Document.objects.latest("pk").pk},
            "portal:letter": {"pk": letter.pk},
            "portal:venue": {"pk": self.licence.standing.pk},
            "portal:venue_exposure": {"pk": self.licence.standing.pk},
            "portal:placement": shelf,
            "portal:placement_file": shelf,
            "portal:holdings": {"pk": self.licence.standing.pk},
            "public:entry": {"number": self.licence.reference},
            "public:verified": {"token": letter.token},
            "public:asset": {"code": self.registry.bill.code},
            "public:asset_document": {
                "code": self.registry.bill.code,
                "pk": self.registry.waiting.supersedes_id,
            },
        }

    def addresses(self, names: Iterable[str]) -> dict[str, str]:
        """Of many pages, by their names; their parameters are looked up once for all."""
        parameters = self.parameters()
        return {name: reverse(name, kwargs=parameters.get(name)) for name in names}

    def address(self, name: str) -> str:
        return self.addresses([name])[name]
