"""A licence statement: the words of a source, read whole or not at all.

Read are a name or address alone; a name with its short name, address or licence file; Markdown and HTML links; a
sentence of one clause (“this dataset is licensed under …”) about the whole work; SPDX expressions. Several statements
about one thing must agree. Words that restrict (“research only”) may close a text that is not understood, never open one.
"""

from __future__ import annotations

import re
from functools import cache

from commonweal.kernel.licence_categories import RANK, category_of, is_open, load_table, read_expression
from commonweal.kernel.licence_names import Name, normalise, read_address, read_name

_LONGEST = 400  # characters of a statement that is read whole; longer ones are paragraphs with conditions
_LINK = re.compile(r"\[([^\[\]]{1,300})\] ?\(<?([^()\s<>]+)>?(?: \"[^\"]*\")?\)")
_ANCHOR = re.compile(r"<a\s[^<>]*?href\s*=\s*[\"']?([^\"'\s<>]+)[\"']?[^<>]*>([^<>]{1,300})</a>", re.I)
_AUTOLINK = re.compile(r"<(https?://[^<>\s]+)>")
_TAIL = re.compile(r"(?P<head>.*?)[\s:,–—-]*[\[(](?P<tail>[^()\[\]]+)[\])](?: licen[cs]e)?\s*[.,;]?\s*", re.S | re.I)
_ADDRESS_TAIL = re.compile(r"(?P<head>.*?)[\s:,.;–—-]+(?:see |at |via )?(?P<tail>https?://\S+?)[.,;]?\s*", re.S | re.I)
_NOTICE_TAIL = re.compile(r"(?P<head>.*?)[\s,.;]+(?:copyright|©)(?: ?(?:©|\(c\)))? [\w/&.,' -]{1,60}\d{4}", re.S | re.I)
_ADDRESS = re.compile(r"https?://\S+", re.I)
_BARE_ADDRESS = re.compile(r"(?:www\.)?(?:creativecommons|opendatacommons|opensource|spdx|gnu|apache)\.org/\S+", re.I)
_LICENCE_FILE = re.compile(r"https?://\S+/(?:licen[cs]e|copying|unlicense)(?:\.(?:md|txt|rst|html?))?", re.I)


def read_statement(text: str) -> Name | None:
    """The one licence that the whole text names, with its category, or None."""
    text = _AUTOLINK.sub(r"\1", _ANCHOR.sub(r"\2 (\1)", _LINK.sub(r"\1 (\2)", text)))
    text = " ".join(text.split()).strip("'\"“”")
    if len(text) > _LONGEST:
        return None
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    known = _read_part(text)
    return known and known._replace(category=category_of(known))


def _read_part(text: str, depth: int = 4) -> Name | None:
    if _BARE_ADDRESS.fullmatch(text):
        text = f"https://{text}"
    if _ADDRESS.fullmatch(text):
        return read_address(text.rstrip(".,;"))
    if known := read_name(text) or read_expression(text):
        return known
    if _COPYRIGHT.fullmatch(text):
        return Name(None, "not-a-licence", "a copyright notice")
    if depth == 0:
        return None
    for pattern in (_TAIL, _ADDRESS_TAIL):
        if found := pattern.fullmatch(text):
            return _read_pair(found["head"], found["tail"], depth)
    if found := _NOTICE_TAIL.fullmatch(text):
        return _read_part(found["head"], depth - 1)
    if (found := _SENTENCE.fullmatch(text)) and not _restrictions()[0].search(normalise(text[: found.start("licence")])):
        return _read_part(found["licence"], depth - 1)
    return None


def _read_pair(head: str, tail: str, depth: int) -> Name | None:
    """``name (short name)``, ``name (address)``, ``name address``: both must say the same licence."""
    first, second = _read_part(head, depth - 1), _read_part(tail, depth - 1)
    if first and second:
        vague = first.expression is None and first.category == "unknown"
        return second if vague and not is_open(category_of(second)) else agree([first, second])
    if second and normalise(head) in _POINTERS:
        return second
    # A licence file beside the work does not contradict its name; any other unread address might.
    return first if first and _LICENCE_FILE.fullmatch(tail) else None


_POINTERS = frozenset({"", "license", "here", "see", "see license", "link", "license link", "see here", "terms", "terms of use"})
_VERB = r"(?:licen[cs]ed|released|made available|available|distributed|provided|published|shared|offered|issued|covered)"
_THING = (
    r"(?:data ?sets?|data ?base|data|work|works|models?|model weights|weights|checkpoints?|software|corpus|corpora|project"
    r"|resources?|packages?|library|repository|repo|benchmark|collection|materials?|contents?|archive|tool|product)"
)
_NAME = (  # words that could limit the statement to a part are no name
    r"(?:(?!(?:not|no|never|some|parts?|portions?|half|most|much|many|selected|certain|several|one|two|each|except|unless"
    r"|only|but|if|when|with|without|exceptions?|unlike|like|see|terms|for|more|draft|either|other|otherwise|individual"
    r"|sample|subsets?|code|scripts?|annotations?|metadata|documentation|and|or|of)\b)\w[\w'’.&/+-]* )"
)
_SUBJECT = (
    rf"(?:(?:this|the|our|all|these|all of the|all the) )?(?:entire |whole |present )?"
    rf"(?:{_NAME}{{0,4}}?{_THING}(?: (?:and|&) {_THING})?(?: (?:in|of|on) (?:this|the) \w+)? |{_NAME})"
)
_SENTENCE = re.compile(
    r"(?:(?:like|as with) the original [\w -]{1,40}, )?"
    rf"(?:(?:{_SUBJECT}(?:is|are|has been|have been) )?(?:also |freely |publicly |hereby )?{_VERB}"
    rf"(?: (?:for (?:use|download)|to (?:the )?public))? (?:under|with|using|via|by) "
    r"|licen[cs]e ?[:=-] ?|under |terms: ?)"
    r"(?:the |a |an )?(?:terms(?: and conditions)? of )?(?:the |a |an )?(?P<licence>[^.]+(?:\.\S[^.]*)*?)(?: terms)?[.]?",
    re.I,
)
_COPYRIGHT = re.compile(  # a notice of who and when, and nothing else
    r"(?!.*(?:licen[cs]|rights|permi|domain))(?:copyright|©) ?(?:©|\(c\))? ?<?\d{4}(?:[-–, ]*\d{4})*>?(?: <?[\w'’.&-]+>?){1,5}",
    re.I,
)


def is_address(text: str) -> bool:
    """Whether the text is an http(s) address and nothing else."""
    return _ADDRESS.fullmatch(text.strip()) is not None


def agree(known: list[Name]) -> Name:
    """One meaning of several statements about one thing; contradictions are unknown, or closed if one says so."""
    expressions = {name.expression for name in known if name.expression}
    categories = {category_of(name) for name in known}
    worst = max(categories, key=RANK.__getitem__)
    if len(categories) == 1 and len(expressions) <= 1 and (not is_open(worst) or _are_one_family(known, expressions)):
        best = next((name for name in known if name.expression), known[0])
        return best._replace(category=worst)
    closed = RANK[worst] > RANK["not-a-licence"]
    return Name(None, worst if closed else "unknown", "statements contradict each other")


_FAMILY = re.compile(r"family: ([\w-]+)[ ,]")  # how the rule of an open family starts: the SPDX ids of its members do so too


def _are_one_family(known: list[Name], expressions: set[str]) -> bool:
    """Whether the families without version and the one expression are the same licence (“CC BY” and CC-BY-4.0)."""
    families = {found[1] for name in known if not name.expression and (found := _FAMILY.search(name.rule))}
    if not expressions:
        return len(families) == 1
    return all(re.match(rf"{re.escape(family)}-\d", expression) for family in families for expression in expressions)


def close(text: str, rule: str) -> tuple[str, str]:
    """(category, rule) of a text that was not understood: what it forbids if it says so, else unknown."""
    normal = normalise(text)
    any_of, taken_back, rows = _restrictions()
    if any_of.search(normal) and not taken_back.search(normal):
        for words, category, reason in rows:
            if words.search(normal):
                return category, f"restriction: {reason}"
    read = [name for part in _AND.split(text[:_LONGEST]) if (name := read_statement(part)) and name.expression]
    worst = max((category_of(name) for name in read), key=RANK.__getitem__, default="unknown")
    return (worst, "more than one licence, one restricts") if RANK[worst] > RANK["not-a-licence"] else ("unknown", rule)


_AND = re.compile(r" and |[;,]", re.I)


@cache
def _restrictions() -> tuple[re.Pattern[str], re.Pattern[str], list[tuple[re.Pattern[str], str, str]]]:
    """(any restriction at all, words that take it back, the rows in order)."""
    table = load_table()["restrictions"]
    rows = [(re.compile(words), category, reason) for words, category, reason in table["rows"]]
    return re.compile("|".join(f"(?:{row[0]})" for row in table["rows"])), re.compile(table["not_when"]), rows
