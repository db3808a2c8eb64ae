"""What an operator may set of the resolver."""

from __future__ import annotations

from commonweal.base.config import Setting, declare

declare(
    Setting(
        "resolve.two_curators",
        list,
        [],
        "Kinds or ids of sources whose records need two curators who say the same, e.g. organisation, dpga.",
    ),
)
