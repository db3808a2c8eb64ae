"""Which format a document has, and its reader: the one place that knows them all."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from commonweal.catalogue.core.documents import Unreadable, read_document
from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.text import clean_tree
from commonweal.openness.core.importers import dpg, fmti, graded, mot
from commonweal.openness.core.reading import card, croissant
from commonweal.openness.core.subject import Subject

#: A file larger than this is refused before it is parsed.
MAX_BYTES: Final = 16 * 1024 * 1024
#: Endings of files that may hold something to assess.
SUFFIXES: Final = (".yml", ".yaml", ".json", ".jsonld", ".md", ".markdown", ".csv")

_KNOWN: Final[tuple[tuple[Callable[[Any], bool], Callable[[Any, str | None], Subject]], ...]] = (
    (mot.recognises, mot.read),
    (graded.recognises, graded.read),
    (dpg.recognises, dpg.read),
    (croissant.recognises, croissant.read),
)
_FORMATS: Final = "MOT YAML, EOSAI or Opening-up-ChatGPT YAML, DPG JSON, an FMTI report, Croissant, a model or data set card"
_STRUCTURED: Final = re.compile(r"^(?:\{|(?:release|system|project|framework)[ \t]*:)", re.M)


def read_subject(content: Mapping[str, Any] | str | bytes, file: str | None = None) -> Subject:
    """The subject that a document describes; ``file`` is its name, whose ending decides between a card and data.

    Raises:
        CommonwealError: ``document-unknown`` for none of the formats, ``document-invalid`` for one that cannot be read,
            ``document-too-large``; and what the format's reader raises.
    """
    if isinstance(content, Mapping):
        return _from_document(content, file)
    data = content.encode("utf-8", "replace") if isinstance(content, str) else content
    if len(data) > MAX_BYTES:
        raise CommonwealError("document-too-large", f"This file has {len(data):,} bytes.", f"At most {MAX_BYTES:,} are read.")
    if not data.strip():
        raise CommonwealError("document-unknown", "This file is empty.", f"Known formats: {_FORMATS}.")
    suffix = (file or "").lower().rpartition(".")[2]
    if suffix == "csv" or (not file and fmti.recognises(data)):
        return _report(data, file)
    if suffix in ("md", "markdown"):
        return card.read(data, file)
    if suffix in ("yml", "yaml", "json", "jsonld"):
        return _from_document(_parse(data), file)
    return _guess(data, file)


def _report(data: bytes, file: str | None) -> Subject:
    if not fmti.recognises(data):
        raise CommonwealError("document-unknown", "This table is no FMTI report.", "It needs the columns Indicator and Score.")
    return fmti.read(data, file)


def _guess(data: bytes, file: str | None) -> Subject:
    """Without an ending: data where it looks like data and can be read as such, else a card."""
    text = data.decode("utf-8-sig", "replace")
    if not _STRUCTURED.search(text):
        return card.read(data, file)
    try:
        return _from_document(_parse(data), file)
    except CommonwealError as error:
        if error.code in ("document-unknown", "document-invalid") and not text.lstrip().startswith("{"):
            return card.read(data, file)
        raise


def _parse(data: bytes) -> Any:
    """JSON or YAML; YAML also reads the JSON with trailing commas that some tools write."""
    try:
        return read_document("json" if data.lstrip()[:1] in (b"{", b"[") else "yaml", data)[0]
    except Unreadable as failure:
        try:
            return read_document("yaml", data)[0]
        except Unreadable:
            raise CommonwealError(
                "document-invalid", f"This file cannot be read: {failure}.", "Check it with a YAML or JSON linter."
            )


def _from_document(document: Any, file: str | None) -> Subject:
    document, odd = clean_tree(document)
    for recognises, read in _KNOWN:
        if recognises(document):
            subject = read(document, file)
            return replace(subject, problems=(*subject.problems, *odd)) if odd else subject
    if dpg.recognises_review(document):
        return dpg.read_review(document, (file or "").rpartition("/")[2].partition("_")[0], file)
    raise CommonwealError("document-unknown", "Nothing here says what this document is.", f"Known formats: {_FORMATS}.")
