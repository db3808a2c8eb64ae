"""One dated, attributed finding about one fact of a model, system or data set; and what several of them say together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.text import clean

#: ``unknown`` means that nobody found out; it is never read as ``no``.
FINDINGS: Final = ("yes", "partial", "no", "unknown")

#: How the finding came about.
METHODS: Final = ("imported", "read", "self-assessed", "third-party")

#: The assurance ladder, per claim: index = level.
ASSURANCE: Final = (
    "claimed",
    "evidence linked",
    "evidence retrieved and hashed",
    "self-attested run",
    "third-party run",
    "independently reproduced",
)

MAX_QUOTE: Final = 2_000
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]+", re.I)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A finding and where it is written.

    Args:
        fact: what it is about, an id that frameworks' items refer to, e.g. ``"training-code"``.
        finding: one of :data:`FINDINGS`.
        value: what is stated, in short (``"Qwen2"``), or "".
        licence: the licence of this part as written; "" says that there is none, None says nothing.
        quote: the words it rests on, at most :data:`MAX_QUOTE` characters of plain text.
        url, file, line: where the words stand; ``line`` counts from 1.
        sha256: digest of the archived copy of that place.
        who, when, how: person or project, ISO date, one of :data:`METHODS`.
        expires: ISO date after which it must be checked anew, or None.
        assurance: 0-5 on :data:`ASSURANCE`; None derives it from link and copy.
        note: what a reader should know, e.g. the sections that were searched in vain.
    """

    fact: str
    finding: str
    value: str = ""
    licence: str | None = None
    quote: str = ""
    url: str | None = None
    file: str | None = None
    line: int | None = None
    sha256: str | None = None
    who: str = ""
    when: str | None = None
    how: str = "imported"
    expires: str | None = None
    assurance: int | None = None
    note: str = ""

    def __post_init__(self) -> None:
        _check("finding", self.finding, FINDINGS)
        _check("how", self.how, METHODS)
        if self.assurance is not None and not 0 <= self.assurance < len(ASSURANCE):
            raise CommonwealError("evidence-invalid", f"Assurance {self.assurance!r} is not on the ladder.", "Use 0 to 5.")
        if len(self.quote) > MAX_QUOTE:
            object.__setattr__(self, "quote", self.quote[: MAX_QUOTE - 1] + "…")

    @property
    def level(self) -> int:
        """Its level on the assurance ladder."""
        if self.assurance is not None:
            return self.assurance
        if self.sha256:
            return 2
        return 1 if self.url else 0

    def to_json(self) -> dict[str, Any]:
        """Its members without those that say nothing; ``assurance`` always, as number and words."""
        members = {name: getattr(self, name) for name in self.__slots__}
        kept = {name: value for name, value in members.items() if value is not None and (value != "" or name == "licence")}
        return {**kept, "assurance": self.level, "assurance_words": ASSURANCE[self.level]}

    @classmethod
    def from_json(cls, members: Mapping[str, Any]) -> Evidence:
        """The reverse of :meth:`to_json`; members of later versions are passed over.

        Raises:
            CommonwealError: ``evidence-invalid`` when fact or finding is missing or a value is out of its range.
        """
        if not isinstance(members.get("fact"), str) or "finding" not in members:
            raise CommonwealError("evidence-invalid", "Evidence needs a fact and a finding.", f"Findings: {', '.join(FINDINGS)}.")
        return cls(**{name: members[name] for name in cls.__slots__ if name in members})


@dataclass(frozen=True, slots=True)
class Settled:
    """What all evidence about one fact says together.

    Args:
        finding: one of :data:`FINDINGS`.
        deciding: the evidence of the highest assurance that knows anything.
        evidence: all of it that is in force, strongest first.
        contradicted: evidence of the highest assurance disagrees.
        expired: evidence that was passed over because it must be checked anew.
    """

    finding: str
    deciding: tuple[Evidence, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    contradicted: bool = False
    expired: tuple[Evidence, ...] = ()


NOTHING: Final = Settled("unknown")


def settle(evidence: Iterable[Evidence], today: str | None = None) -> Settled:
    """Decide what evidence about *one* fact says together.

    Evidence of the highest assurance that knows anything decides. Where it disagrees with itself the finding is
    ``unknown`` and everything is kept: contradictions are shown, not averaged.

    Args:
        today: ISO date; evidence that expired before it is passed over. None passes over nothing.
    """
    everything = sorted(evidence, key=lambda one: -one.level)
    if not everything:
        return NOTHING
    expired = tuple(one for one in everything if today and one.expires and one.expires < today)
    valid = tuple(one for one in everything if one not in expired)
    telling = [one for one in valid if one.finding != "unknown"]
    deciding = tuple(one for one in telling if one.level == telling[0].level)
    findings = {one.finding for one in deciding}
    finding = findings.pop() if len(findings) == 1 else "unknown"
    return Settled(finding, deciding, valid, bool(findings), expired)


def translated(evidence: Evidence, finding: str) -> Evidence:
    """The same evidence, read for a neighbouring fact as ``finding``."""
    return replace(evidence, finding=finding)


def web_address(raw: object) -> str | None:
    """The first ``http(s)`` address in a text, or None: no other scheme ever becomes a link. Nothing is fetched."""
    found = _WEB_ADDRESS.search(raw) if isinstance(raw, str) else None
    return clean(found[0]).rstrip(".,;)]'") if found else None


def _check(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise CommonwealError("evidence-invalid", f"{value!r} is no {name} of evidence.", f"Use one of: {', '.join(allowed)}.")
