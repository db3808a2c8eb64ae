"""Whether an idea overlaps what is already there: the nearest entities of a draft, with reasons.

Drafts are confidential. They are compared in memory and forgotten: nothing here logs, stores, indexes or caches one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from commonweal.base.home import home
from commonweal.base.permissions import require
from commonweal.catalogue import queries as catalogue
from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.languages import language_name, parse_language
from commonweal.kernel.places import country_name, parse_country
from commonweal.resolve import queries
from commonweal.resolve.core.assets import Assets
from commonweal.resolve.core.overlap import Near, Segment, Vectors, shared_words
from commonweal.resolve.core.profile import ALONE, Profile, profile
from commonweal.resolve.models import Profile as ProfileRow

FOLDER: Final = "resolve"
MAX_CHARACTERS: Final = 100_000
LIMIT: Final = 50
#: Records changed since the index was made that are looked through beside it, before it is made anew.
BESIDE: Final = 2_000
_LEAST: Final = 0.06  # less alike than this is no overlap


@dataclass(frozen=True, slots=True)
class Draft:
    """An application or a new initiative, before anybody else may see it.

    Attributes:
        title, description: plain text.
        languages, countries: codes or names.
        publisher: who would do it.
    """

    title: str
    description: str = ""
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    publisher: str = ""

    def __repr__(self) -> str:
        return "Draft(…)"  # a traceback or a log line must not tell it


@dataclass(frozen=True, slots=True)
class Overlap:
    """An entity near a draft.

    Attributes:
        likeness: 0 to 1.
        words: rare words that both use, rarest first.
        shared: property → values that both have: what overlaps.
        only_there: property → values the entity has and the draft does not: where the two may complement each other.
        only_here: property → values the draft alone has.
        funder, amount: as the entity's sources say, where they do.
    """

    entity: str
    card: dict[str, Any]
    likeness: float
    name: float
    words: list[str]
    shared: dict[str, list[str]]
    only_there: dict[str, list[str]]
    only_here: dict[str, list[str]]
    funder: str | None
    amount: dict[str, Any] | None

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def overlap(draft: Draft, *, user: Any, limit: int = 5, kind: str | None = None) -> list[Overlap]:
    """The entities nearest to a draft, best first. Reads only.

    Raises:
        CommonwealError: ``forbidden``; ``draft-empty``, ``draft-too-long``.
    """
    require(user, "resolve.read")
    if not draft.title.strip() and not draft.description.strip():
        raise CommonwealError(
            "draft-empty", "The draft has neither a title nor a description.", "Give at least one of them.", status=422
        )
    if len(draft.title) + len(draft.description) > MAX_CHARACTERS:
        raise CommonwealError(
            "draft-too-long", f"The draft is longer than {MAX_CHARACTERS:,} characters.", "Shorten it.", status=413
        )
    assets = queries.model()
    about = _profile(draft)
    near = _nearest(about, assets, LIMIT)
    entities = catalogue.entity_ids([one.id for one in near])
    best: dict[str, Near] = {}
    for one in near:
        best.setdefault(entities.get(one.id, one.id), one)
    views = catalogue.views(list(best))
    known = queries.profiles([one.id for one in best.values()])
    found = []
    for entity, one in best.items():
        view = views.get(entity)
        if view and one.id in known and kind in (None, view["kind"]):
            found.append(_overlap(draft, about, one, known[one.id], view, _weights(assets)))
    return found[:limit]


def value_name(property_name: str, value: str, lang: str) -> str:
    """A language or country in words."""
    return language_name(value, lang) if property_name == "languages" else country_name(value, lang)


def refresh(seq: int) -> None:
    """Make the index anew when too much has changed since it was made.

    Args:
        seq: number of the feed's change up to which the profiles are true.
    """
    made = Segment.load(home().index / FOLDER)
    since = made.change if made else -1
    changed = ProfileRow.objects.filter(change__gt=since).exclude(kind__in=ALONE).count()
    if changed > max(BESIDE, len(made.ids) // 10 if made else 0) or (made and made.change > seq):
        everything = (one for one in queries.iter_profiles() if one.kind not in ALONE)
        Segment.build(everything, queries.model().statistics, seq).save(home().index / FOLDER)


def _profile(draft: Draft) -> Profile:
    title = draft.title.strip() or draft.description.strip()[:200]
    data = {
        "source": "",
        "kind": "initiative",
        "title": {"en": title},
        "description": {"en": draft.description},
        "publisher": draft.publisher or None,
    }
    return profile("", data)


def _nearest(about: Profile, assets: Assets, limit: int) -> list[Near]:
    """From the index and from what has changed since."""
    vectors = _vectors(assets.version)
    name = vectors.names.vectors([about.latin])
    words = vectors.words.vectors([f"{about.latin} {about.about}"])
    base = Segment.load(home().index / FOLDER)
    beside, stale = _beside(base.change if base else -1, assets)
    found = beside.nearest(name, words, limit)
    if base:
        found += (
            [one for one in base.nearest(name, words, limit + len(stale)) if one.id not in stale]
            if stale
            else base.nearest(name, words, limit)
        )
    return sorted((one for one in found if one.likeness >= _LEAST), key=lambda one: (-one.likeness, one.id))[:limit]


def _beside(since: int, assets: Assets) -> tuple[Segment, frozenset[str]]:
    """An index of the records that changed after `since`, and the ids of all that did, gone ones among them."""
    rows = ProfileRow.objects.filter(change__gt=since).exclude(kind__in=ALONE)
    newest = rows.order_by("-change").values_list("change", flat=True).first() or since
    key = f"resolve.overlap.{since}.{newest}.{assets.version}"
    held: tuple[Segment, frozenset[str]] | None = _KEPT.get(key)
    if held is None:
        told = list(rows.values_list("record", "data"))
        profiles = [queries.read_profile(data) for _, data in told if data]
        held = Segment.build(profiles, assets.statistics, newest), frozenset(record for record, _ in told)
        _KEPT.clear()
        _KEPT[key] = held
    return held


#: The index of the newest changes, of this process. Records only, never drafts.
_KEPT: dict[str, tuple[Segment, frozenset[str]]] = {}


@lru_cache(maxsize=2)
def _vectors(version: str) -> Vectors:
    return Vectors(queries.model().statistics)


@lru_cache(maxsize=2)
def _word_weights(version: str) -> NDArray[np.float32]:
    return queries.model().statistics["about words"].weights()


def _weights(assets: Assets) -> NDArray[np.float32]:
    return _word_weights(assets.version)


def _overlap(
    draft: Draft, about: Profile, near: Near, other: Profile, view: Mapping[str, Any], weights: NDArray[np.float32]
) -> Overlap:
    chosen = view["chosen"]
    mine = {
        "languages": {tag for said in draft.languages if (tag := parse_language(said))},
        "countries": {code for said in draft.countries if (code := parse_country(said))},
    }
    theirs = {name: set(chosen.get(name, ())) for name in mine}
    funder = chosen.get("funder") or chosen.get("agency") or _funder(view["links"])
    return Overlap(
        entity=view["id"],
        card=_card(view),
        likeness=round(near.likeness, 4),
        name=round(near.name, 4),
        words=shared_words(f"{about.latin} {about.about}", f"{other.latin} {other.about}", weights),
        shared=_kept({name: mine[name] & theirs[name] for name in mine}),
        only_there=_kept({name: theirs[name] - mine[name] for name in mine if mine[name]}),
        only_here=_kept({name: mine[name] - theirs[name] for name in mine if theirs[name]}),
        funder=funder,
        amount=chosen.get("amount") or chosen.get("budget"),
    )


def _funder(links: Sequence[Mapping[str, Any]]) -> str | None:
    named = [link.get("title") or link["target"].removeprefix("name:") for link in links if link["type"] == "funded_by"]
    return ", ".join(named) or None


def _kept(values: Mapping[str, set[str]]) -> dict[str, list[str]]:
    return {name: sorted(found) for name, found in values.items() if found}


def _card(view: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": view["id"],
        "kind": view["kind"],
        "title": view["chosen"]["title"],
        "publisher": view["chosen"].get("publisher"),
        "sources": view["sources"],
    }
