"""The commands that seal and verify."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.kernel.audit import tamper, write


def run(command: str) -> str:
    out = StringIO()
    call_command(command, stdout=out)
    return out.getvalue()


def test_the_commands_seal_and_verify(transactional_db, omar, at):
    write(omar, 2, at=at)
    assert run("seal_audit") == "Sealed 2 entries; 2 in all.\n"
    assert run("seal_audit") == "Nothing to seal, or another sealer is at work.\n"
    write(omar, 1, at=at)
    assert run("verify_audit") == (
        "3 entries of 1 subjects; 2 sealed under 1 heads and 1 files; 1 not yet sealed.\nThe audit log is whole.\n"
    )


def test_the_command_names_the_first_broken_link(log, omar):
    tamper(f"UPDATE kernel_auditentry SET note = 'x' WHERE subject_id = {omar.pk} AND seq = 5")
    named = f"kernel.user {omar.pk}, entry 5 (event_4): its content does not match its hash."
    with pytest.raises(CommandError) as refused:
        run("verify_audit")
    assert str(refused.value) == f"The audit log is broken in 1 places; the first is {named}"


def test_the_command_refuses_to_seal_without_a_key(transactional_db, settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="Put the sealing key at"):
        run("seal_audit")
