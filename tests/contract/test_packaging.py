"""What is installed is what is locked, and translations are compiled by the build."""

from __future__ import annotations

import ast
import gettext
import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
EXPORTS = {
    "core.txt": ["--no-dev", "--group", "build"],
    "dev.txt": ["--group", "build"],
    "postgres.txt": ["--no-dev", "--extra", "postgres"],
}


@pytest.mark.parametrize("name", EXPORTS)
def test_requirements_are_the_export_of_the_lock(name: str) -> None:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        pytest.skip("uv is not installed: `make lint` installs it")
    options = ["--quiet", "--frozen", "--offline", "--no-header", "--no-annotate", "--no-emit-project"]
    command = [uv, "export", *options, *EXPORTS[name]]
    exported = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=60).stdout
    assert (REPOSITORY / "requirements" / name).read_text() == exported, "run `make lock`"


def test_the_lock_names_every_dependency_of_the_project() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    locked = {package["name"]: package for package in tomllib.loads((REPOSITORY / "uv.lock").read_text())["package"]}
    metadata = locked["commonweal"]["metadata"]["requires-dist"]
    named = {item["name"] for item in metadata if "extra" not in item.get("marker", "")}
    wanted = {re.match(r"[a-z0-9-]+", requirement)[0] for requirement in project["dependencies"]}
    assert wanted == named, "run `make lock`"


def test_every_library_that_is_imported_is_declared() -> None:
    """An undeclared one works where a developer happens to have it, and nowhere else."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    declared = {re.match(r"[a-z0-9-]+", requirement)[0] for requirement in project["dependencies"]}
    declared |= {
        re.match(r"[a-z0-9-]+", requirement)[0] for extra in project["optional-dependencies"].values() for requirement in extra
    }
    homes = packages_distributions()
    missing = set()
    for file in (REPOSITORY / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
            tops = {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"commonweal"}
            missing |= {top for top in tops if not declared & {name.lower() for name in homes.get(top, ())}}
    assert missing == set()


def test_the_version_is_said_once() -> None:
    import commonweal

    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    assert project["version"] == commonweal.__version__


def test_the_build_compiles_translations(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("hatch_build", REPOSITORY / "hatch_build.py")
    assert spec and spec.loader
    hatch_build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hatch_build)
    source = tmp_path / "fr" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    source.write_text(f'{header}msgid "Find"\nmsgstr "Trouver"\n\n#, fuzzy\nmsgid "Open"\nmsgstr "Peut-être"\n', encoding="utf-8")
    with hatch_build.compile_catalogue(source).open("rb") as stream:
        compiled = gettext.GNUTranslations(stream)
    assert compiled.gettext("Find") == "Trouver"
    assert compiled.gettext("Open") == "Open"
