"""Loading the settlement assets; in what a placement was settled is recorded as it is posted (`ledger.py`)."""

from datetime import date
from typing import Any

from tokenisation.models import SettlementAsset


def load_settlement_assets(given: dict[str, Any]) -> int:
    """Add the rows that are missing and say how many; a row that is there is never overwritten."""
    rows = [{"effective_from": given["effective_from"], **row} for row in given["settlement_assets"]]
    there = set(SettlementAsset.objects.values_list("code", "effective_from"))
    missing = [
        SettlementAsset(**{**row, "effective_from": day})
        for row in rows
        if (row["code"], day := date.fromisoformat(row["effective_from"])) not in there
    ]
    # Two loaders may start at once, so the database has the last word on what is there.
    SettlementAsset.objects.bulk_create(missing, ignore_conflicts=True)
    return len(missing)
