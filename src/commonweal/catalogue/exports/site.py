"""The node as an export names it, and the absolute addresses of what it holds."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from commonweal.kernel.identifiers import parse_identifier
from commonweal.kernel.text import pick


class Site(NamedTuple):
    """``address`` has no slash at its end; ``title`` and ``description`` are words for people."""

    address: str
    title: str
    description: str = "Public-interest AI: what open registries say, entry by entry."

    def entity(self, entity_id: str) -> str:
        """The permanent address of an entity."""
        return f"{self.address}/catalogue/{entity_id}"

    def record(self, record_id: str) -> str:
        """The address of what one source says."""
        return f"{self.address}/catalogue/record/{record_id}"

    def publisher(self, name: str) -> str:
        """The address of all that somebody published: stands for them, where nothing else names them."""
        return f"{self.address}/search?publisher={quote(name, safe='')}"

    def target(self, target: str) -> str | None:
        """The address of a link's target; None for a bare name."""
        if target.startswith("record:"):
            return self.entity(target[7:])
        identifier = parse_identifier(target) if not target.startswith("name:") else None
        return iri(identifier.url) if identifier else None


_PARTS: Final = re.compile(r"(https?)://([^/?#\s]+)([^?#]*)(\?[^#]*)?(#.*)?", re.IGNORECASE | re.DOTALL)
_HOST: Final = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=-]+@)?(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")
_LONE_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


def iri(address: str | None) -> str | None:
    """A web address as an absolute IRI that every parser takes; None when it is none."""
    found = _PARTS.fullmatch((address or "").strip())
    if not found or not _HOST.fullmatch(found[2]):
        return None
    rest = "".join(
        mark + quote(_LONE_PERCENT.sub("%25", part), safe=safe)
        for mark, part, safe in (
            ("", found[3], "/%:@!$&'()*+,;=~-._"),
            ("?" if found[4] else "", (found[4] or "")[1:], "/%:@!$&'()*+,;=~-._?"),
            ("#" if found[5] else "", (found[5] or "")[1:], "/%:@!$&'()*+,;=~-._?"),
        )
    )
    return f"{found[1].lower()}://{found[2]}{rest}"


def tagged(text: dict[str, Any] | None) -> dict[str, str]:
    """A Text without its meta keys."""
    return {tag: words for tag, words in (text or {}).items() if not tag.startswith("@") and words}


def words(text: dict[str, Any] | None) -> str:
    """A Text in English, else in the language it was written in."""
    return pick(text or {}, "en")[1]
