"""Rows of the openness room: what voices say (statements), who judged (assessments), how it came out (verdicts), replies."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models

from commonweal.base.rows import BytewiseField


class AppendOnly(models.QuerySet[Any]):
    """Rows that are written once. The database refuses too, by triggers: see the migration."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("Evidence is never changed or deleted.")

    update = delete = bulk_update = _refuse


class Statement(models.Model):
    """All evidence that one voice gives about one record at one time; the newest of a voice is in force."""

    id = models.BigAutoField(primary_key=True)
    record = BytewiseField(max_length=20)
    voice = models.CharField(max_length=200)  # "record", "import:<file>", "person:<id>"
    digest = models.CharField(max_length=64)  # of `data`
    data = models.TextField()  # JSON: {"types", "native", "evidence", "problems"}
    actor = models.CharField(max_length=200)
    at = models.DateTimeField()

    objects = AppendOnly.as_manager()

    class Meta:
        indexes = [models.Index(fields=["record"], name="statement_record")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("Evidence is never changed or deleted.")
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("Evidence is never changed or deleted.")


class Assessment(models.Model):
    """One assessor's judgement of one subject, under every framework that its answers reach; a newer version supersedes it."""

    class State(models.TextChoices):
        DRAFT = "draft"
        SUBMITTED = "submitted"
        REVIEWED = "reviewed"
        PUBLISHED = "published"
        SUPERSEDED = "superseded"
        WITHDRAWN = "withdrawn"

    class Role(models.TextChoices):
        NODE = "node"  # computed from evidence that was read automatically
        SELF = "self"  # by those who make the thing
        THIRD_PARTY = "third-party"

    id = models.BigAutoField(primary_key=True)
    subject = BytewiseField(max_length=20)  # a record id; the entity that shows this record shows the assessment
    assessor = models.CharField(max_length=200)  # actor; "node" for what this node computes
    name = models.CharField(max_length=200, default="")  # as shown
    role = models.CharField(max_length=16, choices=Role)
    version = models.IntegerField(default=1)
    state = models.CharField(max_length=16, choices=State)
    interest = models.TextField(default="")  # conflict of interest, declared and shown; "" says there is none
    dissent = models.TextField(default="")  # of the reviewer, kept beside the verdict
    reviewer = models.CharField(max_length=200, default="")
    answers = models.TextField(default="[]")  # JSON: the assessor's own evidence; frozen as a statement when published
    basis = models.CharField(max_length=64, default="")  # digest of statements and rules it was computed from
    created = models.DateTimeField()
    changed = models.DateTimeField()
    published = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "assessor", "version"], name="assessment_version")]
        indexes = [models.Index(fields=["state", "changed"], name="assessment_state")]


class Verdict(models.Model):
    """How an assessment came out under one framework at one version; written when it is published, never changed."""

    id = models.BigAutoField(primary_key=True)
    assessment = models.ForeignKey(Assessment, models.PROTECT)
    subject = BytewiseField(max_length=20)
    framework = models.CharField(max_length=32)
    version = models.CharField(max_length=32)
    mode = models.CharField(max_length=16, default="")
    rules = models.CharField(max_length=64)  # digest of the framework's data
    verdict = models.CharField(max_length=100)
    score = models.FloatField(null=True)
    level = models.SmallIntegerField()  # highest assurance of the evidence that decides
    current = models.BooleanField()
    result = models.TextField()  # JSON: {"sentence", "progress", "missing", "items": {id: {"status", "met", "reason"}}}

    class Meta:
        indexes = [
            models.Index(fields=["subject"], name="verdict_subject"),
            models.Index(fields=["framework", "mode", "-score"], condition=models.Q(current=True), name="verdict_league"),
        ]


class Reply(models.Model):
    """The right of reply: what those who make a thing say, shown beside the verdicts as long as the thing is shown."""

    id = models.BigAutoField(primary_key=True)
    subject = BytewiseField(max_length=20, db_index=True)
    author = models.CharField(max_length=200)  # actor
    name = models.CharField(max_length=200)
    words = models.TextField()
    url = models.CharField(max_length=500, default="")
    proof = models.CharField(max_length=300, default="")  # how a curator knows that it is the maintainer; "" says unproved
    at = models.DateTimeField()
