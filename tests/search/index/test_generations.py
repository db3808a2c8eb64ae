"""The index on disk: made beside and swapped, read while written, survived when broken."""

from __future__ import annotations

import fcntl
import json

import pytest

from commonweal.base.home import home as home_of
from commonweal.base.registries import Facet, facets
from commonweal.kernel.errors import CommonwealError
from commonweal.search import builder, services
from commonweal.search.index import Index


@pytest.fixture
def index(home):
    return services.index()


def titles():
    services.index().refresh()
    return sorted(card["title"]["en"] for card in services.search("").cards)


def documents(*views):
    return builder.documents(views)


def test_without_an_index_a_search_says_so(home):
    results = services.search("water")
    assert results.count == 0
    assert [note.code for note in results.notes] == ["no-index"]
    assert services.suggest("water") == []
    assert services.index().cursor() is None


def test_update_adds_replaces_and_removes(make_index, view, index):
    make_index(view("a", {"en": "One"}), view("b", {"en": "Two"}), cursor=3)
    assert index.cursor() == 3
    changed = view("b", {"en": "Two changed"})
    index.update([view("a", {})["id"], changed["id"]], documents(changed, view("c", {"en": "Three"})), 9)
    assert titles() == ["Three", "Two changed"]
    assert index.cursor() == 9


def test_a_failed_update_changes_nothing_and_lets_go(make_index, view, index):
    make_index(view("a", {"en": "One"}))
    with pytest.raises(ValueError):
        index.update([view("a", {})["id"]], [{"number_size": "not a number"}], 1)
    assert titles() == ["One"]
    assert index.cursor() == 0
    index.update([], documents(view("b", {"en": "Two"})), 1)
    assert titles() == ["One", "Two"]


def test_another_process_sees_a_commit(make_index, view, index):
    make_index(view("a", {"en": "One"}))
    other = Index(home_of().index, index.facets)
    before = other.snapshot()
    assert before is not None
    index.update([], documents(view("b", {"en": "Two"})), 1)
    other.refresh()
    after = other.snapshot()
    assert after is not None
    assert (before.searcher.num_docs, after.searcher.num_docs) == (1, 2)
    assert before.generation != after.generation


def test_a_rebuild_swaps_at_its_end_and_leaves_one_generation(make_index, view, index):
    make_index(view("a", {"en": "Old"}))
    old = index.snapshot()
    assert old is not None
    with index.rebuilding(5) as add:
        for fields in documents(view("b", {"en": "New"})):
            add(fields)
        assert titles() == ["Old"]
        assert index.cursor() == 0
    assert titles() == ["New"]
    assert index.cursor() == 5
    assert old.searcher.num_docs == 1  # readers keep what they opened
    assert len([folder for folder in index.root.iterdir() if folder.is_dir()]) == 1


def test_a_failed_rebuild_changes_nothing(make_index, view, index):
    make_index(view("a", {"en": "Old"}))
    with pytest.raises(RuntimeError), index.rebuilding(5) as add:
        add(next(iter(documents(view("b", {"en": "New"})))))
        raise RuntimeError
    assert titles() == ["Old"]
    assert len([folder for folder in index.root.iterdir() if folder.is_dir()]) == 1


def test_one_process_rebuilds(index):
    index.root.mkdir(parents=True)
    with (index.root / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(CommonwealError, match="making the search index"), index.rebuilding(0):
            pass


def test_remembered_answers_go_with_their_generation(make_index, view, index):
    make_index(view("a", {"en": "One"}, "model"))
    assert [value.count for value in services.search("").facets["kind"]] == [1]
    index.update([], documents(view("b", {"en": "Two"}, "model")), 1)
    assert [value.count for value in services.search("").facets["kind"]] == [2]


def spoil_pointer(root):
    (root / "current").write_bytes(b"\xff../..")


def spoil_state(root):
    (root / (root / "current").read_text() / "state").write_text("[]")


def spoil_version(root):
    (root / (root / "current").read_text() / "state").write_text(json.dumps({"schema": "older", "cursor": 0}))


def spoil_list_of_files(root):
    (root / (root / "current").read_text() / "meta.json").write_text("{")


def spoil_segments(root):
    for file in (root / (root / "current").read_text()).glob("*.*"):
        if file.suffix not in (".json", ".lock"):
            file.unlink()  # not cut in place: another reader of this process has it mapped
            file.write_bytes(b"")


def remove_segments(root):
    for file in (root / (root / "current").read_text()).glob("*.store"):
        file.unlink()


@pytest.mark.parametrize(
    "spoil", [spoil_pointer, spoil_state, spoil_version, spoil_list_of_files, spoil_segments, remove_segments]
)
def test_a_spoilt_index_counts_as_none(make_index, view, index, spoil):
    make_index(view("a", {"en": "One"}))
    spoil(index.root)
    fresh = Index(index.root, index.facets)  # as a process that starts now
    assert fresh.snapshot() is None
    assert fresh.cursor() is None
    make_index(view("b", {"en": "Two"}))
    fresh.refresh()
    assert fresh.snapshot().searcher.num_docs == 1


def test_a_new_facet_asks_for_a_new_index(make_index, view, index, monkeypatch):
    make_index(view("a", {"en": "One"}))
    monkeypatch.setattr(facets, "_entries", {**facets._entries, "size": Facet("size", "Size", 1, lambda view: ["big"], str)})
    assert services.index().cursor() is None
    make_index(view("a", {"en": "One"}))
    assert services.search("size:big").count == 1
    assert services.search("", filters={"size": ["small"]}).count == 0


def test_extreme_values_do_not_stop_the_writer(make_index, view):
    make_index(
        view("a", {"en": "x" * 300_000}, downloads=2**70, size_bytes=-5, row_count=float("inf"), publisher="p" * 100_000),
        view("b", {}, issued="0000", keywords=["k" * 70_000, ""], context_tokens=True),
        view("c", {"en": "\x00 \U0010ffff"}, languages=[], identifiers=["url:" + "x" * 70_000]),
    )
    assert services.search("").count == 3
    assert services.search("size<0").count == 1
