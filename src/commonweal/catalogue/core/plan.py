"""Plan: what a complete listing would take away, each vanished record explained, and whether a person must agree.

Absence is not deletion. A vanished record is first paired with one that is new in the same listing: by content, by an
identifier that only these two bear, then by its name. Only the first two are proof; a name is a proposal.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from commonweal.kernel.canonical import digest
from commonweal.kernel.text import fold

#: Fate → what happened to the record at its source.
FATES: Final[Mapping[str, str]] = {
    "moved": "is in another folder or state",
    "respelled": "its key is written differently: case, punctuation or unsafe characters",
    "namespaced": "its key now stands in a namespace",
    "renumbered": "has another key",
    "excluded": "is passed over by this source's own description",
    "gone": "is no longer listed",
}
#: Bases of a pairing that are proof.
PROOF: Final = frozenset({"content", "identifier"})

#: A pattern is named when so large a share of the vanished show it, and so many.
PATTERN_SHARE: Final = 0.8
PATTERN_LEAST: Final = 5


class Guard(NamedTuple):
    """How many records may be absent before a person is asked: the smaller of the two, but always one."""

    share: float = 0.05
    records: int = 20

    def allows(self, vanished: int, live: int) -> bool:
        """Whether so many may be taken for absent without asking."""
        return vanished <= max(1, min(self.records, int(live * self.share)))


class Standing(NamedTuple):
    """A record as it is compared.

    Attributes:
        id: the record's id.
        native_id: its key at the source.
        contents: fingerprints of what the source says without the key: of its bytes, of the values read from them.
        identifiers: printed identifiers that no third record of the source bears.
        title: for people.
    """

    id: str
    native_id: str
    contents: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    title: str = ""


class Vanished(NamedTuple):
    """What became of one record that is absent from a complete listing.

    Attributes:
        record: its id.
        fate: one of FATES.
        basis: what tells so: ``content``, ``identifier`` or ``name``; "" where nothing was found to compare with.
        detail: the identifier in common, where that is the basis.
        successor: id of the record that took its place, or "".
    """

    record: str
    fate: str
    basis: str = ""
    detail: str = ""
    successor: str = ""

    @property
    def proven(self) -> bool:
        """Whether the successor is proven, not only proposed."""
        return bool(self.successor) and self.basis in PROOF


@dataclass(frozen=True, slots=True)
class Tally:
    """What a run found beside what vanished. ``same_values``: records of `changed` whose mapped values are as before."""

    live: int
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    same_values: int = 0


def explain(
    vanished: Iterable[Standing], added: Iterable[Standing], is_excluded: Callable[[Standing], bool] = lambda standing: False
) -> list[Vanished]:
    """Every vanished record's fate, in the order of their keys; no two share a successor.

    A pairing needs its evidence to be borne by exactly one record on either side, so that a template's content or a
    family's identifier pairs nothing.
    """
    left = {one.id: one for one in sorted(vanished, key=lambda one: (one.native_id, one.id))}
    right = {one.id: one for one in sorted(added, key=lambda one: (one.native_id, one.id))}
    order, found = list(left.values()), dict[str, Vanished]()
    evidence: tuple[tuple[str, Callable[[Standing], Iterable[Hashable]]], ...] = (
        ("content", lambda one: one.contents),
        ("identifier", lambda one: one.identifiers),
        ("name", lambda one: (("file", _file(one.native_id)),)),
        ("name", lambda one: (("spelling", _spelling(one.native_id)),)),
        ("name", lambda one: (("last", _spelling(_file(one.native_id))),)),
    )
    for basis, marks in evidence:
        for mark, before, after in _pairs(left.values(), right.values(), marks):
            if before.id in left and after.id in right:
                detail = str(mark) if basis == "identifier" else ""
                found[before.id] = Vanished(before.id, _fate(before.native_id, after.native_id), basis, detail, after.id)
                del left[before.id], right[after.id]
    for one in left.values():
        found[one.id] = Vanished(one.id, "excluded" if is_excluded(one) else "gone")
    return [found[one.id] for one in order]


def findings(tally: Tally, vanished: Sequence[Vanished]) -> list[str]:
    """What the whole of it looks like: codes, the most telling first.

    ``format-change``: no survivor kept its bytes, all kept their values; ``rewritten``: no survivor kept its bytes, some
    values differ; ``keys-changed``, ``namespace-move``, ``folders-moved``: so most of the vanished are explained;
    ``mass-disappearance``: most of the vanished are simply gone, and they are a tenth of all or more.
    """
    said = []
    survivors = tally.changed + tally.unchanged
    if survivors >= PATTERN_LEAST and not tally.unchanged:
        said.append("format-change" if tally.same_values == tally.changed else "rewritten")
    fates = Counter(one.fate for one in vanished)
    patterns = {"keys-changed": ("renumbered", "respelled"), "namespace-move": ("namespaced",), "folders-moved": ("moved",)}
    for name, of in patterns.items():
        if sum(fates[fate] for fate in of) >= max(PATTERN_LEAST, PATTERN_SHARE * len(vanished)):
            said.append(name)
    if fates["gone"] * 2 > len(vanished) and fates["gone"] * 10 >= tally.live:
        said.append("mass-disappearance")
    return said


def fingerprint(vanished: Iterable[str]) -> str:
    """Of the very set of records that would go: whoever refused it once is not asked again."""
    return digest(sorted(vanished))


def content(record: Mapping[str, Any]) -> str:
    """Fingerprint of a mapped record (``Record.to_json``) without its key, for :attr:`Standing.contents`."""
    return digest({name: value for name, value in record.items() if name not in ("native_id", "problems")})


def _pairs(
    left: Iterable[Standing], right: Iterable[Standing], marks: Callable[[Standing], Iterable[Hashable]]
) -> list[tuple[Hashable, Standing, Standing]]:
    """(mark, one left, one right) of every mark that exactly one on either side bears."""
    before, after = _bearers(left, marks), _bearers(right, marks)
    return [(mark, one[0], after[mark][0]) for mark, one in before.items() if len(one) == 1 and len(after.get(mark, ())) == 1]


def _bearers(standings: Iterable[Standing], marks: Callable[[Standing], Iterable[Hashable]]) -> dict[Hashable, list[Standing]]:
    found: dict[Hashable, list[Standing]] = defaultdict(list)
    for one in standings:
        for mark in dict.fromkeys(marks(one)):
            found[mark].append(one)
    return found


def _fate(before: str, after: str) -> str:
    if _spelling(before) == _spelling(after):
        return "respelled"
    if _spelling(_file(before)) == _spelling(_file(after)):
        return "namespaced" if "/" not in before else "moved"
    return "renumbered"


def _file(native_id: str) -> str:
    """The last part of a path-like key."""
    return native_id.rstrip("/").rpartition("/")[2]


_WEAK: Final = re.compile(r"[^\w/]|_")


def _spelling(native_id: str) -> str:
    """A key without case, accents and punctuation; its folders stay apart."""
    return _WEAK.sub("", fold(native_id))
