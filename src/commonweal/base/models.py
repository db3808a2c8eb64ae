"""Rows of the Django ground floor."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person with an account. Their role says what they may do; see ``permissions.py``."""

    class Role(models.TextChoices):
        CONTRIBUTOR = "contributor"
        CURATOR = "curator"
        STEWARD = "steward"

    role = models.CharField(max_length=16, choices=Role, default=Role.CONTRIBUTOR)
