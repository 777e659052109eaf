"""A letter of transmission as pages of a PDF: two languages side by side, Arabic shaped and from right to left.

Invariant: whatever stands in a value comes out as text: no markup is read, and every sign passes `written_out`. The
marking stands at the head and foot of every page. Knows neither Django nor a report; standards: ISO 32000 (PDF), TLP
2.0 for the colours.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import MethodReturnValue, XPos, YPos
from fpdf.fonts import TTFFont

from amana.services.letter_pages import (
    FONTS,
    Fact,
    Heading,
    Letter,
    Passage,
    Said,
    Worded,
    direction_of,
    written_out,
)

INK, QUIET, LINE = (0, 0, 0), (85, 85, 85), (150, 150, 150)
IN_ALL = "\ue000\ue000\ue000"  # how many pages there are, known at the end; no value holds it, see `written_out`
MARGIN, HEAD, FOOT = 20.0, 30.0, 24.0  # mm
TLP_INK = {
    "TLP:RED": (0xFF, 0x2B, 0x2B),
    "TLP:AMBER+STRICT": (0xFF, 0xC0, 0x00),
    "TLP:AMBER": (0xFF, 0xC0, 0x00),
    "TLP:GREEN": (0x33, 0xFF, 0x00),
    "TLP:CLEAR": (0xFF, 0xFF, 0xFF),
}


def letter_pdf(letter: Letter, fonts: Path) -> bytes:
    """The letter as a PDF, with the fonts of that folder."""
    pages = _Pages(letter, fonts)
    pages.set_all()
    return bytes(pages.output())


class _Pages(FPDF):
    """The pages of one letter."""

    def __init__(self, letter: Letter, fonts: Path) -> None:
        super().__init__(format="A4")
        self.letter = letter
        self.heights: dict[tuple[str, str, float, float, float, str], float] = {}
        for (family, style), name in FONTS.items():
            self.add_font(family, style, fonts / name)
        fonts_of = [one for one in self.fonts.values() if isinstance(one, TTFFont)]
        self.known = frozenset(code for one in fonts_of for code in one.cmap)
        self.alias_nb_pages(IN_ALL)
        self.set_margins(MARGIN, HEAD, MARGIN)
        self.set_auto_page_break(True, FOOT)
        self.set_title(letter.title)
        self.set_author(letter.author)
        self.set_lang(letter.own)
        self.set_creation_date(letter.made)
        self.set_creator("Amana")

    def set_all(self) -> None:
        """Set all blocks, each with its own way."""
        self.add_page()
        for block in self.letter.blocks:
            match block:
                case Heading():
                    self._heading(block)
                case Said():
                    self.ln(1.5)
                    self._columns([(block.own, self.letter.own), (block.theirs, self.letter.theirs)])
                    self.ln(1)
                case Fact():
                    self._fact(block)
                case Worded():
                    self._worded(block)
                case Passage():
                    self._words(block.text, block.lang, self.epw, size=10, height=5.6)
                    self.ln(3)

    def header(self) -> None:
        """The marking, and beneath it who writes under which reference."""
        self._banner(8)
        self.set_xy(MARGIN, 18)
        self._face("", 8, QUIET)
        self._cell(self.letter.running, self.letter.own)
        self.set_draw_color(*LINE)
        self.line(MARGIN, 25, self.w - MARGIN, 25)
        self.set_xy(MARGIN, HEAD)

    def footer(self) -> None:
        """The page's number of how many, and the marking again."""
        self.set_xy(MARGIN, self.h - 21)
        self._face("", 8, QUIET)
        self._shape("", "en")
        self.set_text_shaping(False)
        self.cell(self.epw, 5, f"{self.page_no()} / {IN_ALL}", align="C")
        self._banner(self.h - 15)

    def _banner(self, top: float) -> None:
        self.set_fill_color(0, 0, 0)
        self.rect(MARGIN, top, self.epw, 7.5, style="F")
        self.set_xy(MARGIN, top + 1.25)
        self._face("B", 9, TLP_INK.get(self.letter.tlp, (255, 255, 255)))
        self._cell(self.letter.marking, "en", align="C")

    def _heading(self, block: Heading) -> None:
        big = block.level == 1
        if (block.new_page and self.get_y() > HEAD + 1) or self.get_y() + 30 > self.h - FOOT:
            self.add_page()
        elif not big:
            self.ln(3)
        size = 15 if big else 11 if block.level == 2 else 10
        pair = [(block.own, self.letter.own), (block.theirs, self.letter.theirs)]
        self._columns(pair, style="B", size=size, height=size * 0.55)
        if block.level == 2:
            self.set_draw_color(*LINE)
            self.line(MARGIN, self.get_y() + 0.8, self.w - MARGIN, self.get_y() + 0.8)
        self.ln(2.5)

    def _fact(self, fact: Fact) -> None:
        side = self.epw * 0.24
        middle = self.epw - 2 * side
        if self._height(fact.value, fact.lang, middle - 6, 10, 5) > self.h - HEAD - FOOT - 10:
            self._columns([(fact.own, self.letter.own), (fact.theirs, self.letter.theirs)], ink=QUIET, size=9)
            self._words(fact.value, fact.lang, self.epw, size=10, height=5)
            self.ln(1.5)
            return
        cells = [
            (fact.own, self.letter.own, side, 9.0, QUIET),
            (fact.value, fact.lang, middle, 10.0, INK),
            (fact.theirs, self.letter.theirs, side, 9.0, QUIET),
        ]
        self._row(cells, height=5)
        self.ln(1.2)

    def _worded(self, block: Worded) -> None:
        own, theirs = self.letter.own, self.letter.theirs
        side, middle = self.epw * 0.24, self.epw * 0.26
        cells = [
            (block.labels[0], own, side, 9.0, QUIET),
            (block.values[0], own, middle, 10.0, INK),
            (block.values[1], theirs, middle, 10.0, INK),
            (block.labels[1], theirs, side, 9.0, QUIET),
        ]
        self._row(cells, height=5)
        self.ln(1.2)

    def _columns(
        self,
        pair: Sequence[tuple[str, str]],
        *,
        style: str = "",
        size: float = 10,
        height: float = 5,
        ink: tuple[int, int, int] = INK,
    ) -> None:
        width = self.epw / 2
        self._row([(text, lang, width, size, ink) for text, lang in pair], style=style, height=height)

    def _row(
        self, cells: Sequence[tuple[str, str, float, float, tuple[int, int, int]]], *, height: float, style: str = ""
    ) -> None:
        """Cells beside each other, never torn by the page's end."""
        tall = max(self._height(text, lang, width - 6, size, height, style) for text, lang, width, size, _ in cells)
        if self.get_y() + tall > self.h - FOOT:
            self.add_page()
        top, x = self.get_y(), MARGIN
        for number, (text, lang, width, size, ink) in enumerate(cells):
            inset = 0 if number == 0 else 6 if number == len(cells) - 1 else 3
            self.set_xy(x + inset, top)
            self._words(text, lang, width - 6, size=size, height=height, style=style, ink=ink)
            x += width
        self.set_xy(MARGIN, top + tall)

    def _height(self, text: str, lang: str, width: float, size: float, height: float, style: str = "") -> float:
        key = (text, lang, width, size, height, style)
        if key not in self.heights:
            self._ready(text, lang, style, size, INK)
            found = self.multi_cell(
                width, height, self._plain(text) or " ", align="L", dry_run=True, output=MethodReturnValue.HEIGHT
            )
            assert isinstance(found, float | int)
            self.heights[key] = float(found)
        return self.heights[key]

    def _words(
        self,
        text: str,
        lang: str,
        width: float,
        *,
        size: float,
        height: float,
        style: str = "",
        ink: tuple[int, int, int] = INK,
    ) -> None:
        way = self._ready(text, lang, style, size, ink)
        self.multi_cell(
            width,
            height,
            self._plain(text) or " ",
            align="R" if way == "rtl" else "L",
            new_x=XPos.LEFT,
            new_y=YPos.NEXT,
        )

    def _cell(self, text: str, lang: str, *, align: str = "L") -> None:
        self._shape(text, lang)
        self.cell(self.epw, 5, self._plain(text).replace("\n", " "), align=align)

    def _ready(self, text: str, lang: str, style: str, size: float, ink: tuple[int, int, int]) -> str:
        self._face(style, size, ink)
        return self._shape(text, lang)

    def _shape(self, text: str, lang: str) -> str:
        """Take the fonts and the direction of a text; answers the direction."""
        way = direction_of(text, lang)
        first, second = ("noto-arabic", "noto") if way == "rtl" else ("noto", "noto-arabic")
        self.set_font(first, self.font_style, self.font_size_pt)
        self.set_fallback_fonts([second], exact_match=True)
        self.set_text_shaping(True, direction=way)
        return way

    def _face(self, style: str, size: float, ink: tuple[int, int, int]) -> None:
        self.set_font("noto", style, size)
        self.set_text_color(*ink)

    def _plain(self, text: str) -> str:
        return written_out(text, self.known)
