"""Rows of the resolver: the keys each live record holds."""

from __future__ import annotations

from django.db import models


class Key(models.Model):
    """A record holds a key; see ``core/exact.py``. The record's traits stand beside it, so that one query tells all."""

    id = models.BigAutoField(primary_key=True)
    key = models.TextField()
    record = models.CharField(max_length=20)
    source = models.CharField(max_length=64)
    numbers = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["key"], name="key_key"), models.Index(fields=["record"], name="key_record")]
