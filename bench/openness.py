"""The openness room on real files: exactness, reading of cards, speed.

    python bench/openness.py [FOLDER]

FOLDER holds ``openness`` and ``catalogue/mot`` (default: ``../shared/data`` beside the repository). Exactness is what
``tests/real/test_openness.py`` asserts; here the figures are printed, with the tool's own published results beside ours.
"""

from __future__ import annotations

import csv
import io
import json
import resource
import statistics
import sys
import time
from collections import Counter
from pathlib import Path

from commonweal.openness import Subject, assess, assess_all, read_subject, versions
from commonweal.openness.core.reading import card

REPOSITORY = Path(__file__).resolve().parents[1]
REASSESSED = 10_000


def mof(data: Path) -> list[Subject]:
    published = json.loads((data / "openness/mot/Test_Data/expected_results.json").read_bytes())["models"]
    exact = 0
    for entry in published:
        found, expected = assess(entry, "mof", "strict"), entry["classification"]
        near = all(abs(found.progress[level] - value) < 1e-6 for level, value in expected["progress"].items())
        exact += near and found.score == expected["class"]
    print(f"MOF strict: {exact} of {len(published)} equal the Model Openness Tool's published class and progress")
    start = time.perf_counter()
    subjects = [read_subject(path.read_bytes(), path.name) for path in sorted((data / "catalogue/mot/models").glob("*.yml"))]
    reading = time.perf_counter() - start
    start = time.perf_counter()
    strict = [assess(subject, "mof", "strict") for subject in subjects]
    seconds = time.perf_counter() - start
    normalised = [assess(subject, "mof", "normalised") for subject in subjects]
    changed = sum(len(one.changes) for one in normalised)
    print(f"MOF of {len(subjects)} models: reading {reading:.2f} s, strict {1000 * seconds:.0f} ms")
    print(f"  {changed} components change their status in normalised mode")
    for mode, found in (("strict", strict), ("normalised", normalised)):
        print(f"  {mode}: {dict(Counter(one.verdict for one in found))}")
    return subjects


def scores(data: Path) -> None:
    reports = [
        read_subject(path.read_bytes(), path.name) for path in sorted((data / "openness/fmti/Dec2025/reports").glob("*.csv"))
    ]
    print("FMTI: " + ", ".join(f"{one.name} {assess(one).verdict}" for one in reports))
    systems = [read_subject(path.read_bytes(), path.name) for path in sorted((data / "openness/osai").glob("*.yaml"))]
    means = [assess(one).score or 0 for one in systems]
    print(f"EOSAI: {len(systems)} systems, median {statistics.median(means):.4f}, best {max(means):.4f}")


def cards(data: Path) -> None:
    stated: dict[str, dict[str, str]] = {}
    text = (REPOSITORY / "tests/openness/cards_labelled.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(io.StringIO(text)):
        stated.setdefault(row["card"], {})
        if row["item"]:
            stated[row["card"]][row["item"]] = row["says"]
    folder = data / "openness/hf_cards"
    files = {path.name: path for path in [*folder.glob("docker/ai/*.md"), *folder.glob("fixtures/*.md")]}
    tally: Counter[tuple[str, str]] = Counter()
    for name, items in stated.items():
        subject = card.read(files[name].read_bytes(), name)
        for item in card.sought():
            hit = next((one for one in subject.about(item.fact) if one.finding != "unknown"), None)
            said = f"{hit.value} {hit.quote}".lower() if hit else ""
            good = item.id in items and any(words in said for words in items[item.id].lower().split("|")) if hit else False
            tally[item.id, "right" if good else "wrong" if hit else "missed" if item.id in items else "silent"] += 1
            tally[item.id, "stated"] += item.id in items
    right, wrong, all_stated = (sum(n for (_, kind), n in tally.items() if kind == word) for word in ("right", "wrong", "stated"))
    print(f"cards: recall {right / all_stated:.3f}, precision {right / (right + wrong):.3f}")
    for item in card.sought():
        if tally[item.id, "stated"]:
            print(f"  {item.id:20} {tally[item.id, 'right']:3} of {tally[item.id, 'stated']:3}, wrong {tally[item.id, 'wrong']}")


def speed(subjects: list[Subject]) -> None:
    times = []
    for subject in subjects:
        start = time.perf_counter()
        for one in assess_all(subject):
            one.to_json()
        times.append(time.perf_counter() - start)
    median, worst = 1000 * statistics.median(times), 1000 * max(times)
    print(f"one model, {len(versions())} frameworks, as JSON: median {median:.1f} ms, worst {worst:.1f} ms")
    start = time.perf_counter()
    for at in range(REASSESSED):
        assess_all(subjects[at % len(subjects)])
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{REASSESSED:,} subjects re-assessed under every framework: {seconds:.1f} s, peak {peak:.0f} MB")


def main() -> None:
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else REPOSITORY.parent / "shared" / "data"
    subjects = mof(data)
    scores(data)
    cards(data)
    speed(subjects)


if __name__ == "__main__":
    main()
