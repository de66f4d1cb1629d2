"""PostgreSQL killed and restarted under load, and programs and workers killed at random: nothing acknowledged is lost.

The server is one of our own in the test's folder, so nobody else's is touched; it begins as a copy of the test
database. `make siege SECONDS=120` holds out for as long as one likes and prints what it saw.
"""

import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from pvara.kernel import embedded
from tests.conftest_embedded import database_url
from tests.faults.answers import Answered, lost
from tests.tokenisation.conftest import *  # noqa: F403  the registry's fixtures
from tokenisation.actions.authorisations import authorise_venue
from tokenisation.actions.ledger import allocate

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS = os.environ.get("SIEGE_SECONDS", "6")
SEED = os.environ.get("SIEGE_SEED") or str(random.SystemRandom().randrange(2**32))


@pytest.fixture
def shelf(tbill, venue, daud, dua, amina, at) -> None:
    """More on the shelf than a day of placing takes away."""
    authorisation = authorise_venue(tbill, venue, limit_units=1_000_000, by=dua, at=at)
    allocate(authorisation, units=500_000, key="stock", by=daud, at=at)


@pytest.fixture
def besieged(shelf: None, tmp_path: Path) -> Iterator[Path]:
    """The folder of a server of our own, with a copy of the test database in it."""
    embedded.start(tmp_path)
    dump, psql = (str(embedded.program(name)) for name in ("pg_dump", "psql"))
    said = subprocess.run([dump, "--no-owner", database_url()], check=True, capture_output=True, text=True).stdout
    # The house sets no option on a column; what a server of another make sets on its own means nothing to ours.
    said = re.sub(r"^ALTER TABLE ONLY \S+ ALTER COLUMN \S+ SET \(.*\);$", "", said, flags=re.MULTILINE)
    filled = [psql, "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null", embedded.address(tmp_path)]
    subprocess.run(filled, check=True, input=said, text=True)
    yield tmp_path
    embedded.stop(tmp_path)


# The whole test was seen to fail, too: on a server that acknowledges before it has written (synchronous_commit off).
def test_a_loss_is_seen() -> None:
    first = Answered("a", 1, entry=7, seq=3, hash="00")
    assert lost([first, first], {"a": first}) == []
    for there in ({}, {"a": first._replace(seq=4)}):
        assert lost([first], there) == [f"{first} was answered; there is {there.get('a')}."]


def test_nothing_acknowledged_is_lost(besieged: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    environment |= {
        "DATABASE_URL": embedded.address(besieged),
        "BROKER_URL": "filesystem://localhost",
        "PVARA_VAR": str(besieged),
        "JOB_LEASE_SECONDS": "3",
    }
    command = [sys.executable, "-m", "tests.faults", SECONDS, SEED]
    subprocess.run(command, cwd=django_settings.BASE_DIR, env=environment, check=True)
    report = json.loads((besieged / "report.json").read_text())
    assert (report["lost"], report["wrong"], report["ended"]) == ([], [], [])
    # It was a siege: everything was dealt its blows, and each program was answered after every one of them.
    assert min(report["blows"].values()) >= 1
    assert report["acknowledged"] + report["repeated"] >= 4 * sum(report["blows"].values())
