"""The backup file: what goes in comes out, and any damage is noticed before anything is touched."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest
import zstandard

from commonweal.kernel.errors import CommonwealError
from commonweal.node import archive

FILES = {"node.db": b"rows" * 1000, "raw/ab/cd": b"", "config.toml": "[node]\nname = 'Ségou'\n".encode()}


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    source = tmp_path / "source"
    for name, body in FILES.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(body)
    target = tmp_path / "backup.tar.zst"
    archive.write(target, ((name, source / name) for name in FILES), {"version": "1"})
    return target


def craft(target: Path, members: list[tuple[tarfile.TarInfo, bytes]], manifest: object) -> Path:
    """An archive that the program itself would not write."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for member, body in [*members, (tarfile.TarInfo(archive.MANIFEST), json.dumps(manifest).encode())]:
            member.size = len(body)
            tar.addfile(member, io.BytesIO(body))
    target.write_bytes(zstandard.compress(stream.getvalue()))
    return target


def listed(*names: str) -> dict[str, object]:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    return {"format": archive.FORMAT, "files": [{"path": name, "size": 0, "sha256": empty} for name in names]}


def test_what_goes_in_comes_out(backup: Path, tmp_path: Path) -> None:
    manifest = archive.unpack(backup, tmp_path / "out")
    assert {name: (tmp_path / "out" / name).read_bytes() for name in FILES} == FILES
    assert manifest["version"] == "1"
    assert {item["path"] for item in manifest["files"]} == set(FILES)


def test_a_backup_is_private_and_leaves_no_draft(backup: Path) -> None:
    assert backup.stat().st_mode & 0o077 == 0
    assert [path.name for path in backup.parent.iterdir() if path.name.startswith(".")] == []


def test_a_failed_backup_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        archive.write(tmp_path / "b", [("x", tmp_path / "missing")], {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_cut_backup_is_refused(backup: Path, tmp_path: Path, share: float) -> None:
    body = backup.read_bytes()
    backup.write_bytes(body[: int(len(body) * share)])
    with pytest.raises(CommonwealError) as refused:
        archive.unpack(backup, tmp_path / "out")
    assert refused.value.code == "backup-unreadable"


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    made = craft(tmp_path / "b", [(tarfile.TarInfo("node.db"), b"other rows")], listed("node.db"))
    with pytest.raises(CommonwealError, match="checksum"):
        archive.unpack(made, tmp_path / "out")


@pytest.mark.parametrize("names", [("node.db", "raw/x"), ()])
def test_a_missing_or_added_file_is_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    made = craft(tmp_path / "b", [(tarfile.TarInfo("node.db"), b"")], listed(*names))
    with pytest.raises(CommonwealError) as refused:
        archive.unpack(made, tmp_path / "out")
    assert refused.value.code == "backup-damaged"


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "a/../../evil", "a\\..\\evil"])
def test_nothing_lands_outside(tmp_path: Path, name: str) -> None:
    made = craft(tmp_path / "b", [(tarfile.TarInfo(name), b"")], listed(name))
    with pytest.raises(CommonwealError) as refused:
        archive.unpack(made, tmp_path / "in" / "out")
    assert refused.value.code == "backup-damaged"
    assert not list(tmp_path.rglob("evil"))


def test_links_are_refused(tmp_path: Path) -> None:
    link = tarfile.TarInfo("node.db")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    made = craft(tmp_path / "b", [(link, b"")], listed("node.db"))
    with pytest.raises(CommonwealError) as refused:
        archive.unpack(made, tmp_path / "out")
    assert refused.value.code == "backup-damaged"


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    made = craft(tmp_path / "b", [], {"format": 99, "files": []})
    with pytest.raises(CommonwealError, match="format 99"):
        archive.unpack(made, tmp_path / "out")
