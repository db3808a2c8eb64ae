"""``make bench``: every comparison, one after another, each printing its own table; all of it goes to docs/benchmarks.md.

    python -m bench                  # everything; about half an hour on two quiet cores
    python -m bench search serve     # some of it, printed and not written down

What needs data or a program that is not there is left out, and the page says so.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

BENCH = Path(__file__).parent
REPOSITORY = BENCH.resolve().parent
DATA = REPOSITORY.parent / "shared" / "data"
PAGE = REPOSITORY / "docs" / "benchmarks.md"


class Bench(NamedTuple):
    """One run of a script of this folder.

    Attributes:
        title: what the page calls it.
        script, arguments: what is run.
        needs: a program or a path without which there is nothing to run.
    """

    title: str
    script: str
    arguments: tuple[str, ...] = ()
    needs: str | Path = ""

    def lacks(self) -> str:
        """What is missing, in words; empty when it can run."""
        if isinstance(self.needs, Path):
            return "" if self.needs.exists() else "the data are not here"
        return f"{self.needs} is not installed" if self.needs and not shutil.which(self.needs) else ""


BENCHES = (
    Bench("Search beside SQLite FTS5, 100,000 records", "search.py", ("--records", "100000")),
    Bench("Search, 1,000,000 records", "search.py", ("--records", "1000000", "--without-peer")),
    Bench("Ingest of a registry's file", "ingest.py"),
    Bench("Ingest of 200,000 records while another process writes", "ingest.py", ("--synthetic", "200000", "--rival")),
    Bench("Entity resolution on labelled pairs", "resolve_labelled.py", (str(DATA / "resolve"),), DATA / "resolve"),
    Bench("Openness", "openness.py", needs=DATA / "openness"),
    Bench("Exports", "export.py"),
    Bench("Pages and API, 100,000 entries", "serve.py", ("--entities", "100000"), "wrk"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="name", help="scripts of this folder, without their suffix")
    names = parser.parse_args().names
    if unknown := set(names) - {Path(bench.script).stem for bench in BENCHES}:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    wanted = [bench for bench in BENCHES if not names or Path(bench.script).stem in names]
    parts = [f"# Benchmarks\n\n{_circumstances()}"]
    failed = 0
    for bench in wanted:
        print(f"\n== {bench.title}", flush=True)
        if lacking := bench.lacks():
            print(f"left out: {lacking}")
            parts.append(f"## {bench.title}\n\nLeft out: {lacking}.")
            continue
        status, said = _run(bench)
        failed += status != 0
        ended = "" if status == 0 else f"\n\nEnded with status {status}."
        command = " ".join(
            ["python", f"bench/{bench.script}", *("FOLDER" if word.startswith("/") else word for word in bench.arguments)]
        )
        parts.append(f"## {bench.title}\n\n`{command}`, load {_load()} at its end\n\n```text\n{said.strip()}\n```{ended}")
    if not names:
        PAGE.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    sys.exit(1 if failed else 0)


def _run(bench: Bench) -> tuple[int, str]:
    """Run it, printing what it prints as it comes; its exit status and its words."""
    lines = []
    command = [sys.executable, "-u", str(BENCH / bench.script), *bench.arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as process:
        assert process.stdout
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    return process.returncode, "".join(lines)


def _circumstances() -> str:
    """When, on what, beside what else: figures without these say nothing."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False, cwd=REPOSITORY)
    return (
        f"Written by `make bench` on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, at commit {commit.stdout.strip() or 'unknown'}. "
        f"Machine: {_processor()}, {os.cpu_count()} cores, {_memory_gb():.0f} GB; {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}. Load when it began: {_load()}; a load above 0.5 means that something else was "
        "running, and times are worse than they would be alone."
    )


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    main()
