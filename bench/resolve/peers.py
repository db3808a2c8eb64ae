"""Splink and recordlinkage on one labelled set; run by ``bench/resolve_labelled.py`` with an interpreter that has them.

Prints one JSON object: seconds, peak resident memory, and the scored pairs as [left row, right row, weight in bits].
Both tools get the same columns, a sensible set of comparisons and blocking rules for the set, and no labels.
"""

from __future__ import annotations

import csv
import json
import resource
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

warnings.simplefilter("ignore")

SETS = {
    "dblp_acm": {
        "text": ["title", "authors", "venue"],
        "number": ["year"],
        "block": ["title6", "authors6", "title_end"],
        "derive": lambda f: f.assign(title6=f.title.str[:6], authors6=f.authors.str[:6], title_end=f.title.str[-6:]),
    },
    "abt_buy": {
        "text": ["name", "description"],
        "number": ["price"],
        "block": ["first", "last", "name6"],
        "derive": lambda f: f.assign(first=f.name.str.split().str[0], last=f.name.str.split().str[-1], name6=f.name.str[:6]),
    },
    "febrl4": {
        "text": ["given_name", "surname", "address_1", "suburb", "postcode", "date_of_birth", "soc_sec_id"],
        "number": [],
        "block": ["soc_sec_id", "given_name", "surname", "date_of_birth", "postcode"],
        "derive": lambda f: f,
    },
}


def read(path: Path, identifier: str) -> pd.DataFrame:
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    frame = pd.DataFrame(rows).drop(columns=[identifier])
    frame = frame.apply(lambda column: column.str.casefold().str.strip()).replace("", None)
    frame["unique_id"] = range(len(frame))
    return frame


def splink(name: str, left: pd.DataFrame, right: pd.DataFrame) -> list[list[float]]:
    import splink.comparison_library as cl
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    about = SETS[name]
    comparisons = [cl.JaroWinklerAtThresholds(field, [0.97, 0.92, 0.85, 0.7]) for field in about["text"]]
    comparisons += [cl.ExactMatch(field) for field in about["number"]]
    rules = [block_on(field) for field in about["block"]]
    api = DuckDBAPI()
    frames = [api.register(left, dataset_display_name="left_list"), api.register(right, dataset_display_name="right_list")]
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=rules,
        retain_matching_columns=False,
    )
    linker = Linker(frames, settings, log_level=40)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in rules:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    scored = linker.inference.predict(threshold_match_weight=-20).as_pandas_dataframe()
    swap = scored.source_dataset_l == "right_list"
    a = np.where(swap, scored.unique_id_r, scored.unique_id_l)
    b = np.where(swap, scored.unique_id_l, scored.unique_id_r)
    return [[int(x), int(y), float(w)] for x, y, w in zip(a, b, scored.match_weight, strict=True)]


def recordlinkage(name: str, left: pd.DataFrame, right: pd.DataFrame) -> list[list[float]]:
    import recordlinkage as rl

    about = SETS[name]
    indexer = rl.Index()
    for field in about["block"]:
        indexer.block(field)
    left, right = left.set_index("unique_id"), right.set_index("unique_id")
    candidates = indexer.index(left, right)
    compare = rl.Compare()
    for field in about["text"]:
        compare.string(field, field, method="jarowinkler", threshold=0.85, label=field)
    for field in about["number"]:
        compare.exact(field, field, label=field)
    features = compare.compute(candidates, left, right)
    model = rl.ECMClassifier()
    model.fit(features)
    chance = np.asarray(model.prob(features)).clip(1e-12, 1 - 1e-12)
    weight = np.log2(chance / (1 - chance))
    return [[int(a), int(b), float(w)] for (a, b), w in zip(features.index, weight, strict=True)]


def main() -> None:
    tool, name, left_path, right_path, identifier = sys.argv[1:]
    derive = SETS[name]["derive"]
    left, right = (derive(read(Path(path), identifier)) for path in (left_path, right_path))
    start = time.perf_counter()
    pairs = {"splink": splink, "recordlinkage": recordlinkage}[tool](name, left, right)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak, "pairs": pairs}))


if __name__ == "__main__":
    main()
