"""Exports: entity views in the forms other catalogues read. Pure and streaming: views in, bytes out, memory flat."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

from commonweal.catalogue.exports import ckan, croissant, dcat, table
from commonweal.catalogue.exports.site import Site
from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.jsonl import write_jsonl
from commonweal.kernel.text import mask_contacts

View = Mapping[str, Any]

#: Suffix of a file → form of RDF.
RDF_FORMS: Final = {".ttl": "turtle", ".jsonld": "json-ld", ".json": "json-ld", ".rdf": "rdf-xml", ".xml": "rdf-xml"}


def write(form: str, views: Iterable[View], stream: BinaryIO, site: Site, *, suffix: str = "") -> None:
    """Write views in one of FORMS; ``suffix`` of the file chooses among the forms of RDF (Turtle without one).

    Raises:
        CommonwealError: ``export-form`` for a suffix that is no form of RDF; ``export-needs`` when a library is missing.
    """
    _FORMS[form](views if form == "jsonl" else map(presentable, views), stream, site, suffix)


def _dcat(views: Iterable[View], stream: BinaryIO, site: Site, suffix: str) -> None:
    form = RDF_FORMS.get(suffix or ".ttl")
    if form is None:
        raise CommonwealError("export-form", f"{suffix} is no form of RDF.", f"End the name with one of {', '.join(RDF_FORMS)}.")
    dcat.write(views, stream, site, form)


def _croissant(views: Iterable[View], stream: BinaryIO, site: Site, suffix: str) -> None:
    write_jsonl((croissant.document(view, site) for view in views if view["kind"] == "dataset"), stream)


def _ckan(views: Iterable[View], stream: BinaryIO, site: Site, suffix: str) -> None:
    write_jsonl((ckan.package(view, site) for view in views), stream)


def _jsonl(views: Iterable[View], stream: BinaryIO, site: Site, suffix: str) -> None:
    write_jsonl((_masked(view) for view in views), stream)


def presentable(view: View) -> dict[str, Any]:
    """A view whose chosen values are free of e-mail addresses and telephone numbers; addresses of the web stay."""
    return {**view, "chosen": _masked(view["chosen"])}


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.startswith(("https://", "http://")) else mask_contacts(value)
    if isinstance(value, Mapping):
        return {name: _masked(part) for name, part in value.items()}
    return [_masked(part) for part in value] if isinstance(value, list) else value


_FORMS: Final[dict[str, Callable[[Iterable[View], BinaryIO, Site, str], None]]] = {
    "dcat": _dcat,
    "croissant": _croissant,
    "ckan": _ckan,
    "csv": lambda views, stream, site, suffix: table.write_csv_table(views, stream, site),
    "jsonl": _jsonl,
    "parquet": lambda views, stream, site, suffix: table.write_parquet(views, stream, site),
}
FORMS: Final = tuple(_FORMS)


def suffix_of(path: Path) -> str:
    """The suffix that chooses a form of RDF."""
    return path.suffix.lower()
