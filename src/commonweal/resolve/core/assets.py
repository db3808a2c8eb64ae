"""The model by which records of AI assets are compared: as shipped, and as learned anew from a node's records."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml

from commonweal.kernel.canonical import digest
from commonweal.kernel.errors import CommonwealError

from .comparisons import Comparison
from .names import conflict
from .ngrams import Statistics, count_grams, count_words, load_statistics, save_statistics
from .profile import ALONE, NORMALISER, Profile
from .resolver import Resolver
from .training import Training, train
from .weights import Model

DATA: Final = Path(str(resources.files("commonweal.resolve"))) / "data"
MODEL: Final = "assets.json"
STATISTICS: Final = "assets.npz"


@dataclass(frozen=True)
class Assets:
    """A model and the statistics it goes with.

    Attributes:
        model: comparisons, weights, thresholds.
        statistics: frequencies of "name grams", "name words", "about words".
    """

    model: Model
    statistics: dict[str, Statistics]

    @property
    def version(self) -> str:
        """Names model, statistics and normaliser: whatever one of them changes is decided anew."""
        return f"{self.model.version}/n{NORMALISER}"

    def resolver(self, kind: str) -> Resolver:
        """A resolver of one kind, empty."""
        return Resolver(kind, self.model, self.statistics)

    def save(self, folder: Path) -> None:
        """Write both files."""
        folder.mkdir(parents=True, exist_ok=True)
        save_statistics(folder / STATISTICS, self.model.version, self.statistics)
        (folder / MODEL).write_text(json.dumps(self.model.to_json(), indent=1) + "\n", "utf-8")


def load(folder: Path = DATA) -> Assets:
    """The model in a folder: the one that comes with the program, or one that a node learned.

    Raises:
        CommonwealError: ``model-invalid``, ``statistics-unreadable``.
    """
    file = folder / MODEL
    return _load(folder, file.stat().st_mtime_ns if file.exists() else 0)


@lru_cache(maxsize=2)
def _load(folder: Path, modified_ns: int) -> Assets:
    try:
        model = Model.from_json(json.loads((folder / MODEL).read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CommonwealError(
            "model-invalid", f"{folder / MODEL} is no model: {error}.", "Run `commonweal resolve train`."
        ) from error
    version, statistics = load_statistics(folder / STATISTICS)
    if version != model.version:
        raise CommonwealError(
            "model-invalid", f"The statistics are of {version}, the model is {model.version}.", "Keep the two files together."
        )
    return Assets(model, statistics)


def learn(profiles: Iterable[Profile]) -> tuple[Assets, Training]:
    """Learn statistics and weights from records, without labels.

    Pairs whose names are in conflict are known to differ: without that, the many members of a family, alike in all
    else, would be taken for one thing.

    Raises:
        CommonwealError: ``records-too-few`` when there is nothing to learn from.
    """
    ordered = sorted((one for one in profiles if one.kind not in ALONE), key=lambda one: one.id)
    names, abouts = [one.latin for one in ordered], [one.about for one in ordered if one.about]
    statistics = {
        "name grams": Statistics.learn(count_grams(names)),
        "name words": Statistics.learn(count_words(names)),
        "about words": Statistics.learn(count_words(abouts)),
    }
    spec = yaml.safe_load((DATA / "assets.yaml").read_text("utf-8"))
    comparisons = tuple(map(Comparison.from_json, spec["comparisons"]))
    found, known = _candidates(ordered, comparisons, statistics)
    if len(found) < 100:
        raise CommonwealError("records-too-few", f"Only {len(found)} pairs of records are alike.", "Harvest two sources or more.")
    # Few patterns of levels occur, each many times: learning from patterns is the same and a hundred times as fast.
    differs = np.zeros((len(found), 1), dtype=np.int8)
    differs[known] = 1
    patterns, counts = np.unique(np.hstack([found, differs]), axis=0, return_counts=True)
    settled = np.flatnonzero(patterns[:, -1])
    learned = train(comparisons, patterns[:, :-1], "", known=(settled, np.zeros(len(settled))), counts=counts)
    thresholds: dict[str, Any] = {name: float(spec[name]) for name in ("automatic", "ask", "margin")}
    model = replace(learned.model, **thresholds)
    fingerprint = digest([model.to_json(), *(part.frequency.tobytes().hex() for part in statistics.values())])
    model = replace(model, version=f"assets-{fingerprint[:8]}")
    return Assets(model, statistics), replace(learned, model=model)


def _candidates(
    profiles: Iterable[Profile], comparisons: tuple[Comparison, ...], statistics: dict[str, Statistics]
) -> tuple[np.ndarray, np.ndarray]:
    """Levels of all candidate pairs, and the positions of those that are known to differ."""
    flat = tuple(np.ones(comparison.level_count) for comparison in comparisons)
    nothing = Model("", comparisons, flat, flat, prior=0.0)
    by_kind: dict[str, list[Profile]] = defaultdict(list)
    for one in profiles:
        by_kind[one.kind].append(one)
    levels: list[np.ndarray] = []
    differs: list[bool] = []
    for kind in sorted(by_kind):
        resolver = Resolver(kind, nothing, statistics)
        resolver.load(by_kind[kind], {})
        for pairs, found in resolver.levels(resolver.candidates()):
            levels.append(found)
            differs += [conflict(*(resolver.profiles[each].name for each in two)) is not None for two in pairs]
    everything = np.concatenate(levels) if levels else np.zeros((0, len(comparisons)), dtype=np.int8)
    return everything, np.flatnonzero(np.array(differs, dtype=bool))
