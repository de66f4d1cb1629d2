"""The check of the ledger: what it found is kept, told once a day, and missed when it does not come."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from pvara.kernel import audit, roles
from pvara.kernel.models import AuditEntry, Job
from tests.pages.test_registry_pages import text
from tests.tokenisation.test_invariants import by_hand
from tokenisation import invariants
from tokenisation.actions.checks import check_ledger
from tokenisation.actions.night import run_night
from tokenisation.models import LedgerCheck

ALL = invariants.asked()
BALANCES = "Every balance is the sum of its postings."


@pytest.fixture
def broken(stocked):
    """As though somebody had changed a balance behind everybody's back."""
    by_hand("UPDATE tokenisation_account SET units = units + 1 WHERE kind = 'clients'")
    return stocked


def told() -> list[int]:
    jobs = Job.objects.filter(kind="notice", key__startswith="notice:ledger-check:")
    return sorted(jobs.values_list("payload__to", flat=True))


def test_the_night_keeps_what_it_found(stocked, at):
    night = run_night(at=at)
    check = LedgerCheck.objects.get()
    assert (night.check, check.made_at, check.invariants, check.entries, check.broken) == (check, at, ALL, 2, [])
    assert (check.holds, str(check), told()) == (True, f"{ALL} of {ALL} invariants hold", [])


def test_a_broken_invariant_is_kept_audited_and_told_once_a_day(broken, dua, aisha, adil, daud, at, caplog):
    check = check_ledger(at=at)
    assert BALANCES in [each["name"] for each in check.broken]
    assert not check.holds
    assert f"The ledger's invariant “{BALANCES}” is broken" in caplog.text
    (entry,) = audit.history(check)
    assert (entry.event, BALANCES in entry.data["broken"]) == ("ledger_broken", True)
    assert told() == sorted([dua.pk, aisha.pk, adil.pk])
    check_ledger(at=at + timedelta(hours=1))
    assert len(told()) == 3
    check_ledger(at=at + timedelta(days=1))
    assert len(told()) == 6
    body = Job.objects.filter(kind="notice").latest("pk").payload["body"]
    assert f"- {BALANCES} Rows: " in body


def test_who_holds_two_of_the_roles_is_told_once(broken, dua, at):
    roles.grant(dua, "auditor", by=None, at=at)
    check_ledger(at=at)
    assert told() == [dua.pk]


def test_a_check_is_never_changed(stocked, at):
    check = check_ledger(at=at)
    for act in (LedgerCheck.objects.all().delete, lambda: LedgerCheck.objects.update(entries=0)):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    assert AuditEntry.objects.filter(subject_type=check._meta.label_lower).count() == 0


@pytest.mark.parametrize(("hours", "late"), [(36, False), (36.01, True)])
def test_a_missing_check_is_seen(stocked, at, hours, late):
    check_ledger(at=at)
    health = LedgerCheck.objects.health(at + timedelta(hours=hours))
    assert (health.is_late, health.is_good) == (late, not late)


def test_before_the_first_check_nothing_is_good(db, at):
    health = LedgerCheck.objects.health(at)
    assert (health.latest, health.is_late, health.is_good) == (None, True, False)


def test_the_command_says_what_it_found_and_keeps_it(stocked, capsys):
    call_command("check_ledger")
    assert capsys.readouterr().out == f"All {ALL} invariants hold.\n"
    assert LedgerCheck.objects.get().holds


def test_the_command_fails_when_an_invariant_is_broken(broken):
    said = StringIO()
    with pytest.raises(CommandError):
        call_command("check_ledger", stderr=said)
    assert f"BROKEN  {BALANCES}" in said.getvalue()
    assert not LedgerCheck.objects.get().holds


def test_staff_and_whoever_runs_the_machines_see_it_the_next_morning(broken, dua, adil, client):
    now = timezone.now()
    for person, address, quiet in ((dua, reverse("staff:programme"), False), (adil, reverse("jobs"), True)):
        client.force_login(person)
        LedgerCheck.objects.create(made_at=now, invariants=ALL, entries=2)
        page = text(client.get(address))
        assert (f"all {ALL} invariants hold over 2 entries." in page) is not quiet
        assert "found what must never be" not in page
        check_ledger(at=now)
        page = text(client.get(address))
        assert "The last check of the ledger found what must never be." in page
        assert f"{BALANCES} Rows: " in page
        LedgerCheck.objects.create(made_at=now - timedelta(days=3), invariants=ALL, entries=2)
        assert "The nightly check of the ledger is missing." in text(client.get(address))
