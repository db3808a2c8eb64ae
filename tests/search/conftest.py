"""A small searchable world, made without a database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from commonweal.base import registries
from commonweal.base.home import VARIABLE
from commonweal.catalogue.core.record import record_id
from commonweal.search import builder, services
from commonweal.search.facets import BUILT_IN

View = dict[str, Any]
MakeView = Callable[..., View]
MakeIndex = Callable[..., None]


def make_view(
    name: str, title: dict[str, str], kind: str = "dataset", *, sources: tuple[str, ...] = ("mteb",), **chosen: Any
) -> View:
    """An entity view as ``catalogue.core.entity.build_view`` makes it, its values by source left out."""
    entity = record_id("test", name)
    return {
        "id": entity,
        "kind": kind,
        "records": [{"id": entity, "source": sources[0], "native_id": name, "modified": None}],
        "sources": sorted(sources),
        "values": {},
        "identifiers": chosen.pop("identifiers", []),
        "chosen": {"title": title, "description": chosen.pop("description", {}), **chosen},
        "links": [],
        "grounds": [],
    }


@pytest.fixture
def view() -> MakeView:
    return make_view


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home of this test's own, and no filters but the search's: those of other rooms may ask the database."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    own = {facet.name: facet for facet in BUILT_IN}
    monkeypatch.setattr(registries.facets, "_entries", own)
    return tmp_path


@pytest.fixture
def make_index(home) -> MakeIndex:
    """Make an index of some views."""

    def make(*views: View, cursor: int = 0) -> None:
        builder.build(services.index(), views, cursor)

    return make


@pytest.fixture
def found(home) -> Callable[..., list[str]]:
    """Search, and answer the titles of the results in order."""

    def names(query: str, **options: Any) -> list[str]:
        return [next(iter(card["title"].values())) for card in services.search(query, **options).cards]

    return names
