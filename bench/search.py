"""Search at scale beside SQLite FTS5: build rate, size and latency over a synthetic corpus.

    python bench/search.py --records 100000

The corpus (seeded): titles of 4-9 and descriptions of 10-25 pseudo-words in seven languages, one of them written without
spaces, word frequencies after Zipf, one record in five a near copy of an earlier one. Queries are sampled from titles.
It says how fast things are, nothing about relevance. Both engines read the same file in the same run; a query of FTS5
that takes longer than the limit is stopped and counted as that long, which flatters it.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from typing import Any

import orjson

LANGUAGES = ("en", "fr", "sw", "pt", "ar", "ru", "zh")
SYLLABLES = {
    "en": ["ba", "con", "der", "est", "ing", "ment", "pro", "tion", "ver", "wor", "al", "ter"],
    "fr": ["é", "ai", "cou", "dre", "eau", "gé", "ille", "jou", "ré", "sion", "tè", "vous"],
    "sw": ["ki", "wa", "ma", "zi", "u", "lu", "nga", "mbo", "shi", "ya", "te", "ni"],
    "pt": ["ção", "de", "lho", "mã", "nha", "os", "pe", "qui", "ré", "sa", "tu", "vel"],
    "ar": ["ال", "كت", "مد", "رس", "علم", "حس", "ين", "ات", "وم", "بر", "نا", "لي"],
    "ru": ["но", "вый", "ка", "ра", "сти", "про", "ен", "ие", "ског", "за", "де", "ль"],
    "zh": list("数据学习模型语言健康教育农业气候公共安全政府开放科技社会"),
}
LICENCES = (("Apache-2.0", "open"), ("MIT", "open"), ("CC-BY-4.0", "open"), ("CC-BY-SA-4.0", "share-alike"))
LICENCES += (("CC-BY-NC-4.0", "non-commercial"), ("CC-BY-ND-4.0", "no-derivatives"))
KINDS = ("dataset", "model", "software", "benchmark", "organisation", "publication", "offer")
COUNTRIES = [
    "KEN",
    "FRA",
    "BRA",
    "IND",
    "CHN",
    "EGY",
    "RUS",
    "DEU",
    "USA",
    "GBR",
    "NGA",
    "ZAF",
    "ETH",
    "MAR",
    "JPN",
    "IDN",
    "MEX",
    "CAN",
    "CHE",
    "ESP",
]
TOPICS = [
    "health",
    "education",
    "climate",
    "agriculture",
    "justice",
    "language",
    "vision",
    "speech",
    "water",
    "energy",
    "culture",
    "cities",
]
VOCABULARY = 20_000
PUBLISHERS = 5_000
FACETS = ("kind", "licence_category", "licence", "language", "country", "publisher", "source", "year", "topic")
LIMIT_S = 3.0
TARGETS_MS = {"one word + 9 facets": 80, "everything + 9 facets": 250, "three words": 15, "typing error": 25}


def vocabulary(rng: random.Random, lang: str) -> list[str]:
    sizes = (1, 2) if lang == "zh" else (2, 3, 4)
    words = {"".join(rng.choices(SYLLABLES[lang], k=rng.choice(sizes))) for _ in range(VOCABULARY)}
    ordered = sorted(words)
    rng.shuffle(ordered)
    return ordered


def views(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Entity views as the catalogue makes them."""
    rng = random.Random(seed)
    words = {lang: vocabulary(rng, lang) for lang in LANGUAGES}
    weights = {lang: list(accumulate(1 / (rank + 2) for rank in range(len(words[lang])))) for lang in LANGUAGES}
    recent: list[tuple[str, list[str], list[str]]] = []
    for number in range(count):
        if recent and rng.random() < 0.2:
            lang, title, description = rng.choice(recent)
            title = [*title[:-1], rng.choice(words[lang])]
        else:
            lang = rng.choice(LANGUAGES)
            title = rng.choices(words[lang], cum_weights=weights[lang], k=rng.randint(4, 9))
            description = rng.choices(words[lang], cum_weights=weights[lang], k=rng.randint(10, 25))
            if len(recent) < 1_000:
                recent.append((lang, title, description))
            else:
                recent[rng.randrange(1_000)] = (lang, title, description)
        yield view(rng, number, lang, title, description)


def view(rng: random.Random, number: int, lang: str, title: list[str], description: list[str]) -> dict[str, Any]:
    space = "" if lang == "zh" else " "
    expression, category = rng.choice(LICENCES)
    source = rng.choice(("mteb", "crfm-helm", "zenodo", "mot", "ost"))
    entity = "".join(rng.choices("abcdefghijklmnopqrstuvwxyz234567", k=20))
    publisher = f"Publisher {int(PUBLISHERS * rng.random() ** 3)}"
    return {
        "id": entity,
        "kind": rng.choice(KINDS),
        "records": [{"id": entity, "source": source, "native_id": f"n{number}", "modified": None}],
        "sources": [source],
        "identifiers": [f"hf:owner{number % 5_000}/name-{number}"],
        "chosen": {
            "title": {lang: space.join(title)},
            "description": {lang: space.join(description)},
            "licence": {"expression": expression, "category": category},
            "languages": [lang],
            "countries": rng.choices(COUNTRIES, k=rng.randint(0, 2)),
            "publisher": publisher,
            "sectors": rng.choices(TOPICS, k=rng.randint(1, 3)),
            "issued": f"{rng.randint(2012, 2026)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}",
            "downloads": rng.randrange(1_000_000),
        },
    }


def read_views(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as lines:
        for line in lines:
            yield orjson.loads(line)


class Queries:
    """Queries sampled from the corpus, the same for both engines."""

    def __init__(self, path: Path, count: int, seed: int) -> None:
        rng = random.Random(seed)
        wanted = count * 40
        titles = [row["chosen"]["title"] for row, _ in zip(read_views(path), range(wanted), strict=False)]
        spaced = [next(iter(title.values())).split() for title in titles if "zh" not in title]
        rng.shuffle(spaced)
        self.one_word = [rng.choice(words) for words in spaced[:count]]
        self.three_words = [rng.sample(words, 3) for words in spaced[:count] if len(set(words)) >= 3]
        self.phrase = [words[:2] for words in spaced[count : 2 * count]]
        long = [word for words in spaced for word in words if len(word) >= 6]
        self.typo = [self._misspelt(rng, word) for word in rng.sample(long, min(count, len(long)))]
        self.prefix = [rng.choice(words)[:4] for words in spaced[2 * count : 3 * count]]

    @staticmethod
    def _misspelt(rng: random.Random, word: str) -> str:
        at = rng.randrange(1, len(word) - 1)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def measure(run: Callable[[Any], object], asked: list[Any]) -> tuple[float, float]:
    """p50 and p95 in milliseconds."""
    times = []
    for query in asked:
        start = time.perf_counter()
        run(query)
        times.append((time.perf_counter() - start) * 1000)
    times.sort()
    return statistics.median(times), times[min(len(times) - 1, int(len(times) * 0.95))]


def tantivy(path: Path, home: Path, count: int, queries: Queries) -> dict[str, tuple[float, float]]:
    os.environ["COMMONWEAL_HOME"] = str(home)
    from commonweal.base.registries import facets
    from commonweal.search import services
    from commonweal.search.builder import build
    from commonweal.search.facets import BUILT_IN

    for facet in BUILT_IN:
        facets.register(facet)
    start, used = time.perf_counter(), time.process_time()
    build(services.index(), read_views(path), 0, lambda done, total, what: print(f"\r{done:,}", end="", file=sys.stderr))
    seconds, used = time.perf_counter() - start, time.process_time() - used
    size = sum(file.stat().st_size for file in services.index().root.rglob("*") if file.is_file())
    services.index().refresh()
    snapshot = services.index().snapshot()
    assert snapshot is not None
    print(
        f"\rcommonweal: {count:,} records in {seconds:.1f} s = {count / seconds:,.0f} records/s, "
        f"{used / count * 1e6:,.0f} µs of CPU each; {size / 1e6:,.0f} MB; ",
        end="",
    )
    print(
        f"{snapshot.searcher.num_segments} segments; peak RSS {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:,.0f} MB"
    )

    def faceted(text: str) -> object:
        snapshot._answers.clear()
        return services.search(text)

    def plain(text: str) -> object:
        return services.search(text, facets=False)

    plain("warm up")
    return {
        "one word": measure(plain, queries.one_word),
        "one word + 9 facets": measure(faceted, queries.one_word),
        "everything + 9 facets": measure(faceted, [""] * 20),
        "everything + 9 facets, remembered": measure(services.search, [""] * 50),
        "three words": measure(plain, [" ".join(words) for words in queries.three_words]),
        "phrase": measure(plain, [f'"{" ".join(words)}"' for words in queries.phrase]),
        "typing error": measure(plain, queries.typo),
        "prefix": measure(plain, [f"{word}*" for word in queries.prefix]),
        "suggest": measure(services.suggest, queries.prefix),
        "by title, one word": measure(lambda text: services.search(text, facets=False, sort="title"), queries.one_word),
    }


def fts5(path: Path, home: Path, count: int, queries: Queries) -> dict[str, tuple[float, float]]:
    store = sqlite3.connect(home / "fts.db")
    columns = ", ".join(f'"{name}"' for name in FACETS)
    store.executescript(
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA mmap_size=2147483648; PRAGMA cache_size=-200000;"
        f"CREATE TABLE entity (rowid INTEGER PRIMARY KEY, {columns}, title, description);"
        "CREATE VIRTUAL TABLE words USING fts5(title, description, content='entity', prefix='4',"
        " tokenize='unicode61 remove_diacritics 2');"
    )
    start = time.perf_counter()
    store.executemany(f"INSERT INTO entity VALUES (NULL{', ?' * (len(FACETS) + 2)})", map(_row, read_views(path)))
    store.execute("INSERT INTO words(words) VALUES ('rebuild')")
    store.execute("INSERT INTO words(words) VALUES ('optimize')")
    store.commit()
    seconds = time.perf_counter() - start
    print(f"FTS5: {count:,} records in {seconds:.1f} s = {count / seconds:,.0f} records/s; ", end="")
    print(f"{(home / 'fts.db').stat().st_size / 1e6:,.0f} MB")

    def limited(run: Callable[[Any], object]) -> Callable[[Any], object]:
        def stopped(query: Any) -> object:
            end = time.perf_counter() + LIMIT_S
            store.set_progress_handler(lambda: time.perf_counter() > end, 10_000)
            try:
                return run(query)
            except sqlite3.OperationalError:
                return None

        return stopped

    def hits(match: str) -> object:
        sql = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT 20"
        total = store.execute("SELECT count(*) FROM words WHERE words MATCH ?", [match]).fetchone()
        return total, store.execute(sql, [match]).fetchall()

    def faceted(match: str) -> object:
        hits(match)
        source = "entity WHERE rowid IN (SELECT rowid FROM words WHERE words MATCH ?)" if match else "entity"
        for name in FACETS:
            sql = f'SELECT "{name}", count(*) AS n FROM {source} GROUP BY 1 ORDER BY n DESC LIMIT 20'
            store.execute(sql, [match] if match else []).fetchall()
        return None

    def everything(_: object) -> object:
        for name in FACETS:
            store.execute(f'SELECT "{name}", count(*) AS n FROM entity GROUP BY 1 ORDER BY n DESC LIMIT 20').fetchall()
        return store.execute("SELECT rowid FROM entity ORDER BY year DESC LIMIT 20").fetchall()

    return {
        "one word": measure(limited(hits), [f'"{word}"' for word in queries.one_word]),
        "one word + 9 facets": measure(limited(faceted), [f'"{word}"' for word in queries.one_word[:60]]),
        "everything + 9 facets": measure(limited(everything), [0, 1, 2]),
        "three words": measure(limited(hits), [" ".join(f'"{word}"' for word in words) for words in queries.three_words]),
        "phrase": measure(limited(hits), [f'"{" ".join(words)}"' for words in queries.phrase]),
        "prefix": measure(limited(hits), [f'"{word}"*' for word in queries.prefix]),
    }


def _row(row: dict[str, Any]) -> tuple[str | None, ...]:
    """The first value of each facet: FTS5 is spared the joins that several values would need."""
    chosen = row["chosen"]
    return (
        *(row["kind"], chosen["licence"]["category"], chosen["licence"]["expression"], chosen["languages"][0]),
        *(next(iter(chosen["countries"]), None), chosen["publisher"], row["sources"][0], chosen["issued"][:4]),
        chosen["sectors"][0],
        next(iter(chosen["title"].values())),
        next(iter(chosen["description"].values())),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--without-peer", action="store_true", help="leave SQLite FTS5 out")
    asked = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="commonweal-bench-"))
    try:
        corpus = home / "views.jsonl"
        with corpus.open("wb") as file:
            file.writelines(orjson.dumps(row) + b"\n" for row in views(asked.records, asked.seed))
        queries = Queries(corpus, asked.queries, asked.seed)
        print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, Python {sys.version.split()[0]}")
        ours = tantivy(corpus, home, asked.records, queries)
        theirs = {} if asked.without_peer else fts5(corpus, home, asked.records, queries)
        print(f"\n{'p50 / p95 ms':<36}{'commonweal':>18}{'SQLite FTS5':>20}{'ratio p95':>11}{'target':>9}")
        for name, (middle, high) in ours.items():
            peer = theirs.get(name)
            other = f"{peer[0]:,.1f} / {peer[1]:,.1f}" if peer else "–"
            ratio = f"{peer[1] / high:,.1f}x" if peer else ""
            target = f"{TARGETS_MS[name]}" if name in TARGETS_MS else ""
            print(f"{name:<36}{f'{middle:,.1f} / {high:,.1f}':>18}{other:>20}{ratio:>11}{target:>9}")
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
