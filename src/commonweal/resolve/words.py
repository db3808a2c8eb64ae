"""Plain words for what the resolver's codes mean."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from django.utils.translation import gettext_lazy as _


class Verdict(NamedTuple):
    """A verdict: what one says of two things, what its button says, and its key."""

    said: Any
    button: Any
    key: str


VERDICTS: Final[dict[str, Verdict]] = {
    "same": Verdict(_("the same thing"), _("Same"), "s"),
    "not_same": Verdict(_("different things"), _("Different"), "d"),
    "part_of": Verdict(_("the first is part of the second"), _("Part of"), "p"),
    "version_of": Verdict(_("the first is a version of the second"), _("Version of"), "v"),
    "derived_from": Verdict(_("the first is derived from the second"), _("Derived from"), "f"),
    "unsure": Verdict(_("nobody can say yet"), _("Unsure"), "u"),
    "retracted": Verdict(_("taken back"), _("Taken back"), ""),
}

RULES: Final[dict[str, Any]] = {
    "identifier": _("Joined by itself: names agree part by part, and an identifier of one thing is the same."),
    "developer": _("Joined by itself: names agree part by part, and so does who made it."),
    "description": _("Joined by itself: names agree part by part, and the descriptions are nearly equal."),
}

#: What the levels of a comparison say; the model file has them in English.
LEVELS: Final[dict[str, Any]] = {
    "the names are equal": _("the names are equal"),
    "the names are nearly equal": _("the names are nearly equal"),
    "the names are much alike": _("the names are much alike"),
    "the names are alike": _("the names are alike"),
    "the names are somewhat alike": _("the names are somewhat alike"),
    "the names differ": _("the names differ"),
    "they name the same size": _("they name the same size"),
    "only one names a size": _("only one names a size"),
    "they name different sizes": _("they name different sizes"),
    "they name the same version": _("they name the same version"),
    "only one names a version": _("only one names a version"),
    "they name different versions": _("they name different versions"),
    "they name the same variant": _("they name the same variant"),
    "only one names a variant": _("only one names a variant"),
    "they name different variants": _("they name different variants"),
    "the same developer or owner": _("the same developer or owner"),
    "different developers or owners": _("different developers or owners"),
    "an identifier of one thing is the same": _("an identifier of one thing is the same"),
    "an identifier that several things share is the same": _("an identifier that several things share is the same"),
    "their identifiers differ": _("their identifiers differ"),
    "the descriptions are nearly equal": _("the descriptions are nearly equal"),
    "the descriptions are alike": _("the descriptions are alike"),
    "the descriptions are somewhat alike": _("the descriptions are somewhat alike"),
    "the descriptions share little": _("the descriptions share little"),
    "the descriptions differ": _("the descriptions differ"),
    "the same licence": _("the same licence"),
    "different licences": _("different licences"),
    "the same year": _("the same year"),
    "a year apart": _("a year apart"),
    "years apart": _("years apart"),
}


def level(words: str) -> str:
    """A level in the reader's language; of a model with other words, as the model says it."""
    return str(LEVELS.get(words, words))
