"""Who may call what: every operation of the contract, called by everybody, on one exchange's objects.

The operations come from the generated contract, so a new one fails here until its row is written.
"""

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator

from tests.api.program import Program, shut
from tests.api.walk import bill

# n nobody · s stranger, who has another firm · a applicant · c case officer · r assessor · m moderator · v supervisor
# k committee · b board · e enforcement · d debt officer · p debt approver · u auditor · y system administrator
CALLERS = "nsacrmvkbedpuy"
ALL = CALLERS
SIGNED_IN = "sacrmvkbedpuy"
APPLICANTS = "sa"
REGULATOR = "crmvkbeu"
REGISTRY = "dpu"
OWN = "a" + REGULATOR  # the firm itself, and the regulator
UNITS = "a" + REGISTRY  # the venue itself, and the debt office
VENUES = "acrmvkbedpu"

# Whom an operation answers with anything but 401, 403 and 404; for lists, whom it shows at least one row.
TABLE = {
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
    "entries_list": UNITS,
    "entries_retrieve": UNITS,
    "evidence_create": "a",
    "evidence_file_retrieve": OWN,
    "evidence_list": "s" + OWN,
    "evidence_moves_create": "cr",
    "evidence_moves_list": REGULATOR,
    "evidence_retrieve": OWN,
    "firms_create": APPLICANTS,
    "firms_list": "s" + OWN,
    "firms_retrieve": OWN,
    "firms_score": OWN,
    "framework": SIGNED_IN,
    "letters_list": OWN,
    "letters_pdf_retrieve": OWN,
    "letters_retrieve": OWN,
    "licence_applications_answers_update": "a",
    "licence_applications_create": "a",
    "licence_applications_declaration_create": "a",
    "licence_applications_fee_reference_update": "a",
    "licence_applications_form_list": OWN,
    "licence_applications_list": OWN,
    "licence_applications_moves_create": "b",
    "licence_applications_moves_list": "",
    "licence_applications_retrieve": OWN,
    "licences_list": OWN,
    "licences_moves_create": "ke",
    "licences_moves_list": REGULATOR,
    "licences_retrieve": OWN,
    "login": ALL,
    "logout": SIGNED_IN,
    "me": SIGNED_IN,
    "milestones_form_list": OWN,
    "milestones_list": "s" + OWN,
    "milestones_moves_create": "c",
    "milestones_moves_list": "",
    "milestones_particulars_update": "a",
    "milestones_retrieve": OWN,
    "noc_applications_answers_update": "a",
    "noc_applications_create": "a",
    "noc_applications_declaration_create": "a",
    "noc_applications_fee_reference_update": "a",
    "noc_applications_form_list": OWN,
    "noc_applications_list": "s" + OWN,
    "noc_applications_moves_create": "k",
    "noc_applications_moves_list": "",
    "noc_applications_retrieve": OWN,
    "noc_holders_list": ALL,
    "programmes_create": "p",
    "programmes_list": REGISTRY,
    "programmes_retrieve": REGISTRY,
    "rates_create": "d",
    "rates_list": REGISTRY,
    "rates_retrieve": REGISTRY,
    "ratings_create": "r",
    "ratings_list": REGULATOR,
    "ratings_moderation_create": "m",
    "ratings_retrieve": REGULATOR,
    "register_list": ALL,
    "register_retrieve": ALL,
    "register_standing_retrieve": ALL,
    "setups_list": "s" + OWN,
    "setups_moves_create": "v",
    "setups_moves_list": "",
    "setups_retrieve": OWN,
    "venues_list": VENUES,
    "venues_retrieve": VENUES,
    "verify": ALL,
    "verify_file": ALL,
    "verify_token": ALL,
}

# Which move is tried on each machine, from a version that the row does not have: 409 for who may, 403 for who may not.
MOVES = {
    "noc-applications": "grant_noc",
    "setups": "confirm_setup",
    "milestones": "verify",
    "licence-applications": "grant_licence",
    "licences": "suspend",
    "evidence": "accept",
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


def bodies(world: dict[str, Any]) -> dict[str, Any]:
    """What a writing operation is sent: enough to be carried out for those who may."""
    units = {"units": 1}
    return {
        "firms_create": {"legal_name": "A third exchange", "country": "Pakistan"},
        "noc_applications_create": {"firm": world["firms"]},
        "licence_applications_create": {"setup": world["setups"]},
        "noc_applications_fee_reference_update": {"fee_reference": "FEE"},
        "licence_applications_fee_reference_update": {"fee_reference": "FEE"},
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
