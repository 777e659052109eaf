"""A letter of transmission as pages of a PDF: two languages side by side, Arabic shaped and from right to left.

Invariant: whatever stands in a value comes out as text: the pages are set by `letter.typ`, which is given values and
reads none as markup, and every sign passes `written_out`. The marking stands at the head and foot of every page. Knows
neither Django nor a report; standards: ISO 14289-1 (PDF/UA-1), ISO 19005-2 (PDF/A-2a), TLP 2.0 for the colours.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
import uharfbuzz

from amana.services.letter_pages import (
    FONTS,
    Block,
    Fact,
    Heading,
    Letter,
    Passage,
    Said,
    Worded,
    direction_of,
    written_out,
)

PAGES = Path(__file__).parent / "letter.typ"
TLP_INK = {
    "TLP:RED": "#ff2b2b",
    "TLP:AMBER+STRICT": "#ffc000",
    "TLP:AMBER": "#ffc000",
    "TLP:GREEN": "#33ff00",
    "TLP:CLEAR": "#ffffff",
}


def letter_pdf(letter: Letter, fonts: Path) -> bytes:
    """The letter as a PDF that can be read aloud and kept, with the fonts of that folder."""
    faces, known = _fonts(fonts)
    given = _Given(letter, known).all()
    compiler = typst.Compiler(PAGES, font_paths=faces, sys_inputs={"letter": json.dumps(given)})
    pages = compiler.compile(format="pdf", timestamp=letter.made.replace(microsecond=0), pdf_standards=["ua-1", "a-2a"])
    assert isinstance(pages, bytes)
    return pages


@lru_cache(maxsize=4)
def _fonts(folder: Path) -> tuple[typst.Fonts, frozenset[int]]:
    """The letter's fonts, and the signs that they have pictures of."""
    files = [folder / name for name in FONTS]
    known = {sign for file in files for sign in uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(file))).unicodes}
    return typst.Fonts(False, False, [str(folder)]), frozenset(known)


class _Given:
    """A letter as `letter.typ` is given it."""

    def __init__(self, letter: Letter, known: frozenset[int]) -> None:
        self.letter, self.known = letter, known

    def all(self) -> dict[str, Any]:
        letter = self.letter
        return {
            "own": letter.own,
            "own_dir": direction_of("", letter.own),
            "ink": TLP_INK.get(letter.tlp, "#ffffff"),
            "marking": self._plain(letter.marking),
            "running": self._text(letter.running, letter.own),
            "title": letter.title,
            "author": letter.author,
            "blocks": [self._block(block) for block in letter.blocks],
        }

    def _block(self, block: Block) -> dict[str, Any]:
        match block:
            case Heading():
                return {"kind": "heading", "level": block.level, "new_page": block.new_page} | self._pair(block)
            case Said():
                return {"kind": "said"} | self._pair(block)
            case Fact():
                return {"kind": "fact", "value": self._text(block.value, block.lang)} | self._pair(block)
            case Worded():
                labels, values = (self._pair(Said(*pair)) for pair in (block.labels, block.values))
                return {"kind": "worded", "own_value": values["own"], "their_value": values["theirs"]} | labels
            case Passage():
                return {"kind": "passage", "text": self._text(block.text, block.lang)}

    def _pair(self, pair: Heading | Said | Fact) -> dict[str, Any]:
        """What is said in both languages."""
        return {
            "own": self._text(pair.own, self.letter.own),
            "theirs": self._text(pair.theirs, self.letter.theirs),
        }

    def _text(self, text: str, lang: str) -> dict[str, str]:
        known = lang if lang != "und" else ""
        return {"text": self._plain(text), "lang": known, "dir": direction_of(text, lang)}

    def _plain(self, text: str) -> str:
        return written_out(text, self.known)
