"""An assessment as a small picture to embed elsewhere: a badge, or a strip with one dot for each item.

No script, no link, no font of its own; a title and a description for screen readers; shape tells what colour tells.
"""

from __future__ import annotations

from html import escape
from typing import Final

from commonweal.openness.core.assessment import Assessment, Result

_ID_TITLE, _ID_DESCRIPTION = "t", "d"
_COLOURS: Final = {True: "#1a7f4b", None: "#6b7280", False: "#b3402e"}
_PARTIAL: Final = "#b57614"
_CHARACTER_PX: Final = 7.2
_STEP_PX: Final = 22


def badge(assessment: Assessment, label: str | None = None) -> str:
    """``framework | verdict`` side by side. ``label`` replaces the framework's id and version."""
    left = label or f"{assessment.framework.upper()} {assessment.version}"
    right = assessment.verdict
    widths = [round(_CHARACTER_PX * len(words)) + 16 for words in (left, right)]
    width = sum(widths)
    middle = [widths[0] / 2, widths[0] + widths[1] / 2]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="24" viewBox="0 0 {width} 24" role="img" '
        f'aria-labelledby="{_ID_TITLE} {_ID_DESCRIPTION}">'
        f'<title id="{_ID_TITLE}">{escape(left)}: {escape(right)}</title>'
        f'<desc id="{_ID_DESCRIPTION}">{escape(assessment.sentence)}</desc>'
        f'<rect width="{width}" height="24" rx="4" fill="#1f3a5f"/>'
        f'<path d="M{widths[0]} 0h{widths[1] - 4}a4 4 0 0 1 4 4v16a4 4 0 0 1-4 4h-{widths[1] - 4}z" fill="#e8edf3"/>'
        f'<g font-family="system-ui,sans-serif" font-size="12" text-anchor="middle">'
        f'<text x="{middle[0]}" y="16" fill="#fff">{escape(left)}</text>'
        f'<text x="{middle[1]}" y="16" fill="#14263d">{escape(right)}</text></g></svg>'
    )


def dots(assessment: Assessment) -> str:
    """One mark for each item: a full disc counts, a half disc in part, a ring does not, a dash nobody knows."""
    width = _STEP_PX * max(len(assessment.items), 1)
    marks = "".join(_mark(result, round(_STEP_PX * (at + 0.5))) for at, result in enumerate(assessment.items))
    listed = "; ".join(f"{result.item.title}: {result.status}" for result in assessment.items)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="24" viewBox="0 0 {width} 24" role="img" '
        f'aria-labelledby="{_ID_TITLE} {_ID_DESCRIPTION}">'
        f'<title id="{_ID_TITLE}">{escape(assessment.subject)}: {escape(assessment.verdict)} '
        f"({escape(assessment.framework)} {escape(assessment.version)})</title>"
        f'<desc id="{_ID_DESCRIPTION}">{escape(listed)}</desc>{marks}</svg>'
    )


def _mark(result: Result, x: int) -> str:
    words = f"<title>{escape(result.item.title)}: {escape(result.status)}</title>"
    if result.met:
        return f'<circle cx="{x}" cy="12" r="8" fill="{_COLOURS[True]}">{words}</circle>'
    if result.points > 0:
        half = f'<path d="M{x} 4a8 8 0 0 0 0 16z" fill="{_PARTIAL}"/>'
        return f'<g>{words}<circle cx="{x}" cy="12" r="7" fill="none" stroke="{_PARTIAL}" stroke-width="2"/>{half}</g>'
    if result.met is None:
        return f'<path d="M{x - 6} 12h12" stroke="{_COLOURS[None]}" stroke-width="3">{words}</path>'
    return f'<circle cx="{x}" cy="12" r="7" fill="none" stroke="{_COLOURS[False]}" stroke-width="2">{words}</circle>'
