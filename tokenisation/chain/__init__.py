"""The port through which a chain would mirror the ledger, and the one implementation that there is: none."""

from django.conf import settings
from django.utils.module_loading import import_string

from tokenisation.chain.port import ChainEvent, ChainGateway, ChainRefused, ChainUnavailable, Deployment

__all__ = ["ChainEvent", "ChainGateway", "ChainRefused", "ChainUnavailable", "Deployment", "gateway"]


def gateway() -> ChainGateway:
    """The implementation that the setting CHAIN_GATEWAY names; made anew, for it may hold a connection."""
    made: ChainGateway = import_string(settings.CHAIN_GATEWAY)()
    return made
