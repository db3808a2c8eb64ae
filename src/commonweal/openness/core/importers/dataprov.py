"""Licence audits of the Data Provenance Collection (JSON) → audits, each beside this node's own reading.

Source: Data-Provenance-Initiative/Data-Provenance-Collection@ce6662d (Apache-2.0). ``license_classes.json`` and
``custom_license_classes.json`` map a name or address to [use, attribution, share-alike]; ``license_paraphrases.json``
maps a name to other words for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.licences import Licence, is_open, read_licence

USES: Final = {"All": "any", "NC": "non-commercial", "Acad": "academic", "Unspecified": "unspecified", "?": "unknown"}
_FLAGS: Final = {"1": True, "0": False, "?": None}


@dataclass(frozen=True, slots=True)
class LicenceAudit:
    """What auditors found a licence to allow.

    Args:
        name: the licence's name, or its address where it is a licence of its own.
        use: one of the values of :data:`USES`.
        attribution, share_alike: asked for; None where the auditors did not say.
        paraphrases: other words for it.
        reading: this node's own reading of the name.
    """

    name: str
    use: str
    attribution: bool | None
    share_alike: bool | None
    paraphrases: tuple[str, ...]
    reading: Licence | None

    @property
    def disagrees(self) -> bool:
        """The auditors limit the use while this node reads an open licence: to be looked at by a person."""
        return self.reading is not None and is_open(self.reading.category) and self.use in ("non-commercial", "academic")


def recognises(document: Any) -> bool:
    """Whether the document maps names to [use, attribution, share-alike]."""
    if not isinstance(document, Mapping) or not document:
        return False
    return all(isinstance(row, list) and len(row) == 3 and row[0] in USES for row in document.values())


def read(document: Mapping[str, Any], paraphrases: Mapping[str, Any] | None = None) -> Iterator[LicenceAudit]:
    """The audits in a file of classes, with their paraphrases.

    Raises:
        CommonwealError: ``document-invalid`` when it is no such file.
    """
    if not recognises(document):
        raise CommonwealError(
            "document-invalid", "This is no table of licence audits.", "Each name needs [use, attribution, share-alike]."
        )
    for name, (use, attribution, share_alike) in document.items():
        words = (paraphrases or {}).get(name)
        others = tuple(str(word) for word in words) if isinstance(words, list) else ()
        yield LicenceAudit(name, USES[use], _FLAGS.get(attribution), _FLAGS.get(share_alike), others, read_licence(name))
