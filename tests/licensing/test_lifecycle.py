"""Licensing's machines as the regulator would write them. Evidence's stands in test_evidence.py, a letter's in
test_letter_checks.py, an invoice's in fees/."""

import pytest

from licensing.models import (
    AmlRegistration,
    Appeal,
    ChangeOfControl,
    Condition,
    Consultation,
    Deliverable,
    Evidence,
    Filing,
    Finding,
    Framework,
    Incident,
    InformationRequest,
    Inspection,
    Invoice,
    KeyIndividual,
    Letter,
    Licence,
    LicenceApplication,
    Milestone,
    Mou,
    NocApplication,
    RatingOverride,
    Renewal,
    SettingChange,
    SetUp,
    SupervisionProposal,
    TableChange,
    Variation,
    WindDown,
)
from pvara.kernel.machine import machines, moves_of
from pvara.kernel.regime import as_text
from tests.licensing.tables import TABLES

# Whose tables stand beside the tests of what they do.
ELSEWHERE = (Evidence, Letter, Invoice, Mou, Deliverable)


@pytest.mark.parametrize(("model", "table"), TABLES.items())
def test_the_machine_reads_as_the_regime(model, table):
    assert as_text(model) == table.strip()


def test_every_machine_of_licensing_has_its_table_in_the_order_of_the_regime():
    here = [model for model in machines() if model._meta.app_label == "licensing"]
    assert here == [
        *list(TABLES)[:-4],
        *ELSEWHERE[:3],
        RatingOverride,
        *ELSEWHERE[3:],
        Framework,
        SettingChange,
        TableChange,
    ]


def test_who_gives_reasons():
    """What is against the firm, and what others will rely on, is not done without a word."""
    assert {
        model: [row.name for row in moves_of(model).values() if row.note_required] for model in [*TABLES, *ELSEWHERE]
    } == {
        NocApplication: [
            "return_incomplete",
            "reject_incomplete",
            "recommend",
            "notify_refusal",
            "refuse_noc",
            "reopen",
            "remit",
            "withdraw",
            "lapse",
            "ask_to_extend",
            "notify_loss",
            "notify_loss_suspended",
            "drop_notice",
            "drop_notice_suspended",
            "suspend_noc",
            "reinstate_noc",
            "revoke_noc",
            "restore_noc",
            "restore_noc_suspended",
            "suspend_noc_urgently",
            "hold_hearing",
            "ratify_suspension",
            "lift_unratified",
        ],
        Consultation: ["go_on_over_the_objection"],
        SetUp: ["ask_to_extend", "lapse", "reopen_with_noc"],
        AmlRegistration: [
            "refuse_aml_services",
            "remit",
            "withdraw",
            "end_aml_services",
            "end_with_noc",
            "end_with_licence_decision",
            "restore_aml_services",
        ],
        Milestone: ["find_deficient"],
        LicenceApplication: [
            "return_incomplete",
            "reject_incomplete",
            "report_inspection",
            "recommend",
            "notify_refusal",
            "refuse_licence",
            "reopen",
            "remit",
            "withdraw",
            "lapse",
            "let_approval_lapse",
        ],
        Condition: ["impose", "send_back", "waive"],
        Finding: ["report_remediation", "verify", "send_back", "close"],
        Inspection: ["report", "cancel"],
        InformationRequest: ["ask_for_more_time", "decline_more_time"],
        Licence: [
            "impose_restriction",
            "lift_restriction",
            "ease_restrictions",
            "dismiss_show_cause",
            "dismiss_show_cause_restricted",
            "suspend",
            "prolong_suspension",
            "reinstate",
            "reinstate_restricted",
            "urgent_suspend",
            "hold_hearing",
            "ratify_suspension",
            "lift_unratified",
            "lift_unratified_restricted",
            "lift_unratified_noticed",
            "revoke",
            "refuse_surrender",
            "refuse_surrender_restricted",
            "restore",
            "restore_restricted",
            "restore_suspended",
            "lift_after_appeal",
            "ease_after_appeal",
            "take_up_surrender_again",
        ],
        Appeal: ["turn_away", "stay", "lift_stay", "uphold", "vary_decision", "remit", "set_aside", "withdraw"],
        ChangeOfControl: ["assess", "object_to", "withdraw"],
        Incident: ["close", "reopen"],
        KeyIndividual: ["approve_with_conditions", "object_to", "report_departure"],
        Renewal: ["refuse_renewal", "end_with_licence", "remit", "begin_again"],
        Filing: ["query"],
        Variation: ["refuse_variation", "withdraw", "end_with_licence", "remit"],
        SupervisionProposal: ["dismiss"],
        WindDown: ["send_plan_back", "confirm_finished", "end_with_appeal"],
        Evidence: ["reject"],
        Letter: ["write_anew"],
        Invoice: ["reopen", "reopen_in_part", "waive", "cancel"],
        Mou: ["end"],
        Deliverable: ["record_delivery", "send_back", "drop"],
        RatingOverride: ["override", "override_as_board", "waive", "drop"],
        Framework: ["propose", "send_back", "take_back", "drop"],
        SettingChange: ["refuse", "withdraw"],
        TableChange: ["refuse", "withdraw"],
    }


def test_who_made_a_move_is_kept_where_another_may_not_be_the_same():
    assert {
        model: {row.name: row.signed_as for row in moves_of(model).values() if row.signed_as}
        for model in [*TABLES, *ELSEWHERE]
    } == {
        NocApplication: {
            "submit": "submitted_by",
            "accept_intake": "case_officer",
            "return_incomplete": "returned_by",
            "reject_incomplete": "rejected_by",
            "recommend": "recommended_by",
            "grant_noc": "decided_by",
            "grant_with_conditions": "decided_by",
            "refuse_noc": "decided_by",
            "suspend_noc": "suspended_by",
            "suspend_noc_urgently": "suspended_by",
            "ratify_suspension": "ratified_by",
            "revoke_noc": "revoked_by",
        },
        Consultation: {},
        SetUp: {"confirm_setup": "confirmed_by"},
        AmlRegistration: {
            "permit_aml_services": "decided_by",
            "refuse_aml_services": "decided_by",
            "end_aml_services": "ended_by",
        },
        Milestone: {"submit": "submitted_by", "verify": "verified_by"},
        LicenceApplication: {
            "submit": "submitted_by",
            "accept_intake": "case_officer",
            "return_incomplete": "returned_by",
            "reject_incomplete": "rejected_by",
            "recommend": "recommended_by",
            "approve_in_principle": "decided_by",
            "approve_with_conditions": "decided_by",
            "refuse_licence": "decided_by",
            "grant_licence": "granted_by",
        },
        Condition: {"submit_evidence": "submitted_by", "find_satisfied": "verified_by", "waive": "waived_by"},
        Finding: {"report_remediation": "remediated_by", "verify": "verified_by", "close": "closed_by"},
        Inspection: {"report": "reported_by"},
        InformationRequest: {},
        Licence: {
            "issue_show_cause": "show_cause_by",
            "suspend": "suspended_by",
            "urgent_suspend": "suspended_by",
            "revoke": "revoked_by",
        },
        Appeal: {
            "record_appeal": "recorded_by",
            "turn_away": "recorded_by",
            "uphold": "closed_by",
            "vary_decision": "closed_by",
            "remit": "closed_by",
            "set_aside": "closed_by",
        },
        ChangeOfControl: {"assess": "assessed_by", "raise_no_objection": "decided_by", "object_to": "decided_by"},
        Incident: {"close": "closed_by"},
        KeyIndividual: {
            "take_up": "vetted_by",
            "approve": "decided_by",
            "approve_with_conditions": "decided_by",
            "object_to": "decided_by",
        },
        SupervisionProposal: {"take_up": "settled_by", "dismiss": "settled_by"},
        WindDown: {"submit_plan": "submitted_by", "approve_plan": "approved_by", "confirm_finished": "closed_by"},
        Renewal: {"submit": "submitted_by", "renew": "decided_by", "refuse_renewal": "decided_by"},
        Filing: {"file": "filed_by", "accept": "accepted_by"},
        Variation: {"vary": "decided_by", "refuse_variation": "decided_by"},
        Evidence: {"accept": "accepted_by"},
        Letter: {"approve": "approved_by"},
        Invoice: {"waive": "waived_by", "cancel": "cancelled_by"},
        Mou: {"sign": "recorded_by", "end": "ended_by"},
        Deliverable: {"record_delivery": "delivery_recorded_by", "accept": "accepted_by", "drop": "dropped_by"},
        RatingOverride: {"override": "decided_by", "override_as_board": "decided_by", "waive": "decided_by"},
        Framework: {"propose": "proposed_by", "publish": "published_by"},
        SettingChange: {"publish": "published_by", "refuse": "refused_by"},
        TableChange: {"publish": "published_by", "refuse": "refused_by"},
    }


@pytest.mark.parametrize(
    ("model", "initial", "final"),
    [
        (
            NocApplication,
            "draft",
            {"rejected_incomplete", "withdrawn", "lapsed", "expired"},
        ),
        (Consultation, "requested", {"ended"}),
        (Inspection, "scheduled", {"reported", "cancelled"}),
        (Filing, "due", {"accepted"}),
        (Incident, "reported", set()),
        (Finding, "open", {"verified", "closed"}),
        (Mou, "draft", {"ended"}),
        (Deliverable, "promised", {"accepted", "dropped"}),
        (RatingOverride, "proposed", {"made", "dropped"}),
        (Framework, "draft", {"superseded", "dropped"}),
        (SettingChange, "proposed", {"published", "refused", "withdrawn"}),
        (TableChange, "proposed", {"published", "refused", "withdrawn"}),
        (SetUp, "open", {"complete"}),
        (AmlRegistration, "requested", {"withdrawn"}),
        (SupervisionProposal, "raised", {"taken_up", "dismissed", "lapsed"}),
        (WindDown, "awaiting_plan", {"finished", "ended"}),
        (Milestone, "pending", {"verified"}),
        (
            LicenceApplication,
            "draft",
            {"licensed", "rejected_incomplete", "withdrawn", "lapsed"},
        ),
        (InformationRequest, "draft", {"closed", "ended"}),
        (Condition, "drafted", {"satisfied", "waived"}),
        # An appeal may take a revocation away and send a refusal back; what expired or was given back is over.
        (Licence, "active", {"surrendered", "expired"}),
        (
            Appeal,
            "noticed",
            {"upheld", "varied", "remitted", "set_aside", "withdrawn", "not_admitted"},
        ),
        (Renewal, "not_due", {"renewed"}),
        (Variation, "requested", {"varied", "withdrawn", "lapsed"}),
        (ChangeOfControl, "notified", {"no_objection", "objected", "withdrawn"}),
        (KeyIndividual, "nominated", {"departed"}),
        (Evidence, "uploaded", {"rejected"}),
        (Letter, "draft", {"superseded", "revoked"}),
        (Invoice, "issued", {"waived", "cancelled"}),
    ],
)
def test_every_state_can_be_reached_and_only_the_last_ones_not_left(model, initial, final):
    field = model._meta.get_field("state")
    states = {value for value, _ in field.choices}
    rows = moves_of(model).values()
    assert (field.default, {row.target for row in rows} | {initial}) == (initial, states)
    assert states - {source for row in rows for source in row.sources} == final


def test_a_case_is_a_draft_or_open_or_closed():
    """The database lets a firm have one open case of a kind; open is what the constraint says."""
    names = {NocApplication: "noc_one_open_case_a_firm", LicenceApplication: "full_one_open_case_a_firm"}
    for model, name in names.items():
        (found,) = [each for each in model._meta.constraints if each.name == name]
        ((_, in_hand),) = found.condition.children
        states = {value for value, _ in model._meta.get_field("state").choices}
        assert model.closed_states == states - set(in_hand) - {"draft"}
