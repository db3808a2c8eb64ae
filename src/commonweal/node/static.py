"""Addresses of static files that change when the file does, without a collecting step."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


class VersionedFiles(StaticFilesStorage):
    """``static("web/page.css")`` → ``/static/web/page.css?v=3f2a91c07d``.

    Browsers keep a file for long, yet ask for a new one at once.
    """

    def url(self, name: str | None) -> str:
        address: str = super().url(name)
        version = _version(name or "")
        return f"{address}?v={version}" if version else address


@cache
def _version(name: str) -> str:
    found = finders.find(name)
    if not isinstance(found, str) or not Path(found).is_file():
        return ""
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:10]
