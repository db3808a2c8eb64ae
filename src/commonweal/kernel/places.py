"""Countries: ISO 3166 alpha-3 from codes and from exact names in many languages.

Names come from CLDR (``data/make_names.py``) and from ``data/aliases.toml`` (official long names, former and common names,
spellings of public registries). Nothing is guessed.

Decisions:

* The field is known to hold a country: a two-letter word is alpha-2 (``CA`` is Canada, never Catalan); a code that is
  only a language's (``sw``, ``el``) is None.
* Bodies and regions are no countries: UN, EU, Africa, Global. Names that fit two are None: ``Congo``, ``Korea``, ``Saint
  Martin``, ``Virgin Islands``. ISO's own short names stay: ``Guinea`` is GIN, ``Georgia`` GEO, ``Niger`` NER. England, Scotland,
  Wales and Northern Ireland are in GBR.
* ``NA`` is Namibia's code; ``na`` and ``n/a`` are "no value". ``and``, ``per``, ``can`` in lower case are words.
* Kosovo is ``XKX``, the code in use though ISO has not assigned it; it is not in ``COUNTRIES``.
"""

from __future__ import annotations

from functools import cache, lru_cache

from commonweal.kernel.names import aliases, name_form, rows

MAX_CHARACTERS = 100

_CODES = [(alpha3, alpha2, title) for alpha3, alpha2, title in rows("countries.tsv")]

COUNTRIES: tuple[str, ...] = tuple(alpha3 for alpha3, alpha2, _ in _CODES if alpha2)
"""Alpha-3 codes of all 249 countries and areas that ISO 3166 officially assigns, sorted."""

ALPHA2: dict[str, str] = {alpha3: alpha2 for alpha3, alpha2, _ in _CODES if alpha2}
"""Alpha-2 by alpha-3."""

_TITLES = {alpha3: title for alpha3, _, title in _CODES}
_BY_CODE = {**{two: three for three, two in ALPHA2.items()}, **{code: code for code in _TITLES}, "XK": "XKX"}


@cache
def _names() -> dict[str, str]:
    names = {form: alpha3 for alpha3, forms in rows("country_names.tsv") for form in forms.split("|")}
    by_hand = aliases()
    names.update((name_form(name), alpha3) for name, alpha3 in by_hand["countries"].items())
    for name in by_hand["not"]["countries"]:
        names.pop(name_form(name), None)
    return names


@cache
def _not_codes() -> frozenset[str]:
    return frozenset(aliases()["not"]["country_codes"])


def parse_country(raw: str) -> str | None:
    """ISO 3166 alpha-3 of an alpha-2 or alpha-3 code (any case) or of an exact name in many languages; else None."""
    if not isinstance(raw, str) or len(raw) > MAX_CHARACTERS:
        return None
    return _parse(raw)


@lru_cache(maxsize=8192)
def _parse(raw: str) -> str | None:
    raw = raw.strip()
    if raw in _not_codes():
        return None
    return _BY_CODE.get(raw.upper()) or _names().get(name_form(raw))


@lru_cache(maxsize=8192)
def country_name(code: str, lang: str = "en") -> str:
    """The country's name in ``lang`` (CLDR) by alpha-3 code, else in English, else the code itself."""
    if lang.partition("-")[0] != "en" and code in _TITLES:
        from babel import Locale, UnknownLocaleError  # 30 ms and the locale's data: only for those who ask

        try:
            territories = Locale.parse(lang.replace("-", "_")).territories
        except (ValueError, UnknownLocaleError):
            pass
        else:
            return str(territories.get(ALPHA2.get(code, code[:2]), _TITLES[code]))
    return _TITLES.get(code, code)
