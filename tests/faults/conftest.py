"""What several races of the ledger have in common."""

import pytest

from tokenisation import ledger
from tokenisation.gathering import Gathering


@pytest.fixture
def each_alone(monkeypatch) -> None:
    """More lanes than anybody needs: nobody is taken along."""
    alone = Gathering(ledger._place_together, failures=(), lanes=64)
    monkeypatch.setattr(ledger, "GATHERING", alone)
