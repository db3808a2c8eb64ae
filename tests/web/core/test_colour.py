"""Whatever accent colour an operator chooses, text in it can be read in both themes."""

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from commonweal.web import colour

DERIVED = ("--accent", "--accent-strong", "--accent-wash", "--on-accent")
COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def blocks(css: str) -> list[dict[str, str]]:
    return [dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6})", block)) for block in re.findall(r"\{([^{}]*)\}", css)]


@given(COLOURS)
def test_every_accent_is_readable_on_its_ground_and_its_tint(accent):
    day, night, forced_night = blocks(colour.style_sheet(accent))
    assert night == forced_night
    for shades, ground in ((day, colour.WHITE), (night, colour.NIGHT)):
        parsed = {name: colour._parse(value) for name, value in shades.items()}
        for name in ("--accent", "--accent-strong"):
            assert colour.contrast(parsed[name], ground) >= 4.5
            assert colour.contrast(parsed[name], parsed["--accent-wash"]) >= 4.5
        assert colour.contrast(parsed["--on-accent"], parsed["--accent"]) >= 4.5


def test_the_default_is_written_out_in_the_tokens():
    tokens = (Path(colour.__file__).parent / "static/web/tokens.css").read_text("utf-8")
    written = [{name: shade for name, shade in block.items() if name in DERIVED} for block in blocks(tokens)]
    assert [block for block in written if block] == blocks(colour.style_sheet(colour.DEFAULT))


def test_contrast_of_black_and_white_is_21():
    assert round(colour.contrast((0, 0, 0), (255, 255, 255)), 2) == 21


def test_a_readable_accent_stays_as_it_is():
    assert "--accent: #0b5563" in colour.style_sheet("#0b5563")
