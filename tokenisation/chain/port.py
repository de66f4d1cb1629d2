"""What the registry asks of a chain that mirrors the ledger. The ledger decides; a chain follows and is compared.

An implementation is called by tasks alone, after commit and never within a request: each call may take as long as a
block. Units are whole, as in the ledger; addresses, hashes and transactions are text as the chain writes them. A venue
is named by the number of its licence. Every command answers with its transaction and may be sent again under the same
`key`: it is carried out once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


class ChainUnavailable(Exception):
    """There is no chain, or it does not answer now. Nothing was sent; the same command may be sent again."""


class ChainRefused(Exception):
    """The chain answered and refused, for the reason that is the message. Nothing was changed."""


@dataclass(frozen=True)
class Deployment:
    """One asset's token on one ledger. An ISIN has as many as there are ledgers, each with a DTI of its own."""

    asset_code: str
    chain_id: int
    address: str
    # How many blocks lie above one before what it says counts as confirmed.
    confirmations: int


@dataclass(frozen=True)
class ChainEvent:
    """Something that a token's contract said. `removed` is one that a reorganisation of the chain took back.

    The same event is known by block hash and log index: a block of the same number can be another one.
    """

    deployment: Deployment
    block_no: int
    block_hash: str
    tx_hash: str
    log_index: int
    kind: str
    source: str
    target: str
    units: int
    removed: bool = False


class ChainGateway(Protocol):
    """Each method raises ChainUnavailable; those that send a transaction raise ChainRefused as well."""

    def deployments(self) -> Sequence[Deployment]:
        """Every token that is deployed, and so has a supply to be compared. Empty where there is no chain."""
        ...

    def deploy_suite(self, asset_code: str, *, key: str) -> Deployment:
        """Deploy an asset's token with its registry of venues. It is paused at its birth."""
        ...

    def register_venue(self, deployment: Deployment, licence: str, wallet: str, *, key: str) -> str:
        """Let a venue's wallet receive and send, by a claim on its full licence."""
        ...

    def mint(self, deployment: Deployment, wallet: str, units: int, *, key: str) -> str:
        """Bring so many units into being in a venue's wallet; a wallet that is not registered is refused."""
        ...

    def freeze_venue(self, deployment: Deployment, licence: str, *, key: str) -> str:
        """Stop a venue's wallet from sending and receiving. Alone it is no suspension: minting to it still works."""
        ...

    def revoke_venue(self, deployment: Deployment, licence: str, *, key: str) -> str:
        """Take back a venue's claim. Alone it is no suspension: it can still send. Freeze first, then revoke."""
        ...

    def pause(self, deployment: Deployment, *, key: str) -> str:
        """Stop every transfer of the token. Minting is not stopped by it."""
        ...

    def forced_transfer(self, deployment: Deployment, source: str, target: str, units: int, *, key: str) -> str:
        """Move units from wallet to wallet by an order, whatever the token's rules say."""
        ...

    def events(self, from_block: int) -> Iterator[ChainEvent]:
        """What every deployment said from a block on, confirmed or not, oldest first."""
        ...

    def supply(self, deployment: Deployment) -> int:
        """The units in being on a deployment, by its last confirmed block."""
        ...
