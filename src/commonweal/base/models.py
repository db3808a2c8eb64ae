"""Rows of the Django ground floor: accounts, the event log, the change feed, jobs."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

import orjson
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """A saved account; without a password nobody can sign in to it but by a link or a recovery code."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.email = self.normalize_email(user.email)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person with an account. Their role says what they may do; see ``permissions.py``."""

    class Role(models.TextChoices):
        CONTRIBUTOR = "contributor", _("Contributor")
        CURATOR = "curator", _("Curator")
        STEWARD = "steward", _("Steward")

    username = models.CharField(max_length=150, unique=True, validators=[UnicodeUsernameValidator()])
    email = models.EmailField(blank=True, default="")
    role = models.CharField(max_length=16, choices=Role, default=Role.CONTRIBUTOR)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    @property
    def actor(self) -> str:
        """How the event log names this person."""
        return f"person:{self.pk}"


class SignInLink(models.Model):
    """A link that lets one person in once: a new one (who is then made with ``role``) or ``user``. Only its hash is kept."""

    token_hash = models.CharField(max_length=64, unique=True)
    role = models.CharField(max_length=16, choices=User.Role, default=User.Role.CONTRIBUTOR)
    user = models.ForeignKey(User, models.CASCADE, null=True)
    expires_at = models.DateTimeField()


class RecoveryCode(models.Model):
    """One of a person's codes for when the password is lost; deleted by its use. Only its hash is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "code_hash"], name="recovery_code_once")]


class SignInFailure(models.Model):
    """A failed attempt to sign in, kept as long as it counts against the next one. Keyed hashes, not names or addresses."""

    account = models.CharField(max_length=64)
    address = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["account", "at"], name="failure_account"),
            models.Index(fields=["address", "at"], name="failure_address"),
        ]


class HeadManager(models.Manager["Head"]):
    def advance(self, name: str, by: int) -> tuple[int, str]:
        """Take the next ``by`` numbers of a log; the last of them, and the digest of what stands before them.

        One statement that holds the row's lock until the transaction ends: on PostgreSQL the next writer waits for this
        one's commit or rollback, on SQLite writers are serial by nature. So numbers are gapless and in commit order.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO base_head (name, number, digest) VALUES (%s, %s, '') "
                "ON CONFLICT (name) DO UPDATE SET number = base_head.number + excluded.number RETURNING number, digest",
                [name, by],
            )
            number, digest = cursor.fetchone()
        return number, digest


class Head(models.Model):
    """Where a numbered log ends."""

    name = models.CharField(primary_key=True, max_length=32)
    number = models.BigIntegerField()
    digest = models.CharField(max_length=64, default="")

    objects = HeadManager()


class AppendOnly(models.QuerySet[Any]):
    """Rows that are written once. The database refuses too, by triggers: see migration 0002."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("Events are never changed or deleted.")

    update = delete = bulk_update = _refuse


class Event(models.Model):
    """Who did what to what, chained by hashes; written by ``events.record_event``."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=200)
    action = models.CharField(max_length=100)
    obj = models.CharField(max_length=300, db_index=True)
    data_json = models.TextField()  # text, because the hash covers it: a JSON column gives back other bytes
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    objects = AppendOnly.as_manager()

    class Meta:
        ordering = ["seq"]

    @property
    def data(self) -> dict[str, Any]:
        return orjson.loads(self.data_json)  # type: ignore[no-any-return]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("Events are never changed or deleted.")
        super().save(*args, force_insert=True)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("Events are never changed or deleted.")


class Change(models.Model):
    """Something is different now; numbered in commit order by ``feed.append``."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    topic = models.CharField(max_length=32)
    key = models.CharField(max_length=300)
    op = models.CharField(max_length=16)
    data = models.JSONField(default=dict)


class Cursor(models.Model):
    """How far a consumer of the change feed has read, who is at it now, and what went wrong last."""

    name = models.CharField(primary_key=True, max_length=64)
    seq = models.BigIntegerField(default=0)
    holder = models.CharField(max_length=100, default="")
    lease_until = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)
    error = models.TextField(default="")
    retry_at = models.DateTimeField(null=True)


class Job(models.Model):
    """Work for the worker; see ``jobs.py``."""

    class Status(models.TextChoices):
        READY = "READY"
        RUNNING = "RUNNING"
        FAILED = "FAILED"
        SUCCESSFUL = "SUCCESSFUL"

    id = models.CharField(primary_key=True, max_length=32)
    task = models.CharField(max_length=200)  # dotted path of the task
    args = models.JSONField(default=list)
    kwargs = models.JSONField(default=dict)
    priority = models.IntegerField(default=0)
    unique_key = models.CharField(max_length=300, null=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.READY)
    enqueued_at = models.DateTimeField(default=timezone.now)
    run_after = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    last_attempted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    holder = models.CharField(max_length=100, default="")
    lease_until = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=3)  # how many are allowed
    workers = models.JSONField(default=list)  # one entry an attempt begun
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    message = models.CharField(max_length=300, default="")
    result = models.JSONField(null=True)
    error = models.JSONField(null=True)  # {"class", "message", "traceback"}

    class Meta:
        indexes = [models.Index(fields=["status", "run_after"], name="job_queue")]
        constraints = [
            models.UniqueConstraint(fields=["unique_key"], condition=Q(status__in=["READY", "RUNNING"]), name="job_queued_once")
        ]


class Schedule(models.Model):
    """A task that is enqueued again and again; ``rule`` is read by ``schedules.next_time``."""

    name = models.CharField(primary_key=True, max_length=100)
    rule = models.CharField(max_length=64)
    task = models.CharField(max_length=200)
    args = models.JSONField(default=list)
    kwargs = models.JSONField(default=dict)
    next_at = models.DateTimeField(db_index=True)
