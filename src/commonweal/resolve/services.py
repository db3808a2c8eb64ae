"""Which records are one thing, kept true as records change."""

from __future__ import annotations

from collections.abc import Sequence

from commonweal.base import feed
from commonweal.base.feed import Stored
from commonweal.base.rows import write
from commonweal.catalogue import queries as catalogue
from commonweal.catalogue import services as views
from commonweal.resolve.core.exact import recluster, traits
from commonweal.resolve.models import Key
from commonweal.resolve.queries import StoredKeys


class ResolveConsumer:
    """Follows the records; gives each its entity and has the touched views computed."""

    name = "resolve"
    topics = ("record",)
    batch_size = 250

    def handle(self, changes: Sequence[Stored]) -> None:
        """Take in changed records: their keys, the clusters these touch, the views of those."""
        changed = sorted({change.id for change in changes})
        known = catalogue.stored_records(changed)
        now = {record: traits(record, known[record].data) if record in known else None for record in changed}
        entities = recluster(now, StoredKeys())
        before = catalogue.entity_ids(entities.keys() - now.keys())
        assignments: dict[str, str | None] = {record: entities.get(record) for record in changed}
        assignments |= {record: entities[record] for record, entity in before.items() if entities[record] != entity}
        rows = [(key, record, held.source, held.numbers) for record, held in now.items() if held for key in sorted(held.keys)]

        def keep_keys() -> None:
            Key.objects.filter(record__in=changed).delete()
            write(Key, ("key", "record", "source", "numbers"), rows)

        views.write_views(assignments, known=known, beside=keep_keys)


def rebuild() -> None:
    """Let the resolver read the whole feed again at its next drain: every record's keys and cluster are decided anew."""
    feed.reset(ResolveConsumer.name)
