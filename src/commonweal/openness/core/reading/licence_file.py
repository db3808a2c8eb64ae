"""The text of a licence file → evidence about the licence; open only where the whole text is that of a known licence.

A headline alone proves nothing: "MIT License" above a text that forbids commercial use is not MIT.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from commonweal.catalogue.core.documents import read_document
from commonweal.kernel.licences import is_open, read_licence
from commonweal.kernel.text import clean
from commonweal.openness.core.evidence import Evidence

_TAG: Final = re.compile(r"SPDX-License-Identifier:[ \t]*([^\n*]{1,200})")
_ADDED: Final = re.compile(
    r"commons clause|non[- ]?commercial|research (?:purposes )?only|you (?:may|must) not use"
    r"|use[- ]based restrictions|acceptable use"
)


def read_licence_file(data: bytes, file: str = "LICENSE", url: str | None = None) -> Evidence:
    """Which licence a file holds, as evidence about ``licence.distribution``.

    The finding is ``unknown`` when the text is no licence known here in full; a closed licence is named by its headline.
    """
    table = _table()
    text = clean(data[: table["max_bytes"] + 1].decode("utf-8-sig", "replace").replace("\r\n", "\n"))
    lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    line, headline = lines[0] if lines else (1, "")
    place: dict[str, Any] = {"quote": headline[:300], "line": line, "file": file, "url": url}
    place |= {"sha256": hashlib.sha256(data).hexdigest(), "how": "read"}
    spdx = _known(text, len(data), table)
    if spdx:
        return Evidence("licence.distribution", "yes", value=spdx, licence=spdx, **place)
    tag = _TAG.search(text)
    named = tag[1].strip() if tag else headline
    reading = read_licence(named)
    if reading and reading.category not in ("unknown", "not-a-licence") and not is_open(reading.category):
        return Evidence("licence.distribution", "yes", value=named[:300], licence=named[:300], **place)
    if tag and reading and len(data) < 1_000:  # a file that only points to its licence by id
        return Evidence("licence.distribution", "yes", value=named, licence=named, **place)
    note = f"the text is not, as a whole, a licence known here; it begins with {headline[:80]!r}"
    return Evidence("licence.distribution", "unknown", note=note, **place)


def _known(text: str, size: int, table: Mapping[str, Any]) -> str | None:
    words = " ".join(text.lower().split())
    for row in table["rows"]:
        if size <= row["longest"] and all(part in words for part in row["words"]):
            foreign = any(part in words for part in row.get("without", ()))
            if not foreign and not (_ADDED.search(words) and row["longest"] < 10_000):
                return str(row["spdx"])
    return None


@cache
def _table() -> dict[str, Any]:
    document, _ = read_document("yaml", files("commonweal.openness.core.reading").joinpath("licences.yaml").read_bytes())
    return dict(document)
