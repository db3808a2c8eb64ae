"""One home per test session, never the developer's own; PostgreSQL when COMMONWEAL_TEST_POSTGRES_URL names one."""

from __future__ import annotations

import os
import tempfile

_home = tempfile.mkdtemp(prefix="commonweal-test-")
os.environ["COMMONWEAL_HOME"] = _home
if url := os.environ.get("COMMONWEAL_TEST_POSTGRES_URL"):
    os.environ["COMMONWEAL_DATABASE_URL"] = url
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commonweal.node.settings")
