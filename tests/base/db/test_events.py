"""The event log: chained, append-only, and any meddling is found."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import DatabaseError, connection, transaction

from commonweal.base.events import record_event, verify_events
from commonweal.base.models import Event, Head

pytestmark = pytest.mark.django_db


@pytest.fixture
def log():
    return [
        record_event("command:test", "source.enabled", f"source:{n}", {"n": n, "share": 1e100, "ü": "ت"}) for n in range(1, 6)
    ]


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_a_sound_log(log):
    found = verify_events()
    assert found.sound
    assert (found.count, found.seq, found.digest) == (5, 5, log[-1].digest)
    assert Event.objects.get(seq=3).data == {"n": 3, "share": 1e100, "ü": "ت"}


def test_an_empty_log_is_sound():
    assert verify_events().sound


@pytest.mark.parametrize("field", ["actor", "action", "obj", "data_json", "previous", "digest"])
def test_a_changed_field_is_found(log, field):
    sql(f"UPDATE base_event SET {field} = '{{}}' WHERE seq = 3")
    assert any("3" in problem for problem in verify_events().problems)


def test_a_changed_time_is_found(log):
    sql("UPDATE base_event SET at = %s WHERE seq = 3", "2020-01-01 00:00:00+00:00")
    assert verify_events().problems == ("Event 3 was changed.",)


def test_a_deleted_event_is_found(log):
    sql("DELETE FROM base_event WHERE seq = 3")
    assert verify_events().problems == ("Events 3 to 3 are missing.",)


def test_a_truncated_log_is_found(log):
    sql("DELETE FROM base_event WHERE seq > 3")
    assert verify_events().problems == ("The log ends at event 3, but 5 were written.",)
    sql("UPDATE base_head SET number = 3, digest = %s", log[2].digest)
    assert verify_events().sound, "whoever also mends the head is found only by an anchor"
    assert verify_events(anchor=(5, log[-1].digest)).problems == ("The log ends at event 3, but 5 were written.",)


def test_swapped_events_are_found(log):
    for old, new in ((2, 99), (3, 2), (99, 3)):
        sql("UPDATE base_event SET seq = %s WHERE seq = %s", new, old)
    assert {f"Event {n} was changed." for n in (2, 3)} <= set(verify_events().problems)


def test_an_event_forged_at_the_end_is_found(log):
    Event(seq=6, at=log[0].at, actor="x", action="x", obj="x", data_json="{}", previous=log[-1].digest, digest="0" * 64).save()
    assert verify_events().problems == ("Event 6 was changed.", "The log ends at event 6, but only 5 were written.")


def test_a_log_rewritten_as_a_whole_is_found_by_an_anchor(log):
    sql("DELETE FROM base_event")
    Head.objects.all().delete()
    for n in range(5):
        record_event("command:forger", "source.enabled", f"source:{n}")
    assert verify_events().sound
    assert verify_events(anchor=(4, log[3].digest)).problems == ("Event 4 is not the one that was written.",)


def test_an_event_is_gone_when_its_transaction_rolls_back(log):
    with pytest.raises(RuntimeError), transaction.atomic():
        record_event("command:test", "source.enabled", "source:x")
        raise RuntimeError
    assert record_event("command:test", "source.enabled", "source:y").seq == 6
    assert verify_events().sound


def test_the_model_refuses(log):
    for change in (log[0].save, log[0].delete, Event.objects.all().delete, lambda: Event.objects.update(actor="x")):
        with pytest.raises(TypeError, match="never changed"):
            change()


def test_the_database_refuses_too(log):
    guards = import_module("commonweal.base.migrations.0002_append_only_events")
    guards.install(connection)
    columns = "seq, at, actor, action, obj, data_json, previous, digest"
    statements = ["UPDATE base_event SET actor = 'x' WHERE seq = 2", "DELETE FROM base_event WHERE seq = 2"]
    if connection.vendor == "postgresql":
        statements.append("TRUNCATE base_event")
    else:
        statements.append(f"REPLACE INTO base_event ({columns}) SELECT {columns} FROM base_event WHERE seq = 2")
    for statement in statements:
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            sql(statement)
    record_event("command:test", "source.enabled", "source:z")
    assert verify_events().count == 6
