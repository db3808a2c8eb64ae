"""Trees of files: folders, zips and tars, honest and not."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.catalogue.core.documents import Unreadable
from commonweal.catalogue.sources import files
from commonweal.catalogue.sources.files import matching, open_gzip, open_tree, read_file, safe_name
from commonweal.kernel.errors import CommonwealError


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def tarred(path: Path, members: dict[str, bytes], *more: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        for member in more:
            archive.addfile(member)
    return path


MEMBERS = {"top/a/one.json": b"1", "top/a/b/two.json": b"2", "top/three.yml": b"3"}


@pytest.mark.parametrize("make", [zipped, tarred])
def test_an_archive_reads_like_a_folder(tmp_path: Path, make: object) -> None:
    tree = open_tree(make(tmp_path / "a.zip", MEMBERS), strip=1)  # type: ignore[operator]
    assert tree.names() == ["a/b/two.json", "a/one.json", "three.yml"]
    assert read_file(tree, "a/b/two.json") == b"2"
    tree.close()


@pytest.mark.parametrize(
    ("globs", "found"),
    [
        (["*.json"], []),
        (["a/*.json"], ["a/one.json"]),
        (["**/*.json"], ["a/b/two.json", "a/one.json"]),
        (["**/three.yml"], ["three.yml"]),
        (["a/**"], ["a/b/two.json", "a/one.json"]),
        (["?/one.json", "three.*"], ["a/one.json", "three.yml"]),
    ],
)
def test_globs(globs: list[str], found: list[str]) -> None:
    names = ["a/b/two.json", "a/one.json", "three.yml"]
    assert matching(names, globs) == found
    assert matching(names, ["**"], globs) == [name for name in names if name not in found]


@given(st.text(alphabet="a./\\:\0", max_size=12))
def test_no_name_leads_out_of_a_tree(name: str) -> None:
    safe = safe_name(name)
    if safe is not None:
        assert not Path(safe).is_absolute()
        assert ".." not in Path(safe).parts
        assert Path("/root", safe).resolve().is_relative_to("/root")


@pytest.mark.parametrize("name", ["../out.json", "/etc/passwd", "a/../../out.json", "c:/x.json", "a\\..\\b.json"])
@pytest.mark.parametrize("make", [zipped, tarred])
def test_members_that_lead_out_are_passed_over(tmp_path: Path, make: object, name: str) -> None:
    tree = open_tree(make(tmp_path / "a.zip", {name: b"x", "good.json": b"1"}))  # type: ignore[operator]
    assert tree.names() == ["good.json"]
    assert [refused[0] for refused in tree.refused] == [name]
    tree.close()


def test_links_are_passed_over(tmp_path: Path) -> None:
    link = tarfile.TarInfo("link.json")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    tree = open_tree(tarred(tmp_path / "a.tgz", {"good.json": b"1"}, link))
    assert tree.names() == ["good.json"]
    tree.close()

    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "good.json").write_bytes(b"1")
    (folder / "out.json").symlink_to("/etc/passwd")
    (folder / "sub" / "round").symlink_to(folder, target_is_directory=True)
    found = open_tree(folder)
    assert found.names() == ["sub/good.json"]
    assert sorted(name for name, _ in found.refused) == ["out.json", "sub/round"]


def test_a_zip_bomb_costs_its_member(tmp_path: Path) -> None:
    tree = open_tree(zipped(tmp_path / "a.zip", {"bomb.json": bytes(5_000_000), "good.json": b"1"}))
    assert tree.names() == ["good.json"]
    assert "200 times" in tree.refused[0][1]
    tree.close()


def test_a_member_that_lies_about_its_size_is_damaged(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"liar.json": b"x" * 5000})
    data = path.read_bytes()
    path.write_bytes(data.replace((5000).to_bytes(4, "little"), (100).to_bytes(4, "little")))
    tree = open_tree(path)
    with pytest.raises(Unreadable):
        read_file(tree, "liar.json")
    tree.close()


def test_a_gzip_bomb_ends(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes(8_000_000)))
    with pytest.raises(Unreadable, match="unpacks"), open_gzip(path) as stream:
        while stream.read(100_000):
            pass
    with pytest.raises(CommonwealError):
        open_tree(tarred(tmp_path / "bomb.tgz", {"bomb.json": bytes(8_000_000)}))


def test_a_file_has_a_size(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"12345")
    with pytest.raises(Unreadable, match="limit of 4 bytes"):
        read_file(open_tree(tmp_path), "a.json", limit=4)


def test_a_tree_has_a_number_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILES", 2)
    path = zipped(tmp_path / "a.zip", {"1": b"", "2": b"", "3": b""})
    with pytest.raises(CommonwealError, match="more than 2 files"):
        open_tree(path)


@pytest.mark.parametrize("data", [b"", b"not an archive", b"PK\x03\x04broken", b"\x1f\x8bbroken"])
def test_what_is_no_tree_is_said(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(CommonwealError) as caught:
        open_tree(tmp_path / "a.zip")
    assert caught.value.code == "source-unreadable"
