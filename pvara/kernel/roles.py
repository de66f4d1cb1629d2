"""Roles: what each may do is declared in code by the apps' `access` modules; who holds one is a row.

A staff permission is held through a role and is global. An applicant's permission is held on one object through
django-guardian. Assignment and four eyes are gates of the moves, not permissions.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.db import models, transaction
from guardian.core import ObjectPermissionChecker

from pvara.kernel import audit
from pvara.kernel.models.people import RoleAssignment, User


@dataclass
class Role:
    """A role's code, the title people know it by, and the permissions (`app.codename`) that come with it."""

    code: str
    title: str
    permissions: set[str] = field(default_factory=set)
    # Held with no other role: whoever hands out rights has none of them.
    apart: bool = False


class RolesClash(ValueError):
    """The person cannot hold, or give up, this role beside what else is held. Nothing was changed."""


ROLES: dict[str, Role] = {}


def declare(code: str, *, title: str, permissions: Iterable[str] = (), apart: bool = False) -> Role:
    """Declare a role, or add an app's permissions to a role that another app declared.

    A role that stands `apart` is held with no other one.
    """
    role = ROLES.setdefault(code, Role(code, title))
    role.apart = role.apart or apart
    if role.title != title:
        raise ValueError(f"The role {code} is called “{role.title}” already.")
    role.permissions |= set(permissions)
    return role


# What people hold on an object of their own, not through a role: the permission, and who that makes them.
ON_OBJECTS: dict[str, str] = {}


def declare_on_object(permission: str, *, title: str) -> None:
    """Name those who hold a permission on one object through django-guardian, for the tables that people read."""
    ON_OBJECTS[permission] = title


def holds_on(user: User, permission: str, anchor: models.Model) -> bool:
    """Whether a person holds a permission on an object; the object remembers the answers as long as it is in hand."""
    if not user.is_active:
        return False
    checkers = anchor.__dict__.setdefault("_held_by", {})
    if user.pk not in checkers:
        checkers[user.pk] = ObjectPermissionChecker(user)
    return bool(checkers[user.pk].has_perm(permission.split(".")[1], anchor))


def of(user: models.Model | None) -> frozenset[str]:
    """The codes of the roles that a person holds; none for who has not signed in or has left."""
    return user.role_codes if isinstance(user, User) and user.is_active else frozenset()


def holders(code: str) -> models.QuerySet[User]:
    return User.objects.filter(role_assignments__role=code, is_active=True)


def grant(user: User, code: str, *, by: User | None, at: datetime) -> RoleAssignment:
    """Give a person a role and write it into the audit log.

    Raises KeyError for a role nobody declared, and RolesClash when one of the roles stands apart.
    """
    role = ROLES[code]
    with transaction.atomic():
        held = _held(user)
        if others := [
            ROLES[each].title for each in held - {code} if role.apart or (each in ROLES and ROLES[each].apart)
        ]:
            raise RolesClash(
                f"{user} is {', '.join(sorted(others)).lower()}; nobody is that and {role.title.lower()} as well."
            )
        assignment, new = RoleAssignment.objects.get_or_create(
            user=user, role=role.code, defaults={"granted_by": by, "granted_at": at}
        )
        if new:
            user.__dict__.pop("role_codes", None)
            audit.record(user, event="role_granted", by=by, at=at, data={"role": role.code})
        return assignment


def revoke(user: User, code: str, *, by: User | None, at: datetime, reasons: str = "") -> bool:
    """Take a role from a person and write it into the audit log; False when they did not hold it.

    Raises RolesClash when it is the last one of a role that stands apart: somebody has to give roles.
    """
    with transaction.atomic():
        if code not in _held(user):
            return False
        if code in ROLES and ROLES[code].apart:
            # Two who take each other's role away wait for one another here.
            left = RoleAssignment.objects.select_for_update().filter(role=code, user__is_active=True)
            if not any(each.user_id != user.pk for each in left):
                raise RolesClash(f"{user} is the last {ROLES[code].title.lower()}: give somebody else the role first.")
        RoleAssignment.objects.filter(user=user, role=code).delete()
        user.__dict__.pop("role_codes", None)
        audit.record(user, event="role_revoked", by=by, at=at, note=reasons, data={"role": code})
        return True


def _held(user: User) -> set[str]:
    """The roles of a person, who is locked: what two administrators do to one person happens in turn."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    return set(RoleAssignment.objects.filter(user=user).values_list("role", flat=True))


class RoleBackend(BaseBackend):
    """Answers `has_perm` from the roles a person holds; an object makes no difference to a staff permission."""

    def has_perm(self, user_obj: Any, perm: str, obj: models.Model | None = None) -> bool:
        return any(perm in ROLES[code].permissions for code in of(user_obj) if code in ROLES)

    def get_all_permissions(self, user_obj: Any, obj: models.Model | None = None) -> set[str]:
        return {perm for code in of(user_obj) if code in ROLES for perm in ROLES[code].permissions}
