"""Arabic pages of a PDF in reading order, where the library hands letters or numbers out the wrong way round.

Invariant: only signs within one Arabic word, or within one number or Latin name between Arabic words, change places,
and only when the page shows that they were drawn the other way. Unicode Annex 9, rule L2 (reversal of runs).
"""

from __future__ import annotations

import ctypes
import re

import pypdfium2
import pypdfium2.raw as pdfium

# Letters and their marks; not the digits, which run from left to right in Arabic too.
_LETTERS = "\u0620-\u065f\u066e-\u06d3\u06d5-\u06ed\u06fa-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc"
_WORD = re.compile(f"[{_LETTERS}]{{2,}}")
_OTHER = re.compile(rf"\+?[^\W_{_LETTERS}](?:[^\n\r{_LETTERS}]*[^\W_{_LETTERS}])?\+?")


def in_reading_order(text: str, page: pypdfium2.PdfTextPage) -> str:
    """The text of a page, with each Arabic word, and each number or Latin name beside one, in reading order.

    `text` is all that the page's characters give, one for one; where it is not, it comes back as it was.
    """
    if page.count_chars() != len(text):
        return text
    lines, start = [], 0
    for line in text.splitlines(keepends=True):
        lines.append(_line(line, page, start) if _WORD.search(line) else line)
        start += len(line)
    return "".join(lines)


def _line(line: str, page: pypdfium2.PdfTextPage, start: int) -> str:
    words = _WORD.sub(lambda one: _word(one[0], page, start + one.start()), line)
    return _OTHER.sub(lambda one: _other(one[0], page, start + one.start()), words)


def _word(word: str, page: pypdfium2.PdfTextPage, start: int) -> str:
    """An Arabic word: turned round when its first letter was drawn left of its last."""
    turned = _place(page, start) < _place(page, start + len(word) - 1)
    return word[::-1] if turned else word


def _other(run: str, page: pypdfium2.PdfTextPage, start: int) -> str:
    """A number or Latin name: in the order from left to right, when its last sign was drawn left of its first."""
    if len(run) < 2 or _place(page, start) <= _place(page, start + len(run) - 1):
        return run
    drawn = [(_place(page, start + number), sign) for number, sign in enumerate(run)]
    return "".join(sign for _x, sign in sorted(drawn, key=lambda one: one[0]))


def _place(page: pypdfium2.PdfTextPage, number: int) -> float:
    """How far from the left a character stands, points."""
    across, up = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(page.raw, number, across, up)
    return across.value
