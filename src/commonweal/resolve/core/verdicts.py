"""From a scored pair to what may be done with it: joined without asking, or asked about with a suggested verdict.

A weight alone never joins two records. Families of models and datasets are full of members whose descriptions, makers
and even identifiers are the same, so their names must agree part by part, and something beside the name must agree too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .judgements import NOT_SAME, SAME
from .names import conflict
from .profile import Profile, known_developer

#: Schemes that name a single thing. A paper or a repository often stands for a family of models or a group of datasets.
NAMING: Final[Mapping[str, frozenset[str]]] = {
    "model": frozenset({"hf", "openml", "zenodo", "wikidata"}),
    "dataset": frozenset({"hf", "openml", "zenodo", "wikidata", "doi"}),
    "benchmark": frozenset({"hf", "openml", "zenodo", "wikidata"}),
    "software": frozenset({"github", "gitlab", "wikidata", "zenodo", "doi"}),
    "organisation": frozenset({"ror", "wikidata"}),
    "publication": frozenset({"doi", "arxiv", "zenodo", "wikidata"}),
}
_NAMING_ELSEWHERE: Final = frozenset({"wikidata", "doi"})

#: Why two records were joined without asking.
RULES: Final = ("identifier", "developer", "description")


def names_one(kind: str, identifier: str) -> bool:
    """Whether identifiers of this scheme name single things of a kind."""
    return identifier.partition(":")[0] in NAMING.get(kind, _NAMING_ELSEWHERE)


def rule(one: Profile, other: Profile, found: Mapping[str, int]) -> str:
    """Which of :data:`RULES` lets a pair above the threshold join by itself, "" when none does.

    Both sources must name the same core, sizes, versions and variants; a token that one side leaves out is a question
    for a person ("Llama 3" may be any of its sizes).

    Args:
        found: comparison → level of the pair, 0 the closest.
    """
    a, b = one.name, other.name
    if one.source == other.source or (a.sizes, a.versions, a.variants) != (b.sizes, b.versions, b.variants):
        return ""
    if not _same_core(one, other):
        return ""
    if found.get("identifiers") == 0:
        return "identifier"
    if found.get("developer") == 0:
        return "developer"
    return "description" if found.get("about") == 0 and _own_word(one, other) else ""


def apart(one: Profile, other: Profile) -> bool:
    """Whether no chain of automatic edges may bring two records together: of one source, or names in conflict."""
    return one.source == other.source or conflict(one.name, other.name) is not None


def suggestion(one: Profile, other: Profile) -> tuple[str, bool]:
    """The likeliest verdict for a pair that is asked about, and whether it reads "other … one" instead of "one … other"."""
    why = conflict(one.name, other.name)
    if one.core and one.core == other.core:
        if why is None and not _one_sided(one, other):
            return SAME, False
        # The one that says more is the member; the family's own record says less.
        return "version_of", _said(other) > _said(one)
    shorter, longer, turned = (one, other, True) if len(one.core) < len(other.core) else (other, one, False)
    if shorter.core and _whole_words(shorter, longer):
        return ("derived_from" if why == "variant" else "part_of"), turned
    return (SAME, False) if why is None else (NOT_SAME, False)


def _own_word(one: Profile, other: Profile) -> bool:
    """Whether whoever is named as publisher is known to publish work of their own.

    People and projects publish copies, splits and conversions of well-known things under the same name with the same
    description; of two records that differ in their publisher no description says that they are one thing.
    """
    if one.developers and other.developers:
        return False
    return all(map(known_developer, one.developers | other.developers))


def _same_core(one: Profile, other: Profile) -> bool:
    cores = {one.core, one.name.core} & {other.core, other.name.core}
    return any(len(core) > 1 for core in cores)


def _one_sided(one: Profile, other: Profile) -> bool:
    a, b = one.name, other.name
    return (a.sizes, a.versions, a.variants) != (b.sizes, b.versions, b.variants)


def _said(one: Profile) -> int:
    name = one.name
    return len(name.sizes) + len(name.versions) + len(name.variants)


def _whole_words(shorter: Profile, longer: Profile) -> bool:
    """Whether the words of the shorter name stand in the longer one in their order, at its beginning or end."""
    a, b = shorter.name.key.split(), longer.name.key.split()
    return bool(a) and (b[: len(a)] == a or b[-len(a) :] == a)
