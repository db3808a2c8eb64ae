"""Where the resolver appears in other rooms. What it computes with is loaded when it is first asked, not at start-up."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from commonweal.base.registries import HomeBlock, Panel


def _panel(request: HttpRequest, view: dict[str, Any]) -> str | None:
    from commonweal.resolve.pages import panel

    return panel(request, view)


def _home_line(request: HttpRequest) -> str:
    from commonweal.resolve.pages import home_line

    return home_line(request)


def _home_data(request: HttpRequest) -> dict[str, int]:
    from commonweal.resolve.queries import figures

    return figures()


PANEL: Final = Panel("why", _("Why these are one thing"), 80, _panel)  # type: ignore[arg-type]  # lazy words
BLOCK: Final = HomeBlock("resolve", 45, _home_line, _home_data)
