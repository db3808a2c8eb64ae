"""Words as they come in: cleaned once at every boundary, compared folded, shown in the reader's language."""

from __future__ import annotations

import datetime as dt
import html
import math
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.languages import parse_language

Text = dict[str, Any]
Problem = dict[str, str]

MAX_DEPTH = 100  # deeper than any honest record, shallower than Python's own recursion limit
MAX_NODES = 2_000_000  # a few kilobytes of YAML anchors can unfold into billions of values
MAX_PLAIN_CHARACTERS = 100_000  # longer than any description

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n?")


def clean(value: str) -> str:
    """Text every store accepts: no NUL, lone surrogate or control but tab and newline; line ends ``\\n``; NFC.

    Idempotent. Called on every string of every harvested record, so ordinary text passes on two quick looks.
    """
    if value.isascii():
        if value.isprintable() or not _CONTROLS.search(value):
            return value
    elif not _CONTROLS.search(value):
        return value if unicodedata.is_normalized("NFC", value) else unicodedata.normalize("NFC", value)
    return unicodedata.normalize("NFC", _CONTROLS.sub("", _LINE_ENDS.sub("\n", value)))


def clean_tree(value: Any, *, max_characters: int = 1_000_000) -> tuple[Any, list[Problem]]:
    """The JSON value with every string cleaned, and what had to be changed.

    Returns a copy that JSON and both databases can hold, and problems ``{"field", "value", "problem"}`` (field is a
    dotted path) for each removed NUL or surrogate, cut string, value JSON cannot hold and key met twice. Line ends
    and NFC are not worth a problem: no meaning is lost. Dates, as YAML makes them, become ISO text.

    Raises:
        CommonwealError: ``value-too-large`` beyond two million values (aliases that unfold without end).
    """
    cleaner = _TreeCleaner(max_characters)
    return cleaner.clean(value, "", 0), cleaner.problems


#: In JSON as orjson writes it: escapes of controls, DEL and C1, and `null`, which may have been a NaN.
_DOUBTFUL = re.compile(rb"\\(?:[rbf]|u00)|\x7f|\xc2[\x80-\x9f]|null")


def surely_clean(data: bytes, *, max_characters: int = 1_000_000) -> bool:
    """True when ``clean_tree`` would change nothing of the value this JSON was written from; False when it might.

    Args:
        data: the value as orjson writes it. Nearly every honest record passes, in a tenth of the time of a walk.
    """
    if len(data) > max_characters or data.count(b"[") + data.count(b"{") >= MAX_DEPTH or _DOUBTFUL.search(data):
        return False
    return data.isascii() or unicodedata.is_normalized("NFC", data.decode())


class _TreeCleaner:
    def __init__(self, max_characters: int) -> None:
        self.max_characters = max_characters
        self.problems: list[Problem] = []
        self.budget = MAX_NODES

    def clean(self, value: Any, path: str, depth: int) -> Any:
        if isinstance(value, str):
            return self.string(value, path)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, (Mapping, list, tuple)):
            if depth >= MAX_DEPTH:
                self.record(path, "…", f"nested more than {MAX_DEPTH} deep: dropped")
                return None
            self.budget -= len(value)
            if self.budget < 0:
                raise CommonwealError(
                    "value-too-large", f"The value holds more than {MAX_NODES:,} parts.", "Split it into records."
                )
            if isinstance(value, Mapping):
                return self.mapping(value, path, depth)
            return [self.clean(item, f"{path}.{n}" if path else str(n), depth + 1) for n, item in enumerate(value)]
        return self.scalar(value, path)

    def mapping(self, value: Mapping[Any, Any], path: str, depth: int) -> dict[str, Any]:
        cleaned: dict[str, Any] = {}
        for raw_key, item in value.items():
            key = self.string(raw_key if isinstance(raw_key, str) else str(raw_key), path)
            field = f"{path}.{key}" if path else key
            if key in cleaned:
                self.record(field, str(item), "key met twice: the first was kept")
                continue
            cleaned[key] = self.clean(item, field, depth + 1)
        return cleaned

    def string(self, value: str, path: str) -> str:
        if len(value) > self.max_characters:
            self.record(path, value, f"{len(value):,} characters long: cut to {self.max_characters:,}")
            value = value[: self.max_characters]
        cleaned = clean(value)
        if cleaned is not value and cleaned != value:
            if "\x00" in value:
                self.record(path, value, "NUL characters removed")
            if any("\ud800" <= character <= "\udfff" for character in value):
                self.record(path, value, "lone surrogates removed")
            cleaned = cleaned[: self.max_characters]  # NFC can lengthen a string
        return cleaned

    def scalar(self, value: Any, path: str) -> Any:
        if isinstance(value, int):
            if -(2**63) <= value < 2**63:
                return value
            digits = str(value) if value.bit_length() < 10_000 else "…"
            self.record(path, digits, "integer beyond 64 bits: kept as text")
            return digits
        if isinstance(value, float):
            if math.isfinite(value):
                return value
            self.record(path, str(value), "not a finite number: dropped")
            return None
        if isinstance(value, (dt.date, dt.time)):
            return value.isoformat()
        self.record(path, type(value).__name__, "not a JSON value: dropped")
        return None

    def record(self, path: str, value: str, problem: str) -> None:
        self.problems.append({"field": path, "value": clean(value[:80]), "problem": problem})


def text(value: str | Mapping[str, Any] | None, lang: str = "und") -> Text:
    """A Text (``{language tag: words}``) from words in one language or from a mapping by language.

    Keys are read with ``parse_language``; words under a key that is no language go to ``und``. Of two keys for one
    language the first with words stays. The meta keys ``@original`` and ``@machine`` are kept where they are true.
    """
    if value is None:
        return {}
    if isinstance(value, str):
        words = clean(value).strip()
        return {parse_language(lang) or "und": words} if words else {}
    made: Text = {}
    for key, item in value.items():
        if not isinstance(item, str) or key.startswith("@"):
            continue
        words = clean(item).strip()
        if words:
            made.setdefault(parse_language(key) or "und", words)
    original, machine = value.get("@original"), value.get("@machine")
    if isinstance(original, str) and (tag := parse_language(original)) in made:
        made["@original"] = tag
    if isinstance(machine, (list, tuple)):
        tags = {parse_language(item) for item in machine if isinstance(item, str)}
        if kept := sorted(tag for tag in tags if tag in made and tag is not None):
            made["@machine"] = kept
    return made


def pick(text: Mapping[str, Any], lang: str, *fallbacks: str) -> tuple[str, str]:
    """The words to show a reader of ``lang``, with their language tag.

    For each wanted language: the exact tag, its base language, then a sibling (``zh`` finds ``zh-Hans``). Then
    English, the original, the first by tag. ``("und", "")`` when there are no words.
    """
    if isinstance(words := text.get(lang), str) and words and lang[:1] != "@":
        return lang, words
    for wanted in (lang, *fallbacks, "en", text.get("@original")):
        if not isinstance(wanted, str):
            continue
        base = wanted.partition("-")[0]
        for tag in (wanted, base):
            if isinstance(words := text.get(tag), str) and words and not tag.startswith("@"):
                return tag, words
        prefix = base + "-"
        if siblings := [tag for tag, words in text.items() if tag.startswith(prefix) and words]:
            tag = min(siblings)
            return tag, str(text[tag])
    tags = [tag for tag, words in text.items() if words and isinstance(words, str) and not tag.startswith("@")]
    if not tags:
        return "und", ""
    return min(tags), str(text[min(tags)])


# Letters Unicode does not decompose, but readers type without: of European and African alphabets, of Arabic script.
_LETTERS: dict[int, int | str] = {
    **str.maketrans("łøđðħıŧɓɗƙƴɛɔŋɖɣɩʋƒǝə", "loddhitbdkyeondgiufee"),
    **str.maketrans("ٱةىیکەہۀ", "اهييكههه"),
    **str.maketrans("’‘ʼ", "'''"),
    ord("æ"): "ae",
    ord("œ"): "oe",
    ord("þ"): "th",
}
_DROPPED = re.compile(
    "["
    "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"  # marks of Latin, Greek, Cyrillic
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"  # Hebrew points
    "\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed"  # harakat, hamza marks, tatweel
    "\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"  # invisible
    "]+"
)


class _Folded(dict[int, str]):
    """For str.translate: what each character is folded to, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", chr(code)).casefold())
        folded = _DROPPED.sub("", plain.translate(_LETTERS))
        if code <= 0xFFFF:  # nearly all living writing; the other planes could fill 100 MB
            self[code] = folded
        return folded


_FOLDED = _Folded()


def fold(value: str) -> str:
    """The text as search compares it: case and compatibility forms folded, diacritics dropped, idempotent.

    ``Educação`` → ``educacao``, ``ƁAUNA`` → ``bauna``, ``إِسْلَامِيَّة`` → ``اسلاميه``. Marks that are part of the word
    stay: Devanagari and other Indic vowels, Japanese voicing marks.
    """
    return value.lower() if value.isascii() else unicodedata.normalize("NFC", value.translate(_FOLDED))


class _Separators(dict[int, int]):
    """For str.translate: each character that is no letter, digit, mark or one of ``.+#`` becomes a space."""

    def __missing__(self, code: int) -> int:
        character = chr(code)
        self[code] = code if character in ".+#" or unicodedata.category(character)[0] in "LNM" else 32
        return self[code]


_SEPARATORS = _Separators()
# A point stays between digits (3.1); plus and hash stay at the end of a word (c++, f#, command r+).
_LOOSE = re.compile(r"(?<!\d)\.|\.(?!\d)|(?<![^\W_])(?<![+#])[+#]+|[+#]+(?=[^\W_])")


def name_key(value: str) -> str:
    """The name as resolve compares it: folded, punctuation to single spaces; digits, versions and sizes stay.

    ``Llama-3.1 70B`` → ``llama 3.1 70b``; ``Command R+`` stays different from ``Command R``, ``C++`` from ``C``.
    """
    return " ".join(_LOOSE.sub(" ", fold(value).translate(_SEPARATORS)).split())


# html.parser takes minutes on 100 KB of unclosed quotes; this pattern cannot: no part of it runs over the next "<".
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*>|<[!?][^<>]*>")
_SILENT = frozenset({"script", "style", "template", "noscript"})
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "input",
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)


def _without_tags(value: str) -> str:
    """What a reader of the HTML would see; each tag that is not inline ends a line."""
    first, *others = value.split("<!--")
    value = first + "".join(other.partition("-->")[2] for other in others)
    lower = value.lower()
    last_end = {name: lower.rfind(f"</{name}") for name in _SILENT}  # a tag never closed hides nothing
    words: list[str] = []
    position = 0
    silent = ""
    for tag in _TAG.finditer(value):
        if not silent:
            words.append(value[position : tag.start()])
        position = tag.end()
        name = (tag[2] or "").lower()
        if silent:
            if tag[1] and name == silent:
                silent = ""
        elif name in _SILENT and last_end[name] >= position:
            silent = name
        elif name and name not in _INLINE:
            words.append("\n")
    if not silent:
        words.append(value[position:])
    return html.unescape("".join(words))


# Every quantifier is bounded or excludes its own start, so no input makes these more than linear.
_FRONT_MATTER = re.compile(r"\A---\n(?:(?!---\n).*\n){1,500}---\n")
_LINK = re.compile(r"!?\[([^\[\]\n]{0,500})\]\([^()\n]{0,2000}\)")
_EMPHASIS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("*", re.compile(r"(?<![\w*])(\*{1,3})(?=\S)([^*\n]{1,1000})(?<=\S)\1(?![\w*])")),
    ("_", re.compile(r"(?<![\w_])(_{1,3})(?=\S)([^_\n]{1,1000})(?<=\S)\1(?![\w_])")),
    ("`", re.compile(r"(`)([^`\n]{1,1000})`")),
)
#: Only a line that begins with one of these can be a heading, quote, list item, rule or code fence.
_LINE_SIGNS = frozenset("#>-*+_=`~0123456789")
_NO_WORDS = re.compile(r"(?:`{3,}|~{3,}).{0,200}|(?:[-*_=] ?){3,100}")  # code fences and rules
_BULLET = re.compile(r"(?:#{1,6}|>|[-*+]|\d{1,3}[.)]) ")  # headings, quotes, list items
_EMPTY_LINES = re.compile(r"\n{3,}")


def plain(value: str) -> str:
    """The words of an HTML or Markdown description, as plain text with paragraphs; never markup to be trusted.

    Reads at most 100,000 characters. The result is text: whoever prints it into a page still escapes it.
    """
    value = clean(value)[:MAX_PLAIN_CHARACTERS]
    # Ordinary text has few of the signs, and looking for one is much faster than matching.
    if value.startswith("---"):
        value = _FRONT_MATTER.sub("", value)
    if "](" in value:
        value = _LINK.sub(r"\1", value)
    for sign, pattern in _EMPHASIS:
        if value.count(sign) > 1:
            value = pattern.sub(r"\2", value)
    if "<" in value or "&" in value:
        value = clean(_without_tags(value))
    value = "\n".join(map(_plain_line, value.split("\n"))).strip()
    return _EMPTY_LINES.sub("\n\n", value) if "\n\n\n" in value else value


def _plain_line(line: str) -> str:
    line = " ".join(line.split())
    if line[:1] in _LINE_SIGNS:
        return "" if _NO_WORDS.fullmatch(line) else _BULLET.sub("", line, count=1)
    return line


_EMAIL = re.compile(r"(?<![\w.+%-])(?!git@)[\w.+%-]{1,64}@(?:[^\W_](?:[\w-]{0,62}[^\W_])?\.){1,8}[^\W\d_]{2,24}(?![\w@])")
_PHONE = re.compile(r"(?<![\w+./-])(?:\+|00)[1-9](?:[ ().\-/]{0,2}\d){7,14}(?![\w])")
_SAID_PHONE = re.compile(
    r"(?i)\b(tel|phone|telephone|mobile|whatsapp|tél|fax)(\.?\s{0,3}:\s{0,3})\+?\d(?:[ ().\-/]{0,2}\d){5,14}\b"
)


def mask_contacts(value: str) -> str:
    """The text with e-mail addresses and what clearly are phone numbers replaced by ``[e-mail]`` and ``[phone]``.

    A phone number is one in international form (``+254 700 000 000``) or one announced as such (``Tel.: …``).
    """
    if "@" in value:
        value = _EMAIL.sub("[e-mail]", value)
    if "+" in value or "00" in value:
        value = _PHONE.sub("[phone]", value)
    if ":" in value:
        value = _SAID_PHONE.sub(r"\1\2[phone]", value)
    return value
