"""Every figure that is registered, beside its limit from the same run, in pairs that take turns; written to bench.json.

Times of a busy machine say nothing alone: what is told is the ratio within a pair, its median, least and greatest.
"""

import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter

from django.conf import settings
from django.test.utils import get_runner

from tests.benchmarks.figures import Benchmark, keep

PAIRS = 7


def timed(work: Callable[[], object]) -> float:
    begun = perf_counter()
    work()
    return perf_counter() - begun


def compared(each: Benchmark) -> dict[str, object]:
    each.prepare()
    # Once for what is read and planned the first time only.
    each.limit(), each.measured()
    ratios = sorted(timed(each.measured) / timed(each.limit) for _ in range(PAIRS))
    found = median(ratios)
    return {
        "name": each.name,
        "median": round(found, 4),
        "least": round(ratios[0], 4),
        "greatest": round(ratios[-1], 4),
        "at_most": each.at_most,
        "reached": found <= each.at_most,
    }


def measure(subject: str, benchmarks: list[Benchmark]) -> int:
    """Measure in a scratch database that goes with the run. Returns 1 when a limit is not kept, for the shell."""
    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        results = [compared(each) for each in benchmarks]
    finally:
        runner.teardown_databases(databases)
    for each in results:
        said = "reached" if each["reached"] else "NOT REACHED"
        line = f"{each['name']}: {each['median']} ({each['least']} to {each['greatest']}), at most {each['at_most']}"
        sys.stdout.write(f"{line}: {said}\n")
    keep(subject, results, folder=settings.VAR)
    return 0 if all(each["reached"] for each in results) else 1
