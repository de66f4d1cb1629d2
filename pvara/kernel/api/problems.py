"""Every refusal has one shape: `{"code", "detail", "errors": [{"code", "detail", "field", "details"}]}`.

`code` is for programs and never changes, `detail` is a sentence for people. A stale version adds `version`, the
version that the object has now; what somebody else wrote meanwhile adds `now`, and the mark of it as `seen`. What is
not foreseen here stays an error of the server: it is not explained away.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response

from pvara.kernel.machine import MoveRefused, StaleVersion, Stateful, UnknownMove, moves_of
from pvara.kernel.seen import ChangedMeanwhile

Explanation = Callable[[Any], Response]
_explanations: dict[type[Exception], Explanation] = {}


def explained_as(kind: type[Exception]) -> Callable[[Explanation], Explanation]:
    """Register how a refusal of an app's own is answered: `fn(exc) -> Response`, best made with `problem`."""

    def registered(explanation: Explanation) -> Explanation:
        _explanations[kind] = explanation
        return explanation

    return registered


def error(code: str, detail: str, *, field: str | None = None, details: Any = ()) -> dict[str, Any]:
    return {"code": code, "detail": detail, "field": field, "details": list(details)}


def problem(
    http_status: int, code: str, detail: str, *, errors: Any = (), headers: dict[str, str] | None = None, **more: Any
) -> Response:
    return Response(
        {"code": code, "detail": detail, "errors": list(errors), **more}, status=http_status, headers=headers
    )


def explain(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: a refusal as a response, or None for what nobody foresaw."""
    for kind in type(exc).__mro__:
        if kind in _explanations:
            return _explanations[kind](exc)
    return None


# ── The machine's refusals ───────────────────────────────────────────────────────────────────────────────────────────
@explained_as(MoveRefused)
def _refused(exc: MoveRefused) -> Response:
    # An action of an app's own may refuse as a move does; its name is no row of the machine's table.
    row = moves_of(type(exc.subject)).get(exc.name) if isinstance(exc.subject, Stateful) else None
    title = row.title if row else exc.name.replace("_", " ").capitalize()
    return problem(
        status.HTTP_422_UNPROCESSABLE_ENTITY,
        "move_refused",
        f"“{title}” cannot be done now.",
        errors=[error(each.code, each.reason, details=each.details) for each in exc.unmet],
    )


@explained_as(StaleVersion)
def _stale(exc: StaleVersion) -> Response:
    return problem(status.HTTP_409_CONFLICT, "stale_version", str(exc), version=exc.actual)


@explained_as(ChangedMeanwhile)
def _changed(exc: ChangedMeanwhile) -> Response:
    now = {name: _as_written(said) for name, said in exc.now.items()}
    return problem(status.HTTP_409_CONFLICT, "changed_meanwhile", str(exc), seen=exc.seen, now=now)


def _as_written(said: Any) -> Any:
    if isinstance(said, list | tuple):
        return [_as_written(each) for each in said]
    return said if said is None or isinstance(said, bool | int | str) else str(said)


@explained_as(UnknownMove)
def _unknown_move(exc: UnknownMove) -> Response:
    return problem(status.HTTP_404_NOT_FOUND, "unknown_move", str(exc.args[0]))


# ── Django's ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@explained_as(PermissionDenied)
def _denied(exc: PermissionDenied) -> Response:
    return problem(status.HTTP_403_FORBIDDEN, "permission_denied", str(exc) or "You may not do this.")


@explained_as(Http404)
def _not_found(exc: Http404) -> Response:
    return problem(status.HTTP_404_NOT_FOUND, "not_found", "There is no such thing here, or it is not yours to see.")


@explained_as(SuspiciousOperation)
def _suspicious(exc: SuspiciousOperation) -> Response:
    return problem(status.HTTP_400_BAD_REQUEST, "invalid", "The request holds something that no request needs.")


@explained_as(IntegrityError)
def _conflict(exc: IntegrityError) -> Response:
    # The rules are constraints first: whoever loses a race is refused by the database, which names no secret here.
    return problem(status.HTTP_409_CONFLICT, "conflict", "This conflicts with what is recorded already.")


@explained_as(DjangoValidationError)
def _invalid(exc: DjangoValidationError) -> Response:
    errors = faults(exc)
    return problem(status.HTTP_400_BAD_REQUEST, "invalid", summary(errors), errors=errors)


def faults(exc: DjangoValidationError) -> list[dict[str, Any]]:
    """What an action found wrong, each with the field that it names, if it names one."""
    if not hasattr(exc, "error_dict"):
        return [error(each.code or "invalid", message) for each in exc.error_list for message in each.messages]
    return [
        error(each.code or "invalid", message, field=None if field == "__all__" else field)
        for field, found in exc.error_dict.items()
        for each in found
        for message in each.messages
    ]


# ── DRF's ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@explained_as(exceptions.APIException)
def _api(exc: exceptions.APIException) -> Response:
    headers = {}
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    code = str(getattr(exc.detail, "code", exc.default_code))
    return problem(exc.status_code, code, str(exc.detail), headers=headers)


@explained_as(exceptions.ValidationError)
def _invalid_input(exc: exceptions.ValidationError) -> Response:
    errors = list(_flat(exc.detail, ()))
    return problem(exc.status_code, "invalid", summary(errors), errors=errors)


def _flat(detail: Any, path: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """DRF nests its complaints as the input is nested; here each says the path of its field instead."""
    if isinstance(detail, dict):
        for key, inner in detail.items():
            yield from _flat(inner, path if key == "non_field_errors" else (*path, str(key)))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            yield from _flat(inner, path if isinstance(inner, str) else (*path, str(index)))
    else:
        yield error(getattr(detail, "code", "invalid"), str(detail), field=".".join(path) or None)


def summary(errors: list[dict[str, Any]]) -> str:
    """What is wrong in a sentence: the fault, or how many there are."""
    if len(errors) == 1:
        return str(errors[0]["detail"])
    return f"There are {len(errors)} things to correct."
