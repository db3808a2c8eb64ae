"""Who may do what: one function, asked by pages, API, CLI and jobs alike.

Each room declares its actions with ``permit`` in its own ``permissions.py``. Only the account's role counts; Django's
superuser flag and model permissions are not used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from commonweal.kernel.errors import CommonwealError

ROLES: Final = ("visitor", "contributor", "curator", "steward")
"""From least to most; each may do all that those before it may."""


class _System:
    """The node itself: jobs, and commands typed by whoever holds the machine."""

    is_active = True
    role = "steward"

    def __repr__(self) -> str:
        return "SYSTEM"


SYSTEM: Final = _System()


@dataclass(frozen=True, slots=True)
class Permission:
    """Needs at least ``role`` and, where there is a ``rule``, that it holds for this user and object."""

    role: str
    rule: Callable[[Any, Any], bool] | None


_PERMISSIONS: dict[str, Permission] = {}


def permit(action: str, *, role: str, rule: Callable[[Any, Any], bool] | None = None) -> None:
    """Declare an action, e.g. ``permit("catalogue.edit", role="contributor", rule=owns)``.

    Args:
        action: ``room.verb``.
        role: the least role that may do it.
        rule: ``rule(user, obj)``, a further condition; it is not asked for SYSTEM.
    """
    if role not in ROLES:
        raise ValueError(f"No role {role!r}; roles are {', '.join(ROLES)}.")
    if action in _PERMISSIONS:
        raise ValueError(f"Action {action!r} is declared twice.")
    _PERMISSIONS[action] = Permission(role, rule)


def can(user: Any, action: str, obj: Any = None) -> bool:
    """Whether ``user`` (a User, AnonymousUser, None or SYSTEM) may do ``action`` to ``obj``. LookupError: no such action."""
    try:
        permission = _PERMISSIONS[action]
    except KeyError:
        raise LookupError(f"Action {action!r} was never declared with permit().") from None
    if user is SYSTEM:
        return True
    if ROLES.index(role_of(user)) < ROLES.index(permission.role):
        return False
    return permission.rule is None or bool(permission.rule(user, obj))


def require(user: Any, action: str, obj: Any = None) -> None:
    """Raise CommonwealError ``forbidden`` unless ``can``."""
    if can(user, action, obj):
        return
    needed = _PERMISSIONS[action].role
    if role_of(user) == "visitor":
        raise CommonwealError("forbidden", f"Signing in is needed for {action}.", "Sign in and try again.", status=403)
    raise CommonwealError(
        "forbidden",
        f"Your account may not do {action} here.",
        f"It needs the role {needed} and the right to this entry.",
        status=403,
    )


def role_of(user: Any) -> str:
    """The role that counts; whoever is not signed in, or no longer active, is a visitor."""
    return user.role if user is not None and getattr(user, "is_active", False) else "visitor"
