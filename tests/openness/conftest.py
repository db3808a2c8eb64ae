"""A registry of models whose records list their released parts."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from commonweal.base import feed
from commonweal.base.home import home
from commonweal.base.models import User
from commonweal.catalogue import queries as catalogue
from commonweal.catalogue import services
from commonweal.catalogue.core.record import record_id

SPEC = """
id: parts
title: Registry of parts
connector: table
address: {file}
licence: CC0-1.0
homepage: https://example.org
trust: 50
streams:
  - name: items
    format: jsonl
    native_id: key
    kind: model
    fields:
      title: title
      licence: licence
    extras:
      components:
        each: parts
        of: {{object: {{name: name, licence: licence, url: url}}}}
    links:
      - {{type: version_of, target: base, as: record}}
"""


@pytest.fixture
def harvest():
    """``harvest({"key": …, "title": …, "parts": […]}, …)``: harvested, resolved and read for evidence."""
    folder = home().root / "sources"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "parts.jsonl"
    services.add_source(SPEC.format(file=file), actor="command:test")

    def act(*items: dict[str, Any]) -> None:
        file.write_bytes(b"".join(orjson.dumps(item) + b"\n" for item in items))
        run = services.harvest("parts", actor="command:test")
        assert run.state in ("done", "partial"), run.note
        feed.drain()

    return act


def entity(key: str) -> dict[str, Any]:
    """The view of an item's entry."""
    found = catalogue.entity(record_id("parts", key))
    assert found is not None
    return found[0]


@pytest.fixture
def view():
    return entity


@pytest.fixture
def asha():
    return User.objects.create_user("asha", "three quiet herons", role="contributor")


@pytest.fixture
def bo():
    return User.objects.create_user("bo", "three quiet herons", role="curator")
