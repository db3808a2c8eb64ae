"""Use the bundled SQLite where there is one. Imported first by the settings module, before Django opens a database.

Stock SQLite below 3.51.3 can corrupt a write-ahead log shared by two writers. Where pysqlite3 has a wheel it replaces the
standard module for the whole process: no second SQLite library may open the store, because closing a file through one
library drops the POSIX locks that the other holds on it. Elsewhere the standard module stays and WAL is refused by version.
"""

from __future__ import annotations

import sys

try:
    import pysqlite3

    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
except ImportError:  # no wheel for this platform
    pass

import sqlite3

WAL_SAFE = sqlite3.sqlite_version_info >= (3, 51, 3)
JOURNAL_MODE = "WAL" if WAL_SAFE else "DELETE"
