"""One of everything that a page may show: built once, and put back wherever it is wanted."""

from tests.world.building import charge, propose_by_score
from tests.world.ground import Ground, people_of
from tests.world.rows import World

__all__ = ["Ground", "World", "charge", "people_of", "propose_by_score"]
