"""Facets, orders, pages and suggestions."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from commonweal.kernel.errors import CommonwealError
from commonweal.search import services

TITLES = ["Water quality of the northern lakes", "Water", "Éclair", "zebra", "Zebra"]
LICENCES = [None, {"expression": "MIT", "category": "open"}, {"expression": "CC-BY-NC-4.0", "category": "non-commercial"}]


@pytest.fixture
def catalogue(make_index, view):
    """200 entries with many ties in date and title."""
    rng = random.Random(5)
    views = [
        view(
            f"n{number}",
            {"en": rng.choice(TITLES) + rng.choice(["", f" {number}"])},
            rng.choice(["model", "dataset", "offer"]),
            sources=tuple(rng.sample(["mteb", "crfm-helm", "mot"], rng.randint(1, 2))),
            licence=rng.choice(LICENCES),
            languages=rng.sample(["en", "fr", "sw"], rng.randint(0, 2)),
            publisher=rng.choice([None, "Mozilla Foundation", "Institut X"]),
            issued=rng.choice([None, "2023", "2024", "2024-05", "2024-05-02"]),
            keywords=rng.sample(["health", "water", "law"], rng.randint(0, 2)),
        )
        for number in range(200)
    ]  # fmt: skip
    make_index(*views)
    return [view for view in views if view["kind"] != "offer"]


def pages(limit: int, **options):
    after, cards = None, []
    while True:
        results = services.search(options.get("query", ""), sort=options["sort"], limit=limit, after=after)
        cards += results.cards
        after = results.next
        if after is None:
            return cards
        assert len(results.cards) == limit


@pytest.mark.parametrize("limit", [1, 7, 100])
@pytest.mark.parametrize("sort", ["newest", "title"])
def test_pages_hold_every_entry_once_in_order(catalogue, sort, limit):
    cards = pages(limit, sort=sort)
    assert sorted(card["id"] for card in cards) == sorted(view["id"] for view in catalogue)
    assert [card["id"] for card in cards] == [card["id"] for card in pages(33, sort=sort)]
    if sort == "newest":
        dates = [(card["issued"] or "").replace("-", "").ljust(8, "0") for card in cards]
        assert dates == sorted(dates, reverse=True)
    else:
        titles = [card["title"]["en"].lower().replace("é", "e").encode()[:32] for card in cards]
        assert titles == sorted(titles)


def test_relevance_pages_hold_every_match_once(catalogue):
    cards = pages(9, sort="relevance", query="water")
    assert len(cards) == services.search("water").count == len({card["id"] for card in cards})


def test_relevance_ends_with_a_note(catalogue, monkeypatch):
    monkeypatch.setattr(services, "MAX_OFFSET", 30)
    first = services.search("water", limit=20)
    second = services.search("water", limit=20, after=first.next)
    assert len(second.cards) == 10
    assert second.next is None
    assert [note.code for note in second.notes] == ["too-deep"]


def test_facets_count_what_there_is(catalogue):
    facets = services.search("").facets
    expected = {
        "kind": Counter(view["kind"] for view in catalogue),
        "source": Counter(source for view in catalogue for source in view["sources"]),
        "language": Counter(lang for view in catalogue for lang in view["chosen"]["languages"]),
        "licence": Counter(view["chosen"]["licence"]["expression"] for view in catalogue if view["chosen"]["licence"]),
        "topic": Counter(word for view in catalogue for word in view["chosen"]["keywords"]),
        "year": Counter(view["chosen"]["issued"][:4] for view in catalogue if view["chosen"]["issued"]),
    }
    for name, counts in expected.items():
        assert {value.value: value.count for value in facets[name]} == counts
        assert [value.count for value in facets[name]] == sorted(counts.values(), reverse=True)


def test_each_count_is_what_choosing_the_value_gives(catalogue):
    for chosen in ({}, {"source": ["mteb"]}, {"kind": ["model"], "language": ["sw", "fr"]}):
        for name, values in services.search("water", filters=chosen).facets.items():
            for value in values:
                assert services.search("water", filters={**chosen, name: [value.value]}).count == value.count


def test_chosen_values_and_labels(catalogue):
    facets = services.search("language:Kiswahili", lang="fr").facets
    assert [(value.label, value.chosen) for value in facets["language"] if value.value == "sw"] == [("swahili", True)]
    assert len(facets["language"]) == 3


def test_filters_are_met_in_any_case(catalogue):
    assert services.search('publisher:"mozilla foundation"').count == services.search('publisher:"Mozilla Foundation"').count > 0
    assert services.search("", filters={"nonsense": ["x"]}).notes[0].code == "unknown-field"


def test_wrong_requests_are_refused(catalogue):
    for options in ({"sort": "price"}, {"limit": 0}, {"limit": 101}, {"after": "x", "sort": "title"}):
        with pytest.raises(CommonwealError):
            services.search("water", **options)


def test_a_cursor_belongs_to_its_order(catalogue):
    newest = services.search("", sort="newest", limit=5)
    with pytest.raises(CommonwealError, match="not a place"):
        services.search("", sort="title", after=newest.next)


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("zeb", "Zebra"),
        ("ecl", "Éclair"),
        ("quality of the nor", "Water quality of the northern lakes"),
        ("n1", None),
        ("", None),
    ],
)
def test_suggestions(catalogue, typed, title):
    found = services.suggest(typed)
    assert len(found) <= 8
    if title:
        assert title.lower() in {entry["title"].lower() for entry in found}
    assert all(entry["kind"] != "offer" for entry in found)


def test_suggestions_in_any_script(make_index, view):
    make_index(
        view("zh", {"zh": "机器学习"}),
        view("ar", {"ar": "العَرَبِيَّة"}),
        view("hf", {"en": "A model"}, identifiers=["hf:openai/gpt-oss"]),
    )
    for typed, title in (
        ("机", "机器学习"),
        ("学习", "机器学习"),
        ("العر", "العَرَبِيَّة"),
        ("openai/g", "A model"),
        ("gpt-", "A model"),
    ):
        assert [entry["title"] for entry in services.suggest(typed)] == [title]


def test_counting_apart_counts_the_same(make_index, view, monkeypatch):
    make_index(*(view(f"n{n}", {"en": f"Water {n}"}, kind=("model", "dataset")[n % 2], languages=["sw"]) for n in range(5)))
    alone = services.search("water", kind="model").counts
    services.index().snapshot()._answers.clear()
    monkeypatch.setattr(services, "COUNTED_APART", 0)
    assert services.search("water", kind="model").counts == alone
    assert dict(alone["kind"]) == {"model": 3, "dataset": 2}
