"""Signing in: allauth asks for the password; what a person may do comes from roles and objects alone."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db import models


class SignInBackend(AuthenticationBackend):
    """Knows who somebody is, and grants nothing: Django's own tables of permissions are no way to a role."""

    def get_all_permissions(self, user_obj: Any, obj: models.Model | None = None) -> set[str]:
        return set()
