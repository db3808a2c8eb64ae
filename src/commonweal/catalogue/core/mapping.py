"""A source's mapping, compiled once: item → record. Unreadable values become notes, only unusable items are refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from commonweal.catalogue.core import normalise
from commonweal.catalogue.core.amounts import quantity
from commonweal.catalogue.core.documents import NOTES
from commonweal.catalogue.core.expressions import Expression, absent, compile_condition, compile_expression, wrong
from commonweal.catalogue.core.grounds import computed_grounds
from commonweal.catalogue.core.kinds import EXTRAS, KINDS, LINK_TYPES
from commonweal.catalogue.core.normalise import FIELDS, NORMALISERS, TYPES, Normaliser
from commonweal.catalogue.core.record import Record
from commonweal.catalogue.core.rejection import Problems, Rejected
from commonweal.catalogue.core.source import Item, SourceSpec, Stream

#: Keys of a property's expression that are read here.
_OWN: Final = ("as", "language", "unit", "scale")
#: Extras of one name have one type in every kind (a test holds this), so a field needs no kind to be compiled.
_EXTRA_TYPES: Final = {name: shape for extras in EXTRAS.values() for name, shape in extras.items()}
MAX_LINKS: Final = 2_000

Property = tuple[str, Expression, Normaliser]


def compile_mapping(spec: SourceSpec) -> Callable[[Item], Record]:
    """The function that makes a source's records, of items whose payload went through `kernel.text.clean_tree`.

    The function returned raises:
        Rejected: no record can be made of the item: what is wrong, with which field, holding what.

    Raises:
        CommonwealError: code `mapping-invalid`: the mapping itself is wrong, and where.
    """
    streams = {stream.name: _StreamMapping(spec, stream) for stream in spec.streams}

    def to_record(item: Item) -> Record:
        stream = streams.get(item.stream)
        if stream is None:
            raise Rejected("the source has no such stream", "stream", item.stream)
        return stream.record(item)

    return to_record


class _StreamMapping:
    """The compiled mapping of one stream."""

    def __init__(self, spec: SourceSpec, stream: Stream) -> None:
        where = f"{spec.id} {stream.name}"
        mapping = stream.mapping
        self.source = spec.id
        self.kind = _compile_kind(mapping["kind"], where)
        language = mapping.get("language", "und")
        self.fields = [
            _compile_field(spec.id, name, written, FIELDS, language, where) for name, written in mapping.get("fields", {}).items()
        ]
        extras = {name: TYPES[shape] for name, shape in _EXTRA_TYPES.items()}
        self.extras = [
            _compile_field(spec.id, name, written, extras, language, where, prefix="extras.")
            for name, written in mapping.get("extras", {}).items()
        ]
        self.links = [_Link(spec.id, written, f"{where} links") for written in mapping.get("links", [])]
        self.grounds = [_Ground(written, f"{where} grounds") for written in mapping.get("grounds", [])]
        if not any(name == "title" for name, _, _ in self.fields):
            raise wrong(where, "fields.title is missing: nothing can be shown without one")

    def record(self, item: Item) -> Record:
        """The record an item makes; see :func:`compile_mapping`."""
        if not item.native_id:
            raise Rejected("has no native id", "native_id")
        if not isinstance(item.payload, dict | str):
            raise Rejected("is neither an object nor a text", "payload", item.payload)
        payload = item.payload
        problems = _noted(payload.get(NOTES)) if isinstance(payload, dict) else []
        kind = self.kind(payload, item)
        if kind is None:
            raise Rejected("no case of the mapping's kind fits", "kind")
        record = Record(self.source, item.native_id, kind, {})
        for name, expression, read in self.fields:
            value = expression(payload, item)
            if value is not None and (found := read(value, name, problems)) is not None:
                setattr(record, name, found)
        if not record.title:
            raise Rejected("has no title, and nothing to derive one from", "title")
        known = EXTRAS[kind]
        for name, expression, read in self.extras:
            if name not in known:
                continue
            value = expression(payload, item)
            if value is not None and not absent(found := read(value, f"extras.{name}", problems)):
                record.extras[name] = found
        for link in self.links:
            link.add(record, payload, item, problems)
        record.grounds = [ground for one in self.grounds if (ground := one.of(payload, item, problems))]
        record.grounds += computed_grounds(record, {ground["ground"] for ground in record.grounds})
        record.problems = problems
        return record


def _noted(written: Any) -> Problems:
    """Problems that the connector met while reading and put beside the payload."""
    found = written if isinstance(written, list) else []
    return [{key: str(one.get(key, "")) for key in ("field", "value", "problem")} for one in found if isinstance(one, dict)]


def _compile_kind(written: Any, where: str) -> Callable[[Any, Item], str | None]:
    """A kind's name, or cases `{kind, when}` of which the first that holds counts; a last one without `when` is the rest."""
    if isinstance(written, str):
        return lambda value, item: written
    cases: list[tuple[str, Callable[[Any, Item], bool]]] = []
    for case in written:
        if case.get("kind") not in KINDS or set(case) - {"kind", "when"}:
            raise wrong(where, f"kind: {case!r} is not a case of kind and when")
        cases.append((case["kind"], compile_condition(case["when"], where) if "when" in case else lambda value, item: True))
    return lambda value, item: next((kind for kind, holds in cases if holds(value, item)), None)


def _compile_field(
    source: str,
    name: str,
    written: Any,
    known: Mapping[str, Normaliser],
    language: str,
    where: str,
    prefix: str = "",
) -> Property:
    where = f"{where}: {prefix}{name}"
    if name not in known:
        raise wrong(where, f"no such property; known: {', '.join(sorted(known))}")
    options = written if isinstance(written, dict) else {}
    expression = compile_expression(written, where, _OWN)
    read: Any = known[name]
    if read in (normalise.title, normalise.description):
        read = partial(read, language=options.get("language", language))
    if read is quantity and {"unit", "scale"} & set(options):
        read = partial(read, unit=options.get("unit", "parameters"), scale=float(options.get("scale", 1)))
    if "as" in options:
        read = normalise.after(_normaliser(options["as"], source, where), read)
    return name, expression, read


def _normaliser(said: str, source: str, where: str) -> Normaliser:
    if said == "record":
        return normalise.record_of(source)
    if said not in NORMALISERS:
        raise wrong(where, f"as: {said!r} is not one of {', '.join(sorted([*NORMALISERS, 'record']))}")
    return NORMALISERS[said]


class _Link:
    """`{type, target, as, title, each, when}`: one link, or one for each element of `each`."""

    def __init__(self, source: str, written: Mapping[str, Any], where: str) -> None:
        if written.get("type") not in LINK_TYPES:
            raise wrong(where, f"type {written.get('type')!r} is not one of {', '.join(LINK_TYPES)}")
        if unknown := set(written) - {"type", "target", "as", "title", "each", "when"}:
            raise wrong(where, f"unknown key {sorted(unknown)[0]!r}")
        self.type = written["type"]
        self.each = compile_expression(written["each"], where) if "each" in written else None
        self.when = compile_condition(written["when"], where) if "when" in written else None
        self.target = compile_expression(written.get("target", "$"), where)
        self.title = compile_expression(written["title"], where) if "title" in written else None
        self.read = _normaliser(written.get("as", "identifier"), source, where)

    def add(self, record: Record, payload: Any, item: Item, problems: Problems) -> None:
        """Appends the links an item states, never one to itself, never one twice."""
        if self.when and not self.when(payload, item):
            return
        found = self.each(payload, item) if self.each else [payload]
        if absent(found):
            return
        for element in _list(found):
            target = self.target(element, item)
            for one in _list(target):
                printed = None if absent(one) else self.read(one, "links", problems)
                if printed is None or len(record.links) >= MAX_LINKS:
                    continue
                link = {"type": self.type, "target": printed, "title": self._title(element, one, item, problems)}
                if printed not in record.identifiers and link not in record.links:
                    record.links.append(link)

    def _title(self, element: Any, target: Any, item: Item, problems: Problems) -> str:
        said = self.title(element, item) if self.title else target
        return normalise.line(said, "links", problems) or "" if isinstance(said, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


class _Ground:
    """`{ground, detail, when}`: a public-interest ground the source itself states."""

    def __init__(self, written: Mapping[str, Any], where: str) -> None:
        if unknown := set(written) - {"ground", "detail", "when"}:
            raise wrong(where, f"unknown key {sorted(unknown)[0]!r}")
        self.ground = str(written["ground"])
        self.detail = compile_expression(written.get("detail", {"value": ""}), where)
        self.when = compile_condition(written["when"], where) if "when" in written else None

    def of(self, payload: Any, item: Item, problems: Problems) -> dict[str, str] | None:
        """The ground, when its condition holds."""
        if self.when and not self.when(payload, item):
            return None
        detail = self.detail(payload, item)
        words = ", ".join(map(str, detail)) if isinstance(detail, list) else detail
        return {"ground": self.ground, "detail": normalise.line(words, "grounds", problems) or ""}
