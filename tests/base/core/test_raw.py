"""The raw store: what goes in comes out, and nothing else does."""

from __future__ import annotations

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commonweal.base import raw
from commonweal.base.home import choose_home
from commonweal.kernel.errors import CommonwealError


@pytest.fixture(autouse=True, scope="module")
def store(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMMONWEAL_HOME", "")
        yield choose_home(tmp_path_factory.mktemp("home")).raw


def put_pack(payloads):
    with raw.PackWriter() as pack:
        return [pack.add(payload) for payload in payloads]


def code(call, *args, **kwargs):
    with pytest.raises(CommonwealError) as caught:
        call(*args, **kwargs)
    return caught.value.code


@given(st.binary(max_size=5000))
@settings(max_examples=50, deadline=None)
def test_put_then_get(data):
    name = raw.put(data)
    assert raw.put(data) == name
    assert raw.exists(name)
    assert raw.get(name) == data


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=30))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pack_then_read_with_small_blocks(payloads):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw, "BLOCK_BYTES", 500)
        refs = put_pack(payloads)
        assert [raw.read_packed(ref) for ref in refs] == payloads
    assert raw.exists(refs[0])


def test_delete_and_missing():
    name = raw.put(b"gone soon")
    raw.delete(name)
    raw.delete(name)
    assert not raw.exists(name)
    assert code(raw.get, name) == "raw-missing"
    assert code(raw.read_packed, f"{name}:0") == "raw-missing"


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "ab", "A" * 64, "0" * 63 + "/", "0" * 31 + "/"])
def test_no_name_leaves_the_store(name):
    assert code(raw.get, name) == "raw-missing"
    assert code(raw.read_packed, f"{name}:0") == "raw-missing"


def test_index_beyond_the_pack_is_missing():
    [ref] = put_pack([b"one"])
    assert raw.read_packed(ref) == b"one"
    pack = ref.partition(":")[0]
    for index in ("1", "-1", "", "x", "99999999999"):
        assert code(raw.read_packed, f"{pack}:{index}") == "raw-missing"


def test_an_empty_pack_makes_no_file(store):
    before = sorted(store.rglob("*"))
    assert put_pack([]) == []
    assert sorted(store.rglob("*")) == before


def test_an_error_inside_a_pack_leaves_nothing(store, monkeypatch):
    before = sorted(store.rglob("*"))
    monkeypatch.setattr(raw, "BLOCK_BYTES", 1)
    with pytest.raises(RuntimeError), raw.PackWriter() as pack:
        pack.add(b"x")
        pack.add(b"y")  # which writes the block before it
        raise RuntimeError
    assert sorted(store.rglob("*")) == before


def test_changed_bytes_are_noticed(store):
    name = raw.put(b"the truth")
    [path] = store.rglob(f"{name}.zst")
    path.write_bytes(zstandard.compress(b"a lie"))
    assert code(raw.get, name) == "raw-damaged"
    path.write_bytes(b"not zstd")
    assert code(raw.get, name) == "raw-damaged"


def test_every_truncation_and_flip_of_a_pack_is_noticed(store):
    [ref, _] = put_pack([b"alpha" * 20, b"beta"])
    [path] = store.rglob(f"{ref.partition(':')[0]}.pack")
    whole = path.read_bytes()
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        assert code(raw.read_packed, ref) in ("raw-damaged", "raw-missing")
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            assert raw.read_packed(ref) == b"alpha" * 20  # bytes of the other payload's row
        except CommonwealError as error:
            assert error.code in ("raw-damaged", "raw-missing", "raw-too-large")


def test_a_bomb_is_refused_before_it_is_unpacked(store):
    name = raw.put(b"small")
    [path] = store.rglob(f"{name}.zst")
    path.write_bytes(zstandard.compress(bytes(2_000_000)))
    assert code(raw.get, name, most_bytes=1_000_000) == "raw-too-large"
    assert code(raw.get, raw.put(bytes(100)), most_bytes=99) == "raw-too-large"


def test_a_frame_that_hides_its_size_is_not_unpacked(store):
    name = raw.put(b"small")
    [path] = store.rglob(f"{name}.zst")
    path.write_bytes(zstandard.ZstdCompressor(write_content_size=False).compress(bytes(2_000_000)))
    assert code(raw.get, name) == "raw-damaged"
