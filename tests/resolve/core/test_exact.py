"""Exact resolution: strict keys, clusters that do not depend on arrival."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.catalogue.core.record import Record
from commonweal.resolve.core.exact import Traits, coherent, compact, developer_key, numbers, recluster, traits


class Memory:
    """A Store in memory."""

    def __init__(self) -> None:
        self.traits: dict[str, Traits] = {}

    def by_record(self, records: Collection[str]) -> dict[str, Traits]:
        return {record: self.traits[record] for record in records if record in self.traits}

    def holders(self, keys: Collection[str]) -> dict[str, set[str]]:
        return {key: found for key in keys if (found := {t.record for t in self.traits.values() if key in t.keys})}

    def take(self, changed: dict[str, Traits | None], entities: dict[str, str]) -> None:
        """Apply a change to `entities` and to itself, as the consumer does."""
        assigned = recluster(changed, self)
        for record, now in changed.items():
            entities.pop(record, None)
            self.traits.pop(record, None)
            if now is not None:
                self.traits[record] = now
        entities.update(assigned)


def made(source: str, title: str, *, kind: str = "model", native_id: str = "", **said: Any) -> Traits:
    record = Record(source, native_id or title, kind, {"en": title}, **said)
    return traits(record.id, record.to_json())


def together(*members: Traits) -> bool:
    """Whether all are one entity."""
    entities: dict[str, str] = {}
    Memory().take({member.record: member for member in members}, entities)
    return len(set(entities.values())) == 1


def test_one_identifier_in_two_sources_is_one_thing_whatever_its_title() -> None:
    same = ["hf:datasets/rajpurkar/squad"]
    assert together(
        made("a", "SQuAD", kind="dataset", identifiers=same), made("b", "Stanford Questions", kind="dataset", identifiers=same)
    )


def test_one_name_and_developer_is_one_thing() -> None:
    assert together(made("helm", "GPT-4o", publisher="OpenAI"), made("ecologits", "gpt-4o", publisher="openai"))


@pytest.mark.parametrize(
    "other",
    [
        made("b", "openai/gpt-4o"),
        made("b", "gpt 4o", publisher="Open AI"),
        made("b", "GPT-4o (chat)", native_id="openai/gpt-4o", publisher="openai"),
    ],
)
def test_owner_and_name_are_read_from_where_registries_write_them(other: Traits) -> None:
    assert together(made("a", "GPT-4o", publisher="OpenAI"), other)


def test_developer_aliases_are_one_developer() -> None:
    hub = made("mteb", "meta-llama/Llama-3-8B", identifiers=["hf:meta-llama/llama-3-8b"])
    assert together(hub, made("helm", "Llama 3 8B", publisher="Meta"))
    assert developer_key("Qwen") == developer_key("alibaba cloud")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (made("a", "Whisper", publisher="OpenAI"), made("b", "Whisper")),  # nobody says who made the second
        (made("a", "Whisper", publisher="OpenAI"), made("b", "Whisper", publisher="Acme")),
        (made("a", "Whisper", publisher="OpenAI"), made("b", "Whisper", publisher="OpenAI", kind="software")),
        (made("a", "Llama 7B", publisher="Meta"), made("b", "Llama 70B", publisher="Meta")),
        (made("a", "Pythia 70M", identifiers=["hf:e/pythia"]), made("b", "Pythia 160M", identifiers=["hf:e/pythia"])),
        (made("a", "Aya 1", identifiers=["arxiv:2402.1"]), made("b", "Aya", identifiers=["arxiv:2402.1"])),
        (made("a", "X", identifiers=["github:o/family"]), made("b", "Y", identifiers=["github:o/family"])),
        (
            made("a", "gpt-4o", kind="offer", publisher="OpenAI", identifiers=["hf:o/m"]),
            made("b", "gpt-4o", kind="offer", publisher="OpenAI", identifiers=["hf:o/m"]),
        ),
        (made("a", "2024", publisher="ACME"), made("b", "2024", publisher="ACME")),  # a number is no name
    ],
)
def test_what_is_not_surely_one_thing_stays_apart(one: Traits, other: Traits) -> None:
    assert not together(one, other)


def test_two_records_of_one_source_never_join() -> None:
    assert not together(made("a", "X", publisher="P"), made("a", "x", publisher="P"))
    assert not together(
        made("a", "X", identifiers=["hf:o/m"]), made("a", "Y", identifiers=["hf:o/m"]), made("b", "Z", identifiers=["hf:o/m"])
    )


def test_a_chain_that_would_join_two_records_of_one_source_joins_nothing() -> None:
    one, two = made("a", "X", identifiers=["hf:o/x"]), made("a", "Y", identifiers=["hf:o/y"])
    bridge = made("b", "Z", identifiers=["hf:o/x", "hf:o/y"])
    entities: dict[str, str] = {}
    Memory().take({member.record: member for member in (one, two, bridge)}, entities)
    assert len(set(entities.values())) == 3


def test_names_do_not_undo_what_identifiers_join() -> None:
    one, two = made("a", "X", identifiers=["hf:o/x"]), made("b", "X", identifiers=["hf:o/x"], publisher="P")
    rival = made("a", "x", native_id="other", publisher="P")
    entities: dict[str, str] = {}
    Memory().take({member.record: member for member in (one, two, rival)}, entities)
    assert entities[one.record] == entities[two.record] != entities[rival.record]


def test_the_entity_bears_the_smallest_id() -> None:
    members = [made(source, "X", publisher="P") for source in "abc"]
    entities: dict[str, str] = {}
    Memory().take({member.record: member for member in members}, entities)
    assert set(entities.values()) == {min(member.record for member in members)}


def test_a_record_that_goes_lets_the_others_be_what_they_are() -> None:
    memory, entities = Memory(), dict[str, str]()
    one, two = made("a", "X", publisher="P"), made("b", "X", publisher="P")
    rival = made("a", "X", publisher="P", native_id="rival")
    memory.take({member.record: member for member in (one, two, rival)}, entities)
    assert len(set(entities.values())) == 3
    memory.take({rival.record: None}, entities)
    assert len(set(entities.values())) == 1


@pytest.mark.parametrize(
    ("title", "said"),
    [("Llama-3.1-8B Instruct", "3.1 8b"), ("Pythia", ""), ("Qwen2.5 72B", "2.5 72b"), ("GPT-4o", "4"), ("FLORES-200", "200")],
)
def test_numbers_of_a_title(title: str, said: str) -> None:
    assert numbers(title) == said


@given(st.text())
def test_compacting_twice_changes_nothing(words: str) -> None:
    assert compact(compact(words)) == compact(words)


KEYS = st.frozensets(
    st.sampled_from(["i:model:hf:o/1", "i:model:hf:o/2", "n:model:p:x", "n:model:p:y", "n:model:q:x"]), max_size=3
)
TRAITS = st.builds(
    lambda record, source, said, keys: Traits(f"{record:02}", source, said, keys),
    st.integers(0, 12),
    st.sampled_from("abcd"),
    st.sampled_from(["", "", "7b", "70b"]),
    KEYS,
)
CHANGES = st.lists(st.lists(st.tuples(TRAITS, st.booleans()), max_size=5), max_size=8)


@given(CHANGES)
def test_any_history_in_any_batches_ends_where_one_batch_does(history: list[list[tuple[Traits, bool]]]) -> None:
    memory, entities = Memory(), dict[str, str]()
    for batch in history:
        memory.take({said.record: said if live else None for said, live in batch}, entities)
    at_once: dict[str, str] = {}
    Memory().take(dict(memory.traits), at_once)
    assert entities == at_once


@given(CHANGES)
def test_every_cluster_is_coherent_and_bears_its_smallest_id(history: list[list[tuple[Traits, bool]]]) -> None:
    memory, entities = Memory(), dict[str, str]()
    memory.take({said.record: said for batch in history for said, _ in batch}, entities)
    for entity in set(entities.values()):
        members = [memory.traits[record] for record, own in entities.items() if own == entity]
        assert coherent(members)
        assert entity == min(member.record for member in members)
