"""Notes on how the licences of a model's parts and of its training data go together; one sentence each, no legal advice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from commonweal.kernel.licences import Licence, is_open, read_licence
from commonweal.openness.core.framework import load_framework
from commonweal.openness.core.licensing import licence_of
from commonweal.openness.core.subject import Subject

#: Category of the data's licence → what it means for a model offered openly.
_DATA: Final = {
    "non-commercial": "may not be used commercially, while the model is offered for any purpose",
    "no-derivatives": "may not be changed, and a model trained on them may count as a change",
    "field-of-use": "may be used for listed purposes only, while the model is offered for any purpose",
    "proprietary": "stay under their owner's terms, which may not allow that a model trained on them is given away",
    "source-available": "may be read, but other uses need permission",
    "share-alike": "must be passed on under the same terms; whether a model trained on them must be, too, is disputed",
    "unknown": "have a licence that could not be read, so nobody can say whether the model may be offered as it is",
    "not-a-licence": "have no licence, so all rights stay with their owners",
}


@dataclass(frozen=True, slots=True)
class Note:
    """Two parts, their licences as read, and what to look at."""

    part: str
    other: str
    sentence: str

    def to_json(self) -> dict[str, Any]:
        """Its members."""
        return {"part": self.part, "other": self.other, "sentence": self.sentence}


def notes(subject: Subject) -> list[Note]:
    """What to look at in a subject's licences: data against weights, code under a licence made for content."""
    licences = dict(_licences(subject))
    return [*_data_against_model(licences), *_made_for_something_else(licences)]


def _licences(subject: Subject) -> Iterator[tuple[str, tuple[str, str, Licence]]]:
    """Fact → (title, kind, licence) for each part that has one."""
    for item in load_framework("mof").items:
        for one in subject.about(item.fact):
            raw = licence_of(one, item.kind, subject) if one.finding == "yes" else None
            reading = read_licence(raw)
            if reading:
                yield item.fact, (item.title, item.kind, reading)


def _data_against_model(licences: dict[str, tuple[str, str, Licence]]) -> Iterator[Note]:
    model, data = licences.get("model-parameters-final"), licences.get("datasets")
    if model and data and is_open(model[2].category) and data[2].category in _DATA:
        if data[2].category == "share-alike" and model[2].expression == data[2].expression:
            return
        sentence = f"The training data ({_name(data[2])}) {_DATA[data[2].category]} ({_name(model[2])})."
        yield Note("model-parameters-final", "datasets", sentence)


def _made_for_something_else(licences: dict[str, tuple[str, str, Licence]]) -> Iterator[Note]:
    for fact, (title, kind, licence) in licences.items():
        if kind == "code" and (licence.expression or "").startswith("CC-BY"):
            yield Note(
                fact,
                fact,
                f"{title} is code under {_name(licence)}, a licence whose own makers advise against using it for code.",
            )


def _name(licence: Licence) -> str:
    return licence.expression or licence.raw[:60]
