"""Rows of the catalogue. Attributed values live in JSON texts (written and read by orjson), never in a row each."""

from __future__ import annotations

from django.db import models

from commonweal.base.rows import BytewiseField


class Source(models.Model):
    """What this node knows of a source beside its YAML: whether it is on, and where its last run left it."""

    id = BytewiseField(primary_key=True, max_length=64)
    enabled = models.BooleanField(default=True)
    cursor = models.TextField(default="null")  # JSON: what the connector asked to be handed next time
    mapping = models.CharField(max_length=64, default="")  # version of the mapping all records are mapped by
    numbered = models.PositiveBigIntegerField(default=0)  # records this source ever had; see Record.number
    release = models.CharField(max_length=200, default="")  # version the source gives itself
    last_success = models.DateTimeField(null=True)
    error = models.TextField(default="")


class Run(models.Model):
    """One reading of a source."""

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        PARTIAL = "partial"
        FAILED = "failed"
        STOPPED = "stopped"

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="runs")
    source_id: str
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    actor = models.CharField(max_length=200)
    started = models.DateTimeField()
    finished = models.DateTimeField(null=True)
    release = models.CharField(max_length=200, default="")
    mapping = models.CharField(max_length=64)
    replay = models.TextField(default="")  # the file, folder or URL read in place of the source's address
    holder = models.CharField(max_length=100, default="")  # process at work; see base/leases.py
    lease_until = models.DateTimeField(null=True)
    cursor = models.TextField(default="null")  # JSON: resumes after the last page that was saved
    seen = models.BinaryField(default=b"")  # zlib: one bit for each Record.number this run saw
    counts = models.TextField(default="{}")  # JSON: outcome → records
    errors = models.TextField(default="{}")  # JSON: kind → {count, examples}
    differences = models.TextField(default="{}")  # JSON: what changed in the values: see core/differences.py
    report = models.TextField(default="{}")  # JSON: the source as this run left it: see core/report.py
    note = models.TextField(default="")  # why it ended so, in a sentence

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source"], condition=models.Q(state="running"), name="one_running_run_a_source")
        ]


class Record(models.Model):
    """The newest state of what one source says about one thing; former states are RecordVersion rows."""

    class State(models.TextChoices):
        LIVE = "live"
        REJECTED = "rejected"
        MISSING = "missing"  # absent once, still shown
        GONE = "gone"  # absent, and somebody agreed
        MOVED = "moved"  # another record took its place

    id = BytewiseField(primary_key=True, max_length=20)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="records", db_index=False)
    source_id: str
    native_id = BytewiseField(max_length=500)
    number = models.PositiveBigIntegerField()  # counts up within the source; a bit in Run.seen
    kind = models.CharField(max_length=16, default="")
    state = models.CharField(max_length=8, choices=State)
    reason = models.TextField(default="")  # why it is rejected
    digest = models.CharField(max_length=64)  # SHA-256 of the payload
    mapping = models.CharField(max_length=64)
    stream = models.CharField(max_length=100)
    path = models.TextField(default="")
    raw = models.CharField(max_length=120)  # where the payload lies in the raw store
    data = models.TextField()  # the record as JSON; '' when rejected
    joined = BytewiseField(max_length=20, null=True)  # entity it was joined to; null when it bears its entity's id
    successor = BytewiseField(max_length=20, null=True)  # record that took its place; its address leads there
    first_run = models.BigIntegerField()
    first_seen = models.DateTimeField()
    changed_run = models.BigIntegerField()
    changed = models.DateTimeField()

    class Meta:
        # (source, native_id) is unique because the id is its hash. Indexes that grow at their end cost a tenth of those
        # that take random values, so there is no other of the latter kind.
        constraints = [models.UniqueConstraint(fields=["source", "number"], name="number_once_a_source")]
        indexes = [
            models.Index(fields=["source", "state"], name="record_source_state"),
            models.Index(fields=["source", "id"], condition=models.Q(state="rejected"), name="record_rejected"),
            models.Index(fields=["joined"], condition=models.Q(joined__isnull=False), name="record_joined"),
        ]

    @property
    def entity_id(self) -> str:
        """The entity that shows it, while it is shown."""
        return str(self.joined or self.pk)


class RecordVersion(models.Model):
    """A former state of a record, written when a newer one takes its place; never altered."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="versions")
    state = models.CharField(max_length=8)
    reason = models.TextField(default="")
    digest = models.CharField(max_length=64)
    mapping = models.CharField(max_length=64)
    raw = models.CharField(max_length=120)
    data = models.TextField()
    run = models.BigIntegerField()  # the run that brought it
    since = models.DateTimeField()
    until = models.DateTimeField()


class Alias(models.Model):
    """A printed identifier a record gives itself, and from when to when it did."""

    id = models.BigAutoField(primary_key=True)
    printed = BytewiseField(max_length=500, db_index=True)  # scheme:value
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="aliases", db_index=False)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)


class Link(models.Model):
    """A record's typed pointer at another thing, indexed by its target so that links can be followed backwards."""

    id = models.BigAutoField(primary_key=True)
    target = BytewiseField(max_length=500, db_index=True)  # identifier, record:<id> or name:<normalised name>
    type = models.CharField(max_length=20)
    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="links", db_index=False)


class Entity(models.Model):
    """The view of one real thing, computed from its records. Its id is the smallest of their ids."""

    id = BytewiseField(primary_key=True, max_length=20)
    kind = models.CharField(max_length=16)
    title_sort = BytewiseField(max_length=400)
    issued_sort = BytewiseField(max_length=32)
    modified_sort = BytewiseField(max_length=32)
    records = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)  # SHA-256 of the view
    view = models.TextField()
    updated = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["kind"], name="entity_kind"), models.Index(fields=["updated"], name="entity_updated")]


class Retired(models.Model):
    """The id of an entity that is no more: when it went, and what it was. Deleted when the entity returns."""

    id = BytewiseField(primary_key=True, max_length=20)
    kind = models.CharField(max_length=16)
    title = models.TextField()  # JSON: Text
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at", "id"], name="retired_at")]


class Plan(models.Model):
    """What a run's complete listing would take away; PlanEntry rows name each record."""

    class State(models.TextChoices):
        OPEN = "open"
        APPLIED = "applied"
        REFUSED = "refused"
        SUPERSEDED = "superseded"

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="plans")
    source_id: str
    run = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    made = models.DateTimeField()
    counts = models.TextField()  # JSON: live, added, changed, unchanged, same_values, vanished, and each fate
    findings = models.TextField()  # JSON: codes of core/plan.py
    fingerprint = models.CharField(max_length=64)
    decided = models.DateTimeField(null=True)
    actor = models.CharField(max_length=200, default="")
    reason = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source"], condition=models.Q(state="open"), name="one_open_plan_a_source")
        ]


class PlanEntry(models.Model):
    """One vanished record of a plan and its fate; titles and keys are the record's own, which is never deleted."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="entries")
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+", db_index=False)
    record_id: str
    fate = models.CharField(max_length=12)
    basis = models.CharField(max_length=12, default="")
    detail = models.TextField(default="")
    successor = BytewiseField(max_length=20, default="")
