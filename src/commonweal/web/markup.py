"""Words, numbers, dates and icons as the reader's language writes them: what templates call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlencode, urlsplit

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton, format_timedelta
from babel.numbers import format_compact_decimal, format_decimal
from django.templatetags.static import static
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from commonweal.kernel.text import pick

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


def language() -> str:
    """The language the page is written in."""
    return get_language() or "en"


def direction(lang: str | None = None) -> str:
    """ "rtl" or "ltr"."""
    return "rtl" if (lang or language()).split("-")[0] in RIGHT_TO_LEFT else "ltr"


@cache
def locale(lang: str) -> Locale:
    """Conventions for numbers and dates; the site's English is British."""
    return Locale.parse({"en": "en-GB"}.get(lang, lang), sep="-")


@cache
def icon(name: str, classes: str = "") -> Markup:
    """A symbol of ``static/web/icons.svg``: decoration, the word stands beside it."""
    extra = f" {classes}" if classes else ""
    return Markup('<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>').format(
        extra, static("web/icons.svg"), name
    )


def words(text: Mapping[str, Any] | str | None) -> str:
    """A Text as plain words in the reader's language, or the nearest it has."""
    if text is None or isinstance(text, str):
        return text or ""
    return pick(text, language())[1]


def text(value: Mapping[str, Any] | str | None, reader: str | None = None) -> Markup:
    """A Text as HTML: marked with its own language and direction where they are not the page's (``reader``)."""
    if value is None or isinstance(value, str):
        return Markup('<span dir="auto">{}</span>').format(value or "")
    reader = reader or language()
    lang, said = pick(value, reader)
    shown = in_language(lang, said, reader)
    return shown + machine_note() if lang in value.get("@machine", ()) else shown


def machine_note() -> Markup:
    """What stands after words that a machine translated."""
    return Markup(' <small class="machine">{}</small>').format(_("translated by machine"))


def in_language(lang: str, said: str | Markup, reader: str | None = None) -> Markup:
    """Words of a language, marked with it where it is not the page's; ``said`` is escaped unless it is Markup."""
    words = escape(said)
    if not said or lang == (reader or language()):
        return words
    marked = "" if lang == "und" else f' lang="{escape(lang)}"'
    return Markup(f'<span{marked} dir="auto">{words}</span>')  # noqa: S704


@lru_cache(maxsize=8192)
def _number(value: int | float, lang: str) -> str:
    return format_decimal(value, locale=locale(lang))


def number(value: float) -> str:
    """12345.5 → "12,345.5" (en), "12 345,5" (fr)."""
    return _number(value, language())


def listed(names: Iterable[str]) -> str:
    """Names one after the other, with the comma of the reader's script."""
    return ("، " if direction() == "rtl" else ", ").join(names)


def price(value: Decimal) -> str:
    """An amount with two to six places after the point: 1.35, 0.0007."""
    return format_decimal(value, format="#,##0.00####", locale=locale(language()))


def compact(value: float) -> str:
    """7_000_000_000 → "7 billion"."""
    return format_compact_decimal(value, locale=locale(language()), format_type="long", fraction_digits=2)


@lru_cache(maxsize=8192)
def _day(iso: str, lang: str) -> str:
    parts = [int(part) for part in iso[:10].split("-")]
    match parts:
        case [year]:
            return str(year)
        case [year, month]:
            return format_skeleton("yMMMM", date(year, month, 1), locale=locale(lang))
        case [year, month, day]:
            return format_date(date(year, month, day), "long", locale=locale(lang))
    raise ValueError(iso)


def day(iso: str | date | None) -> str:
    """An ISO date, as precise as it is known: "2024", "May 2024", "1 May 2024". Unreadable text stays as it is."""
    if not iso:
        return ""
    printed = iso.isoformat() if isinstance(iso, date) else iso
    try:
        return _day(printed, language())
    except ValueError:
        return printed


def moment(value: datetime | str | None) -> str:
    """A point in time to the minute, in UTC."""
    if not value:
        return ""
    return format_datetime(_moment(value), "medium", locale=locale(language())) + " UTC"


def ago(value: datetime | str | None, now: datetime | None = None) -> str:
    """How long since: "3 hours ago"."""
    if not value:
        return ""
    delta = _moment(value) - (now or datetime.now(UTC))
    return format_timedelta(delta, add_direction=True, locale=locale(language()))


def _moment(value: datetime | str) -> datetime:
    parsed = datetime.fromisoformat(value) if isinstance(value, str) else value
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def safe_url(url: Any) -> str | None:
    """``url`` when a link may lead there (http and https only), else None: no script or data address from a source."""
    if not isinstance(url, str):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def query(pairs: Iterable[tuple[str, str]] | Mapping[str, str]) -> str:
    """ "?a=1&b=2", or "?" when there is nothing to ask (a link to the page itself without its query)."""
    return "?" + urlencode(list(pairs.items()) if isinstance(pairs, Mapping) else list(pairs))
