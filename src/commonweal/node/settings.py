"""Django settings of a node, computed from its home and typed settings."""

from __future__ import annotations

import os
from pathlib import Path

from commonweal.base import sqlite

PACKAGE = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("COMMONWEAL_HOME", ".commonweal")).resolve()

SECRET_KEY = "replaced-by-the-node"
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "commonweal.node.urls"
WSGI_APPLICATION = "commonweal.node.wsgi.application"
AUTH_USER_MODEL = "base.User"
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "commonweal.base",
    "commonweal.web",
    "commonweal.catalogue",
    "commonweal.resolve",
    "commonweal.search",
    "commonweal.node",
]

MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]

LANGUAGES = [("en", "English"), ("fr", "Français"), ("ar", "العربية")]
LOCALE_PATHS = [PACKAGE / "locale"]

_url = os.environ.get("COMMONWEAL_DATABASE_URL", "")
if _url.startswith(("postgres://", "postgresql://")):
    from urllib.parse import unquote, urlsplit

    _parts = urlsplit(_url)
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _parts.path.lstrip("/") or "postgres",
            "USER": unquote(_parts.username or ""),
            "PASSWORD": unquote(_parts.password or ""),
            "HOST": _parts.hostname or "",
            "PORT": _parts.port or "",
        }
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HOME / "node.db",
            "OPTIONS": {
                "timeout": 30,
                "transaction_mode": "IMMEDIATE",
                "init_command": (
                    f"PRAGMA journal_mode={'WAL' if sqlite.WAL_SAFE else 'DELETE'};"
                    "PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;PRAGMA mmap_size=268435456;PRAGMA cache_size=-16000;"
                ),
            },
        }
    }

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [PACKAGE / room / "templates" for room in ("web", "catalogue", "resolve", "search", "base")],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "commonweal.web.jinja.environment"},
    },
]
