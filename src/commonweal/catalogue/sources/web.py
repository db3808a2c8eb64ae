"""One answer of a registry at a time: asked through the guarded client, or read from a folder of recorded answers."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

from commonweal.catalogue.core.documents import MAX_DOCUMENT_BYTES, Unreadable, read_document
from commonweal.catalogue.core.source import Reach, SourceSpec
from commonweal.catalogue.sources.files import matching, open_tree, read_file
from commonweal.kernel.errors import CommonwealError

#: `<address>; rel="next"` of a Link header (RFC 8288).
_LINK: Final = re.compile(r"<([^<>]*)>((?:\s*;\s*[^;,<>\s=]+\s*=\s*(?:\"[^\"]*\"|[^\",;\s]+))*)")
_HTML: Final = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html)\b", re.I)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a registry said: the bytes, where from, and the headers (names in lower case)."""

    url: str
    data: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200

    def json(self) -> Any:
        """The answer as a JSON document.

        Raises:
            Unreadable: it is something else, said in words that name what it is.
        """
        if _HTML.match(self.data[:1000]):
            raise Unreadable("a web page came where JSON was expected")
        try:
            return read_document("json", self.data)[0]
        except Unreadable as error:
            if (charset := self.charset) is None or not str(error).startswith("not UTF-8"):
                raise
            return read_document("json", _recoded(self.data, charset))[0]

    @property
    def charset(self) -> str | None:
        """The charset the server claims."""
        found = re.search(r"charset=\"?([\w.:-]+)", self.headers.get("content-type", ""), re.I)
        return str(found[1]) if found else None

    @property
    def next_link(self) -> str | None:
        """The address behind `rel="next"` in the Link header."""
        for address, said in _LINK.findall(self.headers.get("link", "")[:20_000]):
            relations = re.search(r"rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,]+))", said, re.I)
            if relations and "next" in (relations[1] or relations[2]).lower().split():
                return urljoin(self.url, str(address))
        return None


def _recoded(data: bytes, charset: str) -> bytes:
    try:
        return data.decode(charset).encode()
    except (LookupError, UnicodeDecodeError) as error:
        raise Unreadable(f"neither UTF-8 nor {charset}, as its server claims") from error


class Web:
    """Asks for answers. A replay by URL takes the place of the address's own host and path."""

    def __init__(self, spec: SourceSpec, reach: Reach) -> None:
        if reach.http is None:
            raise CommonwealError("source-offline", f"{spec.id} needs the internet.", "Harvest it when there is a network.")
        self._http = reach.http
        folder = reach.work / "answers"
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / spec.id

    def ask(self, url: str, *, accept: str = "application/json, */*;q=0.1", answers: Collection[int] = ()) -> Answer:
        """The answer at `url`.

        Raises:
            CommonwealError: as `Outbound.download`; `source-unreadable` for an answer beyond the size of a document.
        """
        got = self._http.download(url, self._file, accept=accept, answers=answers)
        try:
            size = got.path.stat().st_size
            if size > MAX_DOCUMENT_BYTES:
                raise CommonwealError(
                    "source-unreadable", f"{url} answered {size} bytes, more than the limit of {MAX_DOCUMENT_BYTES}."
                )
            return Answer(got.url, got.path.read_bytes(), got.headers, got.status)
        finally:
            got.path.unlink(missing_ok=True)


def recorded(folder: Path, globs: Collection[str]) -> list[tuple[str, Answer]]:
    """Answers kept as files, in the order of their names; a lone file is one answer.

    Raises:
        CommonwealError: `source-unreadable`: there is no such path.
    """
    if folder.is_file():
        return [(folder.name, Answer(folder.as_uri(), folder.read_bytes()))]
    if not folder.exists():
        raise CommonwealError("source-unreadable", f"{folder} does not exist.", "Check the path of the replay.")
    tree = open_tree(folder)
    return [(name, Answer((folder / name).as_uri(), read_file(tree, name))) for name in matching(tree.names(), globs)]


def address(spec: SourceSpec, reach: Reach) -> tuple[str, Mapping[str, Any]]:
    """The URL a paged source starts from (a replay by URL in its place), and the options beside it.

    Raises:
        CommonwealError: `source-invalid` when the source names no URL.
    """
    options: Mapping[str, Any] = spec.address if isinstance(spec.address, Mapping) else {"url": spec.address}
    url = str(reach.replay) if is_url(reach.replay) else str(options.get("url", ""))
    if not is_url(url):
        raise CommonwealError("source-invalid", f"{spec.id}: the address has no url.", "Write address: {url: https://…}.")
    return url, options


def is_url(target: object) -> bool:
    """Whether this is an http(s) address and not a path."""
    return isinstance(target, str) and target.lower().startswith(("http://", "https://"))


def with_query(url: str, **query: Any) -> str:
    """The address with these parameters; None leaves one out."""
    parts = urlsplit(url)
    said = urlencode([(key, str(value)) for key, value in query.items() if value is not None])
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, said))), fragment=""))
