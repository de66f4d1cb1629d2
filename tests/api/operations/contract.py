"""The operations of the generated contract, and their addresses in the world."""

import re
from typing import Any

from drf_spectacular.generators import SchemaGenerator


def operations() -> dict[str, tuple[str, str]]:
    """Method and path of every operation, by its name."""
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return {
        operation["operationId"]: (method, route.removeprefix("/api/"))
        for route, methods in paths.items()
        for method, operation in methods.items()
    }


def address(route: str, world: dict[str, Any]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: str(world[route.split("/")[0] if found[1] == "id" else found[1]]), route)
