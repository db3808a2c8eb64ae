"""Connector `package`: files inside a package that pip or npm downloads; nothing is installed, imported or run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from commonweal.catalogue.core.source import Page, Reach, SourceSpec
from commonweal.catalogue.sources.files import ZipTree, open_tree
from commonweal.catalogue.sources.place import file_version, folder_version
from commonweal.catalogue.sources.reading import is_unchanged, read_pages
from commonweal.kernel.errors import CommonwealError

TIMEOUT_SECONDS: Final = 600
_NAMES: Final = {
    "pypi": re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?"),
    "npm": re.compile(r"(?:@[a-z0-9][a-z0-9._-]{0,98}/)?[a-z0-9][a-z0-9._-]{0,98}"),
}
_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+!_-]{0,60}")


class PackageConnector:
    """Address: `{"package": name, "index": "pypi" | "npm", "version": exact version, else the newest}`."""

    name = "package"

    def pages(self, spec: SourceSpec, state: dict[str, Any], reach: Reach) -> Iterator[Page]:
        """See :class:`~commonweal.catalogue.core.source.Connector`; a page's version is the package's own."""
        if reach.replay is not None:
            path = Path(reach.replay)
            if not path.exists():
                raise CommonwealError("source-unreadable", f"{path} does not exist.", "Replay needs a local path.")
            version = digest = folder_version(path) if path.is_dir() else file_version(path)
        else:
            path, version = fetch_package(spec, reach)
            digest = file_version(path)
        if is_unchanged(spec, state, version) and state.get("sha256") == digest:
            yield Page(cursor=state, version=version, unchanged=True)
            return
        tree = open_tree(path, strip=1 if path.suffix == ".tgz" else 0)
        try:
            yield from read_pages(
                spec,
                tree,
                state,
                version=version,
                released=tree.newest() if isinstance(tree, ZipTree) else None,
                finished={"sha256": digest},
                progress=reach.progress,
            )
        finally:
            tree.close()


def fetch_package(spec: SourceSpec, reach: Reach) -> tuple[Path, str]:
    """The package's archive in the work folder, and its version.

    A pinned version that was fetched before is not asked for again.

    Raises:
        CommonwealError: `source-invalid` for a name or version that is none; `source-unreachable` when the index
            does not answer or has no such package.
    """
    package, index, wanted = _address(spec)
    folder = reach.work / "packages" / spec.id
    folder.mkdir(parents=True, exist_ok=True)
    if wanted and (kept := [path for path in folder.iterdir() if _version(path, package) == wanted]):
        return kept[0], wanted
    reach.progress(f"{spec.id}: download", 0, None)
    with tempfile.TemporaryDirectory(dir=folder) as fresh:
        _run(_command(index, package, wanted, fresh), spec.id, index)
        found = [path for path in Path(fresh).iterdir() if path.suffix in (".whl", ".tgz")]
        if len(found) != 1:
            raise _unreachable(spec.id, index, "the download holds no archive")
        version = _version(found[0], package)
        for old in folder.iterdir():
            if old.is_file():
                old.unlink()
        kept_path = folder / found[0].name
        found[0].replace(kept_path)
    return kept_path, version


def _address(spec: SourceSpec) -> tuple[str, str, str]:
    address: Mapping[str, Any] = spec.address if isinstance(spec.address, Mapping) else {"package": spec.address}
    package, index, version = (str(address.get(key, "")) for key in ("package", "index", "version"))
    index = index or "pypi"
    if index not in _NAMES or not _NAMES[index].fullmatch(package) or (version and not _VERSION.fullmatch(version)):
        raise CommonwealError(
            "source-invalid", f"{spec.id}: {package!r} {version!r} is not a package of {index!r}.", "index: pypi or npm."
        )
    return package, index, version


def _version(path: Path, package: str) -> str:
    """The version in a wheel's or npm archive's file name."""
    if path.suffix == ".whl":
        return path.name.split("-")[1]
    return path.stem.removeprefix(package.replace("@", "").replace("/", "-") + "-")


def _command(index: str, package: str, version: str, folder: str) -> list[str]:
    if index == "npm":
        npm = shutil.which("npm")
        if npm is None:
            raise CommonwealError("source-unreachable", "npm is not installed.", "Install npm to harvest npm packages.")
        name = f"{package}@{version}" if version else package
        return [npm, "pack", "--ignore-scripts", "--silent", "--pack-destination", folder, name]
    options = "--no-deps --only-binary :all: --retries 1 --timeout 10 --no-input --disable-pip-version-check -q"
    name = f"{package}=={version}" if version else package
    # -P: a file called pip.py where the command is run is not pip.
    return [sys.executable, "-P", "-m", "pip", "download", *options.split(), "--dest", folder, name]


def _run(command: list[str], source: str, index: str) -> None:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=TIMEOUT_SECONDS, env=environment, stdin=subprocess.DEVNULL, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _unreachable(source, index, f"no answer within {TIMEOUT_SECONDS} s") from error
    if done.returncode:
        said = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if line.startswith(("ERROR", "npm"))]
        raise _unreachable(source, index, _without_secrets(said[-1] if said else f"exit {done.returncode}"))


def _without_secrets(words: str) -> str:
    """pip quotes index addresses, which may hold a password."""
    return re.sub(r"//[^/@\s]+@", "//***@", words)[:300]


def _unreachable(source: str, index: str, why: str) -> CommonwealError:
    program = "pip" if index == "pypi" else "npm"
    return CommonwealError(
        "source-unreachable",
        f"{source} could not be fetched by {program}: {why}",
        f"Check the network and {program}'s index, then: commonweal harvest {source}",
        status=502,
    )
