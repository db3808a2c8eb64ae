"""Packages, fetched by the real pip from a folder of wheels: no index, no network."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from commonweal.catalogue.core.source import Page, Reach, SourceSpec, from_yaml
from commonweal.catalogue.sources import connector_of
from commonweal.catalogue.sources.package import fetch_package
from commonweal.kernel.errors import CommonwealError

SHELF = """
id: shelf
title: Shelf
connector: package
address: {address}
licence: CC0-1.0
homepage: https://shelf.example
streams:
  - name: models
    files: "shelf/**/*.py"
    format: python-ast
    calls: {{Meta: [loader]}}
    native_id: name
    stamp: true
    kind: model
    fields: {{title: name, languages: langs}}
"""
RUNS = "raise SystemExit('this file must never run')\n"
CODE = {
    "shelf/__init__.py": RUNS,
    "shelf/langs.py": RUNS + "LANGS = ['swa-Latn']\n",
    "shelf/models.py": RUNS + "from .langs import LANGS\none = Meta(name='one', langs=LANGS, loader=f)\ntwo = Meta(name=g())\n",
}


def source(address: str = "{package: shelf}") -> SourceSpec:
    return from_yaml(SHELF.format(address=address))


def wheel(folder: Path, version: str, files: dict[str, str]) -> None:
    info = f"shelf-{version}.dist-info"
    meta = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: shelf\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / f"shelf-{version}-py3-none-any.whl", "w") as archive:
        for name, text in {**files, **meta}.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 5, 1, 0, 0, 0)), text)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder pip takes for its only index."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    wheel(tmp_path / "index", "1.0", CODE)
    return tmp_path / "index"


def pages(spec: SourceSpec, work: Path, state: dict[str, object] | None = None) -> list[Page]:
    return list(connector_of(spec).pages(spec, state or {}, Reach(work=work)))


def test_reads_the_source_text_and_runs_nothing(index: Path, tmp_path: Path) -> None:
    [page] = pages(source(), tmp_path / "work")
    assert page.version == "1.0"
    assert not page.complete  # one model could not be named
    [item] = page.items
    assert item.native_id == "one"
    assert item.path == "shelf/models.py"
    assert item.payload == {"name": "one", "langs": ["swa-Latn"], "$version": "1.0", "$released": "2024-05-01"}
    assert [error.problem for error in page.errors] == ["line 4: no native id (name)"]
    assert page.cursor is not None
    assert len(page.cursor["sha256"]) == 64


def test_a_newer_version_replaces_the_older_and_the_same_is_unchanged(index: Path, tmp_path: Path) -> None:
    [first] = pages(source(), tmp_path / "work")
    [again] = pages(source(), tmp_path / "work", first.cursor)
    assert again.unchanged
    wheel(index, "1.1", CODE)
    [newer] = pages(source(), tmp_path / "work", first.cursor)
    assert newer.version == "1.1"
    assert [path.name for path in (tmp_path / "work" / "packages" / "shelf").iterdir()] == ["shelf-1.1-py3-none-any.whl"]


def test_a_pinned_version_is_fetched_once(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pinned = source("{package: shelf, version: '1.0'}")
    wheel(index, "1.1", CODE)
    assert fetch_package(pinned, Reach(work=tmp_path / "work"))[1] == "1.0"
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "gone"))
    assert fetch_package(pinned, Reach(work=tmp_path / "work"))[1] == "1.0"


def test_a_package_that_cannot_be_had_says_how_to_try_again(index: Path, tmp_path: Path) -> None:
    with pytest.raises(CommonwealError) as caught:
        pages(source("{package: no-such-shelf}"), tmp_path / "work")
    assert caught.value.code == "source-unreachable"
    assert "commonweal harvest shelf" in caught.value.hint
    assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "{package: '--index-url=http://evil.example'}",
        "{package: 'shelf; rm -rf /'}",
        "{package: shelf, version: '1.0 --pre'}",
        "{package: ../shelf}",
        "{package: shelf, index: gems}",
        "{}",
    ],
)
def test_names_that_are_no_packages_never_reach_pip(address: str, tmp_path: Path) -> None:
    with pytest.raises(CommonwealError) as caught:
        pages(source(address), tmp_path)
    assert caught.value.code == "source-invalid"


def test_an_npm_package_is_packed_without_its_scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for npm copies an archive, and notes what it was asked."""
    archive = tmp_path / "archive.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        member = tarfile.TarInfo("package/shelf/models.py")
        member.size = len(code := b"Meta(name='one')")
        tar.addfile(member, io.BytesIO(code))
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    asked = tmp_path / "asked"
    npm.write_text(f'#!/bin/sh\necho "$@" > {asked}\ncp {archive} "$5/org-shelf-2.1.0.tgz"\n')
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{npm.parent}:{os.environ['PATH']}")
    [page] = pages(source("{package: '@org/shelf', index: npm}"), tmp_path / "work")
    assert page.version == "2.1.0"
    assert [item.path for item in page.items] == ["shelf/models.py"]
    assert asked.read_text().split()[:3] == ["pack", "--ignore-scripts", "--silent"]
    assert asked.read_text().split()[-1] == "@org/shelf"


def test_without_npm_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommonwealError, match="npm is not installed"):
        pages(source("{package: shelf, index: npm}"), tmp_path / "work")


def test_a_source_distribution_is_never_built(tmp_path: Path, index: Path) -> None:
    (index / "shelf-1.0-py3-none-any.whl").unlink()
    (index / "shelf-2.0.tar.gz").write_bytes(b"")
    with pytest.raises(CommonwealError) as caught:
        pages(source(), tmp_path / "work")
    assert caught.value.code == "source-unreachable"
