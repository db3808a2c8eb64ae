"""Django settings of a node, computed from its home and its typed settings (``commonweal config show``)."""

from __future__ import annotations

from pathlib import Path

from commonweal.base import sqlite  # first of all: swaps the SQLite library before Django opens a database
from commonweal.base.config import setting
from commonweal.base.home import home
from commonweal.node import config as _config  # noqa: F401 (declares the settings read below)
from commonweal.node import database, logs

PACKAGE = Path(__file__).resolve().parent.parent
ROOMS = ("base", "web", "catalogue", "resolve", "search", "openness", "node")

SECRET_KEY = home().read_secret_key()
DEBUG = False
ALLOWED_HOSTS = setting("server.allowed_hosts")
ROOT_URLCONF = "commonweal.node.urls"
WSGI_APPLICATION = "commonweal.node.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = False

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    *(f"commonweal.{room}" for room in ROOMS),
]
DATABASES = {"default": database.entry(setting("database.url"), home().database, wal=sqlite.WAL_SAFE)}

# Order matters: each sees the request before, and the answer after, those below it.
MIDDLEWARE = [
    "commonweal.node.middleware.identify",
    "commonweal.node.middleware.protect",
    "commonweal.node.middleware.Compress",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "commonweal.web.preferences.PreferencesMiddleware",
    "commonweal.node.middleware.revalidate",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "commonweal.node.failures.AnswerFailures",
]

# Accounts
AUTH_USER_MODEL = "base.User"
LOGIN_URL = "/account/sign-in"
HTTPS = setting("server.https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if HTTPS and host != "*"]
CSRF_FAILURE_VIEW = "commonweal.node.failures.csrf_failure"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

# Languages and time
LANGUAGE_CODE = setting("node.languages")[0]
LANGUAGES = [
    (tag, name) for tag, name in (("en", "English"), ("fr", "Français"), ("ar", "العربية")) if tag in setting("node.languages")
]
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [PACKAGE / "locale"]
USE_TZ = True
TIME_ZONE = setting("node.time_zone")

# Pages and static files
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [PACKAGE / room / "templates" for room in ROOMS],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "commonweal.web.jinja.environment"},
    },
]
STATIC_URL = "/static/"
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.AppDirectoriesFinder"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "commonweal.node.static.VersionedFiles"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 7 * 24 * 3600

# Limits on what may be sent to the node
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

TASKS = {"default": {"BACKEND": "commonweal.base.jobs_backend.JobsBackend"}}

LOGGING = logs.configuration(setting("log.level"))
