"""What is with venues' clients: no column says so, for their accounts do (`journal_sql.py`)."""

from typing import Any

from django.apps import apps
from django.db import models
from django.db.models.functions import Coalesce

from tokenisation.states import WITH_CLIENTS


def placed_units(row: Any, accounts: "models.QuerySet[Any]") -> int:
    """What was asked for together with the row, or else what the accounts that are with clients say now."""
    said: int | None = row.__dict__.get("placed")
    if said is not None:
        return said
    return accounts.filter(kind__in=WITH_CLIENTS).aggregate(units=models.Sum("units"))["units"] or 0


def placed_of(**which: Any) -> Coalesce:
    """The units with clients of each row of a query: an annotation called `placed`."""
    accounts = apps.get_model("tokenisation", "Account").objects.filter(kind__in=WITH_CLIENTS, **which)
    summed = accounts.order_by().values("asset").annotate(summed=models.Sum("units")).values("summed")
    return Coalesce(models.Subquery(summed, output_field=models.BigIntegerField()), 0)
