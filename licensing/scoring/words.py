"""How figures of a score are written: for people, for a hash, and beside a bar that they miss."""

from decimal import ROUND_HALF_UP, Decimal


def shown(value: Decimal) -> str:
    """A figure as people read it: two places, half up."""
    return str(value.quantize(Decimal("0.01"), ROUND_HALF_UP))


def exact(value: Decimal) -> str:
    """A figure to its last digit, written one way only: 75.00 and 75 are one number and must have one hash."""
    return f"{value.normalize():f}"


def below(value: Decimal, bar: Decimal) -> str:
    """A figure that misses a bar, as people read it: never rounded up to the very bar that it misses."""
    said = shown(value)
    return f"just below {shown(bar)}%" if Decimal(said) >= bar else f"{said}%"


def in_order(code: str) -> tuple[int, ...]:
    """Criteria in the order of their numbers: 9.3 before 10.1."""
    return tuple(int(part) if part.isdigit() else 0 for part in code.split("."))
