"""The symbols that words are compared in: Arabic letters, and Latin graphemes as they are used to write Arabic.

Invariant: a word's symbols depend on its letters alone; 0 is no symbol (the gap of an alignment). "^" marks a symbol
at the beginning of a word and "$" at its end, where vowels and h stand for other sounds. The table gives each symbol
a sound class; a word's skeleton is its consonant classes without repetition, the same in both scripts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from amana.matching.tables import rows

_DOUBLED = re.compile(r"([^aeiou])\1+")
_DIGITS = "0123456789"


@dataclass(frozen=True, slots=True)
class Alphabet:
    """All symbols of both scripts and the digits; `number` counts from 1."""

    number: dict[str, int]
    arabic: frozenset[int]
    classes: tuple[str, ...]  # by number
    pattern: re.Pattern[str]

    @property
    def size(self) -> int:
        """How many numbers there are, with that of the gap."""
        return len(self.classes)


@cache
def alphabet() -> Alphabet:
    """The alphabet of `tables/symbols.tsv`."""
    table = rows("symbols")
    signs = [*_DIGITS, *(row["symbol"] for row in table)]
    number = {sign: place for place, sign in enumerate(signs, 1)}
    inside = {sign.strip("^$") if sign.strip("^$") in number else sign for sign in signs}  # "ah" stands at the end only
    graphemes = sorted(inside, key=lambda sign: (-len(sign), sign))
    return Alphabet(
        number,
        frozenset(number[row["symbol"]] for row in table if row["script"] == "arabic"),
        ("", *_DIGITS, *(row["class"] for row in table)),
        re.compile("|".join(graphemes)),
    )


def encode(word: str) -> tuple[int, ...]:
    """The numbers of a folded word's symbols; letters outside of the alphabet are passed over."""
    number = alphabet().number
    graphemes = alphabet().pattern.findall(_DOUBLED.sub(r"\1", word) if not word.isdigit() else word)
    if not graphemes:
        return ()
    if len(graphemes) > 1 or graphemes[0] not in number:
        graphemes[0] = "^" + graphemes[0] if "^" + graphemes[0] in number else graphemes[0]
        graphemes[-1] = graphemes[-1] + "$" if graphemes[-1] + "$" in number else graphemes[-1]
    return tuple(number[sign] for sign in graphemes)


def skeleton(symbols: tuple[int, ...]) -> str:
    """The consonant classes of a word, runs of one class written once; of a word of vowels only the first vowel."""
    classes = alphabet().classes
    found = "".join(classes[number] for number in symbols)
    return re.sub(r"(\D)\1+", r"\1", found) or "".join(f"v{number}" for number in symbols[:1])
