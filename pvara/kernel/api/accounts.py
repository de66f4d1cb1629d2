"""Signing in and out for programs: `POST /api/login/` gives a token, `POST /api/logout/` takes it back."""

from hashlib import sha256
from typing import Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle

from pvara.kernel import tokens

from .bases import Endpoint, PublicEndpoint
from .problems import explained_as, problem
from .strict import Plain, Strict

# As long as django-axes keeps an account locked; the setting is in hours.
COOLING_OFF_SECONDS = int(settings.AXES_COOLOFF_TIME * 3600)


@explained_as(tokens.NotSignedIn)
def _not_signed_in(exc: tokens.NotSignedIn) -> Response:
    if exc.code == "locked_out":
        return problem(429, exc.code, str(exc), headers={"Retry-After": str(COOLING_OFF_SECONDS)})
    return problem(401, exc.code, str(exc), headers={"WWW-Authenticate": "Bearer"})


class PerAddress(SimpleRateThrottle):
    """So many attempts a minute from one network address, whatever accounts they try."""

    scope = "login_address"

    def get_cache_key(self, request: Request, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class PerAccount(SimpleRateThrottle):
    """So many attempts a minute on one account from one address."""

    scope = "login"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        try:
            said = request.data
        except APIException:
            return None  # what cannot be read is refused as that, in the view
        email = said.get("email") if isinstance(said, dict) else None
        account = sha256(str(email).lower().encode()).hexdigest()
        return self.cache_format % {"scope": self.scope, "ident": f"{self.get_ident(request)}-{account}"}


class LoginBody(Strict):
    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=128, trim_whitespace=False)
    second_factor = serializers.CharField(
        required=False, allow_blank=True, max_length=32, default="", help_text="The one-time code, if you use one."
    )


class TokenShape(Plain):
    token = serializers.CharField(help_text="Shown this once. Send it as `Authorization: Bearer …`.")
    expires_at = serializers.DateTimeField(allow_null=True)


class Login(PublicEndpoint):
    throttle_classes = [PerAddress, PerAccount]
    serializer_class = LoginBody

    @extend_schema(operation_id="login", request=LoginBody, responses={200: TokenShape}, tags=["accounts"])
    def create(self, request: Request) -> Response:
        """Sign in and get a token."""
        said = self.said(LoginBody)
        # django-axes marks Django's own request, not the wrapper of REST framework.
        token, text = tokens.issue_token(request._request, at=timezone.now(), **said)
        return Response({"token": text, "expires_at": token.expiry})


class Logout(Endpoint):
    serializer_class = None

    @extend_schema(operation_id="logout", request=None, responses={204: None}, tags=["accounts"])
    def create(self, request: Request) -> Response:
        """Take back the token that this request is made with."""
        tokens.revoke_token(request.auth, by=self.person, at=timezone.now())
        return Response(status=204)
