"""Who may call what: every operation of the contract, called by everybody, on one exchange's objects.

The operations come from the generated contract, so a new one fails here until its row is written.
"""

import re
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator

from tests.api.program import Program, shut
from tests.api.walk import bill

# n nobody · s stranger, who has another firm · a applicant · c case officer · r assessor · m moderator · v supervisor
# k committee · b board · e enforcement · f finance · l legal officer · d debt officer · p debt approver · u auditor
# y system administrator
CALLERS = "nsacrmvkbefldpuy"
ALL = CALLERS
SIGNED_IN = "sacrmvkbefldpuy"
APPLICANTS = "sa"
REGULATOR = "crmvkbeflu"
REGISTRY = "dpu"
OWN = "a" + REGULATOR  # the firm itself, and the regulator
UNITS = "a" + REGISTRY  # the venue itself, and the debt office
VENUES = "acrmvkbefldpu"

# Whom an operation answers with anything but 401, 403 and 404; for lists, whom it shows at least one row.
TABLE = {
    "activities": ALL,
    "agencies_list": REGULATOR,
    "agencies_retrieve": REGULATOR,
    "agreements_create": "v",
    "agreements_leave_create": "v",
    "agreements_list": REGULATOR,
    "agreements_moves_create": "v",
    "agreements_moves_list": REGULATOR,
    "agreements_retrieve": REGULATOR,
    "agreements_team_create": "v",
    "aml_registrations_create": "a",
    "aml_registrations_list": OWN,
    "aml_registrations_moves_create": "k",
    "aml_registrations_moves_list": "a" + REGULATOR,
    "aml_registrations_retrieve": OWN,
    "appeals_create": "al",
    "appeals_leave_update": "l",
    "appeals_list": OWN,
    "appeals_moves_create": "l",
    "appeals_moves_list": OWN,
    "appeals_panel_update": "l",
    "appeals_retrieve": OWN,
    "assets_approvals_create": "p",
    "assets_attestations_create": "d",
    "assets_create": "d",
    "assets_list": UNITS,
    "assets_moves_create": "p",
    "assets_moves_list": REGISTRY,
    "assets_retrieve": UNITS,
    "audit_entries_list": "u",
    "audit_entries_retrieve": "u",
    "authorisations_allocations_create": "d",
    "authorisations_create": "p",
    "authorisations_list": UNITS,
    "authorisations_moves_create": "p",
    "authorisations_moves_list": REGISTRY,
    "authorisations_placements_create": "a",
    "authorisations_retrieve": UNITS,
    "authorisations_returns_create": "d",
    "bank_statements_create": "f",
    "bank_statements_import_create": "f",
    "bank_statements_list": "fu",
    "bank_statements_retrieve": "fu",
    "changes_of_control_create": "a",
    "changes_of_control_list": OWN,
    "changes_of_control_moves_create": "k",
    "changes_of_control_moves_list": OWN,
    "changes_of_control_retrieve": OWN,
    "conditions_create": "vk",
    "conditions_documents_create": "a",
    "conditions_list": OWN,
    "conditions_moves_create": "c",
    "conditions_moves_list": OWN,
    "conditions_retrieve": OWN,
    "conditions_take_back_create": "vk",
    "consultations_create": "c",
    "consultations_list": REGULATOR,
    "consultations_moves_create": "c",
    "consultations_moves_list": REGULATOR,
    "consultations_replies_create": "c",
    "consultations_retrieve": REGULATOR,
    "deficiencies_answer_update": "a",
    "deficiencies_create": "c",
    "deficiencies_destroy": "c",
    "deficiencies_documents_create": "a",
    "deficiencies_list": OWN,
    "deficiencies_retrieve": OWN,
    "deficiencies_update": "c",
    "deliverables_create": "v",
    "deliverables_documents_create": "v",
    "deliverables_list": REGULATOR,
    "deliverables_moves_create": "v",
    "deliverables_moves_list": REGULATOR,
    "deliverables_retrieve": REGULATOR,
    "documents_file_retrieve": OWN,
    "documents_list": OWN,
    "documents_retrieve": OWN,
    "entries_list": UNITS,
    "entries_retrieve": UNITS,
    "evidence_create": "a",
    "evidence_file_retrieve": OWN,
    "evidence_list": "s" + OWN,
    "evidence_moves_create": "cr",
    "evidence_moves_list": REGULATOR,
    "evidence_retrieve": OWN,
    "findings_create": "c",
    "findings_documents_create": "a",
    "findings_list": OWN,
    "findings_moves_create": "v",
    "findings_moves_list": REGULATOR,
    "findings_plan_update": "a",
    "findings_retrieve": OWN,
    "firms_create": APPLICANTS,
    "firms_decisions": OWN,
    "firms_list": "s" + OWN,
    "firms_removed": REGULATOR,
    "firms_retrieve": OWN,
    "firms_score": OWN,
    "framework": SIGNED_IN,
    "incidents_create": "a",
    "incidents_follow_ups_create": "av",
    "incidents_list": OWN,
    "incidents_moves_create": "v",
    "incidents_moves_list": REGULATOR,
    "incidents_retrieve": OWN,
    "information_requests_list": OWN,
    "information_requests_moves_create": "cr",
    "information_requests_moves_list": OWN,
    "information_requests_retrieve": OWN,
    "inspections_create": "c",
    "inspections_list": OWN,
    "inspections_moves_create": "c",
    "inspections_moves_list": REGULATOR,
    "inspections_report_create": "c",
    "inspections_retrieve": OWN,
    "interests_create": REGULATOR,
    "interests_lift_create": "vb",
    "interests_list": REGULATOR,
    "interests_retrieve": REGULATOR,
    "invoices_again_create": "f",
    "invoices_list": OWN,
    "invoices_moves_create": "f",
    "invoices_moves_list": REGULATOR,
    "invoices_payments_create": "f",
    "invoices_retrieve": OWN,
    "invoices_waiver_refusal_create": "k",
    "invoices_waiver_request_create": "acf",
    "key_individuals_checks_create": "c",
    "key_individuals_create": "a",
    "key_individuals_departure_create": "a",
    "key_individuals_list": "s" + OWN,
    "key_individuals_moves_create": "vk",
    "key_individuals_moves_list": OWN,
    "key_individuals_retrieve": OWN,
    "letters_list": OWN,
    "letters_moves_create": "vl",
    "letters_moves_list": "",
    "letters_pdf_retrieve": OWN,
    "letters_retrieve": OWN,
    "licence_applications_answers_update": "a",
    "licence_applications_checklist_retrieve": REGULATOR,
    "licence_applications_checklist_update": "c",
    "licence_applications_create": "a",
    "licence_applications_declaration_create": "a",
    "licence_applications_fee_reference_update": "a",
    "licence_applications_form_list": OWN,
    "licence_applications_list": OWN,
    "licence_applications_moves_create": "b",
    "licence_applications_moves_list": "",
    "licence_applications_retrieve": OWN,
    "licences_list": OWN,
    "licences_moves_create": "k",
    "licences_moves_list": OWN,
    "licences_remedy_create": "v",
    "licences_retrieve": OWN,
    "login": ALL,
    "logout": SIGNED_IN,
    "me": SIGNED_IN,
    "measures_create": "e",
    "measures_lifting_create": "ve",
    "measures_list": OWN,
    "measures_replies_create": "a",
    "measures_retrieve": OWN,
    "measures_withdrawal_create": "ve",
    "milestones_documents_create": "a",
    "milestones_form_list": OWN,
    "milestones_list": "s" + OWN,
    "milestones_moves_create": "c",
    "milestones_moves_list": "",
    "milestones_particulars_update": "a",
    "milestones_retrieve": OWN,
    "motions_list": REGULATOR,
    "motions_retrieve": REGULATOR,
    "noc_applications_answers_update": "a",
    "noc_applications_checklist_retrieve": REGULATOR,
    "noc_applications_checklist_update": "c",
    "noc_applications_create": "a",
    "noc_applications_declaration_create": "a",
    "noc_applications_fee_reference_update": "a",
    "noc_applications_form_list": OWN,
    "noc_applications_list": "s" + OWN,
    "noc_applications_moves_create": "k",
    "noc_applications_moves_list": OWN,
    "noc_applications_retrieve": OWN,
    "noc_holders_list": ALL,
    "ownership_statements_create": "a",
    "ownership_statements_list": "s" + OWN,
    "ownership_statements_retrieve": OWN,
    "payments_list": OWN,
    "payments_retrieve": OWN,
    "payments_reversal_create": "f",
    "programmes_create": "p",
    "programmes_list": REGISTRY,
    "programmes_retrieve": REGISTRY,
    "public_statistics": ALL,
    "rates_create": "d",
    "rates_list": REGISTRY,
    "rates_retrieve": REGISTRY,
    "ratings_create": "r",
    "ratings_list": REGULATOR,
    "ratings_moderation_create": "m",
    "ratings_retrieve": REGULATOR,
    "recusals_create": REGULATOR,
    "recusals_list": REGULATOR,
    "recusals_retrieve": REGULATOR,
    "refusal_grounds_create": "vk",
    "refusal_grounds_list": OWN,
    "refusal_grounds_retrieve": OWN,
    "refusal_grounds_take_back_create": "vk",
    "refusal_notices_list": OWN,
    "refusal_notices_retrieve": OWN,
    "register_list": ALL,
    "register_retrieve": ALL,
    "register_standing_retrieve": ALL,
    "renewals_list": OWN,
    "renewals_moves_create": "k",
    "renewals_moves_list": "",
    "renewals_retrieve": OWN,
    "renewals_submission_create": "a",
    "representations_consideration_create": "k",
    "representations_create": "a",
    "representations_documents_create": "a",
    "representations_list": OWN,
    "representations_retrieve": OWN,
    "request_items_answer_update": "a",
    "request_items_create": "cr",
    "request_items_destroy": "cr",
    "request_items_documents_create": "a",
    "request_items_follow_up_update": "cr",
    "request_items_list": OWN,
    "request_items_messages_create": "acr",
    "request_items_retrieve": OWN,
    "request_items_update": "cr",
    "return_kinds_list": SIGNED_IN,
    "return_kinds_retrieve": SIGNED_IN,
    "returns_create": "a",
    "returns_documents_create": "a",
    "returns_figures_update": "a",
    "returns_list": OWN,
    "returns_moves_create": "v",
    "returns_moves_list": OWN,
    "returns_retrieve": OWN,
    "setting": REGULATOR,
    "setting_changes_create": "vfl",
    "setting_changes_list": REGULATOR,
    "setting_changes_moves_create": "b",
    "setting_changes_moves_list": REGULATOR,
    "setting_changes_retrieve": REGULATOR,
    "settings": REGULATOR,
    "setups_list": "s" + OWN,
    "setups_moves_create": "v",
    "setups_moves_list": "",
    "setups_retrieve": OWN,
    "statistics": REGULATOR,
    "overdue": REGULATOR,
    "surrenders_assets_create": "v",
    "surrenders_create": "a",
    "surrenders_list": OWN,
    "surrenders_retrieve": OWN,
    "tariff": ALL,
    "variations_create": "a",
    "variations_list": OWN,
    "variations_moves_create": "k",
    "variations_moves_list": "",
    "variations_retrieve": OWN,
    "venues_list": VENUES,
    "venues_retrieve": VENUES,
    "verify": ALL,
    "verify_file": ALL,
    "verify_token": ALL,
    "visits_create": "v",
    "visits_list": REGULATOR,
    "visits_retrieve": REGULATOR,
    "votes_create": "k",
    "votes_list": REGULATOR,
    "votes_retrieve": REGULATOR,
    "wind_downs_closing_create": "v",
    "wind_downs_list": OWN,
    "wind_downs_retrieve": OWN,
}

# Which move is tried on each machine, from a version that the row does not have: 409 for who may, 403 for who may not.
MOVES = {
    "noc-applications": "grant_noc",
    "setups": "confirm_setup",
    "setting-changes": "publish",
    "aml-registrations": "permit_aml_services",
    "agreements": "end",
    "consultations": "record_reply",
    "deliverables": "drop",
    "findings": "close",
    "returns": "accept",
    "incidents": "close",
    "inspections": "cancel",
    "milestones": "verify",
    "information-requests": "grant_more_time",
    "conditions": "find_satisfied",
    "licence-applications": "grant_licence",
    "licences": "suspend",
    "renewals": "renew",
    "variations": "vary",
    "appeals": "record_appeal",
    "evidence": "accept",
    "letters": "approve",
    "changes-of-control": "raise_no_objection",
    "invoices": "cancel",
    "key-individuals": "approve",
    "assets": "approve",
    "authorisations": "suspend",
}


def operations() -> dict[str, tuple[str, str]]:
    """Method and path of every operation, by its name."""
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return {
        operation["operationId"]: (method, route.removeprefix("/api/"))
        for route, methods in paths.items()
        for method, operation in methods.items()
    }


def address(route: str, world: dict[str, Any]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: str(world[route.split("/")[0] if found[1] == "id" else found[1]]), route)


# A statement of the bank without a row that is ours.
STATEMENT = b"Date,Amount,Currency,Reference,Details,Account\n2026-01-02,1,PKR,B,Salary,X\n"


def nomination(world: dict[str, Any]) -> dict[str, Any]:
    return {
        "firm": world["firms"],
        "roles": ["director"],
        "full_name": "Zara Example",
        "nationality": "Pakistan",
        "born_on": "1980-01-02",
        "document_kind": "passport",
        "document_number": "AB1234567",
        "residence": "Pakistan",
        "in_house": True,
        "appointed_on": "2026-01-02",
    }


def ownership(world: dict[str, Any], first: int) -> dict[str, Any]:
    """A statement of two people, one of whom holds so many per cent of the firm."""
    rows = [("Amina Example", first), ("Bano Example", 100 - first)]
    shares = {"kind": "person", "country": "Pakistan", "held": world["name"], "right": "shares"}
    return {
        "firm": world["firms"],
        "as_at": "2026-01-02",
        "holdings": [{**shares, "holder": name, "percent": str(share)} for name, share in rows],
    }


def bodies(world: dict[str, Any]) -> dict[str, Any]:
    """What a writing operation is sent: enough to be carried out for those who may."""
    units = {"units": 1}
    undecided = {"case_kind": "noc-applications", "case": world["undecided"]}
    return {
        "firms_create": {"legal_name": "A third exchange", "country": "Pakistan"},
        "noc_applications_create": {"firm": world["firms"]},
        "licence_applications_create": {"setup": world["setups"]},
        "aml_registrations_create": {"setup": world["setups"], "services": ["exchange"], "reasons": "For a start."},
        "noc_applications_fee_reference_update": {"fee_reference": "FEE"},
        "licence_applications_fee_reference_update": {"fee_reference": "FEE"},
        "interests_create": {"firm": world["firms"], "nature": "other", "explanation": "A friend."},
        "interests_lift_create": {
            "firm": world["firms"],
            "person": world["person"],
            "nature": "other",
            "reasons": "No friend any more.",
        },
        **{
            f"{kind}_applications_checklist_update": {"items": [{"item": "section:activities", "verdict": "in_order"}]}
            for kind in ("noc", "licence")
        },
        "deficiencies_create": {"kind": "noc-applications", "case": world["returned"], "missing": "The minute."},
        "deficiencies_update": {"missing": "The signed minute."},
        "deficiencies_answer_update": {"answer": "It is attached."},
        "request_items_create": {"kind": "noc-applications", "case": world["asked"], "question": "Since when?"},
        "request_items_update": {"question": "Which tool?"},
        "request_items_answer_update": {"answer": "A tool."},
        "request_items_messages_create": {"words": "For what?"},
        "request_items_follow_up_update": {"words": "Since when?"},
        "agreements_create": {
            "parties": [{"name": "A university"}],
            "title": "Study",
            "state_party": "PVARA",
            "scope": "Training.",
        },
        "agreements_team_create": {"person": world["person"]},
        "agreements_leave_create": {"person": world["team_member"]},
        "setting_changes_create": {
            "key": "full.decision",
            "value": 45,
            "effective_from": str(date.today() + timedelta(days=30)),
            "source": "SRO 1",
            "reasons": "It proved too short.",
        },
        "deliverables_create": {"mou": world["agreements"], "kind": "advice", "title": "A paper"},
        "inspections_create": {
            "subject": "licences",
            "case": world["licences"],
            "kind": "on_site",
            "scheduled_for": str(date.today()),
            "scope": ["custody"],
            "team": [world["team_member"]],
        },
        "inspections_report_create": {
            "results": [
                {"kind": kind, "result": "passed"} for kind in ("custody", "matching_engine", "wallet_control")
            ],
            "summary": "All works.",
        },
        "findings_create": {
            "subject": "licences",
            "case": world["licences"],
            "severity": "low",
            "title": "A typing error",
            "detail": "In the policy.",
        },
        "returns_create": {"licence": world["licences"], "code": "new_product", "happened_on": "2026-01-02"},
        "returns_figures_update": {"figures": {"product": "A card", "expected_users": "9"}},
        "incidents_create": {
            "licence": world["licences"],
            "severity": "low",
            "title": "A slow hour",
            "detail": "Nobody could trade.",
            "detected_at": "2026-01-02T10:00:00Z",
        },
        "incidents_follow_ups_create": {"text": "It is mended."},
        "visits_create": {
            "licence": world["licences"],
            "client_assets_pkr": "1000000.00",
            "users": 100,
            "programme_share": "0.00",
        },
        "findings_plan_update": {"plan": "Two signatures from Monday."},
        "consultations_create": {
            "kind": "noc-applications",
            "case": world["noc-applications"],
            "agencies": ["FMU"],
        },
        "recusals_create": {"kind": "licences", "case": world["licences"], "reasons": "I wrote about it."},
        "changes_of_control_create": {**ownership(world, 55), "reason": "A sale."},
        "invoices_payments_create": {"amount_pkr": "1.00", "paid_on": "2026-01-02", "bank_reference": "BANK-9"},
        "invoices_waiver_refusal_create": {"reasons": "No hardship."},
        "invoices_waiver_request_create": {"reasons": "Hardship."},
        "key_individuals_checks_create": {"kind": "police", "result": "clear", "made_on": "2026-01-02"},
        "key_individuals_create": nomination(world),
        "key_individuals_departure_create": {
            "expected_version": 99,
            "departed_on": "2026-01-02",
            "reason": "Retired.",
        },
        "ownership_statements_create": ownership(world, 60),
        "payments_reversal_create": {"reasons": "The cheque bounced."},
        "bank_statements_import_create": {"shown": "0" * 64},
        "measures_create": {
            "licence": world["licences"],
            "kind": "urgent_suspension",
            "grounds": ["insolvency"],
            "particulars": "The accounts.",
            "starts_on": str(date.today()),
            "ends_on": str(date.today() + timedelta(days=9)),
        },
        "measures_lifting_create": {"reasons": "Mended."},
        "measures_replies_create": {"text": "See the books."},
        "renewals_submission_create": {"declaration": "No change.", "expected_version": 99},
        "variations_create": {"licence": world["licences"], "add": ["brokerage"], "reasons": "For clients."},
        "surrenders_create": {
            "licence": world["licences"],
            "reasons": "We leave.",
            "declaration": "Nothing is held.",
            "expected_version": 99,
        },
        "surrenders_assets_create": {"note": "Nil."},
        "wind_downs_closing_create": {"note": "Nil."},
        "licences_remedy_create": {"note": "Nothing is missing."},
        "appeals_create": {"firm": world["firms"], "decision": world["decision"], "grounds": "It is wrong."},
        "appeals_leave_update": {"leave": "The Tribunal."},
        "appeals_panel_update": {"members": [world["person"]]},
        "conditions_create": {**undecided, "kind": "continuing", "text": "Report every month."},
        "refusal_grounds_create": {**undecided, "about": "1.1", "text": "No policy."},
        "votes_create": {**undecided, "move": "grant_noc", "choice": "for", "expected_version": 4},
        "representations_create": {
            "case_kind": "noc-applications",
            "case": world["minded"],
            "text": "It is approved now.",
        },
        "representations_consideration_create": {"note": "Read."},
        "ratings_create": {"firm": world["firms"], "criterion": "1.1", "rating": 3, "rationale": "Read."},
        "programmes_create": {"name": "Another programme", "cap_usd_cents": 1},
        "rates_create": {"currency": "EUR", "date": "2026-01-02", "per_usd": "0.9000", "source": "SBP"},
        "assets_create": bill(world["programmes"], code="ANOTHER"),
        "assets_approvals_create": {"authority": "mof", "reference": "MOF/2"},
        "assets_attestations_create": {
            "quantity": 1,
            "as_of": "2026-01-01T00:00:00Z",
            "expires_at": "2099-01-01T00:00:00Z",
            "document_sha256": "0" * 64,
        },
        "authorisations_create": {"asset": world["assets"], "venue": world["venues"], "limit_units": 1},
        "authorisations_allocations_create": units,
        "authorisations_placements_create": units,
        "authorisations_returns_create": units,
    }


def call(caller: Program, name: str, method: str, route: str, world: dict[str, Any]) -> Any:
    moving = {"name": MOVES.get(route.split("/")[0], "")}
    to = address(route, {**world, **moving})
    if method == "get":
        return caller.get(to)
    if name == "evidence_create":
        form = {"firm": world["firms"], "title": "File", "criteria": ["1.1"], "file": SimpleUploadedFile("f.txt", b"x")}
        return caller.client.post(f"/api/{to}", form, headers=caller.headers)
    if name == "bank_statements_create":
        return caller.upload(to, {"file": SimpleUploadedFile("s.csv", STATEMENT)})
    if name == "consultations_replies_create":
        return caller.upload(to, {"verdict": "no_objection", "received_on": str(date.today())})
    if name.endswith("_documents_create"):
        form = {"title": "File", "file": SimpleUploadedFile("f.txt", b"x")}
        return caller.upload(to, form)
    body = {"expected_version": 99, "note": "Why."} if name.endswith("moves_create") else bodies(world).get(name, {})
    return caller.send(method, to, body, idempotency_key="sweep")


def is_open(name: str, answer: Any) -> bool:
    if answer.streaming:
        answer.getvalue()  # read to its end, which closes the file
    # An object that is not theirs to see does not exist for them, in a path or in a body.
    unseen = answer.status_code == 400 and shut(answer) == ["does_not_exist"]
    if answer.status_code in (401, 403, 404) or unseen:
        return False
    if name.endswith("_list") and answer.status_code == 200:
        rows = answer.json()
        return bool(rows["results"] if isinstance(rows, dict) else rows)
    return True


def test_every_operation_by_everybody(world, cast):
    found = {}
    for name, (method, route) in operations().items():
        found[name] = ""
        for letter, user in zip(CALLERS, cast, strict=True):
            # What one caller is allowed to do is undone before the next one calls.
            with transaction.atomic():
                answer = call(Program(user), name, method, route, world)
                transaction.set_rollback(True)
            found[name] += letter if is_open(name, answer) else ""
            assert answer.status_code < 500
            # Who has no token is told so, and that is all they are told.
            assert user is not None or answer.status_code not in (403, 404)
    assert found == TABLE
