"""The ground floor's own chores."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone

from commonweal.base.jobs import task
from commonweal.base.models import Job, SignInFailure, SignInLink

JOBS_KEPT_DAYS = 30
FAILURES_KEPT_DAYS = 1


@task(unique=True, deadline_s=600)
def tidy() -> dict[str, int]:
    """Delete what nobody will ask for again: old jobs, ended sessions and links, failed sign-ins that no longer count."""
    now = timezone.now()
    old = {
        "jobs": Job.objects.filter(finished_at__lt=now - timedelta(days=JOBS_KEPT_DAYS)),
        "sessions": Session.objects.filter(expire_date__lt=now),
        "links": SignInLink.objects.filter(expires_at__lt=now),
        "sign_in_failures": SignInFailure.objects.filter(at__lt=now - timedelta(days=FAILURES_KEPT_DAYS)),
    }
    return {what: rows.delete()[0] for what, rows in old.items()}
