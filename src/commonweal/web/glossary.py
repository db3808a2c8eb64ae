"""The words the pages use: each room explains its own in a ``glossary.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.apps import apps

from commonweal.kernel.text import pick
from commonweal.web.markup import language


@dataclass(frozen=True, slots=True)
class Term:
    """A word and what it means here; both in every language of the interface."""

    key: str
    term: dict[str, str]
    meaning: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """In the reader's language."""
        lang = language()
        return {"key": self.key, "term": pick(self.term, lang)[1], "meaning": pick(self.meaning, lang)[1]}


@cache
def glossary() -> tuple[Term, ...]:
    """All terms of the installed rooms, in the order of the rooms and their files."""
    files = (Path(app.path) / "glossary.yaml" for app in apps.get_app_configs() if app.name.startswith("commonweal."))
    return tuple(
        Term(key, entry["term"], entry["meaning"])
        for file in files
        if file.exists()
        for key, entry in yaml.safe_load(file.read_text("utf-8")).items()
    )
