"""What people may do about which records are one thing."""

from __future__ import annotations

from commonweal.base.permissions import permit

#: See the questions, the reasons and the decisions; look for overlap.
permit("resolve.read", role="visitor")
#: Say whether two records are one thing, and take a decision back.
permit("resolve.judge", role="curator")
