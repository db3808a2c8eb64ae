"""A git repository as a tree of files: the newest commit is fetched, nothing is checked out, no code of it runs."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import IO, BinaryIO, Final, cast
from urllib.parse import urlsplit

from commonweal.catalogue.core.documents import MAX_DOCUMENT_BYTES, Unreadable
from commonweal.catalogue.sources.files import MAX_FILES, safe_name
from commonweal.kernel.errors import CommonwealError

TIMEOUT_SECONDS: Final = 900
_REF: Final = re.compile(r"(?!-)(?!.*\.\.)[\w./-]{1,200}")
_FILES: Final = ("100644", "100755")


def has_git() -> bool:
    """Whether a git program is on the path."""
    return shutil.which("git") is not None


def _program() -> str:
    if found := shutil.which("git"):
        return found
    raise CommonwealError("source-unreachable", "git is not installed.", "Install git, or give the address of an archive.")


def fetch(url: str, ref: str, folder: Path, address_of: Callable[[str], tuple[str, int, str]]) -> str:
    """Brings the newest commit of `ref` into the bare repository `folder`, and returns its hash.

    What the folder holds already is not sent again.

    Args:
        address_of: host, port and checked address of a URL; git connects there and nowhere else.

    Raises:
        CommonwealError: `source-invalid` for a ref that is none, `source-unreachable` when git fails, `address-refused`.
    """
    if not _REF.fullmatch(ref):
        raise CommonwealError("source-invalid", f"{ref!r} is not the name of a branch, tag or commit.")
    host, port, ip = address_of(url)
    if not (folder / "HEAD").exists():
        folder.mkdir(parents=True, exist_ok=True)
        _git(folder, "init", "--quiet", "--bare", ".")
    pinned = f"http.curloptResolve={host}:{port}:{f'[{ip}]' if ':' in ip else ip}"
    options = ["-c", pinned, "-c", "http.followRedirects=false"]
    slow = ["-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=60"]
    _git(folder, *options, *slow, "fetch", "--quiet", "--depth=1", "--no-tags", "--force", url, f"{ref}:refs/commonweal/tip")
    return _git(folder, "rev-parse", "refs/commonweal/tip^{commit}").decode().strip()


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(
            [_program(), *arguments], cwd=folder, env=_environment(folder), capture_output=True, timeout=TIMEOUT_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _unreachable(str(error)) from error
    if done.returncode:
        raise _unreachable(done.stderr.decode("utf-8", "replace").strip()[-500:])
    return done.stdout


def _environment(folder: Path) -> dict[str, str]:
    """No settings, credentials, hooks or proxies of the person who runs the node; http(s) only."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "https:http",
        "LC_ALL": "C",
    }


def _unreachable(why: str) -> CommonwealError:
    shown = " ".join(urlsplit(word).path if "@" in word and "://" in word else word for word in why.split())
    return CommonwealError("source-unreachable", f"git could not fetch the repository: {shown}.", "Try again later.", status=502)


class GitTree:
    """The files of one commit. Links are passed over: they may lead out of the tree."""

    def __init__(self, folder: Path, commit: str) -> None:
        self.refused: list[tuple[str, str]] = []
        self.blobs: dict[str, str] = {}
        for entry in _git(folder, "ls-tree", "-r", "-z", commit).split(b"\0"):
            if entry:
                self._admit(*entry.split(b"\t", 1))
        self._process = subprocess.Popen(
            [_program(), "cat-file", "--batch"],
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def _admit(self, facts: bytes, name: bytes) -> None:
        mode, _, blob = facts.decode("ascii").split(" ")
        path = safe_name(name.decode("utf-8", "surrogateescape"))
        if path is None or mode not in _FILES:
            self.refused.append((name.decode("utf-8", "replace")[:200], "is not a regular file"))
        elif len(self.blobs) >= MAX_FILES:
            raise CommonwealError("source-unreadable", f"The repository holds more than {MAX_FILES} files.")
        else:
            self.blobs[path] = blob

    def names(self) -> list[str]:
        return sorted(self.blobs)

    def open(self, name: str) -> BinaryIO:
        """The file, read whole.

        Raises:
            Unreadable: it is longer than a document may be, or git does not have it.
        """
        asks, answers = cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)
        asks.write(f"{self.blobs[name]}\n".encode())
        asks.flush()
        header = answers.readline().split()
        if len(header) != 3:
            raise Unreadable("git does not have the file")
        size = int(header[2])
        if size > MAX_DOCUMENT_BYTES:
            left = size + 1
            while left > 0:
                left -= len(answers.read(min(left, 1024 * 1024))) or left
            raise Unreadable(f"longer than the limit of {MAX_DOCUMENT_BYTES} bytes")
        data = answers.read(size + 1)
        return io.BytesIO(data[:size])

    def close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()
        self._process.wait(timeout=30)
