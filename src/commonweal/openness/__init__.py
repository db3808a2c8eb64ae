"""Openness and transparency: answer once, assess many.

The pure face of the room; it needs no Django, no database and no network::

    from commonweal.openness import assess
    assess(open("model.yml", "rb").read(), "mof").verdict
"""

from commonweal.openness.core.assess import assess, assess_all
from commonweal.openness.core.assessment import Assessment, Outcome, Result
from commonweal.openness.core.compare import changes, compare
from commonweal.openness.core.compatibility import notes
from commonweal.openness.core.evidence import ASSURANCE, Evidence, settle
from commonweal.openness.core.formats import read_subject
from commonweal.openness.core.framework import Framework, Item, load_framework, versions
from commonweal.openness.core.simulator import simulate, what_if
from commonweal.openness.core.subject import Subject

__all__ = [
    "ASSURANCE",
    "Assessment",
    "Evidence",
    "Framework",
    "Item",
    "Outcome",
    "Result",
    "Subject",
    "assess",
    "assess_all",
    "changes",
    "compare",
    "load_framework",
    "notes",
    "read_subject",
    "settle",
    "simulate",
    "versions",
    "what_if",
]
