"""Edges are a function of the present records: of no order, no batch size, no history."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.catalogue.core.record import Record
from commonweal.resolve.core import assets, resolver
from commonweal.resolve.core.profile import Profile, profile
from commonweal.resolve.core.resolver import Resolver

SHIPPED = assets.load()
TITLES = ("Llama 3 8B", "meta-llama/Meta-Llama-3-8B", "Llama-3-70B", "Llama 3 8B Instruct", "Llama 3", "BLOOM", "bloomz", "")
RECORDS = st.builds(
    lambda source, key, title, publisher, identifiers, words: Record(
        source,
        key,
        "model",
        {"en": title},
        publisher=publisher,
        identifiers=identifiers,
        description={"en": words} if words else {},
    ),
    st.sampled_from("stuv"),
    st.sampled_from("1234"),
    st.sampled_from(TITLES),
    st.sampled_from([None, "Meta", "BigScience"]),
    st.lists(st.sampled_from(["hf:meta-llama/llama-3-8b", "hf:o/bloom", "arxiv:2407.21783"]), unique=True, max_size=2),
    st.sampled_from(["", "a language model of many languages", "an open model for many languages"]),
)


def read(record: Record) -> Profile:
    return profile(record.id, record.to_json())


def solved(*records: Record) -> Resolver:
    made = SHIPPED.resolver("model")
    made.take({record.id: read(record) for record in records})
    return made


@settings(deadline=None, max_examples=150)
@given(st.lists(st.lists(st.tuples(RECORDS, st.booleans()), max_size=5), max_size=7), st.sampled_from([2, 30]))
def test_any_stream_in_any_batches_ends_where_one_batch_does(history, most_holders):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resolver, "MOST_HOLDERS", most_holders)
        stepwise, edges = SHIPPED.resolver("model"), {}
        for batch in history:
            changed = {record.id: read(record) if live else None for record, live in batch}
            for two, edge in stepwise.take(changed).items():
                assert edges.get(two) != edge  # only what is other than before is told
                edges = {**edges, two: edge} if edge else {key: edges[key] for key in edges if key != two}
        at_once = SHIPPED.resolver("model")
        at_once.take(stepwise.profiles)
        assert stepwise.edges == at_once.edges == edges
        again = SHIPPED.resolver("model")
        again.load(stepwise.profiles.values(), edges)
        extra = read(Record("w", "9", "model", {"en": "Llama 3 8B"}, publisher="Meta"))
        assert again.take({extra.id: extra}) == stepwise.take({extra.id: extra})


def test_a_rival_in_the_same_source_forbids_joining():
    one = Record("s", "1", "model", {"en": "Llama 3 8B"}, publisher="Meta")
    other = Record("t", "1", "model", {"en": "Meta-Llama-3-8B"}, publisher="Meta")
    rival = Record("t", "2", "model", {"en": "meta llama 3 8b"}, publisher="Meta")
    assert [edge.rule for edge in solved(one, other).edges.values()] == ["developer"]
    assert [edge.rule for edge in solved(one, other, rival).edges.values()] == ["", ""]


def test_an_identifier_that_one_source_gives_to_two_things_is_no_proof():
    records = [
        Record("s", "1", "dataset", {"en": "Swahili News"}, identifiers=["hf:datasets/o/news"]),
        Record("t", "1", "dataset", {"en": "swahili-news"}, identifiers=["hf:datasets/o/news"]),
        Record("t", "2", "dataset", {"en": "Hausa News"}, identifiers=["hf:datasets/o/news"]),
    ]
    made = SHIPPED.resolver("dataset")
    made.take({record.id: read(record) for record in records[:2]})
    assert {edge.rule for edge in made.edges.values()} == {"identifier"}
    made.take({records[2].id: read(records[2])})
    assert made.edges[tuple(sorted((records[0].id, records[1].id)))].rule != "identifier"


def test_a_question_is_settled_once_one_of_the_two_has_its_partner():
    records = [
        Record("s", "1", "model", {"en": "Llama 3 8B"}, publisher="Meta", identifiers=["hf:meta-llama/llama-3-8b"]),
        Record("t", "1", "model", {"en": "Llama 3 8B"}, publisher="Meta", identifiers=["hf:meta-llama/llama-3-8b"]),
        Record("t", "2", "model", {"en": "Meta Llama 3 8B"}, publisher="Meta"),
    ]
    edges = solved(*records).edges
    assert [edge.settled for edge in edges.values() if not edge.rule] == [True]


@pytest.mark.parametrize("title", ["", "a", "x" * 100_000, "🤖🤖", "\u202eabc", "pаypal", "中", "7B", "v2", "+"])
def test_hostile_names_are_only_names(title):
    records = [Record(source, "1", "model", {"en": title}, publisher="P") for source in "st"]
    assert solved(*records, Record("u", "1", "model", {"en": "Llama"}))


def test_names_in_other_scripts_are_found():
    made = SHIPPED.resolver("organisation")
    records = [
        Record("s", "1", "organisation", {"ru": "Сбербанк"}, identifiers=["ror:02mhbdp94"]),
        Record("t", "1", "organisation", {"en": "Sberbank"}),
    ]
    assert read(records[0]).latin == "sberbank"
    made.take({record.id: read(record) for record in records})
    assert len(made.edges) == 1


def test_an_acronym_and_what_it_stands_for_are_compared():
    records = [
        Record("s", "1", "organisation", {"en": "World Health Organization"}),
        Record("t", "1", "organisation", {"en": "WHO"}),
    ]
    assert read(records[0]).bonds() & read(records[1]).bonds() == {"acronym:who"}
