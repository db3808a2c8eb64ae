"""Pages and API under load: a node with synthetic entries, served by the real web process, asked by wrk.

    python bench/serve.py --entities 100000

Prints requests a second and latency for a JSON list, a page of results, an entry and an unchanged page (304), and the memory
of the web process (Pss, so shared pages count once). wrk is Debian's package of that name; it takes part of the same cores.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import search as corpus

SOURCE = """
id: synthetic
title: Synthetic entries
connector: table
address: {file}
licence: CC0-1.0
homepage: https://example.org
streams:
  - name: items
    format: jsonl
    select: ""
    native_id: id
    kind: dataset
    fields:
      title: title
      description: description
      licence: licence
      languages: languages
      countries: countries
      publisher: publisher
      keywords: keywords
      issued: issued
"""

#: Asks for one page after another: an address that ends in "=" goes on with the next of many words.
VARY = """
local words, number = {%s}, 0
function request()
  number = number + 1
  return wrk.format("GET", wrk.path .. words[number %% #words + 1] .. "+" .. words[(number * 7) %% #words + 1])
end
"""

#: name → (path, headers, wanted requests/s, wanted p99 in ms)
ASKED: dict[str, tuple[str, dict[str, str], int, int | None]] = {
    "JSON list, everything": ("/api/v1/search?limit=20", {}, 500, 40),
    "JSON list, words vary": ("/api/v1/search?limit=20&q=", {}, 500, 40),
    "HTML list, everything": ("/search", {}, 400, 60),
    "HTML list, words vary": ("/search?q=", {}, 0, None),
    "HTML entry": ("/catalogue/{entity}", {}, 0, None),
    "unchanged (304)": ("/search", {"If-None-Match": "{tag}"}, 900, None),
    "liveness": ("/healthz", {}, 0, None),
}


def rows(count: int) -> Iterator[dict[str, Any]]:
    for number, view in enumerate(corpus.views(count, seed=7)):
        chosen = view["chosen"]
        yield {
            "id": f"n{number}",
            "title": next(iter(chosen["title"].values())) + f" {number:x}",  # no two have one name
            "description": next(iter(chosen["description"].values())),
            "licence": chosen["licence"]["expression"],
            "languages": chosen["languages"],
            "countries": chosen["countries"],
            "publisher": chosen["publisher"],
            "keywords": chosen["sectors"],
            "issued": chosen["issued"],
        }


def command(home: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "commonweal", "--home", str(home), *arguments], check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def _env(home: Path) -> dict[str, str]:
    return {**os.environ, "COMMONWEAL_HOME": str(home)}


def fill(home: Path, count: int) -> float:
    """Harvest the synthetic source; seconds it took, records to index."""
    file, description = home / "rows.jsonl", home / "synthetic.yaml"
    home.mkdir(parents=True, exist_ok=True)
    with file.open("w") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows(count))
    description.write_text(SOURCE.replace("{file}", str(file)))
    subprocess.run([sys.executable, "-c", "from commonweal.node.boot import boot; boot(create=True)"], check=True, env=_env(home))
    command(home, "source", "add", str(description))
    start = time.perf_counter()
    command(home, "harvest", "synthetic")
    return time.perf_counter() - start


@contextmanager
def served(home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    arguments = [sys.executable, "-m", "commonweal", "--home", str(home), "serve", "--port", str(port)]
    with subprocess.Popen(arguments) as server:
        try:
            while ask(port, "/healthz")[0] != 200:
                if server.poll() is not None:
                    sys.exit("the server does not start")
                time.sleep(0.1)
            yield server
        finally:
            server.terminate()


def ask(port: int, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, Mapping[str, str], bytes]:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        link.request("GET", path, headers=dict(headers or {}))
        answer = link.getresponse()
        return answer.status, answer.headers, answer.read()
    except ConnectionRefusedError:
        return 0, {}, b""
    finally:
        link.close()


def load(port: int, path: str, headers: dict[str, str], seconds: int, script: Path) -> tuple[float, float, float, int]:
    """Requests a second, p50 and p99 in ms, and answers other than 2xx and 3xx."""
    asked = [item for name, value in headers.items() for item in ("-H", f"{name}: {value}")]
    varied = ["-s", str(script)] if path.endswith("=") else []
    arguments = ["wrk", "-t1", "-c8", f"-d{seconds}s", "--latency", *asked, *varied, f"http://127.0.0.1:{port}{path}"]
    out = subprocess.run(arguments, check=True, stdout=subprocess.PIPE, text=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    p50, p99 = (milliseconds(re.search(rf"^\s+{share}%\s+(\S+)", out, re.M)[1]) for share in (50, 99))
    return rate, p50, p99, int(failed[1]) if failed else 0


def milliseconds(text: str) -> float:
    """A time as wrk prints it, ``950.00us``, ``1.20ms``, ``2.31s`` or ``1.05m``, in milliseconds."""
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m|h)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0, "h": 3_600_000.0}[unit]


def memory_mb(process: int) -> float:
    """Proportional memory of a process and its children."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    own = int(re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{process}/smaps_rollup").read_text(), re.M)[1]) / 1000
    return own + sum(memory_mb(int(child)) for child in children)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entities", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=8, help="of load for each line")
    parser.add_argument("--home", type=Path, help="keep the filled node here, and use it again")
    asked = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is needed: apt-get install wrk")
    home = asked.home or Path(tempfile.mkdtemp(prefix="commonweal-bench-"))
    try:
        if not (home / "node.db").exists():
            seconds = fill(home, asked.entities)
            print(f"{asked.entities:,} entries harvested, resolved and indexed in {seconds:.0f} s")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        with served(home, port) as server:
            first = json.loads(ask(port, "/api/v1/search?limit=50")[2])
            terms = sorted({word for row in rows(2_000) for word in row["title"].split() if word.isascii() and len(word) > 3})
            script = home / "vary.lua"
            script.write_text(VARY % ", ".join(f'"{term}"' for term in terms))
            words = {
                "entity": first["results"][0]["id"],
                "tag": ask(port, "/search")[1]["ETag"],
            }
            print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, {first['count']:,} entries")
            print(f"\n{'':<24}{'requests/s':>12}{'p50 ms':>9}{'p99 ms':>9}{'wanted':>18}")
            for name, (path, headers, rate_wanted, p99_wanted) in ASKED.items():
                sent = {key: value.format(**words) for key, value in headers.items()}
                load(port, path.format(**words), sent, 2, script)
                rate, p50, p99, failed = load(port, path.format(**words), sent, asked.seconds, script)
                wanted = f"≥ {rate_wanted}/s" + (f" ≤ {p99_wanted} ms" if p99_wanted else "") if rate_wanted else ""
                print(f"{name:<24}{rate:>12,.0f}{p50:>9.1f}{p99:>9.1f}{wanted:>18}" + (f"  {failed} failed!" if failed else ""))
            print(f"\nmemory of the web process: {memory_mb(server.pid):,.0f} MB")
    finally:
        if not asked.home:
            shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
