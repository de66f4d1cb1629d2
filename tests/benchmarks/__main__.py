"""`make bench`: the scores' figures; the ledger's are in `ledger.py`, for they want a server with many clients."""

import os
import sys

import django

from tests.benchmarks.server import server


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pvara.settings")
    django.setup()
    # Models are there from here on.
    from tests.benchmarks.measuring import measure
    from tests.benchmarks.scores import BENCHMARKS

    with server():
        return measure("scores", BENCHMARKS)


if __name__ == "__main__":
    sys.exit(main())
