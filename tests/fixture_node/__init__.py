"""A small node for tests of pages: two sources that overlap and differ, words in three scripts, hostile text, a rejected item."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from commonweal.base import feed
from commonweal.base.home import home
from commonweal.catalogue import queries, services
from commonweal.catalogue.core.record import record_id
from commonweal.search import services as search

HERE = Path(__file__).parent
PAGES = (
    *("/", "/search", "/search?q=kiswahili&kind=dataset", "/search?q=zzzzqqqq"),
    *("/catalogue/sources", "/catalogue/sources/alpha", "/about", "/accessibility", "/glossary"),
    *("/openness", "/openness/league"),
)


def populate(*, more: int = 0) -> None:
    """Harvest both sources into the present home and database, resolve and index.

    Args:
        more: further datasets of source alpha, to fill pages.
    """
    folder = home().root / "sources"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("alpha", "beta"):
        things = json.loads((HERE / f"{name}.json").read_text("utf-8"))
        if name == "alpha":
            things["things"] += [_corpus(number) for number in range(more)]
        file = folder / f"{name}.json"
        file.write_text(json.dumps(things), "utf-8")
        spec = yaml.safe_load((HERE / f"{name}.yaml").read_text("utf-8"))
        (folder / f"{name}.yaml").write_text(yaml.safe_dump({**spec, "address": str(file)}), "utf-8")
        run = services.harvest(name, actor="command:test")
        assert run.state in ("done", "partial"), run.note
    feed.drain()
    search.index().refresh()


def entity_of(native_id: str, source: str = "alpha") -> str:
    """The entity that a source's item became."""
    found = queries.entity(record_id(source, native_id))
    assert found is not None
    return found[1]


def addresses() -> list[str]:
    """One address of every kind of page, and of entries with something special."""
    entities = [f"/catalogue/{entity_of(name)}" for name in ("speech", "script", "quran", "leaf")]
    records = [f"/catalogue/record/{record_id('alpha', name)}" for name in ("speech", "broken")]
    leaf = entity_of("leaf")
    openness = [f"/openness/{leaf}", f"/openness/{leaf}/simulate", f"/openness/compare?ids={leaf}"]
    return [*PAGES, *entities, *records, *openness]


def _corpus(number: int) -> dict[str, object]:
    return {
        "id": f"corpus-{number}",
        "kind": "dataset",
        "title": f"Corpus {number}",
        "description": "Sentences from public broadcasts.",
        "licence": "CC-BY-4.0",
        "languages": ["ha"],
        "issued": str(2000 + number % 20),
    }
