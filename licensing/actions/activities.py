"""Loading the terms of activities: rows that are there are left as they are, a change is a row with a later date."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from licensing.models import ActivityKind, Criterion


@transaction.atomic
def load_activities(given: dict[str, Any]) -> int:
    """Add the terms that are missing. Returns how many were added.

    Raises ValidationError for a criterion that no framework has: terms that name it could never be met.
    """
    on = date.fromisoformat(given["effective_from"])
    known = set(Criterion.objects.values_list("code", flat=True))
    added = 0
    for each in given["activities"]:
        if unknown := set(each["criteria"]) - known:
            raise ValidationError(f"{each['code']}: no framework has {', '.join(sorted(unknown))}.")
        terms = {**each, "minimum_capital_pkr": Decimal(each["minimum_capital_pkr"])}
        _, new = ActivityKind.objects.get_or_create(
            code=terms.pop("code"), effective_from=on, defaults={"source": given["source"], **terms}
        )
        added += new
    return added
