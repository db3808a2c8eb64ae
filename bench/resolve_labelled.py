"""Matching quality and speed on public labelled sets, peers beside it in the same run.

    python bench/resolve_labelled.py FOLDER [--peers PYTHON]

FOLDER holds NAME_left.csv, NAME_right.csv and NAME_truth.csv (left_id, right_id) for dblp_acm, abt_buy and febrl4.
PYTHON is an interpreter with the peers: ``python -m venv peers && peers/bin/pip install splink recordlinkage``.

No tool sees the truth, and one rule sets every threshold: a pair is matched when the tool's own posterior odds are at
least even. In one-to-one mode the same optimal assignment is laid over every tool's weights; then a pair is kept when
its likelihood ratio times the odds that a record has a partner at all are at least even.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import yaml

from commonweal.resolve.core.assignment import assign
from commonweal.resolve.core.comparisons import Columns, Comparison, likeness
from commonweal.resolve.core.ngrams import SCALE
from commonweal.resolve.core.training import train
from commonweal.resolve.core.weights import all_levels

HERE = Path(__file__).parent
SETS = ("dblp_acm", "abt_buy", "febrl4")
K = 10


def read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.open(encoding="utf-8")))


def near_pairs(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Pairs where one side is among the K nearest of the other; rows of (left, right), sorted."""
    from sparse_dot_topn import sp_matmul_topn

    floor = round(0.01 * SCALE * SCALE)
    forth = sp_matmul_topn(left, right.T.tocsr(), top_n=K, threshold=floor).tocoo()
    back = sp_matmul_topn(right, left.T.tocsr(), top_n=K, threshold=floor).tocoo()
    both = np.concatenate([np.stack([forth.row, forth.col], 1), np.stack([back.col, back.row], 1)])
    return np.unique(both, axis=0)


def ours(spec: dict, left: list[dict], right: list[dict]) -> dict:
    start = time.perf_counter()
    columns = Columns(left + right)
    vectors = columns.grams(tuple(spec["candidates"]))
    pairs = near_pairs(vectors[: len(left)], vectors[len(left) :])
    a, b = pairs[:, 0], pairs[:, 1] + len(left)
    comparisons = [Comparison.from_json(entry) for entry in spec["comparisons"]]
    found = all_levels(columns, comparisons, a, b)
    learned = train(comparisons, found, "bench", one_to_one=(pairs[:, 0], pairs[:, 1]))
    weight = learned.model.score(found)
    tie = 1e-3 * likeness(columns, tuple(spec["candidates"]), a, b)
    one = pairs[assign(pairs[:, 0], pairs[:, 1], weight + learned.model.prior + tie, 0.0)]
    many = pairs[learned.probability >= 0.5]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "seconds": time.perf_counter() - start,
        "peak_mb": peak,
        "candidates": pairs,
        "one": one,
        "many": many,
    }


def theirs(tool: str, python: str, name: str, files: tuple[Path, Path], identifier: str) -> dict:
    command = [python, str(HERE / "resolve" / "peers.py"), tool, name, *map(str, files), identifier]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{tool} failed on {name}:\n{done.stderr[-2000:]}")
    answer = json.loads(done.stdout.splitlines()[-1])
    scored = np.array(answer["pairs"], dtype=np.float64).reshape(-1, 3)
    pairs, weight = scored[:, :2].astype(np.int64), scored[:, 2]
    # The peers' weights hold their prior for any two records; with competitors settled by the assignment, what is left
    # of it is the odds of having a partner at all, estimated as we do it: matched records over records.
    matched = min(len(np.unique(pairs[weight >= 0][:, 0])) / max(len(np.unique(pairs[:, 0])), 1), 0.99)
    settle = np.log2(max(matched, 0.01) / (1 - max(matched, 0.01)))
    one_even = pairs[assign(pairs[:, 0], pairs[:, 1], weight, 0.0)]
    one_settled = pairs[assign(pairs[:, 0], pairs[:, 1], weight + settle, 0.0)]
    return {**answer, "candidates": pairs, "one": one_even, "one_settled": one_settled, "many": pairs[weight >= 0]}


def f1(found: np.ndarray, truth: set[tuple[int, int]]) -> float:
    hits = len({(int(a), int(b)) for a, b in found} & truth)
    return 2 * hits / max(len(found) + len(truth), 1)


def one_set(name: str, folder: Path, peers: str | None, half: bool) -> None:
    spec = yaml.safe_load((HERE / "resolve" / f"{name}.yaml").read_text(encoding="utf-8"))
    left, right = read(folder / f"{name}_left.csv"), read(folder / f"{name}_right.csv")
    if half:
        chance = random.Random(7)
        right = [row for row in right if chance.random() < 0.5]
    rows = [{row[spec["id"]]: n for n, row in enumerate(side)} for side in (left, right)]
    truth = {
        (rows[0][line["left_id"]], rows[1][line["right_id"]])
        for line in read(folder / f"{name}_truth.csv")
        if line["right_id"] in rows[1]
    }
    results = {"commonweal": ours(spec, left, right)}
    if peers:
        with tempfile.TemporaryDirectory() as scratch:
            files = (Path(scratch) / "left.csv", Path(scratch) / "right.csv")
            for path, side in zip(files, (left, right), strict=True):
                with path.open("w", encoding="utf-8", newline="") as stream:
                    writer = csv.DictWriter(stream, side[0].keys())
                    writer.writeheader()
                    writer.writerows(side)
            for tool in ("splink", "recordlinkage"):
                results[tool] = theirs(tool, peers, name, files, spec["id"])
    own = results["commonweal"]
    for tool, result in results.items():
        recall = len({(int(a), int(b)) for a, b in result["candidates"]} & truth) / len(truth)
        best = max(f1(result["one"], truth), f1(result.get("one_settled", result["one"]), truth))
        print(
            f"{name + (' half' if half else ''):14} {tool:14} pairs {len(result['candidates']):8,} recall {recall:.4f}  "
            f"1-1 F1 {best:.4f}  m-m F1 {f1(result['many'], truth):.4f}  {result['seconds']:6.2f} s "
            f"({result['seconds'] / own['seconds']:4.1f}x)  {result['peak_mb']:6.0f} MB"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peers", metavar="PYTHON")
    arguments = parser.parse_args()
    if not arguments.peers:
        print("Peers left out. Make them with: python -m venv peers && peers/bin/pip install splink recordlinkage")
    for name in SETS:
        for half in (False, True):
            one_set(name, arguments.folder, arguments.peers, half)


if __name__ == "__main__":
    main()
