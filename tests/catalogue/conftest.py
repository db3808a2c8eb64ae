"""Small registries to harvest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from commonweal.catalogue import queries, services
from commonweal.catalogue.models import Run

MAPPING = """
id: {id}
title: Registry {id}
connector: table
address: {file}
licence: CC0-1.0
homepage: https://example.org
trust: {trust}
streams:
  - name: items
    format: jsonl
    native_id: key
    kind: model
    fields:
      title: title
      publisher: {publisher}
      identifiers: page
      languages: languages
      modified: modified
    links:
      - {{type: derived_from, target: base, as: identifier}}
"""


class Registry:
    """A source of our own: a JSON Lines file with `key`, `title`, `maker`, `page`, `languages`, `modified`, `base`."""

    def __init__(self, source_id: str, file: Path, trust: int = 50) -> None:
        self.id, self.file, self.trust = source_id, file, trust
        self.describe()

    def describe(self, publisher: str = "maker") -> None:
        """Write the source's YAML; another `publisher` path is another mapping."""
        text = MAPPING.format(id=self.id, file=self.file, trust=self.trust, publisher=publisher)
        services.add_source(text, actor="command:test")

    def write(self, *items: dict[str, Any]) -> None:
        self.file.write_bytes(b"".join(orjson.dumps(item) + b"\n" for item in items))

    def harvest(self, *items: dict[str, Any], **options: Any) -> Run:
        """Put these items into the file, when there are any, and harvest it."""
        if items:
            self.write(*items)
        return services.harvest(self.id, actor="command:test", **options)


@pytest.fixture
def registry(tmp_path: Path, db: None) -> Iterator[Callable[..., Registry]]:
    """Makes registries: ``registry("a", trust=90)``."""
    made: list[str] = []

    def make(source_id: str = "registry-a", trust: int = 50) -> Registry:
        made.append(source_id)
        return Registry(source_id, tmp_path / f"{source_id}.jsonl", trust)

    yield make
    for source_id in made:
        (queries.own_sources() / f"{source_id}.yaml").unlink(missing_ok=True)
