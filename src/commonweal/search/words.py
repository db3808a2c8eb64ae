"""Plain words of the search in the reader's language: filters, orders, notes on how a query was read, syntax."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

FACETS: Final[dict[str, Any]] = {
    "kind": _("Kind"),
    "licence_category": _("What the licence allows"),
    "licence": _("Licence"),
    "language": _("Language"),
    "country": _("Country"),
    "publisher": _("Publisher"),
    "source": _("Source"),
    "year": _("Year"),
    "topic": _("Topic"),
}

SORTS: Final[dict[str, Any]] = {"relevance": _("Best match"), "newest": _("Newest"), "title": _("By name")}

NOTES: Final[dict[str, Any]] = {
    "too-long": _("The query is very long: only its beginning was read."),
    "open-quote": _("A quotation mark was not closed: the words to the end were taken as the phrase."),
    "unknown-field": _("There is no filter called “%(value)s”: it was searched as words."),
    "no-value": _("“%(value)s” has no value and was ignored."),
    "unknown-value": _("“%(value)s” is not known and was ignored."),
    "not-a-number": _("“%(value)s” is not a number and was ignored."),
    "only-exclusions": _("The query only says what to leave out: everything else is shown."),
    "no-words": _("“%(value)s” holds no letters or digits and was ignored."),
    "widened": _("Few entries hold exactly these words: similar spellings and longer words are included."),
    "too-deep": _("Only the first %(value)s results can be reached: narrow the search."),
    "no-index": _("The search index is not ready yet: try again in a moment."),
}

#: What to type → what it finds; the examples are those of ``search.core.query.SYNTAX``.
SYNTAX: Final[dict[str, Any]] = {
    "maternal health": _("entries with both words, also in other forms: plurals, without accents"),
    '"public health"': _("exactly these words in this order"),
    "transl*": _("words that begin with these letters"),
    "-crypto": _("without this word"),
    "kind:model": _("only models; also dataset, software, organisation, initiative, policy, …"),
    "kind:model,dataset": _("one or the other"),
    "-kind:software": _("everything but software"),
    "kind:offer": _("offers by companies that host a model; left out unless asked for"),
    "licence:open": _("by what the licence allows: open, share-alike, non-commercial, proprietary, …"),
    "licence:Apache-2.0": _("by the licence itself"),
    "language:sw  language:Kiswahili": _("in this language, by code or name"),
    "country:KEN  country:Kenya": _("about or from this country, by code or name"),
    'publisher:"Mozilla Foundation"': _("published by"),
    "source:mteb": _("known from this source"),
    "topic:health": _("about this topic"),
    "year>=2023": _("issued in or after; also year:2023, year<2020"),
    "parameters>7b": _("numbers: parameters, downloads, size, rows, context, sources; k, m, b, t for thousand to trillion"),
    "doi:10.5281/zenodo.1  owner/name": _("one entry by an identifier or address"),
}


def note(code: str, value: str) -> str:
    """A note on a query in the reader's language; an unknown code as it is."""
    return str(NOTES.get(code, code)) % {"value": value}
