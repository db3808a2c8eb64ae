"""Entries as a table: CSV for spreadsheets, Parquet for analysis. One row an entry, chosen values only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, BinaryIO, Final

from commonweal.catalogue.exports.site import Site, iri, words
from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.tables import write_csv

LISTS: Final = ("languages", "countries", "sectors", "keywords", "identifiers", "sources")
COLUMNS: Final = (
    *("id", "kind", "title", "description", "publisher", "url", "licence", "licence_category", "licence_as_written"),
    *("issued", "modified", "status", "sdgs", *LISTS, "address"),
)
#: Between the items of a list in a cell.
BETWEEN: Final = "; "
ROW_GROUP: Final = 5_000


def row(view: Mapping[str, Any], site: Site) -> dict[str, Any]:
    """An entry by COLUMNS; lists stay lists."""
    chosen = view["chosen"]
    licence = chosen.get("licence") or {}
    return {
        "id": view["id"],
        "kind": view["kind"],
        "title": words(chosen["title"]),
        "description": words(chosen.get("description")) or None,
        "publisher": chosen.get("publisher"),
        "url": iri(chosen.get("url")),
        "licence": licence.get("expression"),
        "licence_category": licence.get("category"),
        "licence_as_written": str(licence["raw"]) if licence.get("raw") else None,
        "issued": chosen.get("issued"),
        "modified": chosen.get("modified"),
        "status": chosen.get("status"),
        "sdgs": chosen.get("sdgs", []),
        **{name: chosen.get(name, []) for name in LISTS[:4]},
        "identifiers": view["identifiers"],
        "sources": view["sources"],
        "address": site.entity(view["id"]),
    }


def write_csv_table(views: Iterable[Mapping[str, Any]], stream: BinaryIO, site: Site) -> None:
    """Write a CSV; lists as one cell."""
    write_csv((_flat(row(view, site)) for view in views), stream, COLUMNS)


def write_parquet(views: Iterable[Mapping[str, Any]], stream: BinaryIO, site: Site) -> None:
    """Write Parquet, a row group at a time.

    Raises:
        CommonwealError: ``export-needs`` without pyarrow, the extra ``parquet``.
    """
    try:
        import pyarrow
        from pyarrow.parquet import ParquetWriter
    except ImportError:
        hint = "Install it: pip install 'commonweal[parquet]'."
        raise CommonwealError("export-needs", "Parquet needs the library pyarrow.", hint) from None
    types = {**dict.fromkeys(LISTS, pyarrow.list_(pyarrow.string())), "sdgs": pyarrow.list_(pyarrow.int8())}
    schema = pyarrow.schema([(name, types.get(name, pyarrow.string())) for name in COLUMNS])
    with ParquetWriter(stream, schema, compression="zstd") as writer:
        for batch in _batches(row(view, site) for view in views):
            writer.write_batch(pyarrow.RecordBatch.from_pylist(batch, schema))


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: BETWEEN.join(map(str, value)) if isinstance(value, list) else value for name, value in values.items()}


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    every = iter(rows)
    while batch := list(islice(every, ROW_GROUP)):
        yield batch
