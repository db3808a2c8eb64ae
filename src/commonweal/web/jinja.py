"""The Jinja2 environment of every page."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from jinja2 import Environment, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from commonweal.web import charts, markup
from commonweal.web.frame import Frame


def environment(**options: Any) -> Environment:
    """Called once by Django's Jinja2 backend."""
    options.update(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    env = Environment(**options, extensions=["jinja2.ext.i18n"])  # noqa: S701 (Django turns autoescape on)
    env.install_gettext_callables(  # type: ignore[attr-defined]
        _gettext, translation.ngettext, newstyle=True, pgettext=translation.pgettext, npgettext=translation.npgettext
    )
    env.policies["ext.i18n.trimmed"] = True
    env.globals.update(
        static=cache(static),  # a file's address changes with its content, and a running program's files do not
        url=_address,
        frame=_frame,
        icon=markup.icon,
        words=markup.words,
        text=markup.text,
        number=markup.number,
        day=markup.day,
        moment=markup.moment,
        ago=markup.ago,
        safe_url=markup.safe_url,
        bars=charts.bars,
        columns=charts.columns,
    )
    return env


def fragment(template: str, context: dict[str, Any]) -> Markup:
    """A piece of a page as HTML, to be put into another template; templates escape by themselves."""
    return Markup(render_to_string(template, context))  # noqa: S704


def _gettext(message: str) -> str:
    return _translated(message, markup.language())


@lru_cache(maxsize=8_192)
def _translated(message: str, lang: str) -> str:
    """A message of a template in the active language ``lang``: a page has some fifty, and catalogues do not change."""
    return translation.gettext(message)


@pass_context
def _frame(context: Context) -> Frame:
    request = context.get("request")
    return Frame(request if isinstance(request, HttpRequest) else None)


def _address(name: str, *args: Any) -> str:
    return reverse(name, args=args)
