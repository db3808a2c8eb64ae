"""Exact names of languages and countries in many languages: the tables of ``data/``, read once when first asked."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"

_APOSTROPHES = str.maketrans("’‘ʼ＇`", "'''''")


def name_form(name: str) -> str:
    """The form in which two spellings of one name are equal: case, spacing, width and kind of apostrophe aside."""
    return " ".join(unicodedata.normalize("NFKC", name.translate(_APOSTROPHES)).casefold().split())


def rows(table: str) -> list[list[str]]:
    """The rows of a generated table; the first lines, which begin with #, say where it comes from."""
    lines = (DATA / table).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


@cache
def aliases() -> dict[str, Any]:
    """The names kept by hand (``data/aliases.toml``)."""
    import tomllib  # 5 ms, only for those who look up a name

    with (DATA / "aliases.toml").open("rb") as file:
        return tomllib.load(file)
