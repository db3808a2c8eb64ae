"""One accent colour in, every shade of it that the pages use out, readable in both themes."""

from __future__ import annotations

from typing import Final

RGB = tuple[int, int, int]

#: The colour written out in ``static/web/tokens.css``; a node that keeps it needs no further style sheet.
DEFAULT: Final = "#0b6e4f"
#: WCAG 2.2 AA asks 4.5 of text; a little more, because printed colours are rounded.
READABLE: Final = 4.6
WHITE: Final = (255, 255, 255)
NIGHT: Final = (16, 23, 22)


def contrast(one: RGB, other: RGB) -> float:
    """WCAG contrast ratio of two sRGB colours, 1 to 21 (W3C, WCAG 2.2, "contrast ratio")."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def style_sheet(accent: str) -> str:
    """CSS that puts ``accent`` (#rrggbb) in place of the default: darkened or lightened until it can be read."""
    colour = _parse(accent)
    day = "".join(f"  {name}: {value};\n" for name, value in _shades(colour, ground=WHITE, away=(0, 0, 0)))
    night = "".join(f"  {name}: {value};\n" for name, value in _shades(colour, ground=NIGHT, away=WHITE))
    return (
        f":root {{\n{day}}}\n"
        f'@media (prefers-color-scheme: dark) {{\n:root:not([data-theme="light"]) {{\n{night}}}\n}}\n'
        f':root[data-theme="dark"] {{\n{night}}}\n'
    )


def _shades(colour: RGB, ground: RGB, away: RGB) -> list[tuple[str, str]]:
    accent = _readable(colour, ground, away)
    return [
        ("--accent", _print(accent)),
        ("--accent-strong", _print(_mix(accent, away, 0.25))),
        ("--accent-wash", _print(_tint(ground, accent))),
        ("--on-accent", _print(ground)),
    ]


def _readable(colour: RGB, ground: RGB, away: RGB) -> RGB:
    """``colour`` moved towards ``away`` in steps of 2 % until text in it can be read on ``ground``, also where that is tinted."""
    shades = (_mix(colour, away, step / 50) for step in range(51))
    return next(shade for shade in shades if contrast(shade, _tint(ground, shade)) >= READABLE)


def _tint(ground: RGB, accent: RGB) -> RGB:
    return _mix(ground, accent, 0.1)


def _mix(one: RGB, other: RGB, share: float) -> RGB:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _luminance(colour: RGB) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parse(text: str) -> RGB:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _print(colour: RGB) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
