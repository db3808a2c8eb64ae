"""What the house relies on in its store, the same on SQLite and PostgreSQL, with real connections in real threads."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from commonweal.base import feed, jobs, sqlite
from commonweal.base.events import record_event, verify_events
from commonweal.base.feed import Change
from commonweal.base.models import Event, Job, User
from commonweal.base.registries import Registry
from commonweal.catalogue.models import Source
from commonweal.kernel.text import clean, clean_tree

pytestmark = pytest.mark.django_db(transaction=True)

HOSTILE = "nul \x00, lone surrogate \ud800, escape \x1b, bell \x07, e\u0301, \r\nשלום, 𐍈, \u202eevil"
# Orders in which locales, cases, punctuation, marks and planes differ.
NAMES = [
    "b",
    "B",
    "a",
    "A",
    "ä",
    "Z",
    "z",
    "é",
    "e",
    "-a",
    "a-",
    "_",
    "a b",
    "ab",
    "10",
    "9",
    "ﬀ",
    "𐍈",
    "\uffee",
    "ش",
    "中",
    "ß",
    "ss",
]


def in_threads(*calls: Callable[[], Any]) -> list[Any]:
    """Run calls at the same time, each on a connection of its own; their answers, or the first error."""

    def run(call: Callable[[], Any]) -> Any:
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(run, call) for call in calls]]


def append(*ids: str) -> None:
    feed.append(Change("record", key, "added", {"id": key}) for key in ids)


class TestText:
    def test_cleaned_text_comes_back_as_it_went_in(self):
        text = clean(HOSTILE)
        data, _ = clean_tree({HOSTILE: [HOSTILE]})
        with transaction.atomic():
            event = record_event("command:test", "text.kept", text, data)
            feed.append([Change("record", text, "added", data)])
            Job.objects.create(id="x", task="x", kwargs=data)
        assert "\x00" not in text
        assert (Event.objects.get(seq=event.seq).obj, Event.objects.get(seq=event.seq).data) == (text, data)
        [change] = feed.read(0)
        assert (change.id, change.data) == (text, data)
        assert Job.objects.get(pk="x").kwargs == data
        assert verify_events().sound

    def test_numbers_keep_their_value_in_json(self):
        data = {"large": 2**53 + 1, "small": 1e-300, "whole": 1.0, "none": None, "deep": {"a": [[], {}, ""]}}
        with transaction.atomic():
            feed.append([Change("record", "x", "added", data)])
        assert feed.read(0)[0].data == data


class TestOrder:
    @pytest.fixture(autouse=True)
    def _sources(self):
        Source.objects.bulk_create(Source(id=name) for name in NAMES)

    def test_keys_sort_by_their_bytes(self):
        found = list(Source.objects.order_by("id").values_list("id", flat=True))
        assert found == sorted(NAMES, key=lambda name: name.encode())
        assert found != sorted(NAMES, key=str.casefold)

    def test_so_do_comparisons(self):
        assert set(Source.objects.filter(id__gt="a").values_list("id", flat=True)) == {n for n in NAMES if n.encode() > b"a"}

    @pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no locales")
    def test_whatever_the_locale_of_the_cluster(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT collation_name FROM information_schema.columns WHERE table_name = %s AND column_name = 'id'",
                [Source._meta.db_table],
            )
            assert cursor.fetchone() == ("C",)

    def test_paging_by_key_meets_every_row_once_while_others_write(self):
        met, after = [], ""
        while page := list(Source.objects.filter(id__gt=after).order_by("id").values_list("id", flat=True)[:4]):
            met += page
            after = page[-1]
            Source.objects.create(id=f"!{len(met)}")  # before the page: must shift nothing
        assert met == sorted(NAMES, key=lambda name: name.encode())


class TestTransactions:
    def test_an_error_leaves_nothing(self):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.create_user("asha")
            record_event("command:test", "user.made", "user:asha")
            greet.enqueue("asha")
            append("a")
            User.objects.create_user("asha")
        assert (User.objects.count(), Event.objects.count(), Job.objects.count(), feed.head()) == (0, 0, 0, 0)
        assert verify_events().sound

    def test_the_connection_goes_on_after_an_error(self):
        with transaction.atomic():
            append("a")
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT nothing FROM nowhere")
            append("b")
        assert [change.id for change in feed.read(0)] == ["a", "b"]

    def test_readers_do_not_see_what_is_not_committed(self):
        with transaction.atomic():
            append("a")
            assert in_threads(feed.head, lambda: feed.read(0)) == [0, []]
        assert in_threads(feed.head) == [1]


class TestFeed:
    def test_a_reader_loses_nothing_while_two_writers_commit_out_of_order(self):
        done = threading.Event()
        writers = [lambda name=name: self._write(name) for name in ("a", "b")]

        def follow() -> list[feed.Stored]:
            met: list[feed.Stored] = []
            while True:
                last_round = done.is_set()
                new = feed.read(met[-1].seq if met else 0, limit=7)
                met += new
                if last_round and not new:
                    return met

        def write() -> list[str]:
            try:
                return [key for written in in_threads(*writers) for key in written]
            finally:
                done.set()

        met, written = in_threads(follow, write)
        assert [change.seq for change in met] == list(range(1, len(met) + 1))
        assert sorted(change.id for change in met) == sorted(written)
        for name in "ab":
            of_one = [change.id for change in met if change.id.startswith(name)]
            assert of_one == [key for key in written if key.startswith(name)]

    def _write(self, name: str) -> list[str]:
        """Transactions that dawdle before and after they take a number; some are rolled back."""
        dice = random.Random(name)
        written = []
        for number in range(40):
            keys = [f"{name}{number}.{part}" for part in range(dice.randint(1, 3))]
            try:
                with transaction.atomic():
                    User.objects.create_user(f"{name}{number}")  # the transaction has begun to write
                    time.sleep(dice.random() / 200)
                    append(*keys)
                    time.sleep(dice.random() / 200)
                    if dice.random() < 0.2:
                        raise InterruptedError
            except InterruptedError:
                continue
            written += keys
        return written

    @pytest.mark.skipif("connection.vendor == 'sqlite'", reason="on SQLite the second writer waits from its first statement")
    def test_who_commits_first_has_the_lower_number_though_it_began_later(self):
        with transaction.atomic():
            User.objects.create_user("began first")
            in_threads(lambda: _atomic(append, "second"))
            assert feed.head() == 1
            append("first")
        assert [change.id for change in feed.read(0)] == ["second", "first"]

    def test_many_drains_at_once_hand_over_each_change_once_and_in_order(self, monkeypatch):
        class Slow:
            name, topics, batch_size = "slow", ("record",), 5
            met: list[str] = []

            def handle(self, changes):
                time.sleep(0.001)
                self.met += [change.id for change in changes]

        registry = Registry("consumer")
        monkeypatch.setattr(feed, "consumers", registry)
        slow = registry.register(Slow())
        keys = [str(number) for number in range(100)]
        _atomic(append, *keys)
        assert sum(in_threads(*[feed.drain] * 3)) == len(keys)
        assert slow.met == keys


def test_events_of_many_writers_make_one_chain():
    def write() -> None:
        for number in range(15):
            record_event("command:test", "thing.done", f"thing:{number}")

    in_threads(*[write] * 4)
    found = verify_events()
    assert (found.problems, found.count) == ((), 60)


RAN: list[str] = []


@jobs.task()
def greet(name: str) -> None:
    time.sleep(0.002)
    RAN.append(name)


@jobs.task(unique=True)
def harvest(source: str) -> None:
    """Only ever queued."""


class TestJobs:
    def test_many_workers_run_each_job_once(self):
        RAN.clear()
        names = [str(number) for number in range(30)]
        for name in names:
            greet.enqueue(name)
        assert sum(in_threads(*[jobs.run_pending] * 3)) == len(names)
        assert sorted(RAN) == sorted(names)

    def test_a_unique_job_asked_for_by_many_is_queued_once(self):
        results = in_threads(*[lambda: harvest.enqueue("mteb")] * 4)
        assert len({result.id for result in results}) == Job.objects.count() == 1


@pytest.mark.skipif(
    not hasattr(sqlite.sqlite3, "__file__") or "pysqlite3" not in sqlite.sqlite3.__name__, reason="no bundled SQLite here"
)
@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc")
def test_no_second_sqlite_library_is_in_the_process(empty_home):
    """Closing a database file through one library drops the locks that another holds on it."""
    code = """
from pathlib import Path
from commonweal.node.boot import boot
boot(create=True)
from django.apps import apps
from django.db import connection
import importlib, json, pkgutil, commonweal
for module in pkgutil.walk_packages(commonweal.__path__, "commonweal."):
    if ".migrations." not in module.name and not module.name.endswith("__main__"):
        importlib.import_module(module.name)
connection.ensure_connection()
mapped = {line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines() if ".so" in line}
print(json.dumps([name for name in mapped if "sqlite" in name.lower()]))
"""
    on_sqlite = {name: value for name, value in os.environ.items() if name != "COMMONWEAL_DATABASE_URL"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=on_sqlite)
    libraries = json.loads(done.stdout.splitlines()[-1])
    assert len(libraries) == 1
    assert "pysqlite3" in libraries[0]


def _atomic(act: Callable[..., Any], *args: Any) -> None:
    with transaction.atomic():
        act(*args)
