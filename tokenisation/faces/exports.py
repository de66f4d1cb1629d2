"""The files of an asset, for a page and for a program alike: which there are, and what each is called."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import StreamingHttpResponse

from pvara.kernel.downloads import streamed
from tokenisation import exports
from tokenisation.models import Asset


def cap_table(asset: Asset, form: str, *, seq: int | None = None) -> StreamingHttpResponse:
    """As of an entry, or of the last; the file's name says which."""
    at = exports.last_entry(asset) if seq is None else seq
    return streamed(f"{asset.code}-cap-table-{at}", form, exports.CAP_TABLE, exports.cap_table(asset, at))


def journal(asset: Asset, form: str, *, seq: int | None = None) -> StreamingHttpResponse:
    """Up to an entry, or to the last that there is as it begins: what is posted meanwhile is not half in it."""
    at = exports.last_entry(asset) if seq is None else seq
    return streamed(f"{asset.code}-ledger-{at}", form, exports.JOURNAL, exports.journal(asset, at))


def bond_terms(asset: Asset, terms: Mapping[str, Any], form: str) -> StreamingHttpResponse:
    """As CSV a field a line, as JSON one object in the array."""
    name = f"{asset.code}-bond-terms"
    if form == "json":
        return streamed(name, form, list(terms), iter([terms]))
    return streamed(name, form, exports.BOND_TERMS, _fields(terms))


def _fields(terms: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for field, value in terms.items():
        yield {"field": field, "value": value}
