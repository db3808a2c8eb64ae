"""What is near a draft; and that a draft leaves no trace."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from django.apps import apps
from openpyxl import Workbook, load_workbook

from commonweal.base.home import home
from commonweal.base.permissions import SYSTEM
from commonweal.catalogue.core.record import Record
from commonweal.kernel.errors import CommonwealError
from commonweal.resolve import overlap, workbook
from commonweal.resolve.overlap import Draft

pytestmark = pytest.mark.django_db

SECRET = "Zanzibarische Geheimforschung"
RECORDS = (
    Record("a", "1", "dataset", {"en": "Swahili Speech Corpus"}, description={"en": "Recorded speech in Swahili"},
           languages=["sw"]),
    Record("a", "2", "dataset", {"en": "Hausa News"}, description={"en": "News articles in Hausa"},
           languages=["ha"], countries=["NGA"]),
    Record("b", "3", "grant", {"en": "Flood warning"}, description={"en": "Satellite images warn of floods"},
           extras={"funder": "World Bank", "amount": {"minor": 1_000_000, "currency": "USD", "date": None}}),
    Record("c", "4", "offer", {"en": "Swahili speech corpus"}),
)  # fmt: skip


@pytest.fixture(params=["beside", "index"])
def known(say, resolve, request, monkeypatch, tmp_path) -> None:
    """Records, looked through beside the index or in it."""
    monkeypatch.setattr(overlap, "FOLDER", f"overlap-{tmp_path.name}")
    if request.param == "index":
        monkeypatch.setattr(overlap, "BESIDE", 0)
    say(*RECORDS)
    resolve()


def near(title: str, **said) -> list[overlap.Overlap]:
    return overlap.overlap(Draft(title, **said), user=SYSTEM)


def test_the_nearest_come_with_reasons(known) -> None:
    found = near("A corpus of Swahili speech", languages=("Swahili", "fr"))
    assert found[0].card["title"] == {"en": "Swahili Speech Corpus"}
    assert found[0].words == ["swahili"]  # “speech” and “corpus” are too common to say anything
    assert found[0].shared == {"languages": ["sw"]}
    assert found[0].only_here == {"languages": ["fr"]}
    assert all(each.card["kind"] != "offer" for each in found)


def test_funder_and_amount_are_told_where_known(known) -> None:
    found = near("Early warning of floods", description="from satellite images")
    assert (found[0].funder, found[0].amount["currency"]) == ("World Bank", "USD")  # type: ignore[index]


def test_what_left_is_no_longer_near(known, say, resolve) -> None:
    say(("a", "2"))
    resolve()
    assert all(each.card["title"] != {"en": "Hausa News"} for each in near("Hausa News"))


def test_a_draft_leaves_no_trace(known, caplog) -> None:
    def rows() -> dict[str, int]:
        return {model._meta.label: model.objects.count() for model in apps.get_models()}

    before = rows()
    files = {path: path.stat().st_mtime_ns for path in home().root.rglob("*") if path.is_file() and "test.db" not in path.name}
    with caplog.at_level(logging.DEBUG):
        near(SECRET, description=SECRET, publisher=SECRET)
    assert rows() == before
    assert {path: path.stat().st_mtime_ns for path in files} == files
    assert SECRET not in caplog.text
    assert SECRET not in repr(Draft(SECRET))
    assert SECRET.lower() not in repr(overlap._KEPT).lower()


@pytest.mark.parametrize("draft", [Draft(""), Draft("x" * 200_000)])
def test_a_draft_that_says_nothing_or_too_much_is_refused(draft) -> None:
    with pytest.raises(CommonwealError) as failure:
        overlap.overlap(draft, user=SYSTEM)
    assert failure.value.code in ("draft-empty", "draft-too-long")


@pytest.mark.parametrize("title", ["🤖", "a", "؟", "=1+1", "\u202e"])
def test_odd_drafts_are_only_drafts(known, title) -> None:
    assert isinstance(near(title), list)


def test_a_table_of_drafts_becomes_a_workbook_without_formulas(known, tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["Project title", "Summary", "Country"])
    book.active.append(["=HYPERLINK(1)", "Swahili speech corpus", "Kenya; Tanzania"])
    book.active.append([None, None, None])
    book.active["A2"].data_type = "s"
    book.save(tmp_path / "drafts.xlsx")
    drafts = list(workbook.read_drafts(tmp_path / "drafts.xlsx"))
    assert [(number, draft.countries) for number, draft in drafts] == [(2, ("Kenya", "Tanzania"))]
    lines = workbook.write_workbook(
        ((number, draft, overlap.overlap(draft, user=SYSTEM)) for number, draft in drafts), tmp_path / "out.xlsx"
    )
    sheet = load_workbook(tmp_path / "out.xlsx").active
    assert lines == sheet.max_row - 1 >= 1
    assert [cell.value for cell in sheet[1]] == list(workbook.COLUMNS)
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("=HYPERLINK(1)", "s")
    assert sheet["D2"].value == "Swahili Speech Corpus"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("x.xlsx", b"no zip", "table-unreadable"),
        ("x.csv", b"a,b\n1,2\n", "table-columns"),
        ("none.csv", None, "table-unreadable"),
    ],
)
def test_tables_that_cannot_be_read_say_so(tmp_path: Path, name: str, content: bytes | None, code: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(CommonwealError) as failure:
        list(workbook.read_drafts(tmp_path / name))
    assert failure.value.code == code
