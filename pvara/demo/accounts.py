"""The people of the demonstration, their passwords and API tokens.

Passwords and tokens are made anew for each world and kept in one file under `var/`, readable by its owner alone; the
database has their hashes only.
"""

import json
import secrets
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from knox.models import AuthToken

from pvara.demo.path import People
from pvara.kernel import roles
from pvara.kernel.models import User

STAFF = {
    "officer": ("Omar Officer", "case_officer"),
    "officer2": ("Ozair Officer", "case_officer"),
    "assessor": ("Asif Assessor", "assessor"),
    "moderator": ("Saira Moderator", "moderator"),
    "supervisor": ("Sana Supervisor", "supervisor"),
    "member": ("Dania Member", "committee_member"),
    "member2": ("Danish Member", "committee_member"),
    "board": ("Bilal Board", "board_member"),
    "board2": ("Basma Board", "board_member"),
    "board3": ("Behram Board", "board_member"),
    "enforcement": ("Nadia Enforcement", "enforcement_officer"),
    "finance": ("Fatima Finance", "finance_officer"),
    "legal": ("Laila Legal", "legal_officer"),
    "tribunal": ("Tahir Tribunal", "tribunal_recorder"),
    "debt": ("Daud Debt Office", "debt_officer"),
    "debt2": ("Dua Debt Office", "debt_approver"),
    "auditor": ("Aisha Auditor", "auditor"),
    "admin": ("Adil Administrator", "system_administrator"),
}

KEPT = "demonstration.json"


def address_of(key: str) -> str:
    return f"{key}@demo.example"


def open_account(key: str, name: str) -> User:
    """An account whose e-mail address counts as confirmed: nobody reads the mail of the demonstration."""
    user = User.objects.create_user(address_of(key), None, name=name)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def make_staff(*, at: datetime) -> dict[str, User]:
    made = {}
    for key, (name, role) in STAFF.items():
        made[key] = open_account(key, name)
        roles.grant(made[key], role, by=None, at=at)
    return made


def make_applicant(key: str, firm_name: str) -> User:
    return open_account(key, f"Applicant for {firm_name}"[:120])


def cast_with(applicant: User, staff: dict[str, User]) -> People:
    """The people of one case: its own applicant, the same staff for all."""
    return People(
        applicant=applicant,
        officer=staff["officer"],
        assessor=staff["assessor"],
        moderator=staff["moderator"],
        supervisor=staff["supervisor"],
        member=staff["member"],
        member2=staff["member2"],
        board=staff["board"],
        board2=staff["board2"],
        enforcement=staff["enforcement"],
        debt_officer=staff["debt"],
        debt_approver=staff["debt2"],
        finance=staff["finance"],
        board3=staff["board3"],
    )


def hand_out_keys() -> None:
    """Give every demonstration account a password and a token, and keep both in the file."""
    handed_out = []
    for user in User.objects.filter(email__endswith="@demo.example").order_by("pk"):
        password = "-".join(secrets.token_hex(2) for _ in range(4))
        user.set_password(password)
        user.save(update_fields=["password"])
        # Nobody reads mail at demo.example, so nobody could follow the link that opens an account.
        EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
        AuthToken.objects.filter(user=user).delete()
        _, token = AuthToken.objects.create(user, expiry=None)
        held = [roles.ROLES[code].title for code in roles.of(user) if code in roles.ROLES]
        handed_out.append(
            {
                "email": user.email,
                "name": user.name,
                "role": ", ".join(sorted(held)) or "Applicant",
                "password": password,
                "token": token,
            }
        )
    kept = settings.VAR / KEPT
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.touch(mode=0o600)
    kept.write_text(json.dumps(handed_out, indent=1))


def handed_out() -> list[dict[str, Any]]:
    """What `hand_out_keys` kept; made afresh when the file was lost."""
    kept = settings.VAR / KEPT
    if not kept.exists():
        hand_out_keys()
    return list(json.loads(kept.read_text()))
