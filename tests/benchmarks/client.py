"""Places one unit so many times as the product does: what `ledger.py` runs under callgrind to count instructions."""

import sys
from uuid import uuid4


def main(times: int, asset: int, venue: int, maker: int) -> None:
    import django

    django.setup()
    from django.utils import timezone

    from tokenisation.ledger import post
    from tokenisation.models import Asset
    from tokenisation.states import EntryKind

    of, at = Asset.objects.get(pk=asset), timezone.now()
    for _ in range(times):
        post(EntryKind.DISTRIBUTE, of, units=1, key=str(uuid4()), maker_id=maker, at=at, venue_id=venue)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
