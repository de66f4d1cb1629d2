"""Invariant 13: the confirmed supply of every deployment is what is outstanding of its asset, or a break says so.

It is asked where there is a deployment. Without a chain there is none: then it is not counted among those that hold.
"""

from collections.abc import Iterator

from tokenisation.chain import ChainUnavailable, gateway
from tokenisation.models import Asset

NAME = "The confirmed supply on every chain is what is outstanding of its asset, or a break says so."


def is_asked() -> bool:
    """Whether there is anything on a chain to be compared."""
    return bool(gateway().deployments())


def unmatched() -> Iterator[int]:
    """The ids of assets whose supply differs, or cannot be read, while no break of the asset stands."""
    chain = gateway()
    for each in chain.deployments():
        asset = Asset.objects.get(code=each.asset_code)
        try:
            agrees = chain.supply(each) == asset.outstanding_units
        except ChainUnavailable:
            agrees = False
        if not agrees and not asset.breaks.standing().exists():
            yield asset.pk
