"""Records as a harvest stores them, and the consumer that follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.db import transaction
from django.utils import timezone

from commonweal.base import feed
from commonweal.catalogue.core.record import Record, record_id
from commonweal.catalogue.models import Record as Row
from commonweal.catalogue.models import Source
from commonweal.catalogue.storing import Outcome, store
from commonweal.resolve import memory
from commonweal.resolve.services import ResolveConsumer

Said = Record | tuple[str, str]


@pytest.fixture
def say() -> Callable[..., None]:
    """Store records as a harvest does; a pair (source, native id) is one that can no longer be read."""

    def store_all(*records: Said) -> None:
        now = timezone.now()
        for said in records:
            source, native_id = said if isinstance(said, tuple) else (said.source, said.native_id)
            row, _ = Source.objects.get_or_create(pk=source)
            data = {} if isinstance(said, tuple) else said.to_json()
            outcome = Outcome(record_id(source, native_id), native_id, "0" * 64, reason="" if data else "broken", data=data)
            former = Row.objects.in_bulk([outcome.id])
            with transaction.atomic():
                changes = store(source, "1", 1, [outcome], former, row.numbered, now)
                Source.objects.filter(pk=source).update(numbered=row.numbered + (not former))
                feed.append(changes)

    return store_all


@pytest.fixture
def resolve() -> Iterator[Callable[..., None]]:
    """Let the consumer read all it has not read, in batches of a size."""
    memory.forget()
    seq = feed.head()

    def read_on(batch: int = 250) -> None:
        nonlocal seq
        seq = min(seq, feed.head())  # a test may have rolled back
        consumer = ResolveConsumer()
        changes = feed.read(seq, topics=consumer.topics, limit=100_000)
        for start in range(0, len(changes), batch):
            consumer.handle(changes[start : start + batch])
        seq = feed.head()

    yield read_on
    memory.forget()
