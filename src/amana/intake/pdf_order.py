"""Arabic words of a PDF in reading order, where the library hands their letters out from left to right.

Invariant: only letters within one unbroken Arabic word change places, and only when the page shows that they were
drawn against the direction of reading. Unicode Annex 9, rule L2 (reversal of runs).
"""

from __future__ import annotations

import ctypes
import re

import pypdfium2
import pypdfium2.raw as pdfium

# Letters and their marks; not the digits, which run from left to right in Arabic too.
_WORD = re.compile("[\u0620-\u065f\u066e-\u06d3\u06d5-\u06ed\u06fa-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]{2,}")


def in_reading_order(text: str, page: pypdfium2.PdfTextPage) -> str:
    """The text of a page with each Arabic word's letters in reading order.

    `text` is all that the page's characters give, one for one; where it is not, it comes back as it was.
    """
    if page.count_chars() != len(text):
        return text
    pieces, done = [], 0
    for word in _WORD.finditer(text):
        pieces += [text[done : word.start()], _ordered(word[0], page, word.start())]
        done = word.end()
    return "".join([*pieces, text[done:]])


def _ordered(word: str, page: pypdfium2.PdfTextPage, start: int) -> str:
    """One word, sorted from right to left when its first letter stands left of its last."""
    if _place(page, start) >= _place(page, start + len(word) - 1):
        return word
    # A stable sort: letters of one ligature share their place and are in order already.
    return "".join(sign for _x, sign in sorted(_drawn(word, page, start), key=lambda one: -one[0]))


def _drawn(word: str, page: pypdfium2.PdfTextPage, start: int) -> list[tuple[float, str]]:
    return [(_place(page, start + number), sign) for number, sign in enumerate(word)]


def _place(page: pypdfium2.PdfTextPage, number: int) -> float:
    """How far from the left a character stands, points."""
    across, up = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(page.raw, number, across, up)
    return across.value
