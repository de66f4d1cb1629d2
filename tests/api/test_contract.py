"""The contract holds: the one that is committed is the one that is served, and what is served does as it says.

schemathesis makes requests from the contract, good ones and bad ones, the same ones each time; every answer must be
of a status, a type and a shape that the contract names, bad data must be refused, and nothing may be a 500.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from django.conf import settings
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, given, seed
from hypothesis import settings as budget
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import positive_data_acceptance
from schemathesis.generation import GenerationMode

from pvara.wsgi import application
from tests.api.operations import CALLERS, TABLE
from tests.api.program import Program

EXAMPLES = 4  # of each operation, of good data and of bad
# Data of the right shape may still be against the rules, and is then refused: that is what this house is for.
LEFT_OUT = [positive_data_acceptance]


@pytest.fixture
def one_connection() -> Iterator[None]:
    """A request made through WSGI would close the connection at its end, and with it the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def closing(environ: Any, start_response: Any) -> list[bytes]:
    """The house, with every answer read and closed, which a server does and the test's client forgets."""
    answer = application(environ, start_response)
    try:
        return [b"".join(answer)]
    finally:
        answer.close()


def test_the_committed_contract_is_the_one_that_is_served(tmp_path):
    made = tmp_path / "openapi.yml"
    call_command("spectacular", file=str(made), validate=True, fail_on_warn=True)
    assert made.read_text() == (settings.BASE_DIR / "docs" / "openapi.yml").read_text(), "Write it: `make schema`."


def test_every_answer_is_one_that_the_contract_names(world, cast, one_connection):
    tokens = {letter: _header(Program(user)) for letter, user in zip(CALLERS, cast, strict=True)}
    contract = schemathesis.openapi.from_wsgi("/api/schema/", closing)
    asked = 0
    for found in contract.get_all_operations():
        operation = found.ok()
        name = operation.definition.raw["operationId"]
        # Somebody who may, so that the request gets as far as it can; signing out would take the token away.
        headers = {} if name == "logout" else tokens[(TABLE[name] or "c")[-1]]
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _try_out(operation, mode, headers, world)
            asked += EXAMPLES
    assert asked == 2 * EXAMPLES * len(TABLE)


def _try_out(operation: Any, mode: GenerationMode, headers: dict[str, str], world: dict[str, Any]) -> None:
    known = {
        "id": world.get(operation.path.split("/")[2]),
        **{name: world[name] for name in ("section", "number", "token", "code")},
    }

    @seed(20260304)
    @budget(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: Any) -> None:
        if mode is GenerationMode.POSITIVE:
            # An object that is there: whoever draws numbers sees nothing but 404.
            case.path_parameters.update({name: known[name] for name in case.path_parameters if name in known})
        with transaction.atomic():
            case.call_and_validate(headers=headers, excluded_checks=LEFT_OUT)
            transaction.set_rollback(True)

    # Where any text will do, there is no bad data to send.
    with suppress(Unsatisfiable):
        one()


def _header(program: Program) -> dict[str, str]:
    return {name.title(): value for name, value in program.headers.items()}
