"""What the resolver needs of a record, normalised once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Final, NamedTuple

import yaml
from anyascii import anyascii

from commonweal.kernel.text import fold, name_key, pick

from .names import Name, parse_name

#: Version of this normalisation: stored profiles of another version are made anew.
NORMALISER: Final = 3

#: Kinds whose records never join: an offer is one provider's word, and links to the model it sells.
ALONE: Final = frozenset({"offer"})

MAX_ABOUT: Final = 2_000  # characters of a description; more of it says nothing new about which thing it is

#: Schemes whose value is owner/name.
_OWNED: Final = frozenset({"hf", "github", "gitlab"})
_OWNER_NAME: Final = re.compile(r"([\w.+-]+)/([\w.+-]+)")
_YEAR: Final = re.compile(r"\d{4}")
_WORD: Final = re.compile(r"\w+")
_SHORT: Final = re.compile(r"[^\W\d_]{2,8}")


class Profile(NamedTuple):
    """A record as the resolver sees it.

    Attributes:
        id, source, kind: as in the record.
        title: in English where there is one, else the first language by tag.
        words: the title, of ``owner/name`` titles the name alone.
        developers: comparable keys of publisher and of the namespaces it is known under.
        about: description, folded words, at most :data:`MAX_ABOUT` characters.
        identifiers: printed identifiers of the thing itself.
        licence: expression, "" when unknown.
        year: of issue or modification, None when unknown.
    """

    id: str
    source: str
    kind: str
    title: str
    words: str
    developers: frozenset[str]
    about: str
    identifiers: frozenset[str]
    licence: str
    year: int | None

    @property
    def name(self) -> Name:
        """The words taken apart."""
        return parse_name(self.words)

    @property
    def core(self) -> str:
        """The core of the name, a developer's own name before it put aside: ``Meta-Llama-3`` by Meta is ``llama``."""
        first, _, rest = self.name.key.partition(" ")
        if rest and developer_key(first) in self.developers and (core := parse_name(rest).core):
            return core
        return self.name.core

    @property
    def latin(self) -> str:
        """The name in Latin letters, as names are compared across scripts."""
        key = self.name.key
        return key if key.isascii() else name_key(anyascii(key))

    @property
    def owned(self) -> frozenset[str]:
        """Names of things at an owner's (``squad`` of ``hf:datasets/rajpurkar/squad``), and such names without owner."""
        found = (identifier.partition(":") for identifier in self.identifiers)
        return frozenset(value.rpartition("/")[2] for scheme, _, value in found if scheme in _OWNED)

    def bonds(self) -> set[str]:
        """What makes two records of a kind candidates at once: an identifier, or an acronym and what it stands for."""
        return {*self.identifiers, *self._acronyms()}

    def row(self) -> dict[str, Any]:
        """The profile as the fields a model file may name."""
        name = self.name
        return {
            "name": self.latin,
            "sizes": name.sizes,
            "versions": name.versions,
            "variants": name.variants,
            "developers": self.developers,
            "about": self.about,
            "identifiers": self.identifiers,
            "licence": self.licence,
            "year": self.year,
        }

    def _acronyms(self) -> Iterable[str]:
        if self.kind not in ("organisation", "initiative"):
            return
        bare, _, bracket = self.title.partition("(")
        for words in (bare, bracket.partition(")")[0]):
            words = words.strip()
            if _SHORT.fullmatch(words) and words.isupper():
                yield f"acronym:{fold(words)}"
            elif 2 <= len(initials := parse_name(words).initials) <= 8:
                yield f"acronym:{initials}"


def profile(record_id: str, data: Mapping[str, Any]) -> Profile:
    """The profile of a record (``Record.to_json()``)."""
    title = pick(data["title"], "en")[1]
    owners: list[str] = [data["publisher"]] if data.get("publisher") else []
    words = title
    if owned := _OWNER_NAME.fullmatch(title):
        owners.append(owned[1])
        words = owned[2]
    for printed in data.get("identifiers") or ():
        scheme, _, value = printed.partition(":")
        if scheme in _OWNED and (owned := _OWNER_NAME.fullmatch(value.removeprefix("datasets/"))):
            owners.append(owned[1])
    licence = data.get("licence") or {}
    year = _YEAR.match(data.get("issued") or data.get("modified") or "")
    about = pick(data.get("description") or {}, "en")[1][:MAX_ABOUT]
    return Profile(
        id=record_id,
        source=data["source"],
        kind=data["kind"],
        title=title,
        words=words,
        developers=frozenset(filter(None, map(developer_key, owners))),
        about=" ".join(_WORD.findall(fold(about))),
        identifiers=frozenset(data.get("identifiers") or ()),
        licence=licence.get("expression") or "",
        year=int(year[0]) if year else None,
    )


@lru_cache(maxsize=65_536)
def developer_key(words: str) -> str:
    """A developer as it is compared: without spaces, aliases (``developers.yaml``) brought to one name.

    >>> developer_key("meta-llama"), developer_key("Meta")
    ('meta', 'meta')
    """
    key = name_key(words).replace(" ", "")
    return _developers().get(key, key)


def known_developer(key: str) -> bool:
    """Whether a developer's key stands in ``developers.yaml``: an organisation that publishes its own work."""
    return key in _known()


@cache
def _known() -> frozenset[str]:
    return frozenset(_developers().values())


@cache
def _developers() -> dict[str, str]:
    """Key of an alias → key of the developer."""
    text = (resources.files("commonweal.resolve") / "data" / "developers.yaml").read_text("utf-8")
    table: dict[str, list[str]] = yaml.safe_load(text)
    keys = {name: name_key(name).replace(" ", "") for name in table}
    return {name_key(alias).replace(" ", ""): keys[name] for name, aliases in table.items() for alias in aliases}
