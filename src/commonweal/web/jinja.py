"""The Jinja2 environment of every page."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from jinja2 import Environment


def environment(**options: Any) -> Environment:
    """Called once by Django's Jinja2 backend."""
    env = Environment(**options, extensions=["jinja2.ext.i18n"])  # noqa: S701 (Django turns autoescape on)
    env.globals.update(static=static, url=reverse)
    return env
