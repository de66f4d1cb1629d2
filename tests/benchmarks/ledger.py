"""The ledger against the limit that the same machine sets in the same minute.

`python -m tests.benchmarks.ledger` makes a database of its own, beside DATABASE_URL's or on the bundled server,
fills it with a hundred issued assets, and prints each ratio with its smallest and largest of seven interleaved pairs.
The limit, `raw`, is what pgbench does with an interactive transaction of the same statements on bare tables without a
rule. Ratios only: an absolute time says more about the machine than about the ledger.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from threading import Event
from time import perf_counter, process_time, sleep
from typing import Any

from tests.benchmarks.figures import keep
from tests.benchmarks.scripts import FUNCTION, RAW, RAW_TABLES
from tests.benchmarks.server import folder, pgbench, server

PAIRS = int(os.environ.get("BENCH_PAIRS", "7"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "3"))
ASSETS, VENUES = 100, 10
DATABASE = "bench_ledger"


@dataclass(frozen=True)
class Row:
    """One figure beside its goal. `value` is a ratio unless the name says otherwise."""

    name: str
    value: float
    least: float
    most: float
    goal: str
    reached: bool


@dataclass(frozen=True)
class Ground:
    """The numbers of the rows that the scripts post to."""

    asset: int
    venue: int
    maker: int


def prepare() -> Ground:
    """A database of its own with a hundred assets, each with units on the shelf of one of ten venues."""
    from datetime import date
    from decimal import Decimal

    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from pvara.kernel import figures
    from tests.conftest import person
    from tests.tokenisation.conftest import SOURCE, debt_terms, hand_in_needed, licensed_venue
    from tokenisation.actions.assets import issue_asset, propose_asset, record_approval
    from tokenisation.actions.authorisations import authorise_venue
    from tokenisation.actions.ledger import allocate
    from tokenisation.models import FxRate, Programme

    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(RAW_TABLES)
    at = timezone.now()
    figures.load(figures.shipped())
    FxRate.objects.get_or_create(
        currency="PKR", date=date(2025, 8, 1), defaults={"per_usd": Decimal("280"), "source": SOURCE}
    )
    programme = Programme.objects.create(name=f"Bench {at:%H%M%S%f}", cap_usd_cents=2**62)
    officer, approver = (
        person(f"{name}{at:%H%M%S%f}", code) for name, code in (("bench", "debt_officer"), ("check", "debt_approver"))
    )
    venues = [licensed_venue(f"Exchange {number} {at:%H%M%S%f}", at=at) for number in range(VENUES)]
    first = None
    for number in range(ASSETS):
        asset = propose_asset(
            programme,
            terms=debt_terms(),
            by=officer,
            at=at,
            code=f"bench-{at:%H%M%S%f}-{number}",
            name="Bill",
            kind="tbill",
            issuer="Government of Pakistan",
            legal_nature="representation",
            risk_text="None: this is a measurement.",
            unit_nominal=500_000,
            authorised_units=100_000_000,
        )
        hand_in_needed(asset, by=officer, at=at)
        asset = perform_on(asset, "submit_for_review", officer, at)
        for authority in asset.authorities:
            record_approval(asset, authority=authority, reference="Bench", by=approver, at=at)
        asset = perform_on(asset, "approve", approver, at)
        asset = issue_asset(asset, expected_version=asset.version, by=officer, at=at)
        shelf = authorise_venue(asset, venues[number % VENUES], limit_units=100_000_000, by=approver, at=at)
        allocate(shelf, units=50_000_000, key=f"bench-{asset.pk}", by=officer, at=at)
        first = asset.pk if first is None else first
    connection.close()
    assert first is not None
    return Ground(first, venues[0].pk, officer.pk)


def perform_on(asset: Any, name: str, by: Any, at: Any) -> Any:
    from pvara.kernel.machine import perform

    return perform(asset, name, by=by, at=at, expected_version=asset.version)


# ── pgbench ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def rate(script: str, *, clients: int) -> float:
    """Transactions a second of a script, prepared."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        said = subprocess.run(
            [
                pgbench(),
                "-n",
                "-M",
                "prepared",
                "-c",
                str(clients),
                "-j",
                "2",
                "-T",
                str(SECONDS),
                "-f",
                file.name,
                url(),
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    found = re.search(r"tps = ([\d.]+)", said)
    assert found is not None, said
    return float(found[1])


def crowd_rate(ground: Ground, last: int, *, threads: int) -> float:
    """Placements a second as the product makes them, from so many threads of one process."""
    numbers = (threads, SECONDS, last, ground.asset, ground.venue, ground.maker)
    command = [sys.executable, "-m", "tests.benchmarks.crowd", *map(str, numbers)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def url() -> str:
    return os.environ["DATABASE_URL"]


def paired(name: str, goal: float, ours: Callable[[], float], limit: Callable[[], float]) -> Row:
    """Ours over the limit, pair by pair, so that a busy moment of the machine falls on both."""
    ratios = [ours() / limit() for _ in range(PAIRS)]
    middle = median(ratios)
    return Row(name, round(middle, 3), round(min(ratios), 3), round(max(ratios), 3), f">= {goal}", middle >= goal)


def throughput(ground: Ground) -> list[Row]:
    rows = []
    for name, last, clients, goal in (
        ("posting, 100 assets, 32 clients / raw", ASSETS - 1, 32, 0.80),
        ("posting, 100 assets, 8 clients / raw", ASSETS - 1, 8, 0.65),
        ("posting, 1 hot asset, 32 clients / raw", 0, 32, 1.8),
    ):
        function = FUNCTION.format(last=last, **asdict(ground))
        raw = RAW.format(last=last)
        ours, limit = (partial(rate, script, clients=clients) for script in (function, raw))
        rows.append(paired(name, goal, ours, limit))
        # The same through all of the product, whose threads gather what they post.
        product = partial(crowd_rate, ground, last, threads=clients)
        rows.append(paired(name.replace("posting", "product").replace("clients", "threads"), goal, product, limit))
    return rows


# ── What is counted, not timed ───────────────────────────────────────────────────────────────────────────────────────
def spent(pid: int) -> float:
    """Seconds of CPU that a backend on this machine has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def number_from(connection: Any, query: str, about: int) -> int:
    """The one number that a question about one row has for its answer."""
    row = connection.execute(query, [about]).fetchone()
    assert row is not None, f"{query}: no row for {about}."
    return int(row[0])


def instructions(ground: Ground, few: int = 100, many: int = 300) -> list[Row]:
    """What one posting costs its client, in millions of instructions: the difference of two runs, as callgrind counts.

    It is counted and not timed, so once is enough. Without valgrind there is no such row.
    """
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        sys.stdout.write(
            "The client's instructions are not counted: valgrind is missing (`apt-get install valgrind`).\n"
        )
        return []
    counts = []
    for times in (few, many):
        command = [valgrind, "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable]
        posting = ["-m", "tests.benchmarks.client", *map(str, (times, ground.asset, ground.venue, ground.maker))]
        said = subprocess.run([*command, *posting], capture_output=True, text=True, check=True).stderr
        found = re.search(r"Collected : (\d+)", said)
        assert found is not None, said
        counts.append(int(found[1]))
    value = round((counts[1] - counts[0]) / (many - few) / 1_000_000, 3)
    return [Row("a posting's client, million instructions", value, value, value, "<= 0.30", value <= 0.30)]


def bulk(ground: Ground, lines: int = 2_000) -> Row:
    """CPU of a line in a file over CPU of a single call, of the client and of its backend together."""
    import psycopg

    one = "SELECT * FROM ledger_post(%s, 'distribute', 'inventory', %s, %s, NULL, 1, %s, NULL, NULL, '', now())"
    many = "SELECT * FROM ledger_post_batch('distribute', %s, %s, %s, now(), %s, %s::bigint[], %s, true)"
    ratios = []
    with psycopg.connect(url(), autocommit=True, prepare_threshold=0) as connection:

        def cpu(act: Callable[[], None]) -> float:
            before = process_time() + spent(connection.info.backend_pid)
            act()
            return process_time() + spent(connection.info.backend_pid) - before

        for pair in range(PAIRS):
            keys = [f"{perf_counter()}-{pair}-{number}" for number in range(lines)]
            place = [ground.asset, ground.venue, ground.maker]

            def singly(keys: list[str] = keys, place: list[int] = place) -> None:
                for key in keys:
                    connection.execute(one, [f"one-{key}", *place])

            def at_once(keys: list[str] = keys, place: list[int] = place) -> None:
                connection.execute(many, [*place, [f"many-{key}" for key in keys], [1] * lines, [""] * lines])

            ratios.append(cpu(at_once) / cpu(singly))
    middle = median(ratios)
    name = f"a line of a file of {lines:,}, CPU / one call"
    return Row(name, round(middle, 3), round(min(ratios), 3), round(max(ratios), 3), "<= 0.35", middle <= 0.35)


def storm(ground: Ground) -> Row:
    """6,000 deliveries of 1,500 keys with room for 1,000: how many entries there are afterwards."""
    import random

    import psycopg

    asset, venue = ground.asset + ASSETS - 1, ground.venue + (ASSETS - 1) % VENUES
    call = (
        "SELECT entry_id FROM ledger_post(%s, 'distribute', 'inventory', %s, %s, NULL, %s, %s, NULL, NULL, '', now())"
    )
    with psycopg.connect(url(), autocommit=True) as connection:
        left = number_from(
            connection, "SELECT units FROM tokenisation_account WHERE asset_id = %s AND kind = 'inventory'", asset
        )
    each = left // 1_000
    deliveries = [f"storm-{left}-{number}" for number in range(1_500) for _ in range(4)]
    random.Random(7).shuffle(deliveries)
    answers: dict[str, set[Any]] = {}

    def deliver(keys: list[str]) -> list[tuple[str, Any]]:
        said: list[tuple[str, Any]] = []
        with psycopg.connect(url(), autocommit=True) as connection:
            for key in keys:
                try:
                    said.append((key, connection.execute(call, [key, asset, venue, each, ground.maker]).fetchone()))
                except psycopg.Error as refusal:
                    if refusal.sqlstate != "PV001":
                        raise
        return said

    with ThreadPoolExecutor(8) as pool:
        for said in pool.map(deliver, [deliveries[part::8] for part in range(8)]):
            for key, entry in said:
                answers.setdefault(key, set()).add(entry)
    right = len(answers) == 1_000 and all(len(entries) == 1 for entries in answers.values())
    return Row("entries of 6,000 deliveries, room for 1,000", len(answers), 0, 1_500, "= 1000", right)


def switch(ground: Ground) -> list[Row]:
    """Eight distributors on one venue: entries after the suspension is acknowledged, and how long it waits."""
    import psycopg

    call = "SELECT entry_id FROM ledger_post(%s, 'distribute', 'inventory', %s, %s, NULL, 1, %s, NULL, NULL, '', now())"
    turn = "UPDATE licensing_venuestanding SET may_distribute = %s WHERE id = %s"
    after, waits, postings = 0, [], []
    for pair in range(PAIRS):
        stop = Event()

        def distribute(number: int, stop: Event = stop, pair: int = pair) -> list[float]:
            took: list[float] = []
            with psycopg.connect(url(), autocommit=True) as connection:
                while not stop.is_set():
                    begun = perf_counter()
                    key = f"switch-{pair}-{number}-{begun}"
                    try:
                        connection.execute(call, [key, ground.asset, ground.venue, ground.maker])
                    except psycopg.Error as refusal:
                        if refusal.sqlstate != "PV001":
                            raise
                        break
                    took.append(perf_counter() - begun)
            return took

        with ThreadPoolExecutor(8) as pool, psycopg.connect(url(), autocommit=True) as connection:
            running = [pool.submit(distribute, number) for number in range(8)]
            sleep(1)
            begun = perf_counter()
            connection.execute(turn, [False, ground.venue])
            waits.append(perf_counter() - begun)
            count = "SELECT count(*) FROM tokenisation_journalentry WHERE venue_id = %s"
            acknowledged = number_from(connection, count, ground.venue)
            sleep(0.3)
            stop.set()
            postings += [each for one in running for each in one.result(timeout=60)]
            after += number_from(connection, count, ground.venue) - acknowledged
            connection.execute(turn, [True, ground.venue])
    ratio = median(waits) / median(postings)
    return [
        Row("entries after an acknowledged suspension", after, 0, 0, "= 0", after == 0),
        Row(
            "wait of the suspension / median posting",
            round(ratio, 2),
            round(min(waits) / median(postings), 2),
            round(max(waits) / median(postings), 2),
            "<= 10",
            ratio <= 10,
        ),
    ]


def run() -> list[Row]:
    """Every figure of the ledger."""
    ground = prepare()
    return [*throughput(ground), *instructions(ground), bulk(ground), *switch(ground), storm(ground)]


def main() -> int:
    pgbench()  # before anything is started: without it nothing can be measured
    with server() as address:
        return measured(address)


def measured(address: str) -> int:
    """Measure in a database made anew on the server of this address."""
    import django
    import psycopg

    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        connection.execute(f"CREATE DATABASE {DATABASE}")
    os.environ["DATABASE_URL"] = f"{address}/{DATABASE}"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pvara.settings")
    django.setup()
    rows = run()
    for row in rows:
        told = f"{row.value:>9} ({row.least} to {row.most})"
        sys.stdout.write(f"{'ok ' if row.reached else 'NOT'}  {row.name:<48} {told:<34} goal {row.goal}\n")
    keep("ledger", [asdict(row) for row in rows], folder=folder())
    return 0 if all(row.reached for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
