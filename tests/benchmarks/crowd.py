"""Places units as the product does, from many threads for some seconds: what `ledger.py` measures beside `raw`.

Prints how many placements a second were acknowledged. Each thread has its own connection, as a web worker's has.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier
from time import perf_counter
from uuid import uuid4

WARM_UP = 2  # seconds


def main(threads: int, seconds: int, last: int, asset: int, venue: int, maker: int) -> None:
    import django

    django.setup()
    from django.db import connection
    from django.utils import timezone

    from tests.benchmarks.ledger import VENUES
    from tokenisation.ledger import post
    from tokenisation.models import Asset
    from tokenisation.states import EntryKind

    assets = list(Asset.objects.filter(pk__range=(asset, asset + last)).order_by("pk"))
    together = Barrier(threads)

    def place(seed: int) -> tuple[int, float]:
        dice, count = Random(f"{uuid4()}{seed}"), 0

        def once() -> None:
            n = dice.randrange(last + 1)
            at, key = timezone.now(), str(uuid4())
            post(EntryKind.DISTRIBUTE, assets[n], units=1, key=key, maker_id=maker, at=at, venue_id=venue + n % VENUES)

        try:
            # Connected, and every plan made: what a worker does once in its life is not what a posting costs.
            begun = perf_counter()
            while perf_counter() - begun < WARM_UP:
                once()
            together.wait()
            begun = perf_counter()
            while perf_counter() - begun < seconds:
                once()
                count += 1
            return count, perf_counter() - begun
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        done = list(pool.map(place, range(threads)))
    sys.stdout.write(f"{sum(count for count, _ in done) / max(took for _, took in done)}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
