"""The walk through a registry that answers in pages: one loop for every protocol, resumable after every page."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from commonweal.catalogue.core.documents import Unreadable
from commonweal.catalogue.core.source import PAGE_SIZE, Item, ItemError, Page, Reach, SourceSpec
from commonweal.catalogue.sources.items import Found, excerpt
from commonweal.catalogue.sources.place import file_version, folder_version
from commonweal.catalogue.sources.reading import is_unchanged
from commonweal.catalogue.sources.web import Answer, Web, is_url, recorded
from commonweal.kernel.errors import CommonwealError

#: Answers of one run; a registry with more is one that never ends.
MAX_ANSWERS: Final = 100_000
#: Answers in a row that may hold the same ids as the one before.
MAX_REPEATS: Final = 3
#: Answers in a row that may be unreadable before the walk is given up.
MAX_LOST: Final = 3
#: Times an answer that cannot be read is asked for.
ATTEMPTS: Final = 2

Memory = dict[str, Any]


@dataclass(slots=True)
class Part:
    """What one answer holds.

    Attributes:
        next: address of the next answer, None after the last.
        complete: on the last answer: the whole listing was read, and the registry's own count or list agrees.
        anew: the listing is begun again, so answers of before may come again.
        gone: native ids the registry says it deleted.
        marks: what the next run needs to ask for news only; joins the last cursor.
    """

    found: list[Found] = field(default_factory=list)
    next: str | None = None
    complete: bool = False
    anew: bool = False
    gone: list[str] = field(default_factory=list)
    marks: Memory = field(default_factory=dict)


class PagedRegistry(Protocol):
    """One protocol over one source."""

    @property
    def accept(self) -> str:
        """Media types wanted."""
        ...

    @property
    def answers(self) -> Collection[int]:
        """HTTP statuses besides 200 whose body the protocol reads."""
        ...

    def start(self, state: Memory) -> tuple[str, Memory]:
        """The first address, and the memory the walk carries from answer to answer (JSON-able, saved with every page)."""
        ...

    def read(self, answer: Answer, memory: Memory) -> Part:
        """What an answer holds; may change `memory`.

        Raises:
            Unreadable: the answer as a whole is none.
            CommonwealError: the registry says that it cannot answer.
        """
        ...

    def skip(self, url: str, memory: Memory) -> str | None:
        """Where to go on behind an answer that cannot be read, None where only that answer knows."""
        ...


def walk(spec: SourceSpec, state: dict[str, Any], reach: Reach, registry: PagedRegistry) -> Iterator[Page]:
    """The pages of a registry, from the start, from a saved cursor, or since the last finished run.

    Raises:
        CommonwealError: `source-endless` when the registry repeats itself without end; `source-unreadable` for an answer
            that stays unreadable where only that answer knew how to go on; whatever the client raises.
    """
    if reach.replay is not None and not is_url(reach.replay):
        yield from _replay(spec, state, Path(reach.replay), registry)
        return
    mine = state if state.get("mapping") == spec.version else {}
    walker = _Walk(spec, reach, registry, mine)
    yield from walker.pages()


class _Walk:
    """One run over the web."""

    def __init__(self, spec: SourceSpec, reach: Reach, registry: PagedRegistry, state: Memory) -> None:
        self.spec, self.registry, self.reach = spec, registry, reach
        self.web = Web(spec, reach)
        self.resumed = state if "next" in state else {}
        if self.resumed:
            self.url: str | None = state["next"]
            self.memory: Memory = dict(state["memory"])
        else:
            self.url, self.memory = registry.start(state)
        self.news_only = bool(state.get("finished")) or bool(self.resumed.get("news_only"))
        self.asked: int = self.resumed.get("asked", 0)
        self.holes: int = self.resumed.get("holes", 0)
        self.found: int = self.resumed.get("found", 0)
        self.gone: list[str] = list(self.resumed.get("gone", ()))
        self._handed_out: set[int] = set()
        self._former_ids = b""
        self._repeats = 0

    def pages(self) -> Iterator[Page]:
        lost = 0
        while self.url is not None:
            self.reach.progress(f"{self.spec.id}: ask", self.asked, None)
            before = self._cursor(self.url)
            answer, part = self._ask(self.url)
            if part is None:
                error = ItemError(None, self.url, self._problem, excerpt(answer.data))
                self.holes += 1
                lost += 1
                there = self.registry.skip(self.url, self.memory) if lost < MAX_LOST else None
                if there is None:
                    yield Page(errors=[error], cursor=before)
                    raise CommonwealError(
                        "source-unreadable",
                        f"{self.spec.id}: answer {self.asked + 1} cannot be read: {self._problem}.",
                        "What came before it is kept; the next run goes on from here.",
                        status=502,
                    )
                part = Part([error], there, anew=True)
            else:
                lost = 0
            self.asked += 1
            self._compare(part)
            yield from self._cut(part, before, answer)
            self._watch(part)
            self.url = part.next

    def _ask(self, url: str) -> tuple[Answer, Part | None]:
        """The answer and what it holds; an unreadable one is asked for again, and then given up."""
        for attempt in range(1, ATTEMPTS + 1):
            answer = self.web.ask(url, accept=self.registry.accept, answers=self.registry.answers)
            memory = dict(self.memory)
            try:
                part = self.registry.read(answer, memory)
            except Unreadable as problem:
                self._problem = str(problem)
                if attempt == ATTEMPTS:
                    return answer, None
            else:
                self.memory = memory
                return answer, part
        raise AssertionError("unreachable")

    def _compare(self, part: Part) -> None:
        """An answer with the very records of the one before stands in the place of another, which was not read."""
        ids = hashlib.blake2b(digest_size=16)
        for found in part.found:
            ids.update((found.native_id or "").encode("utf-8", "replace") + b"\0")
        same = bool(part.found) and ids.digest() == self._former_ids
        self._repeats = self._repeats + 1 if same else 0
        self.holes += same
        self._former_ids = ids.digest()

    def _watch(self, part: Part) -> None:
        """Ends a walk that goes round in circles."""
        if part.anew:
            self._handed_out.clear()
            self._former_ids = b""
        else:
            self._handed_out.add(hash(self.url))
        if part.next is not None and hash(part.next) in self._handed_out:
            raise self._endless("it leads back to an answer it gave before")
        if self.asked >= MAX_ANSWERS and part.next is not None:
            raise self._endless(f"it gave {MAX_ANSWERS} answers")
        if self._repeats >= MAX_REPEATS:
            raise self._endless(f"{MAX_REPEATS + 1} answers in a row held the same records")

    def _endless(self, why: str) -> CommonwealError:
        return CommonwealError(
            "source-endless", f"{self.spec.id} does not end: {why}.", "Tell the registry; what was read is kept.", status=502
        )

    def _cut(self, part: Part, before: Memory, answer: Answer) -> Iterator[Page]:
        """The part in pages. Within a long answer a cursor names the answer's bytes, so that only the same one is taken up."""
        self.holes += sum(isinstance(one, ItemError) and one.native_id is None for one in part.found)
        digest = hashlib.sha256(answer.data).hexdigest() if len(part.found) > PAGE_SIZE else ""
        behind = self.resumed.get("done", 0) if digest and self.resumed.get("answer") == digest else 0
        self.resumed = {}
        self.found += len(part.found) - behind
        last = max(behind, (len(part.found) - 1) // PAGE_SIZE * PAGE_SIZE)
        for start in range(behind, last, PAGE_SIZE):
            page = _page(part.found[start : start + PAGE_SIZE])
            page.cursor = {**before, "answer": digest, "done": start + PAGE_SIZE}
            yield page
        page = _page(part.found[last:])
        self.gone += part.gone
        if part.next is not None:
            page.cursor = self._cursor(part.next)
        else:
            page.cursor = {"mapping": self.spec.version, **part.marks, "finished": True}
            page.complete = part.complete and not self.holes
            page.gone = self.gone
            page.unchanged = self.news_only and not self.found and not self.gone
        yield page

    def _cursor(self, there: str) -> Memory:
        return {
            "mapping": self.spec.version,
            "next": there,
            "memory": dict(self.memory),
            "asked": self.asked,
            "holes": self.holes,
            "found": self.found,
            "news_only": self.news_only,
            "gone": list(self.gone),
        }


def _page(found: list[Found]) -> Page:
    return Page([one for one in found if isinstance(one, Item)], [one for one in found if isinstance(one, ItemError)])


def _replay(spec: SourceSpec, state: dict[str, Any], path: Path, registry: PagedRegistry) -> Iterator[Page]:
    """Recorded answers, one file each; the listing is complete when every file could be read."""
    globs = [glob for stream in spec.streams for glob in stream.files] or ["**"]
    files = recorded(path, globs)
    version = folder_version(path) if path.is_dir() else file_version(path)
    if is_unchanged(spec, state, version):
        yield Page(cursor=state, version=version, unchanged=True)
        return
    if not files:
        raise CommonwealError("source-unreadable", f"{path} holds no file that fits {', '.join(globs)}.")
    mark = {"version": version, "mapping": spec.version}
    mine = state if all(state.get(key) == value for key, value in mark.items()) else {}
    behind, holes = mine.get("path", ""), mine.get("holes", 0)
    _, memory = registry.start({})
    for number, (name, answer) in enumerate(files, 1):
        if name <= behind:
            continue
        try:
            found = registry.read(answer, memory).found
        except Unreadable as problem:
            found = [ItemError(None, name, str(problem), excerpt(answer.data))]
        holes += sum(isinstance(one, ItemError) and one.native_id is None for one in found)
        for one in found:
            one.path = name
        before: dict[str, Any] = {**mark, "path": behind, "holes": holes}
        for start in range(0, len(found) - PAGE_SIZE, PAGE_SIZE):
            page = _page(found[start : start + PAGE_SIZE])
            page.cursor, page.version = before, version
            yield page
        page = _page(found[(len(found) - 1) // PAGE_SIZE * PAGE_SIZE if found else 0 :])
        behind, page.version = name, version
        last = number == len(files)
        page.cursor = {**mark, "finished": True} if last else {**mark, "path": name, "holes": holes}
        page.complete = last and not holes
        yield page
