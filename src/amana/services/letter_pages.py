"""What stands in a letter of transmission: blocks in two languages, their directions, and signs that are written out.

Invariant: a sign that would steer the page or has no picture in the fonts is written out by its number. Knows neither
Django nor a report nor what sets the pages (`letter_pdf`); standard: Unicode UAX #9 for the directions.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

RTL = frozenset({"ar", "fa", "he", "ur"})
KEPT = frozenset({"\u200c", "\u200d"})  # joiners: they shape words and steer nothing
FONTS = tuple(
    f"{family}_{weight}.ttf"
    for family in ("NotoSans", "Vazirmatn", "NotoSansArabic")
    for weight in ("400Regular", "700Bold")
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading in both languages; `level` 1 is the letter's own."""

    own: str
    theirs: str
    level: int = 2
    new_page: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One paragraph in both languages."""

    own: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A value between its two labels; `lang` is the value's language where it has one."""

    own: str
    value: str
    theirs: str
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Worded:
    """A value that is said in both languages, each beside its label; `values` and `labels` are ours and theirs."""

    labels: tuple[str, str]
    values: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Passage:
    """A text in one language, as long as it is."""

    text: str
    lang: str


Block = Heading | Said | Fact | Worded | Passage


@dataclass(frozen=True, slots=True)
class Letter:
    """What is set: the two languages, the marking and the line under it on every page, and the blocks in order."""

    own: str
    theirs: str
    tlp: str
    marking: str
    running: str
    title: str
    author: str
    made: datetime
    blocks: Sequence[Block] = field(default_factory=tuple)


def written_out(text: str, known: frozenset[int]) -> str:
    """The text with every sign that steers, or that no font has, written out by its number, such as [U+202E]."""
    return "".join(
        sign if sign == "\n" or sign in KEPT or _is_plain(sign, known) else f"[U+{ord(sign):04X}]"
        for sign in text.replace("\t", " ")
    )


def _is_plain(sign: str, known: frozenset[int]) -> bool:
    return unicodedata.category(sign)[0] != "C" and sign not in "\u2028\u2029" and ord(sign) in known


def direction_of(text: str, lang: str = "") -> str:
    """`rtl` or `ltr`: of the language where it is known, else of the first letter that has a direction."""
    if lang and lang != "und":
        return "rtl" if lang in RTL else "ltr"
    for sign in text:
        kind = unicodedata.bidirectional(sign)
        if kind in ("R", "AL", "L"):
            return "ltr" if kind == "L" else "rtl"
    return "ltr"
