"""What can be calculated of the look: contrast of the tokens in light and dark, and the weight of a first load."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from tests.contracts.tree import ROOT, text_of

pytestmark = pytest.mark.once

SHEET = ROOT / "src/amana/web/assets/amana.css"
BUILT = ROOT / "src/amana/web/static/built"
MOST_BYTES = 500_000
# Ink on ground, and the least contrast of WCAG 2.2 AA: 4.5 for words, 3 for the edges of what is operated.
PAIRS = (
    ("ink", "paper", 4.5), ("ink", "desk", 4.5), ("quiet", "paper", 4.5), ("quiet", "desk", 4.5),
    ("accent", "paper", 4.5), ("accent", "desk", 4.5), ("accent", "accent-soft", 4.5), ("ink", "accent-soft", 4.5),
    ("quiet", "accent-soft", 4.5), ("bad", "paper", 4.5), ("bad", "desk", 4.5), ("bad", "bad-soft", 4.5),
    ("ink", "bad-soft", 4.5), ("good", "paper", 4.5), ("ink", "mark", 4.5), ("ink", "mark-strong", 4.5),
    ("ink", "solid", 4.5), ("edge", "paper", 3.0), ("accent", "desk", 3.0), ("late", "paper", 3.0),
)  # fmt: skip
RAIL = (("#dfe9ee", "#0e2431", 4.5), ("#fff", "#1f4a63", 4.5), ("#9fb6c2", "#0e2431", 4.5), ("#000", "#ffc000", 4.5),
        ("#fff", "#0b5e7d", 4.5))  # fmt: skip
TLP = ("#ff2b2b", "#ffc000", "#33ff00", "#fff")


def tokens(selector: str) -> dict[str, str]:
    text = text_of(SHEET)
    block = text[text.index(f"{selector} {{") :]
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", block[: block.index("}")]))


def luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = "".join(one * 2 for one in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [":root", '[data-bs-theme="dark"]'])
@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_words_and_edges_stand_out_in_light_and_dark(scheme: str, ink: str, ground: str, least: float) -> None:
    found = tokens(":root") | tokens(scheme)
    assert contrast(found[ink], found[ground]) >= least, (found[ink], found[ground])


def test_the_rail_and_the_markings_stand_out() -> None:
    for ink, ground, least in RAIL:
        assert contrast(ink, ground) >= least, (ink, ground)
    assert all(contrast(one, "#000") >= 4.5 for one in TLP)


def test_the_measure_is_right_at_its_ends() -> None:
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#777", "#777") == 1
    assert all(contrast("#000", one) < contrast("#000", two) for one, two in pairwise(("#333", "#888", "#ddd")))


@pytest.mark.parametrize(
    ("sheet", "scripts"), [("app-ltr.css", ("latin-wght",)), ("app-rtl.css", ("latin-wght", "arabic"))]
)
def test_a_first_load_stays_under_500_kilobytes(sheet: str, scripts: tuple[str, ...]) -> None:
    if not (BUILT / sheet).exists():
        pytest.skip("the assets are not built here")
    files = [BUILT / f"{name}.br" for name in (sheet, "app.js", "theme.js", "sprite.svg")]
    fonts = [one for one in (BUILT / "fonts").glob("*.woff2") if any(script in one.name for script in scripts)]
    assert fonts
    loaded = sum(one.stat().st_size for one in [*files, *fonts])
    assert loaded < MOST_BYTES, loaded
