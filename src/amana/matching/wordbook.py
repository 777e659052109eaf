"""All words that are compared, each once, as arrays for the inner loops.

Invariant: a word's number never changes; arrays grow by whole batches. A name is the array of its words' numbers.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from amana.matching.names import Name, Word
from amana.matching.rarity import WEAK, weight
from amana.matching.sounds import ARABIC, LATIN
from amana.matching.symbols import encode, skeleton
from amana.matching.tables import rows

MOST_SYMBOLS = 40


class Words(NamedTuple):
    """The words' properties by number; `weight` [kind, word]; `variant` numbers the names that have several forms."""

    symbols: NDArray[np.int32]
    starts: NDArray[np.int32]
    loose: NDArray[np.int32]
    script: NDArray[np.int32]
    weak: NDArray[np.bool_]
    number: NDArray[np.bool_]
    variant: NDArray[np.int32]
    weight: NDArray[np.float32]


@cache
def _variants() -> dict[str, int]:
    return {word: place for place, row in enumerate(rows("variants"), 1) for word in row["words"].split()}


class WordBook:
    """Gives words their numbers."""

    def __init__(self) -> None:
        self.number: dict[Word, int] = {}
        self._symbols: list[int] = []
        self._starts = [0]
        self._rest: list[tuple[int, int, bool, bool, int, float, float]] = []
        self._kept: Words | None = None

    def number_of(self, word: Word) -> int:
        """The number of a word, a new one for a new word."""
        found = self.number.get(word)
        return self._add(word) if found is None else found

    def numbers(self, name: Name) -> list[int]:
        """The numbers of a name's words."""
        known = self.number
        return [known[word] if word in known else self._add(word) for word in name.words]

    def _add(self, word: Word) -> int:
        symbols = encode(word.text)[:MOST_SYMBOLS]
        bare = encode(word.text[word.loose :])
        spoken = skeleton(encode(word.bare))
        loose = max(0, len(symbols) - len(bare)) if word.loose and bare else 0
        weights = (WEAK, WEAK) if word.weak else (weight(spoken, 0), weight(spoken, 1))
        has_digits = any(sign.isdigit() for sign in word.text)
        script = ARABIC if word.arabic else LATIN
        variant = _variants().get(word.bare, 0)
        self._symbols += symbols
        self._starts.append(len(self._symbols))
        self._rest.append((loose, script, word.weak, has_digits, variant, *weights))
        self._kept = None
        return self.number.setdefault(word, len(self.number))

    def words(self) -> Words:
        """The arrays of all words so far."""
        if self._kept is None:
            rest = np.array(self._rest, np.float32).reshape(-1, 7)
            whole = rest[:, :5].astype(np.int32)
            self._kept = Words(
                np.array(self._symbols, np.int32),
                np.array(self._starts, np.int32),
                np.ascontiguousarray(whole[:, 0]),
                np.ascontiguousarray(whole[:, 1]),
                whole[:, 2] > 0,
                whole[:, 3] > 0,
                np.ascontiguousarray(whole[:, 4]),
                np.ascontiguousarray(rest[:, 5:].T),
            )
        return self._kept
