"""Names taken apart: what a thing is called, and the tokens that make it another one of its family.

Versions, sizes and variants are meaning: 7B is not 70B, v1 is not v2, an instruction-tuned model is not its base.
They are compared on their own, and names are compared without them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Final

import yaml

from commonweal.kernel.text import name_key

MAX_CHARACTERS: Final = 1_000

_SIZE: Final = re.compile(r"(?:\d+x)?\d+(?:\.\d+)?[bmkt]")
_VERSION: Final = re.compile(r"v?\d+(?:\.\d+)*[a-z]?")
_GLUED: Final = re.compile(r"([a-z]{2,})v?(\d+(?:\.\d+)*)")  # llama3, gpt4, qwen2.5


@dataclass(frozen=True, slots=True)
class Name:
    """A name in parts.

    Attributes:
        key: the whole name, folded, punctuation gone.
        core: the words left when the tokens below are taken away, joined without spaces.
        sizes: ``7b``, ``8x7b``, ``350m``.
        versions: ``1``, ``3.1``, ``0613``; a leading ``v`` dropped.
        variants: ``instruct``, ``base``, ``gguf`` …, from ``variants.yaml`` and a trailing ``+``.
    """

    key: str
    core: str
    sizes: frozenset[str]
    versions: frozenset[str]
    variants: frozenset[str]

    @property
    def initials(self) -> str:
        """First letters of the words of the key, "" for a single word: ``World Health Organization`` → ``who``."""
        words = [word for word in self.key.split() if word not in _LITTLE]
        return "".join(word[0] for word in words) if len(words) > 1 else ""


_LITTLE: Final = frozenset(
    [
        "of",
        "the",
        "and",
        "for",
        "in",
        "on",
        "de",
        "la",
        "le",
        "les",
        "des",
        "du",
        "et",
        "pour",
        "el",
        "los",
        "y",
        "da",
        "do",
        "dos",
        "e",
        "der",
        "die",
        "das",
        "und",
        "für",
    ]
)


@lru_cache(maxsize=65_536)
def parse_name(words: str) -> Name:
    """Take a name apart.

    >>> name = parse_name("Llama-3.1-70B-Instruct")
    >>> name.core, sorted(name.sizes), sorted(name.versions), sorted(name.variants)
    ('llama', ['70b'], ['3.1'], ['instruct'])
    """
    key = name_key(words[:MAX_CHARACTERS])
    core: list[str] = []
    sizes: set[str] = set()
    versions: set[str] = set()
    variants: set[str] = set()
    for token in key.split():
        plain = token.rstrip("+")
        if plain != token:
            variants.add("+")
        if not plain:
            continue
        if _SIZE.fullmatch(plain):
            sizes.add(plain)
        elif plain in _variants():
            variants.add(_variants()[plain])
        elif _VERSION.fullmatch(plain):
            versions.add(plain.removeprefix("v"))
        elif glued := _GLUED.fullmatch(plain):
            core.append(glued[1])
            versions.add(glued[2])
        else:
            core.append(plain)
    return Name(key, "".join(core), frozenset(sizes), frozenset(versions), frozenset(variants))


def conflict(one: Name, other: Name) -> str | None:
    """Why two names cannot be one thing: "size", "version" or "variant"; None when nothing forbids it.

    A token that only one side has is not a conflict of sizes (a short name for the only size there is), but it is one
    of variants: ``Qwen2`` is not ``Qwen2-Instruct``. A version is in conflict only when both sides name one.
    """
    if one.sizes and other.sizes and one.sizes != other.sizes:
        return "size"
    if one.versions != other.versions and one.versions and other.versions:
        return "version"
    if one.variants != other.variants:
        return "variant"
    return None


def family(one: Name, other: Name) -> bool:
    """True when both names have the same core, whatever their sizes, versions and variants: members of one family."""
    return bool(one.core) and one.core == other.core


@cache
def _variants() -> dict[str, str]:
    """Token → the variant it means."""
    source = resources.files("commonweal.resolve").joinpath("data/variants.yaml").read_text(encoding="utf-8")
    table: dict[str, list[str]] = yaml.safe_load(source)["variants"]
    return {token: variant for variant, tokens in table.items() for token in (variant, *tokens)}
