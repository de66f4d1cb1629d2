"""Every operation of the contract, and whom it answers: the table that the sweep of the API compares with.

The operations come from the generated contract, so a new one fails in the sweep until its row is written.
"""

from tests.api.operations.callers import CALLERS
from tests.api.operations.contract import address, operations
from tests.api.operations.moves import MOVES
from tests.api.operations.table import TABLE

__all__ = ["CALLERS", "MOVES", "TABLE", "address", "operations"]
