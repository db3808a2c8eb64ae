"""Speed, memory and quality of the resolver at the size of a node and beyond it.

    python bench/resolve_scale.py synthetic [RECORDS]     learn, resolve and score synthetic multilingual records
    python bench/resolve_scale.py overlap [RECORDS]       the nearest of a draft among as many records
    python bench/resolve_scale.py node HOME [--undo N]    a node's real records: from scratch, one more, N merges undone

The synthetic corpus was fixed before anything was tuned on it: seed 20, one record in five is a near duplicate of
another source's record (case, punctuation, a typing error, a dropped word, other word order, a shortened description),
and one thing in four has siblings that are not the same (sizes, versions, variants). A pair is matched when its odds
are at least even and its names are in no conflict; nothing sees the truth.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from commonweal.catalogue.core.record import Record
from commonweal.resolve.core import assets
from commonweal.resolve.core.names import conflict
from commonweal.resolve.core.overlap import Segment, Vectors
from commonweal.resolve.core.profile import Profile, profile

SEED = 20
SOURCES = ("north", "south", "east", "west", "centre")
SYLLABLES = {
    "sw": "ha ba ri ki swa li ma na ta fa mu no ku si ja mwe nye la wa zi",
    "fr": "don né es par lé san té é tu de cor pus mé ri que lan gue cli mat",
    "ar": "با لي مت حر كت اب صو تي لغ ات در سا عل وم نص وص",
    "hi": "भा षा सं ग्र ह वा णी शि क्षा स्वा स्थ्य ज न पा ठ",
    "en": "da ta speech cor pus heal th learn ing cli mate bench mark par al lel open",
    "pt": "da dos cor pus sa ú de ção lín gua fa la en si no",
}
SIZES = ("1B", "3B", "7B", "13B", "70B")
VARIANTS = ("instruct", "base", "chat", "mini")


def words(chance: random.Random, count: int, lang: str) -> list[str]:
    return ["".join(chance.choices(SYLLABLES[lang].split(), k=chance.randint(2, 4))) for _ in range(count)]


def things(chance: random.Random, count: int) -> list[tuple[str, str, str, str]]:
    """(kind, name, developer, description) of different things, families among them."""
    made: list[tuple[str, str, str, str]] = []
    while len(made) < count:
        lang = chance.choice(list(SYLLABLES))
        name = " ".join(words(chance, chance.randint(2, 4), lang))
        developer = " ".join(words(chance, 2, "en"))
        about = " ".join(words(chance, chance.randint(10, 25), lang))
        if chance.random() < 0.25:
            marks = chance.choice([SIZES, VARIANTS, ("v1", "v2", "v3")])
            for mark in chance.sample(marks, chance.randint(2, 3)):
                made.append(("model", f"{name} {mark}", developer, about))
        else:
            made.append((chance.choice(("dataset", "initiative", "organisation")), name, developer, about))
    return made[:count]


def spoiled(chance: random.Random, text: str) -> str:
    """A near duplicate of a name: one or two of the usual differences between registries."""
    for _ in range(chance.randint(1, 2)):
        parts = text.split()
        change = chance.randrange(5)
        plain = [n for n, part in enumerate(parts) if not any(c.isdigit() for c in part) and part not in VARIANTS]
        if change == 0:
            text = text.upper() if chance.random() < 0.5 else text.title()
        elif change == 1:
            text = chance.choice("-_").join(parts)
        elif change == 2 and plain:
            at = chance.choice(plain)
            place = chance.randrange(len(parts[at]))
            parts[at] = parts[at][:place] + chance.choice("aeiost") + parts[at][place + chance.randint(0, 1) :]
            text = " ".join(parts)
        elif change == 3 and len(plain) > 2:
            parts.pop(plain[-1])
            text = " ".join(parts)
        elif change == 4 and len(plain) > 1:
            one, other = plain[0], plain[1]
            parts[one], parts[other] = parts[other], parts[one]
            text = " ".join(parts)
    return text


def corpus(count: int) -> tuple[list[Profile], set[tuple[str, str]]]:
    """Profiles, and the pairs that are the same thing."""
    chance = random.Random(SEED)
    doubles = count // 5
    made, truth = [], set()

    def read(source: str, number: int, kind: str, name: str, developer: str, about: str) -> str:
        record = Record(source, str(number), kind, {"und": name}, {"und": about}, publisher=developer)
        made.append(profile(record.id, record.to_json()))
        return record.id

    originals = things(chance, count - doubles)
    placed = []
    for number, (kind, name, developer, about) in enumerate(originals):
        source = chance.choice(SOURCES)
        placed.append((source, read(source, number, kind, name, developer, about)))
    for number in chance.sample(range(len(originals)), doubles):
        kind, name, developer, about = originals[number]
        source, first = placed[number]
        other = chance.choice([each for each in SOURCES if each != source])
        kept = [word for word in about.split() if chance.random() > 0.3]
        said = developer if chance.random() > 0.2 else ""
        second = read(other, len(originals) + number, kind, spoiled(chance, name), said, " ".join(kept))
        truth.add((min(first, second), max(first, second)))
    chance.shuffle(made)
    return made, truth


def synthetic(count: int) -> None:
    profiles, truth = corpus(count)
    start, cpu = time.perf_counter(), time.process_time()
    learned, _ = assets.learn(profiles[:: max(1, count // 30_000)])
    trained = time.perf_counter() - start
    learned = replace(learned, model=replace(learned.model, ask=0.0))
    found: set[tuple[str, str]] = set()
    for kind in sorted({one.kind for one in profiles}):
        resolver = learned.resolver(kind)
        resolver.take({one.id: one for one in profiles if one.kind == kind})
        for two in resolver.edges:
            if not conflict(*(resolver.profiles[each].name for each in two)):
                found.add(two)
    hits = len(found & truth)
    report(
        records=len(profiles),
        seconds=round(time.perf_counter() - start, 1),
        training=round(trained, 1),
        cpu=round(time.process_time() - cpu, 1),
        precision=round(hits / max(len(found), 1), 4),
        recall=round(hits / len(truth), 4),
        f1=round(2 * hits / (len(found) + len(truth)), 4),
    )


def overlap(count: int) -> None:
    """p50 and p95 of a draft of a name and a description among `count` synthetic records."""
    learned = assets.load()
    chance = random.Random(SEED)

    def stream():
        for number in range(count):
            lang = chance.choice(list(SYLLABLES))
            name, about = " ".join(words(chance, 3, lang)), " ".join(words(chance, 20, lang))
            yield Profile(f"{number:020d}", "s", "dataset", name, name, frozenset(), about, frozenset(), "", None)

    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        Segment.build(stream(), learned.statistics, 1).save(Path(folder))
        built = time.perf_counter() - start
        segment, vectors, times = Segment.load(Path(folder)), Vectors(learned.statistics), []
        for _ in range(200):
            lang = chance.choice(list(SYLLABLES))
            name, about = " ".join(words(chance, 4, lang)), " ".join(words(chance, 150, lang))
            begun = time.perf_counter()
            segment.nearest(vectors.names.vectors([name]), vectors.words.vectors([f"{name} {about}"]), 50)
            times.append(time.perf_counter() - begun)
        times.sort()
        size = sum(file.stat().st_size for file in Path(folder).rglob("*.npy"))
    report(
        records=count,
        build_s=round(built, 1),
        megabytes=size >> 20,
        p50_ms=round(times[100] * 1e3),
        p95_ms=round(times[190] * 1e3),
    )


def node(home: Path, merges: int) -> None:
    """The records of a node's home, which is changed: work on a copy."""
    os.environ["COMMONWEAL_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "commonweal.node.settings"
    import django

    django.setup()
    from commonweal.base.permissions import SYSTEM
    from commonweal.catalogue import queries as catalogue
    from commonweal.resolve import memory, queries, services

    ids = catalogue.record_ids()
    start, cpu = time.perf_counter(), time.process_time()
    changed = services.decide_anew()
    scratch, used = time.perf_counter() - start, time.process_time() - cpu
    before = sorted(catalogue.entity_ids(ids).items())
    chance = random.Random(SEED)
    single = []
    for record in chance.sample(ids, 20):
        held = memory.current(memory.state())
        known = queries.profiles([record])[record]
        begun = time.perf_counter()
        held.take({record: (known, None)})
        held.take({record: (None, known)})
        single.append((time.perf_counter() - begun) / 2)
    memory.forget()
    begun = time.perf_counter()
    memory.current(memory.state())
    restart = time.perf_counter() - begun
    kinds = {one.id: one.kind for one in queries.iter_profiles()}
    said, undone = [], []
    while len(said) < merges:
        one, other = chance.sample(ids, 2)
        if kinds[one] == kinds[other]:
            said.append(services.judge(one, other, "same", user=SYSTEM, actor="command:bench").digest)
    chance.shuffle(said)
    for digest in said:
        begun = time.perf_counter()
        services.undo(digest, user=SYSTEM, actor="command:bench")
        undone.append(time.perf_counter() - begun)
    report(
        records=len(ids),
        from_scratch_s=round(scratch, 1),
        cpu_s=round(used, 1),
        edges=changed["edges"]["after"],
        one_record_ms_max=round(max(single) * 1e3, 1),
        restart_s=round(restart, 1),
        undo_s_max=round(max(undone, default=0), 3),
        merges_undone=merges,
        crosswalk_as_before=sorted(catalogue.entity_ids(ids).items()) == before,
        **queries.figures(),
    )


def report(**figures: object) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(json.dumps({**figures, "peak_mb": peak}) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("synthetic", "overlap", "node"))
    parser.add_argument("value", nargs="?")
    parser.add_argument("--undo", type=int, default=0, metavar="N")
    asked = parser.parse_args()
    if asked.what == "synthetic":
        synthetic(int(asked.value or 250_000))
    elif asked.what == "overlap":
        overlap(int(asked.value or 1_000_000))
    else:
        node(Path(asked.value), asked.undo)


if __name__ == "__main__":
    main()
