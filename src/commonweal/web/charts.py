"""Charts as SVG, made on the server: title, description, a table of the same numbers, links, both directions.

Positions along the line are percentages and text is in pixels, so that a chart fills its place without shrinking its
letters; classes instead of style attributes, because the pages' content policy forbids inline styles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _
from markupsafe import Markup

from commonweal.web.markup import direction, number

ROW_PX = 46
COLUMNS_PX = 190
LABEL_EVERY = 8


class Row(NamedTuple):
    """One bar: what it counts, how many, and where a click leads ("" for nowhere)."""

    label: str
    value: int
    href: str = ""


def bars(name: str, title: str, description: str, rows: Sequence[Row], *, heading: str = "h2") -> Markup:
    """Horizontal bars, one a row, label above each.

    Args:
        name: unique on the page, for ids.
        title: what is counted; shown as the heading.
        description: one sentence with who counted and when; shown under the heading.
        rows: in the order to show.
        heading: "h2" or "h3", where the page's outline wants it.
    """
    rtl = direction() == "rtl"
    start, end = ("100%", "0") if rtl else ("0", "100%")
    most = max((row.value for row in rows), default=0) or 1
    drawn = []
    for index, row in enumerate(rows):
        top = index * ROW_PX
        width = max(round(100 * row.value / most, 2), 0.6)
        x = f"{100 - width:.2f}%" if rtl else "0"
        bar = Markup(
            '<text x="{}" y="{}">{}</text><text class="value" x="{}" y="{}" text-anchor="end">{}</text>'
            '<rect class="track" x="0" y="{}" width="100%" height="8" rx="4"/>'
            '<rect class="bar" x="{}" y="{}" width="{}%" height="8" rx="4"/>'
        ).format(start, top + 16, row.label, end, top + 16, number(row.value), top + 25, x, top + 25, width)
        drawn.append(Markup('<a href="{}">{}</a>').format(row.href, bar) if row.href else bar)
    return _figure(name, title, description, rows, Markup("").join(drawn), max(len(rows) * ROW_PX - 6, 1), heading)


def columns(name: str, title: str, description: str, rows: Sequence[Row], *, heading: str = "h2") -> Markup:
    """Vertical columns along a line of time, oldest at the start; arguments as for :func:`bars`."""
    rtl = direction() == "rtl"
    most = max((row.value for row in rows), default=0) or 1
    every = -(-len(rows) // LABEL_EVERY) if rows else 1
    floor = COLUMNS_PX - 28
    drawn = []
    for index, row in enumerate(rows):
        slot = _Slot(len(rows) - 1 - index if rtl else index, len(rows))
        height = max(round((floor - 24) * row.value / most), 1 if row.value else 0)
        drawn.append(_column(row, slot, floor - height, height))
        if (len(rows) - 1 - index) % every == 0:  # the newest is always labelled
            drawn.append(_label(slot, COLUMNS_PX - 8, row.label, ""))
            drawn.append(_label(slot, floor - height - 6, number(row.value), "value"))
    drawn.append(Markup('<line class="axis" x1="0" x2="100%" y1="{0}" y2="{0}"/>').format(floor + 0.5))
    return _figure(name, title, description, rows, Markup("").join(drawn), COLUMNS_PX, heading)


class _Slot(NamedTuple):
    """A place of equal width on the line, counted from the left."""

    place: int
    of: int

    def at(self, share: float) -> str:
        """A point of the slot, as a percentage of the line."""
        return f"{100 * (self.place + share) / self.of:.2f}%"


def _column(row: Row, slot: _Slot, top: int, height: int) -> Markup:
    said = f"{row.label}: {number(row.value)}"
    column = Markup('<rect class="bar" x="{}" y="{}" width="{:.2f}%" height="{}" rx="2"><title>{}</title></rect>').format(
        slot.at(0.14), top, 72 / slot.of, height, said
    )
    return Markup('<a href="{}" aria-label="{}">{}</a>').format(row.href, said, column) if row.href else column


def _label(slot: _Slot, y: int, words: str, classes: str) -> Markup:
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="middle">{}</text>').format(classes, slot.at(0.5), y, words)


def _figure(name: str, title: str, description: str, rows: Sequence[Row], drawing: Markup, height: int, heading: str) -> Markup:
    # With links inside, the drawing is a group that can be walked; without, one image with a name.
    role = "group" if any(row.href for row in rows) else "img"
    return Markup(
        '<figure class="chart"><figcaption><{h}>{title}</{h}><p class="small muted">{description}</p></figcaption>'
        '<svg role="{role}" aria-labelledby="{name}-t {name}-d" width="100%" height="{height}">'
        '<title id="{name}-t">{title}</title><desc id="{name}-d">{description}</desc>{drawing}</svg>'
        "{table}</figure>"
    ).format(
        h=heading,
        title=title,
        description=description,
        role=role,
        name=name,
        height=height,
        drawing=drawing,
        table=_table(title, rows),
    )


def _table(title: str, rows: Sequence[Row]) -> Markup:
    lines = Markup("").join(
        Markup('<tr><th scope="row">{}</th><td class="n">{}</td></tr>').format(row.label, number(row.value)) for row in rows
    )
    return Markup(
        "<details><summary>{}</summary><table><caption>{}</caption><thead><tr><th>{}</th>"
        '<th class="n">{}</th></tr></thead><tbody>{}</tbody></table></details>'
    ).format(_("The same as a table"), title, _("What"), _("How many"), lines)
