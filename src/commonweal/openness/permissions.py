"""What people may do about openness."""

from __future__ import annotations

from typing import Any

from commonweal.base.permissions import permit


def _own(user: Any, assessment: Any) -> bool:
    return bool(assessment.assessor == f"person:{user.pk}")


def _of_another(user: Any, assessment: Any) -> bool:
    """Nobody reviews their own work."""
    return not _own(user, assessment)


#: Read evidence, verdicts, replies.
permit("openness.read", role="visitor")
#: Begin an assessment.
permit("openness.assess", role="contributor")
#: Answer, submit and withdraw one's own.
permit("openness.edit", role="contributor", rule=_own)
#: Review and publish what others submitted.
permit("openness.review", role="curator", rule=_of_another)
#: Reply to a verdict.
permit("openness.reply", role="contributor")
#: Confirm that a reply comes from those who make the thing.
permit("openness.confirm_reply", role="curator")
#: Read evidence from records again, import documents, compute verdicts again.
permit("openness.reassess", role="curator")
#: Read the fields of disclosure forms that are meant for an authority.
permit("openness.read_restricted", role="curator")
