"""Licence audits → the tables of the Data Provenance Collection (the reverse of the importer)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from commonweal.openness.core.importers.dataprov import USES, LicenceAudit

_USES: Final = {words: name for name, words in USES.items()}
_FLAGS: Final = {True: "1", False: "0", None: "?"}


def write(audits: Iterable[LicenceAudit]) -> dict[str, list[Any]]:
    """Name → [use, attribution, share-alike]."""
    return {audit.name: [_USES[audit.use], _FLAGS[audit.attribution], _FLAGS[audit.share_alike]] for audit in audits}
