"""Files of a tree → pages of items: every bad file or item is an error of its own, and a run resumes after its last page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urljoin

from commonweal.catalogue.core.ast_literals import Sources
from commonweal.catalogue.core.documents import NOTES, Unreadable, read_document, too_deep
from commonweal.catalogue.core.expressions import compile_path
from commonweal.catalogue.core.source import PAGE_SIZE, RAW_EXCERPT, Item, ItemError, Page, SourceSpec, Stream
from commonweal.catalogue.sources.files import DAMAGED, Tree, matching, read_file
from commonweal.catalogue.sources.items import Found, ItemMaker
from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.jsonl import read_jsonl
from commonweal.kernel.tables import read_csv


def read_pages(
    spec: SourceSpec,
    tree: Tree,
    state: dict[str, Any],
    *,
    version: str | None = None,
    released: str | None = None,
    finished: dict[str, Any] | None = None,
    progress: Callable[[str, int, int | None], None],
) -> Iterator[Page]:
    """Every stream's files in order of name, in pages of at most PAGE_SIZE items.

    The cursor of a page says how many entries of which file are behind it; it is honoured when `state` names the same
    version of source and mapping, otherwise reading starts anew. `finished` joins the cursor of the last page. A listing
    with holes (a file that could not be read, an entry without an id) is not complete: absence proves nothing then.
    """
    mark = {"version": version, "mapping": spec.version}
    resume = state if all(state.get(key) == value for key, value in mark.items()) and "path" in state else {}
    behind = (resume["stream"], resume["path"], resume["done"]) if resume else (-1, "", 0)
    holes = int(resume.get("holes", 0))
    page = Page(version=version)
    names = tree.names()
    if not resume:
        page.errors += [ItemError(None, *refused) for refused in tree.refused]
        wanted = [glob for stream in spec.streams for glob in stream.files]
        holes = len(matching((name for name, _ in tree.refused), wanted))
    for place, found in _entries(spec, tree, names, {"$version": version, "$released": released}, progress):
        if place <= behind:
            continue
        if isinstance(found, Item):
            page.items.append(found)
        else:
            page.errors.append(found)
            holes += found.native_id is None
        if len(page.items) + len(page.errors) >= PAGE_SIZE:
            page.cursor = {**mark, **dict(zip(("stream", "path", "done"), place, strict=True)), "holes": holes}
            yield page
            page = Page(version=version)
    page.cursor = {**mark, **(finished or {}), "finished": True}
    page.complete = not holes
    yield page


def _entries(
    spec: SourceSpec,
    tree: Tree,
    names: list[str],
    release: dict[str, Any],
    progress: Callable[[str, int, int | None], None],
) -> Iterator[tuple[tuple[int, str, int], Found]]:
    """Everything the streams hold, each with its place: (number of the stream, file, how many of the file)."""
    for number, stream in enumerate(spec.streams):
        files = matching(names, stream.files or ("**",), stream.exclude)
        reader = _Reader(stream, tree, names, release, spec.homepage)
        if not files:
            yield (number, "", 1), ItemError(None, "", f"no file fits {', '.join(stream.files)} (stream {stream.name})")
        for index, path in enumerate(files):
            progress(f"{spec.id}: {stream.name}", index, len(files))
            for done, found in enumerate(reader.read(path), 1):
                if not (isinstance(found, Item) and found.native_id in stream.skip):
                    yield (number, path, done), found


def is_unchanged(spec: SourceSpec, state: dict[str, Any], version: str | None) -> bool:
    """Whether the last finished run read this very version with this very mapping."""
    return bool(version and state.get("finished") and state.get("version") == version and state.get("mapping") == spec.version)


class _Reader:
    """Items of one stream's files."""

    def __init__(self, stream: Stream, tree: Tree, names: list[str], release: dict[str, Any], homepage: str) -> None:
        self.stream = stream
        self.tree = tree
        self.maker = ItemMaker(stream, {key: value for key, value in release.items() if value} if stream.stamp else {})
        by_path = stream.select and stream.format not in ("xml", "rdf")
        self.select = compile_path(stream.select, stream.name) if stream.select and by_path else None
        self.names = frozenset(names) if stream.companions or stream.calls or stream.format == "rdf" else frozenset()
        self.homepage = homepage
        self.sources = Sources(self._module)

    def read(self, path: str) -> Iterator[Found]:
        """Every item and error of one file; the file as a whole may be one error."""
        try:
            if self.stream.format in ("jsonl", "csv"):
                yield from self._lines(path)
                return
            if self.stream.format == "xml":
                yield from self._elements(path)
                return
            data = read_file(self.tree, path)
        except (Unreadable, *DAMAGED) as error:
            yield ItemError(self.maker.id_of_file(path), path, str(error))
            return
        try:
            if self.stream.format == "rdf":
                yield from self._things(path, data)
            else:
                yield from self._calls(path, data) if self.stream.calls else self._document(path, data)
        except (Unreadable, SyntaxError, ValueError, RecursionError) as error:
            yield ItemError(self.maker.id_of_file(path), path, str(error), data[:RAW_EXCERPT])

    def _lines(self, path: str) -> Iterator[Found]:
        mended: list[dict[str, str]] = []

        def notice(line: int, what: str) -> None:
            mended.append({"field": "", "value": f"line {line}", "problem": what})

        with self.tree.open(path) as stream:
            for line, row in read_jsonl(stream) if self.stream.format == "jsonl" else read_csv(stream, notice=notice):
                if isinstance(row, CommonwealError):
                    yield ItemError(None, path, row.message)
                elif too_deep(row):
                    yield ItemError(None, path, f"Line {line} is nested too deeply.")
                else:
                    yield self.maker.make(row, path, f"line {line}", mended)
                mended.clear()

    def _document(self, path: str, data: bytes) -> Iterator[Found]:
        document, problems = read_document(self.stream.format, data)
        for name, file in self.stream.companions.items():
            beside = f"{path.rpartition('/')[0]}/{file}".lstrip("/")
            if beside in self.names:
                document[name] = read_document("text", read_file(self.tree, beside))[0]["text"]
        if self.stream.select is None:
            if isinstance(document, dict):
                document.pop(NOTES, None)  # said by `problems`, with those of the objects inside
            yield self.maker.make(document, path, "the file", problems)
            return
        chosen = self.select(document, Item(self.stream.name, "", document, path)) if self.select else document
        if isinstance(chosen, dict):
            entries: Any = chosen.items()
        elif isinstance(chosen, list):
            entries = enumerate(chosen)
        else:
            raise Unreadable(f"{self.stream.select or 'the document'} is neither a list nor an object of items")
        for key, payload in entries:
            if key != NOTES:
                noted = [one for one in problems if one["field"] == key]
                yield self.maker.make(payload, path, f"entry {key}", noted, str(key))

    def _elements(self, path: str) -> Iterator[Found]:
        from commonweal.catalogue.sources import elements  # lxml is loaded by the sources that need it

        with self.tree.open(path) as stream:
            for number, element in elements.stream(stream, self.stream.select or "item"):
                if isinstance(element, Unreadable):
                    yield ItemError(None, path, f"element {number}: {element}")
                else:
                    yield self.maker.make(element, path, f"element {number}")

    def _things(self, path: str, data: bytes) -> Iterator[Found]:
        from commonweal.catalogue.sources.graph import read_graph

        graph = read_graph(
            data, urljoin(f"{self.homepage.rstrip('/')}/", quote(path)), beside=lambda name: self._beside(path, name)
        )
        for number, payload in enumerate(graph.of_class(self.stream.select or "dcat:Dataset"), 1):
            yield self.maker.make(payload, path, f"thing {number}", [_mended(one) for one in graph.mended])
        for problem in graph.problems:
            yield ItemError(None, path, problem, data[:RAW_EXCERPT])

    def _beside(self, path: str, name: str) -> bytes | None:
        beside = f"{path.rpartition('/')[0]}/{name}".lstrip("/")
        return read_file(self.tree, beside) if beside in self.names else None

    def _calls(self, path: str, data: bytes) -> Iterator[Found]:
        if not any(f"{name}(".encode() in data for name in self.stream.calls):
            return
        module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for call in self.sources.calls(module, data.decode("utf-8"), self.stream.calls):
            yield self.maker.make(call.values, path, f"line {call.line}", call.problems)

    def _module(self, module: str) -> str | None:
        base = module.replace(".", "/")
        for name in (f"{base}.py", f"{base}/__init__.py"):
            if name in self.names:
                try:
                    return read_file(self.tree, name).decode("utf-8", "replace")
                except Unreadable:
                    return None
        return None


def _mended(problem: str) -> dict[str, str]:
    return {"field": "", "value": "", "problem": problem}
