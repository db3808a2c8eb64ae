"""Rows of the resolver: what it knows of records, the edges between them, and the log of judgements."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models

from commonweal.base.rows import BytewiseField


class Profile(models.Model):
    """What the resolver knows of a record (``core/profile.py``). Derived; of a record that is gone the data are ''."""

    record = BytewiseField(primary_key=True, max_length=20)
    kind = models.CharField(max_length=16)
    source = models.CharField(max_length=64)
    data = models.TextField()  # JSON
    change = models.BigIntegerField()  # number of the feed's change it was taken from

    class Meta:
        indexes = [models.Index(fields=["change"], name="profile_change")]


class Edge(models.Model):
    """A pair of records that are joined by a rule, or that a person is asked about (``core/resolver.py``). Derived."""

    id = models.BigAutoField(primary_key=True)
    left = BytewiseField(max_length=20)  # the smaller id
    right = BytewiseField(max_length=20)
    weight = models.FloatField()
    levels = models.CharField(max_length=100)  # JSON
    rule = models.CharField(max_length=20)
    settled = models.BooleanField()
    answered = models.BooleanField(default=False)  # a judgement holds for the pair

    class Meta:
        constraints = [models.UniqueConstraint(fields=["left", "right"], name="edge_once")]
        indexes = [
            models.Index(fields=["right"], name="edge_right"),
            models.Index(fields=["-weight"], condition=models.Q(rule="", settled=False, answered=False), name="edge_question"),
        ]


class AppendOnly(models.QuerySet[Any]):
    """Rows that are written once. The database refuses too, by triggers: see the migration."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("Judgements are never changed or deleted.")

    update = delete = bulk_update = _refuse


class Judgement(models.Model):
    """A line of the log (``core/judgements.py``)."""

    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=64, unique=True)
    left = BytewiseField(max_length=20, db_index=True)
    right = BytewiseField(max_length=20, db_index=True)
    verdict = models.CharField(max_length=16)
    actor = models.CharField(max_length=200)
    at = models.CharField(max_length=32)  # ISO 8601 in UTC: text, because the digest covers it
    reason = models.TextField()
    weights = models.TextField()  # JSON: comparison → bits
    model = models.CharField(max_length=64)
    retracts = models.CharField(max_length=64)

    objects = AppendOnly.as_manager()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("Judgements are never changed or deleted.")
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("Judgements are never changed or deleted.")


class State(models.Model):
    """What the derived rows were made by; `writes` counts up, so that a process knows when another one has written."""

    name = models.CharField(primary_key=True, max_length=16)
    version = models.CharField(max_length=100)
    writes = models.BigIntegerField(default=0)
    report = models.TextField(default="{}")  # JSON: what the last change of version changed
