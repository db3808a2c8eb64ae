"""Source: one registry as a YAML file says it is read, and the pages of items a connector brings from it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final, Protocol

import orjson

from commonweal.catalogue.core.documents import Unreadable, read_document
from commonweal.catalogue.core.kinds import KINDS
from commonweal.kernel.errors import CommonwealError

#: Raised whenever the same YAML would map differently: part of every :attr:`SourceSpec.version`.
MAPPING_RULES: Final = 1

FORMATS: Final = ("json", "jsonl", "yaml", "csv", "toml", "text", "python-ast", "xml", "rdf")
CONNECTORS: Final = (
    "package", "tree", "table", "rest", "huggingface", "ckan", "oai", "dcat", "publiccode", "dpga", "node",
)  # fmt: skip

#: A page never holds more items than this.
PAGE_SIZE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Stream:
    """One shape of item inside a source: which files, how they are read, and how an item becomes a record.

    Attributes:
        name: unique in its source.
        files: globs below the source root, `**` crosses folders; empty for a source that is one file.
        exclude: globs of files to pass over.
        format: one of FORMATS.
        select: dotted path to the list or object of items inside a document, "" for the document itself,
            None for one item a file. Format `xml`: the local name of the element that is an item; format `rdf`: the
            class of the things that are items, such as `dcat:Dataset`.
        native_id: path inside the item, `$path`, `$stem`, `$folder`, `$key`, a template such as `{owner}/{name}`, or a list
            of paths: what they find, with ` / ` between, for tables whose rows have no one key.
        skip: native ids that are not items (documentation, test entries).
        companions: name → file beside the item's file, read as text into the payload (format `text`).
        calls: name of a call that is an item → names of its arguments to pass over (format `python-ast`).
        stamp: puts the release into every payload as `$version` and `$released`.
        mapping: `kind`, `fields`, `extras`, `links`, `grounds` … as written; compiled by `core/mapping.py`.
    """

    name: str
    format: str
    native_id: str | tuple[str, ...]
    mapping: Mapping[str, Any]
    files: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    select: str | None = None
    skip: frozenset[str] = frozenset()
    companions: Mapping[str, str] = field(default_factory=dict)
    calls: Mapping[str, frozenset[str]] = field(default_factory=dict)
    stamp: bool = False


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A source as its YAML file describes it.

    Attributes:
        address: connector's own: a URL or path, or an object such as `{"package": "mteb", "index": "pypi"}`.
        licence: SPDX expression of the registry's own data, or "" when it states none.
        attribution: how to name it when its values are shown.
        trust: 0-100; the value of the more trusted source is shown first.
        schedule: five cron fields, or None for "only when asked".
        default: harvested by `make up`.
        live: needs the internet, beyond a package index.
        replay: where its recording lies inside a folder of recorded registries; its id where the file says nothing.
        kinds: the kinds of record it can bring.
        guard: `share` and `records`: more absent from a complete listing than either, and a person is asked.
        version: changes whenever its mapping does.
    """

    id: str
    title: str
    connector: str
    address: str | Mapping[str, Any]
    licence: str
    homepage: str
    attribution: str
    streams: tuple[Stream, ...]
    trust: int = 50
    schedule: str | None = None
    default: bool = False
    live: bool = False
    headline: bool = True
    replay: str = ""
    kinds: tuple[str, ...] = ()
    guard: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""


@dataclass(slots=True)
class Item:
    """One thing as the source wrote it: `payload` is JSON-able and never cleaned; `path` is the file inside the source."""

    stream: str
    native_id: str
    payload: Any
    path: str = ""


@dataclass(slots=True)
class ItemError:
    """One item or file that could not be read; `raw` is its beginning, cut at RAW_EXCERPT bytes."""

    native_id: str | None
    path: str
    problem: str
    raw: bytes = b""


#: Bytes of an unreadable item that are kept.
RAW_EXCERPT: Final = 64 * 1024


@dataclass(slots=True)
class Page:
    """At most PAGE_SIZE items, and the cursor that resumes after them.

    Attributes:
        cursor: saved in the transaction that saves the items; handed back as `state` to resume or to ask "what is new".
        complete: True only on the last page of a listing proven full: absence may then be trusted.
        version: package version, etag or content hash of what was read.
        unchanged: the source itself says nothing changed since `state`; there are no items.
        gone: on the last page: native ids the source itself says it deleted since `state`.
    """

    items: list[Item] = field(default_factory=list)
    errors: list[ItemError] = field(default_factory=list)
    cursor: dict[str, Any] | None = None
    complete: bool = False
    version: str | None = None
    unchanged: bool = False
    gone: list[str] = field(default_factory=list)


class Download(Protocol):
    """What a fetched URL turned out to be."""

    @property
    def path(self) -> Path: ...
    @property
    def etag(self) -> str | None: ...
    @property
    def modified(self) -> str | None: ...
    @property
    def unchanged(self) -> bool: ...
    @property
    def url(self) -> str: ...
    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...


class Fetcher(Protocol):
    """The one way out: `commonweal.base.outbound.Outbound`."""

    def download(
        self,
        url: str,
        target: Path,
        *,
        etag: str | None = None,
        modified: str | None = None,
        accept: str = "*/*",
        answers: Collection[int] = (),
    ) -> Download: ...

    def address_of(self, url: str) -> tuple[str, int, str]: ...


def _silent(message: str, done: int, total: int | None) -> None:
    """Progress that nobody watches."""


@dataclass(slots=True)
class Reach:
    """What a connector may use of the world.

    Attributes:
        work: folder for downloads, kept between runs; a connector makes its own sub-folder.
        http: guarded client, or None when the run may not leave the machine.
        progress: called with (message, done, total or None).
        replay: a local file or folder, or a URL, read in place of the spec's address.
    """

    work: Path
    http: Fetcher | None = None
    progress: Callable[[str, int, int | None], None] = _silent
    replay: Path | str | None = None


class Connector(Protocol):
    """Brings pages of items from one kind of place."""

    name: str

    def pages(self, spec: SourceSpec, state: dict[str, Any], reach: Reach) -> Iterator[Page]:
        """Yields pages, streaming; `state` is the last saved cursor or {}.

        Raises:
            CommonwealError: the source as a whole cannot be read; one bad item never raises.
        """
        ...


_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_SOURCE_KEYS: Final = {
    "id": str,
    "title": str,
    "connector": str,
    "address": (str, dict),
    "licence": str,
    "homepage": str,
    "attribution": str,
    "trust": int,
    "schedule": (str, type(None)),
    "default": bool,
    "live": bool,
    "headline": bool,
    "replay": str,
    "guard": dict,
    "streams": list,
}
_GUARD_KEYS: Final = {"share": (int, float), "records": int}
_REQUIRED: Final = ("id", "title", "connector", "address", "licence", "homepage", "streams")
_STREAM_KEYS: Final = {
    "name": str,
    "format": str,
    "native_id": (str, list),
    "files": (str, list),
    "exclude": (str, list),
    "select": (str, type(None)),
    "skip": list,
    "companions": dict,
    "calls": dict,
    "stamp": bool,
}
MAPPING_KEYS: Final = ("kind", "language", "fields", "extras", "links", "grounds")


def _wrong(where: str, problem: str, hint: str = "") -> CommonwealError:
    return CommonwealError("source-invalid", f"{where}: {problem}.", hint or "See docs: how to add a source.")


def _check(where: str, data: Any, keys: Mapping[str, Any], allowed: tuple[str, ...] = ()) -> None:
    if not isinstance(data, dict):
        raise _wrong(where, "must be an object of keys and values")
    for key, value in data.items():
        if key in allowed:
            continue
        if key not in keys:
            raise _wrong(where, f"unknown key {key!r}", f"Known keys: {', '.join(sorted([*keys, *allowed]))}.")
        expected = keys[key]
        if not isinstance(value, expected) or (isinstance(value, bool) and expected is int):
            raise _wrong(where, f"{key} has the wrong type, {type(value).__name__}")


def _texts(value: str | list[str] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _kinds(kind: Any) -> set[str]:
    """Every kind a stream's `kind` can give: a name, or a list of cases."""
    if isinstance(kind, str):
        return {kind}
    cases = kind if isinstance(kind, list) else []
    return {case.get("kind", "") if isinstance(case, dict) else str(case) for case in cases}


def _stream(where: str, data: Any) -> Stream:
    _check(where, data, _STREAM_KEYS, MAPPING_KEYS)
    name = data.get("name", "items")
    where = f"{where} {name}"
    if data.get("format") not in FORMATS:
        raise _wrong(where, f"format {data.get('format')!r} is not one of {', '.join(FORMATS)}")
    native_id = data.get("native_id", "$path")
    if not native_id or (isinstance(native_id, list) and not all(isinstance(part, str) for part in native_id)):
        raise _wrong(where, "native_id must be a path or a list of paths")
    kinds = _kinds(data.get("kind"))
    if not kinds or not kinds <= set(KINDS):
        raise _wrong(where, f"kind {data.get('kind')!r} is not known", f"Kinds: {', '.join(KINDS)}.")
    return Stream(
        name=name,
        format=data["format"],
        native_id=tuple(native_id) if isinstance(native_id, list) else native_id,
        mapping={key: data[key] for key in MAPPING_KEYS if key in data},
        files=_texts(data.get("files")),
        exclude=_texts(data.get("exclude")),
        select=data.get("select"),
        skip=frozenset(map(str, data.get("skip", ()))),
        companions=data.get("companions", {}),
        calls={name: frozenset(omit or ()) for name, omit in data.get("calls", {}).items()},
        stamp=data.get("stamp", False),
    )


def from_yaml(text: str, where: str = "source") -> SourceSpec:
    """Reads one source file.

    Raises:
        CommonwealError: code `source-invalid`, naming the file, the key and what it may be.
    """
    try:
        data, odd = read_document("yaml", text.encode())
    except Unreadable as error:
        raise _wrong(where, str(error)) from error
    if odd:
        raise _wrong(where, f"the key {odd[0]['field']!r} occurs twice")
    _check(where, data, _SOURCE_KEYS)
    for key in _REQUIRED:
        if key not in data:
            raise _wrong(where, f"{key} is missing")
    where = f"{where} {data['id']}"
    if not _ID.fullmatch(data["id"]):
        raise _wrong(where, "id may hold lower-case letters, digits, - and _ only")
    if data["connector"] not in CONNECTORS:
        raise _wrong(where, f"connector {data['connector']!r} is not one of {', '.join(CONNECTORS)}")
    _check(f"{where} guard", data.get("guard", {}), _GUARD_KEYS)
    streams = tuple(_stream(where, stream) for stream in data["streams"])
    names = [stream.name for stream in streams]
    if not streams or len(set(names)) != len(names):
        raise _wrong(where, "streams must be a list of one or more, with different names")
    kinds = sorted(set().union(*(_kinds(stream["kind"]) for stream in data["streams"])))
    digest = hashlib.sha256(orjson.dumps([MAPPING_RULES, data["streams"]], option=orjson.OPT_SORT_KEYS))
    return SourceSpec(
        **{key: data[key] for key in _SOURCE_KEYS if key in data and key not in ("streams", "attribution", "replay")},
        attribution=data.get("attribution", data["title"]),
        replay=data.get("replay", data["id"]),
        streams=streams,
        kinds=tuple(kinds),
        version=digest.hexdigest()[:16],
    )


@cache
def load_builtin() -> dict[str, SourceSpec]:
    """The sources that come with the program, by id: `catalogue/registries/*.yaml`, in the order of their ids."""
    folder = resources.files("commonweal.catalogue") / "registries"
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".yaml")), key=lambda entry: entry.name)
    specs = {spec.id: spec for spec in (from_yaml(file.read_text("utf-8"), file.name) for file in files)}
    if len(specs) != len(files):
        raise _wrong("registries", "two files have the same source id")
    return dict(sorted(specs.items()))
