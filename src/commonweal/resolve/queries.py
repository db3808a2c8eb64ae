"""Named reads of the resolver. Each asks a fixed number of queries, however many rows there are."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson

from commonweal.base.config import setting
from commonweal.base.home import home
from commonweal.base.rows import lookup
from commonweal.catalogue import queries as catalogue
from commonweal.kernel.errors import CommonwealError
from commonweal.resolve.core import assets
from commonweal.resolve.core.judgements import DIRECTED, Judgement, active, contradictions, pending, standing
from commonweal.resolve.core.neighbours import Pair, pair
from commonweal.resolve.core.profile import Profile
from commonweal.resolve.core.resolver import Edge
from commonweal.resolve.core.verdicts import suggestion
from commonweal.resolve.core.weights import Step
from commonweal.resolve.models import Edge as EdgeRow
from commonweal.resolve.models import Judgement as JudgementRow
from commonweal.resolve.models import Profile as ProfileRow

#: Questions that are weighed against each other; those after them are the least likely ones.
CONSIDERED: Final = 5_000

_EDGE: Final = ("left", "right", "weight", "levels", "rule", "settled")
_LINE: Final = ("left", "right", "verdict", "actor", "at", "reason", "weights", "retracts", "model")
_OPEN: Final = {"rule": "", "settled": False, "answered": False}


class Question(NamedTuple):
    """A pair that waits for a person.

    Attributes:
        suggested: the likeliest verdict; `left` and `right` stand so that it reads from left to right.
        value: what an answer is worth: the chance that it joins or links something, times the records it would touch.
    """

    left: str
    right: str
    weight: float
    suggested: str
    value: float


class Explanation(NamedTuple):
    """Why two records are, or are not, one thing.

    Attributes:
        weight: match weight in bits with the prior, None when the two were never compared.
        steps: the weights in words, greatest first; with `prior` they add up to `weight`.
        rule: why they were joined without asking, "" when they were not.
        said: judgements of the pair that were not withdrawn, newest first.
    """

    left: str
    right: str
    weight: float | None
    prior: float
    steps: list[Step]
    rule: str
    model: str
    said: list[Judgement]


def model() -> assets.Assets:
    """The model in force: the node's own where it learned one, else the one that comes with the program."""
    own = home().root / "resolve"
    return assets.load(own if (own / assets.MODEL).exists() else assets.DATA)


# Rows


def profiles(records: Collection[str]) -> dict[str, Profile]:
    """Record id → its profile, of records that are there."""
    return {pk: read_profile(data) for pk, data in lookup(ProfileRow, ("record", "data"), "record", records) if data}


def iter_profiles() -> Iterator[Profile]:
    """All profiles, streaming."""
    rows = ProfileRow.objects.exclude(data="").order_by("record").values_list("data", flat=True)
    return map(read_profile, rows.iterator(chunk_size=2_000))


def read_profile(data: str) -> Profile:
    """The inverse of :func:`write_profile`."""
    values = orjson.loads(data)
    values[5], values[7] = frozenset(values[5]), frozenset(values[7])
    return Profile(*values)


def write_profile(profile: Profile) -> str:
    """A profile as JSON, the same text for the same profile."""
    return orjson.dumps([sorted(part) if isinstance(part, frozenset) else part for part in profile]).decode()


def edges(records: Collection[str]) -> dict[Pair, Edge]:
    """The edges of some records."""
    rows = lookup(EdgeRow, _EDGE, "left", records) + lookup(EdgeRow, _EDGE, "right", records)
    return {(left, right): _edge(*rest) for left, right, *rest in rows}


def iter_edges() -> Iterator[tuple[Pair, Edge]]:
    """All edges, streaming."""
    for left, right, *rest in EdgeRow.objects.values_list(*_EDGE).iterator(chunk_size=5_000):
        yield (left, right), _edge(*rest)


def log(records: Collection[str]) -> list[Judgement]:
    """All lines of the log about pairs with one of these records."""
    rows = set(lookup(JudgementRow, _LINE, "left", records)) | set(lookup(JudgementRow, _LINE, "right", records))
    return [_line(*row) for row in rows]


def whole_log() -> list[Judgement]:
    """The log in the order in which it was written."""
    return [_line(*row) for row in JudgementRow.objects.order_by("id").values_list(*_LINE)]


def judged(records: Collection[str], also: Iterable[Judgement] = ()) -> dict[Pair, Judgement]:
    """The judgements that hold, of pairs with one of these records; `also`: lines about to be written."""
    lines = log(records)
    lines += [line for line in also if not set(records).isdisjoint(line.pair)]
    return active(lines, needs_two(lines)) if lines else {}


def needs_two(lines: Iterable[Judgement]) -> Any:
    """A function that says of a pair whether two curators must agree on it (setting ``resolve.two_curators``)."""
    wanted = set(setting("resolve.two_curators"))
    if not wanted:
        return lambda _: False
    known = profiles({record for line in lines for record in line.pair})
    return lambda two: any(one in known and not wanted.isdisjoint((known[one].kind, known[one].source)) for one in two)


# Questions


def queue(limit: int = 20, *, kind: str | None = None, source: str | None = None) -> list[Question]:
    """What is worth asking a person, the most valuable first."""
    rows = list(
        EdgeRow.objects.filter(**_OPEN).order_by("-weight", "left", "right").values_list("left", "right", "weight")[:CONSIDERED]
    )
    records = {one for row in rows for one in row[:2]}
    if kind or source:
        told = {pk: (k, s) for pk, k, s in lookup(ProfileRow, ("record", "kind", "source"), "record", records)}
        rows = [
            row
            for row in rows
            if all(kind in (None, told[one][0]) for one in row[:2])
            and (not source or any(told[one][1] == source for one in row[:2]))
        ]
    entities = catalogue.entity_ids(records)
    sizes = catalogue.record_counts(set(entities.values()))
    valued = [
        (_value(weight, sum(sizes.get(entities.get(one, one), 1) for one in (left, right))), left, right, weight)
        for left, right, weight in rows
    ]
    valued.sort(key=lambda row: (-row[0], -row[3], row[1], row[2]))
    best = valued[:limit]
    known = profiles({one for row in best for one in row[1:3]})
    return [_question(*row, known) for row in best if row[1] in known and row[2] in known]


def waiting() -> int:
    """How many questions wait for a person."""
    return EdgeRow.objects.filter(**_OPEN).count()


def figures() -> dict[str, int]:
    """How much was compared and decided."""
    joined = EdgeRow.objects.exclude(rule="").count()
    return {
        "profiles": ProfileRow.objects.exclude(data="").count(),
        "automatic": joined,
        "duplicates": catalogue.joined_records(),
        "waiting": waiting(),
        "judgements": JudgementRow.objects.count(),
    }


def _value(weight: float, size: int) -> float:
    chance = 1 / (1 + math.exp2(-min(weight, 60.0)))
    return round(chance * size, 6)


def _question(value: float, left: str, right: str, weight: float, known: Mapping[str, Profile]) -> Question:
    suggested, turned = suggestion(known[left], known[right])
    return Question(*((right, left) if turned else (left, right)), weight, suggested, value)


# Explanations


def explain(left: str, right: str) -> Explanation:
    """Why two records are, or are not, one thing. Raises ``pair-of-one``, ``record-unknown``."""
    two = pair(left, right)
    if left == right:
        raise CommonwealError("pair-of-one", f"{left} cannot be compared with itself.", "Name two records.")
    for missing in set(two) - catalogue.entity_ids(two).keys():
        raise CommonwealError("record-unknown", f"There is no record {missing}.", status=404)
    edge = edges([two[0]]).get(two)
    lines = [line for line in log([two[0]]) if line.pair == two]
    used = model().model
    steps = used.waterfall(edge.levels) if edge else []
    said = standing(lines).get(two, [])
    return Explanation(
        left, right, edge.weight if edge else None, used.prior, steps, edge.rule if edge else "", used.version, said
    )


def explain_entity(name: str) -> list[Explanation]:
    """Every edge and judgement between the records of an entity. Raises ``entity-unknown``."""
    found = catalogue.entity(name)
    if found is None:
        raise CommonwealError("entity-unknown", f"There is no entity {name}.", status=404)
    records = [record["id"] for record in found[0]["records"]]
    return explain_records(records, log(records))


def explain_records(records: Collection[str], lines: Iterable[Judgement]) -> list[Explanation]:
    """Every edge that joins some records, and every judgement between any two of them, by ids; `lines`: their :func:`log`."""
    inside = set(records)
    used = model().model
    held = {two: edge for two, edge in edges(inside).items() if inside.issuperset(two) and edge.rule}
    said = {two: lines for two, lines in standing(lines).items() if inside.issuperset(two)}
    found = []
    for two in sorted(held.keys() | said.keys()):
        edge = held.get(two)
        steps = used.waterfall(edge.levels) if edge else []
        found.append(
            Explanation(
                *two, edge.weight if edge else None, used.prior, steps, edge.rule if edge else "", used.version, said.get(two, [])
            )
        )
    return found


def holding(lines: Sequence[Judgement]) -> list[Judgement]:
    """The judgements of a :func:`log` that hold, newest first."""
    return sorted(active(lines, needs_two(lines)).values(), key=lambda line: line.order, reverse=True)


def recent(limit: int) -> list[Judgement]:
    """The last lines of the log, newest first."""
    return [_line(*row) for row in JudgementRow.objects.order_by("-id").values_list(*_LINE)[:limit]]


def contradicted() -> dict[Pair, list[Judgement]]:
    """Pairs on which people disagree, with what each said, newest first."""
    return contradictions(whole_log())


def unseconded() -> dict[Pair, Judgement]:
    """Judgements that wait for a second curator."""
    lines = whole_log()
    return pending(lines, needs_two(lines))


def judgement(digest: str) -> Judgement:
    """One line of the log, by its digest or the beginning of it. Raises ``judgement-unknown``."""
    rows = list(JudgementRow.objects.filter(digest__startswith=digest).values_list(*_LINE)[:2]) if len(digest) >= 6 else []
    if len(rows) != 1:
        raise CommonwealError(
            "judgement-unknown",
            f"There is no judgement {digest}." if not rows else f"Several judgements begin with {digest}.",
            "`commonweal resolve explain ID` shows their names.",
            status=404,
        )
    return _line(*rows[0])


def links(records: Collection[str], also: Iterable[Judgement] = ()) -> dict[str, list[dict[str, Any]]]:
    """Record id → the typed links that judgements give it, as the catalogue's views show them; `also` as in `judged`."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    inside = set(records)
    for line in judged(records, also).values():
        if line.verdict in DIRECTED and line.left in inside:
            found[line.left].append({"type": line.verdict, "target": f"record:{line.right}"})
    return {record: sorted(said, key=lambda link: (link["type"], link["target"])) for record, said in found.items()}


def _edge(weight: float, levels: str, rule: str, settled: bool) -> Edge:
    return Edge(weight, tuple(orjson.loads(levels)), rule, bool(settled))


def _line(
    left: str, right: str, verdict: str, actor: str, at: str, reason: str, weights: str, retracts: str, model: str
) -> Judgement:
    return Judgement(left, right, verdict, actor, at, reason, orjson.loads(weights), retracts, model)
