"""A table of drafts in, a workbook with the nearest of each out (``commonweal resolve overlap``)."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.tables import read_csv
from commonweal.kernel.text import clean, fold, pick
from commonweal.resolve.overlap import Draft, Overlap, value_name

MAX_ROWS: Final = 10_000
MAX_BYTES: Final = 50_000_000
MAX_UNPACKED: Final = 500_000_000

#: Property → headings it may stand under, folded.
HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "title": ("title", "name", "project", "project title", "application", "titre", "nom", "intitule", "العنوان", "الاسم"),
    "description": ("description", "summary", "abstract", "objective", "purpose", "resume", "objet", "الوصف", "الملخص"),
    "publisher": ("applicant", "organisation", "organization", "publisher", "candidat", "organisme", "الجهه"),
    "languages": ("language", "languages", "langue", "langues", "اللغه", "اللغات"),
    "countries": ("country", "countries", "pays", "البلد", "البلدان"),
}
COLUMNS: Final = (
    *("row", "draft", "rank", "entry", "kind", "likeness", "published by", "funder", "amount", "currency"),
    *("what overlaps", "what complements", "sources", "id"),
)


def read_drafts(path: Path) -> Iterator[tuple[int, Draft | CommonwealError]]:
    """Row number and draft of each line of an .xlsx or .csv file; the heading line is row 1.

    Raises:
        CommonwealError: ``table-unreadable``, ``table-too-large``, ``table-columns``.
    """
    if not path.is_file():
        raise CommonwealError("table-unreadable", f"{path} is not a file.", "Give an .xlsx or .csv file.")
    if path.stat().st_size > MAX_BYTES:
        raise CommonwealError("table-too-large", f"{path.name} is larger than {MAX_BYTES // 1_000_000} MB.", "Split it.")
    rows = _xlsx(path) if path.suffix.lower() == ".xlsx" else _csv(path)
    names: dict[str, str] = {}
    for count, (number, row) in enumerate(rows):
        if count >= MAX_ROWS:
            raise CommonwealError("table-too-large", f"{path.name} has more than {MAX_ROWS:,} rows.", "Split it.")
        if isinstance(row, CommonwealError):
            yield number, row
            continue
        names = names or _names(row, path.name)
        said = {name: clean(str(row.get(heading) or "")) for name, heading in names.items()}
        if said.get("title") or said.get("description"):
            lists = {
                name: tuple(part.strip() for part in said.get(name, "").replace(";", ",").split(",") if part.strip())
                for name in ("languages", "countries")
            }
            yield number, Draft(said.get("title", ""), said.get("description", ""), **lists, publisher=said.get("publisher", ""))


def write_workbook(rows: Iterable[tuple[int, Draft, list[Overlap]]], path: Path, lang: str = "en") -> int:
    """Write the nearest of each draft; the number of lines. Text is text: nothing in it is ever a formula."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Overlap")
    sheet.freeze_panes = "A2"

    def cell(value: Any, *, bold: bool = False) -> Any:
        made = WriteOnlyCell(sheet, value=_printable(value) if isinstance(value, str) else value)
        if isinstance(value, str):
            made.data_type = "s"  # also what begins with = + - @
            made.quotePrefix = True
        if bold:
            made.font = Font(bold=True)
        return made

    sheet.append([cell(name, bold=True) for name in COLUMNS])
    lines = 0
    for number, draft, found in rows:
        for rank, near in enumerate(found, 1):
            sheet.append([cell(value) for value in _line(number, draft, rank, near, lang)])
            lines += 1
        if not found:
            sheet.append([cell(value) for value in (number, draft.title, None, "nothing near")])
            lines += 1
    beside = path.with_name(f".{path.name}.draft")
    book.save(beside)
    beside.replace(path)
    return lines


def _line(number: int, draft: Draft, rank: int, near: Overlap, lang: str) -> tuple[Any, ...]:
    amount = near.amount or {}
    card = near.card
    shared = [*near.words, *_named(near.shared, lang)]
    return (
        *(number, draft.title or draft.description[:80], rank, pick(card["title"], lang)[1], card["kind"], near.likeness),
        *(card["publisher"] or "", near.funder or "", amount.get("minor", 0) / 100 if amount else None, amount.get("currency")),
        *(", ".join(shared), ", ".join(_named(near.only_there, lang)), ", ".join(card["sources"]), near.entity),
    )


def _named(values: Mapping[str, list[str]], lang: str) -> list[str]:
    return [value_name(name, value, lang) for name, found in values.items() for value in found]


def _printable(text: str) -> str:
    return "".join(character for character in text[:32_000] if character.isprintable() or character in "\n\t")


def _names(row: Mapping[str, Any], file: str) -> dict[str, str]:
    """Property → the heading it stands under."""
    known = {fold(heading).strip(): heading for heading in row}
    found = {name: known[one] for name, headings in HEADINGS.items() for one in reversed(headings) if one in known}
    if not {"title", "description"} & found.keys():
        raise CommonwealError(
            "table-columns", f"{file} has no column for a title or a description.", "Call one of them “title” or “description”."
        )
    return found


def _csv(path: Path) -> Iterator[tuple[int, Mapping[str, Any] | CommonwealError]]:
    with path.open("rb") as stream:
        yield from read_csv(stream)


def _xlsx(path: Path) -> Iterator[tuple[int, Mapping[str, Any] | CommonwealError]]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MAX_UNPACKED:
                raise CommonwealError("table-too-large", f"{path.name} unpacks to too much.", "Save its first sheet alone.")
        sheet = load_workbook(path, read_only=True, data_only=True).worksheets[0]
        rows = sheet.iter_rows(values_only=True)
        headings = [str(cell or "").strip() for cell in next(rows, ())]
        for number, cells in enumerate(rows, 2):
            yield number, dict(zip(headings, cells, strict=False))
    except CommonwealError:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers raise
        raise CommonwealError(
            "table-unreadable", f"{path.name} is not a workbook: {type(error).__name__}.", "Save it as .xlsx or .csv."
        ) from error
