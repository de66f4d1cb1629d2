"""Tokens for programs: given for an e-mail address, a password and, where the person uses one, a second factor.

A token is kept as a hash, runs out, and can be taken back. What the pages do for signing in, allauth does; lockouts
after failed attempts are django-axes' for both.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import authenticate, user_logged_in
from django.db import transaction
from django.http import HttpRequest
from knox.models import AuthToken

from pvara.kernel import audit
from pvara.kernel.models import User


class NotSignedIn(Exception):
    """No token is given; `code` says why in a word, the message in a sentence."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def issue_token(
    request: HttpRequest, *, email: str, password: str, second_factor: str, at: datetime
) -> tuple[AuthToken, str]:
    """A new token for a person, and its text, which is known at this moment only. Raises NotSignedIn.

    The request is what django-axes counts failures by: the address it comes from together with the e-mail address.
    """
    user = authenticate(request, email=email, password=password)
    if getattr(request, "axes_locked_out", None):
        # Said here in our own words; left standing, the flag would make the middleware answer in its own.
        request.axes_locked_out = False  # type: ignore[attr-defined]  # an attribute of django-axes
        raise NotSignedIn("locked_out", "There were too many failed attempts. Try again later.")
    if not isinstance(user, User):
        raise NotSignedIn("bad_credentials", "The e-mail address or the password is wrong.")
    addresses = EmailAddress.objects.filter(user=user)
    if addresses.exists() and not addresses.filter(verified=True).exists():
        raise NotSignedIn("unverified", "Confirm your e-mail address first: we have sent you a link.")
    if is_mfa_enabled(user):
        if not second_factor:
            raise NotSignedIn("second_factor_required", "Send your one-time code as “second_factor”.")
        if not _is_second_factor(user, second_factor):
            raise NotSignedIn("bad_credentials", "The one-time code is wrong.")
    with transaction.atomic():
        token, text = AuthToken.objects.create(user)
        audit.record(user, event="token_issued", by=user, at=at, data={"token": token.token_key[:8]})
    # Django's own announcement of a sign-in: django-axes forgets the failures, last_login is set.
    user_logged_in.send(sender=User, request=request, user=user)
    return token, text


def account_tried(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str | None:
    """Which account an attempt to sign in is on, for django-axes to count by; None where none is named."""
    said = credentials or request.POST
    named = next((said[key] for key in ("email", "login", "username") if said.get(key)), None)
    return str(named).lower() if named else None


def _is_second_factor(user: User, code: str) -> bool:
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
    return any(each.wrap().validate_code(code) for each in Authenticator.objects.filter(user=user, type__in=kinds))


def revoke_token(token: AuthToken, *, by: User, at: datetime) -> None:
    """Take one token back; the person's other tokens go on."""
    with transaction.atomic():
        audit.record(by, event="token_revoked", by=by, at=at, data={"token": token.token_key[:8]})
        token.delete()
