"""There is no chain, and each question is answered so: nothing is pretended to have been mirrored."""

from collections.abc import Iterator, Sequence

from tokenisation.chain.port import ChainEvent, ChainUnavailable, Deployment

NONE = "No chain is connected: the ledger of this registry stands alone."


class NoChain:
    """Has no deployment and no events. Whatever would have to happen on a chain raises ChainUnavailable."""

    def deployments(self) -> Sequence[Deployment]:
        return ()

    def events(self, from_block: int) -> Iterator[ChainEvent]:
        return iter(())

    def deploy_suite(self, asset_code: str, *, key: str) -> Deployment:
        raise ChainUnavailable(NONE)

    def register_venue(self, deployment: Deployment, licence: str, wallet: str, *, key: str) -> str:
        raise ChainUnavailable(NONE)

    def mint(self, deployment: Deployment, wallet: str, units: int, *, key: str) -> str:
        raise ChainUnavailable(NONE)

    def freeze_venue(self, deployment: Deployment, licence: str, *, key: str) -> str:
        raise ChainUnavailable(NONE)

    def revoke_venue(self, deployment: Deployment, licence: str, *, key: str) -> str:
        raise ChainUnavailable(NONE)

    def pause(self, deployment: Deployment, *, key: str) -> str:
        raise ChainUnavailable(NONE)

    def forced_transfer(self, deployment: Deployment, source: str, target: str, units: int, *, key: str) -> str:
        raise ChainUnavailable(NONE)

    def supply(self, deployment: Deployment) -> int:
        raise ChainUnavailable(NONE)
