"""Which records are one thing, by exact keys alone: a strict first resolver, a pure function of the records there are.

Two records are joined by a key both hold: an identifier that names the thing itself, or its normalised name together
with its developer. A key that would join two records of one source, or two different numbers (7B and 70B, v1 and v2),
joins nothing; neither does a chain of keys that would. So clusters do not depend on the order of arrival.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cache, lru_cache
from importlib import resources
from itertools import chain
from typing import Any, Final, NamedTuple, Protocol

import yaml

from commonweal.kernel.text import name_key, pick

#: Version of these rules: stored keys of another version are computed anew.
RULES: Final = 1

#: Kinds whose records never join: an offer is one provider's word, and links to the model it sells.
ALONE: Final = frozenset({"offer"})

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

#: Schemes whose value is owner/name.
_OWNED: Final = frozenset({"hf", "github", "gitlab"})

_OWNER_NAME: Final = re.compile(r"([\w.+-]+)/([\w.+-]+)")
_LOOSE_SPACE: Final = re.compile(r"(?<!\d) | (?!\d)")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)*(?:[bkmt](?![^\W\d_]))?")


class Traits(NamedTuple):
    """What exact resolution needs of a record. `numbers` are the number tokens of its title, joined; "" when none."""

    record: str
    source: str
    numbers: str
    keys: frozenset[str]


class Store(Protocol):
    """The traits of all live records as they were before a change."""

    def by_record(self, records: Collection[str]) -> dict[str, Traits]: ...
    def holders(self, keys: Collection[str]) -> dict[str, set[str]]: ...


def traits(record: str, data: Mapping[str, Any]) -> Traits:
    """The traits of a record.

    Args:
        record: its id.
        data: ``Record.to_json()``.
    """
    title = pick(data["title"], "en")[1]
    return Traits(record, data["source"], numbers(title), frozenset(_keys(data, title)))


@lru_cache(maxsize=4096)
def compact(words: str) -> str:
    """A name as it is compared here: the kernel's name key without spaces, but for those between two digits.

    >>> compact("GPT-4"), compact("gpt4"), compact("Llama-3.1-8B"), compact("Llama 3-1 8B")
    ('gpt4', 'gpt4', 'llama3.1 8b', 'llama3 1 8b')
    """
    return _LOOSE_SPACE.sub("", name_key(words))


def numbers(title: str) -> str:
    """The number, size and version tokens of a title, sorted and joined: two titles that differ here differ in meaning.

    >>> numbers("Llama-3.1-8B Instruct"), numbers("Pythia")
    ('3.1 8b', '')
    """
    if title.isalpha():
        return ""
    found = _NUMBER.findall(unicodedata.normalize("NFKC", title).casefold())
    return " ".join(sorted(set(found)))


@lru_cache(maxsize=4096)
def developer_key(words: str) -> str:
    """A developer as it is compared: aliases (``developers.yaml``) brought to one name.

    >>> developer_key("meta-llama"), developer_key("Meta")
    ('meta', 'meta')
    """
    key = compact(words)
    return _developers().get(key, key)


def coherent(members: Iterable[Traits]) -> bool:
    """True when these records may be one thing: of different sources, with no two different sets of numbers."""
    sources: set[str] = set()
    said = ""
    for member in members:
        if member.source in sources or (said and member.numbers and member.numbers != said):
            return False
        sources.add(member.source)
        said = said or member.numbers
    return True


def clusters(members: Mapping[str, Traits], joining: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Record id → entity id, the smallest record id of its cluster.

    Identifiers join first; a component that is not coherent falls apart into its records. Then names join these
    components; what is not coherent falls back to them.

    Args:
        members: record id → traits; closed under `joining`.
        joining: the coherent keys → their holders.
    """
    root = {record: record for record in members}
    for prefix in ("i:", "n:"):
        former = dict(root)
        for key in joining:
            if key.startswith(prefix):
                _join(root, joining[key])
        groups = defaultdict(list)
        for record in members:
            groups[_find(root, record)].append(record)
        for group in groups.values():
            if not coherent(members[record] for record in group):
                root.update((record, former[record]) for record in group)
            else:
                root.update(dict.fromkeys(group, min(group)))
    return root


def recluster(changed: Mapping[str, Traits | None], store: Store) -> dict[str, str]:
    """The clusters a change can have touched: record id → entity id; records that are no more are left out.

    Equal to what :func:`clusters` says of all records, whatever the order and the size of former changes.

    Args:
        changed: record id → its traits now, None when it is no longer live.
        store: all records as they were before.
    """
    before = store.by_record(changed)
    affected = set(chain.from_iterable(known.keys for known in before.values()))
    affected.update(chain.from_iterable(now.keys for now in changed.values() if now))
    members: dict[str, Traits] = {record: now for record, now in changed.items() if now}
    joining: dict[str, set[str]] = {}

    held_before = store.holders(affected)
    others = store.by_record(set(chain.from_iterable(held_before.values())) - changed.keys())
    held_now = {key: {record for record in held_before.get(key, ()) if record not in changed} for key in affected}
    for record, now in members.items():
        for key in now.keys:
            held_now[key].add(record)
    frontier: set[str] = set()
    for key in affected:
        former = _joins([before.get(record) or others[record] for record in held_before.get(key, ())])
        joins = _joins([members.get(record) or others[record] for record in held_now[key]])
        if joins:
            joining[key] = held_now[key]
        if former or joins:
            frontier |= held_now[key] - members.keys()

    looked_at = set(affected)
    while frontier:
        found = {record: others[record] for record in frontier if record in others}
        found |= store.by_record(frontier - found.keys())
        members |= found
        fresh = set(chain.from_iterable(member.keys for member in found.values())) - looked_at
        looked_at |= fresh
        held = store.holders(fresh)
        others |= store.by_record(set(chain.from_iterable(held.values())) - others.keys() - members.keys())
        frontier = set()
        for key, holders in held.items():
            if _joins([members.get(record) or others[record] for record in holders]):
                joining[key] = holders
                frontier |= holders - members.keys()
    return clusters(members, joining)


def _joins(holders: Collection[Traits]) -> bool:
    """True when a key with these holders makes them one thing."""
    return len(holders) > 1 and coherent(holders)


def _keys(data: Mapping[str, Any], title: str) -> list[str]:
    """The keys a record holds: ``i:kind:identifier`` and ``n:kind:developer:name``."""
    kind = data["kind"]
    if kind in ALONE:
        return []
    naming = NAMING.get(kind, _NAMING_ELSEWHERE)
    identifiers = [f"i:{kind}:{text}" for text in data.get("identifiers", ()) if text.partition(":")[0] in naming]
    return identifiers + [f"n:{kind}:{developer}:{name}" for developer, name in _named(data, title)]


def _named(data: Mapping[str, Any], title: str) -> list[tuple[str, str]]:
    """Every (developer, name) of a record whose developer is known, as they are compared."""
    developers = {developer_key(data["publisher"])} if data.get("publisher") else set()
    names = set()
    if owned := _OWNER_NAME.fullmatch(title):
        developers.add(developer_key(owned[1]))
        names.add(compact(owned[2]))
    else:
        names.add(compact(title))
    for text in data.get("identifiers", ()):
        scheme, _, value = text.partition(":")
        if scheme in _OWNED and (owned := _OWNER_NAME.fullmatch(value.removeprefix("datasets/"))):
            developers.add(developer_key(owned[1]))
    # A path looks like owner/name too: a registry's own key counts only where its owner is known from elsewhere.
    if (owned := _OWNER_NAME.fullmatch(data["native_id"])) and developer_key(owned[1]) in developers:
        names.add(compact(owned[2]))
    return [(developer, name) for developer in developers for name in names if developer and any(map(str.isalpha, name))]


@cache
def _developers() -> dict[str, str]:
    """Name key of an alias → name key of the developer."""
    text = (resources.files("commonweal.resolve") / "developers.yaml").read_text("utf-8")
    return {compact(alias): compact(name) for name, aliases in yaml.safe_load(text).items() for alias in aliases}


def _find(root: dict[str, str], record: str) -> str:
    while root[record] != record:
        root[record] = record = root[root[record]]
    return record


def _join(root: dict[str, str], records: Collection[str]) -> None:
    roots = {_find(root, record) for record in records}
    smallest = min(roots)
    for each in roots:
        root[each] = smallest
