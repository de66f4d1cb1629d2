"""Roles: what each may do is declared in code by the apps' `access` modules; who holds one is a row.

A staff permission is held through a role and is global. An applicant's permission is held on one object through
django-guardian. Assignment and four eyes are gates of the moves, not permissions.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.db import models

from pvara.kernel import audit
from pvara.kernel.models.people import RoleAssignment, User


@dataclass
class Role:
    """A role's code, the title people know it by, and the permissions (`app.codename`) that come with it."""

    code: str
    title: str
    permissions: set[str] = field(default_factory=set)


ROLES: dict[str, Role] = {}


def declare(code: str, *, title: str, permissions: Iterable[str] = ()) -> Role:
    """Declare a role, or add an app's permissions to a role that another app declared."""
    role = ROLES.setdefault(code, Role(code, title))
    if role.title != title:
        raise ValueError(f"The role {code} is called “{role.title}” already.")
    role.permissions |= set(permissions)
    return role


# What people hold on an object of their own, not through a role: the permission, and who that makes them.
ON_OBJECTS: dict[str, str] = {}


def declare_on_object(permission: str, *, title: str) -> None:
    """Name those who hold a permission on one object through django-guardian, for the tables that people read."""
    ON_OBJECTS[permission] = title


def of(user: models.Model | None) -> frozenset[str]:
    """The codes of the roles that a person holds; none for who has not signed in or has left."""
    return user.role_codes if isinstance(user, User) and user.is_active else frozenset()


def holders(code: str) -> models.QuerySet[User]:
    return User.objects.filter(role_assignments__role=code, is_active=True)


def grant(user: User, code: str, *, by: User | None, at: datetime) -> RoleAssignment:
    """Give a person a role and write it into the audit log. Raises KeyError for a role nobody declared."""
    role = ROLES[code]
    assignment, new = RoleAssignment.objects.get_or_create(
        user=user, role=role.code, defaults={"granted_by": by, "granted_at": at}
    )
    if new:
        user.__dict__.pop("role_codes", None)
        audit.record(user, event="role_granted", by=by, at=at, data={"role": role.code})
    return assignment


class RoleBackend(BaseBackend):
    """Answers `has_perm` from the roles a person holds; an object makes no difference to a staff permission."""

    def has_perm(self, user_obj: Any, perm: str, obj: models.Model | None = None) -> bool:
        return any(perm in ROLES[code].permissions for code in of(user_obj) if code in ROLES)

    def get_all_permissions(self, user_obj: Any, obj: models.Model | None = None) -> set[str]:
        return {perm for code in of(user_obj) if code in ROLES for perm in ROLES[code].permissions}
