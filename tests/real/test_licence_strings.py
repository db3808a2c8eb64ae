"""The licence strings of real registries. Shows the figures with ``-s``."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from commonweal.kernel.jsonl import read_jsonl
from commonweal.kernel.licences import is_open, read_licence

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = [pytest.mark.real, pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared beside the repository")]

_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _texts(value: Any, key: str) -> Iterator[str]:
    """Every text under a member called ``key``, or the ``name`` of an object there."""
    if isinstance(value, dict):
        for member, inner in value.items():
            if member == key and isinstance(inner, str):
                yield inner
            elif member == key and isinstance(inner, dict):
                yield from _texts(inner, "name")
            yield from _texts(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, key)


def _mot() -> Iterator[str]:
    for path in [*(SHARED / "catalogue/mot/models").glob("*.yml"), *(SHARED / "openness/mot/Test_Data").glob("*.yml")]:
        yield from _texts(yaml.load(path.read_text(), _YAML), "license")


def _dataprov() -> Iterator[str]:
    constants = SHARED / "openness/dataprov/constants"
    yield from json.loads((constants / "license_classes.json").read_text())
    for name, aliases in json.loads((constants / "license_paraphrases.json").read_text()).items():
        yield name
        yield from aliases


def _dpg() -> Iterator[str]:
    for path in (SHARED / "openness/dpg").rglob("*.json"):
        if "schema" not in path.name:
            yield from _texts(json.loads(path.read_text()), "spdx")


def _osai() -> Iterator[str]:
    for path in (SHARED / "openness/osai").glob("*.yaml"):
        try:
            system = yaml.load(path.read_text(), _YAML)["system"]
        except (yaml.YAMLError, KeyError, TypeError):
            continue
        yield from (text for text in (system.get("endmodellicense"), system.get("endmodel license")) if isinstance(text, str))


def _otdi() -> Iterator[str]:
    with (SHARED / "catalogue/otdi/otdi_hf_datasets.jsonl").open("rb") as stream:
        for _line, row in read_jsonl(stream):
            if isinstance(row, dict):
                yield from (row[key] for key in ("license_name", "license_url") if isinstance(row.get(key), str))


def _aws() -> Iterator[str]:
    for path in (SHARED / "catalogue/history").glob("aws_rodr_*.jsonl"):
        for line in path.read_text().splitlines():
            for row in json.loads(line)["text"].splitlines():
                if row.startswith("License: ") and len(row) > 12:
                    yield row.removeprefix("License: ").strip(" \"'|>")


SOURCES = {"mot": _mot, "dataprov": _dataprov, "dpg": _dpg, "osai": _osai, "otdi": _otdi, "aws": _aws}
OPENNESS = ("mot", "dataprov", "dpg", "osai")


def _is_mapped(text: str) -> bool:
    licence = read_licence(text)
    return licence is None or licence.expression is not None or licence.category != "unknown"


def test_the_share_of_strings_mapped():
    """An SPDX expression, a listed licence or family, or an explicit not-a-licence; ``unknown`` does not count."""
    distinct = {name: {text for text in read() if text.strip()} for name, read in SOURCES.items()}
    for name, texts in distinct.items():
        mapped = sum(map(_is_mapped, texts))
        print(f"{name:10} {mapped:4}/{len(texts):4} {mapped / len(texts):.1%}")
    together = set().union(*(distinct[name] for name in OPENNESS))
    missed = sorted(text for text in together if not _is_mapped(text))
    vague = [text for text in missed if read_licence(text).rule.startswith("family:")]  # “unknown”, “custom”, “other”
    naming = len(together) - len(vague)
    unread = len(missed) - len(vague)
    print(f"openness and mot together: {1 - len(missed) / len(together):.1%} of {len(together)} distinct strings,")
    print(f"{1 - unread / naming:.1%} of the {naming} that do not themselves say that the licence is unknown; not mapped:")
    print(*(f"    {text[:100]}" for text in missed), sep="\n")
    assert len(missed) / len(together) <= 0.09
    assert unread / naming <= 0.05
    assert all(map(_is_mapped, distinct["otdi"]))


def test_no_string_that_upstream_restricts_is_open():
    """Data Provenance's own classes: NC and academic use are never open here (ms-pl, OSI approved, is filed there)."""
    constants = SHARED / "openness/dataprov/constants"
    classes = json.loads((constants / "license_classes.json").read_text())
    paraphrases = json.loads((constants / "license_paraphrases.json").read_text())
    for name, (use, *_rest) in classes.items():
        if use in ("NC", "Acad"):
            for text in (name, *paraphrases.get(name, ())):
                licence = read_licence(text)
                assert text == "ms-pl" or licence is None or not is_open(licence.category), text
