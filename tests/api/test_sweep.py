"""Who may call what: every operation of the contract, called by everybody, on one exchange's objects."""

from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from licensing.models import Framework, Rating
from tests.api.operations import CALLERS, MOVES, TABLE, address, operations
from tests.api.program import Program, shut
from tests.api.walk import bill

# A statement of the bank without a row that is ours.
STATEMENT = b"Date,Amount,Currency,Reference,Details,Account\n2026-01-02,1,PKR,B,Salary,X\n"

CRITERION = {
    "code": "1.9",
    "title": "A criterion",
    "points": "1.00",
    "applies_from": "FULL",
    "mark": "",
    "evidence_wanted": "A policy",
    "kinds": ["policy"],
    "validity_months": 12,
}


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


def holding(world: dict[str, Any]) -> dict[str, Any]:
    figures = {"units_held": 1, "holders": 1, "retail_units": 1, "institutional_units": 0, "non_resident_units": 0}
    return {"authorisation": world["authorisations"], "as_of": "2026-01-02", **figures}


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
    lines = {"lines": [{"key": "sweep", "units": 1}]}
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
        "table_changes_create": {
            "table": "returns",
            "code": "conduct",
            "content": {"due_days": 20},
            "effective_from": str(date.today() + timedelta(days=30)),
            "source": "SRO 2",
            "reasons": "It proved too long.",
        },
        "frameworks_create": {
            "source": Framework.objects.get(edition="1.0").pk,
            "edition": "9.0",
            "effective_from": str(date.today() + timedelta(days=90)),
        },
        "frameworks_version_update": {"rated_twice": True},
        "frameworks_domains_create": {"code": "D13", "title": "Another"},
        "frameworks_domains_update": {"code": "D1", "title": "Another"},
        "frameworks_criteria_create": {**CRITERION, "domain": "D1"},
        "frameworks_criteria_update": {"points": "1.50"},
        "frameworks_gates_update": {
            "title": "NOC",
            "total": "60.00",
            "other_floor": None,
            "conditions_below": None,
            "floors": {},
        },
        "rating_overrides_create": {
            "rating": Rating.objects.get(firm=world["firms"], criterion__code="1.2", current=True).pk,
            "to_rating": 3,
            "reasons": "The committee heard the firm.",
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
        "holidays_create": {"date": "2031-05-05", "name": "A day", "announced_by": "Cabinet Division"},
        "hand_overs_create": {
            "kind": "noc-applications",
            "case": world["noc-applications"],
            "to": world["person"],
            "reasons": "Leave.",
            "expected_version": 99,
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
        "wind_downs_plan_update": {"plan": "Clients are paid within a month."},
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
        "ratings_together_create": {
            "firm": world["firms"],
            "ratings": [{"criterion": "1.1", "rating": 3, "rationale": "Read."}],
        },
        "ratings_moderations_create": {"firm": world["firms"], "moderations": [{"criterion": "1.1"}]},
        "programmes_create": {"name": "Another programme", "cap_usd_cents": 1},
        "rates_create": {"currency": "EUR", "date": "2026-01-02", "per_usd": "0.9000"},
        "assets_create": bill(world["programmes"], code="ANOTHER"),
        "assets_draft_update": {"name": "Another name"},
        "assets_approvals_create": {"authority": "mof", "reference": "MOF/2"},
        "assets_attestations_create": {
            "custodian": "Vault",
            "quantity": 1,
            "unit_of_measure": "gram",
            "as_of": "2026-01-01T00:00:00Z",
            "expires_at": "2026-03-01T00:00:00Z",
            "document_sha256": "0" * 64,
        },
        "authorisations_create": {"asset": world["assets"], "venue": world["venues"], "limit_units": 1},
        "authorisations_allocations_create": units,
        "authorisations_last_day_create": {"valid_to": "2031-01-02", "reasons": "Why.", "expected_version": 0},
        "authorisations_placements_create": units,
        "authorisations_returns_create": units,
        "authorisations_allocation_files_create": lines,
        "authorisations_placement_files_create": lines,
        "authorisations_freezes_create": {**units, "account": "inventory", "case_ref": "HC/7"},
        "authorisations_redemptions_create": {**units, "account": "inventory", "case_ref": "SBP/9"},
        "assets_redemptions_create": {**units, "case_ref": "SBP/9"},
        "assets_register_statements_create": {"as_of": "2026-01-02", "units": 1, "reference": "R/1"},
        "corporate_actions_create": {
            "asset": world["assets"],
            "kind": "credit_event",
            "occurred_on": "2026-01-02",
            "case_ref": "S/1",
            "reasons": "A downgrade.",
        },
        "corporate_actions_rates_create": {"rate_bp": 1080, "publication": "SBP"},
        "corporate_actions_evidence_create": {
            "paid_on": "2026-01-02",
            "amount": "1.00",
            "reference": "R/1",
            "document_sha256": "0" * 64,
        },
        "holdings_returns_create": {"rows": [holding(world)]},
        "sub_limits_create": {
            "programme": world["programmes"],
            "scope": "venue",
            "share_bp": 5000,
            "effective_from": str(date.today() + timedelta(days=30)),
            "source": "Decision 7",
            "reasons": "For balance.",
        },
        "settlement_permissions_create": {
            "code": "USD1",
            "permitted": True,
            "effective_from": str(date.today() + timedelta(days=30)),
            "source": "Decision 8",
            "reasons": "It is redeemed at par.",
        },
        "orders_create": {"kind": "correct", "entry": world["entries"], "case_ref": "HC/7", "reasons": "Wrong."},
    }


def call(caller: Program, name: str, method: str, route: str, world: dict[str, Any]) -> Any:
    moving = {"name": MOVES.get(route.split("/")[0], "")}
    to = address(route, {**world, **moving})
    if method == "get":
        return caller.get(to)
    if name == "evidence_create":
        form = {
            "firm": world["firms"],
            "title": "File",
            "kind": "policy",
            "criteria": ["1.1"],
            "file": SimpleUploadedFile("f.txt", b"x"),
        }
        return caller.client.post(f"/api/{to}", form, headers=caller.headers)
    if name == "bank_statements_create":
        return caller.upload(to, {"file": SimpleUploadedFile("s.csv", STATEMENT)})
    if name == "consultations_replies_create":
        return caller.upload(to, {"verdict": "no_objection", "received_on": str(date.today())})
    if name.endswith("_documents_create"):
        form = {"title": "File", "file": SimpleUploadedFile("f.txt", b"x")}
        form |= {"asset": world["assets"], "kind": "other"} if name == "asset_documents_create" else {}
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
    callers = {letter: Program(user) for letter, user in zip(CALLERS, cast, strict=True)}
    found = {}
    for name, (method, route) in operations().items():
        found[name] = ""
        for letter, caller in callers.items():
            # What one caller is allowed to do is undone before the next one calls.
            with transaction.atomic():
                answer = call(caller, name, method, route, world)
                transaction.set_rollback(True)
            found[name] += letter if is_open(name, answer) else ""
            assert answer.status_code < 500
            # Who has no token is told so, and that is all they are told.
            assert caller.headers or answer.status_code not in (403, 404)
    assert found == TABLE
