"""Many pairs of names at once: each name is read once, then the inner loops run over arrays.

Invariant: a pair's value depends on its two names alone, and not on their order: the loops get them in one order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from amana.matching.combination import FEATURES, trees
from amana.matching.kernels import new_memory
from amana.matching.reading import read
from amana.matching.sounds import sounds
from amana.matching.values import pairs_features, pairs_values
from amana.matching.wordbook import WordBook

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Batch:
    """Names as arrays of word numbers (name i is `names[starts[i]:starts[i + 1]]`) and pairs as places of names."""

    book: WordBook
    names: Ints
    starts: Ints
    kinds: Ints
    lefts: Ints
    rights: Ints

    @classmethod
    def of(cls, pairs: Sequence[tuple[str, str]]) -> Batch:
        """Read pairs of names."""
        places: dict[str, int] = {}
        sides = np.empty((2, len(pairs)), np.int32)
        for at, (one, other) in enumerate(pairs):
            low, high = (one, other) if one <= other else (other, one)
            sides[0, at] = places.setdefault(low, len(places))
            sides[1, at] = places.setdefault(high, len(places))
        book = WordBook()
        names, starts, kinds = read_all(places, book)
        return cls(book, names, starts, kinds, sides[0], sides[1])

    def features(self) -> Floats:
        """The features of all pairs: pairs × `FEATURES`."""
        out = np.zeros((len(self.lefts), len(FEATURES)), np.float32)
        pairs_features(*self._pairs(), self.book.words(), sounds(), new_memory(), out)
        return out

    def values(self) -> Floats:
        """The values of all pairs, each in [0, 1]."""
        out = np.zeros(len(self.lefts), np.float32)
        pairs_values(*self._pairs(), self.book.words(), sounds(), trees(), new_memory(), out)
        return out

    def _pairs(self) -> tuple[Ints, Ints, Ints, Ints, Ints]:
        return self.names, self.starts, self.kinds, self.lefts, self.rights


def read_all(texts: Iterable[str], book: WordBook) -> tuple[Ints, Ints, Ints]:
    """Read names into a book: (word numbers, starts, kinds), as `Batch` holds them."""
    numbers, starts, kinds = list[int](), [0], list[int]()
    for text in texts:
        name, kind = read(text)
        numbers += book.numbers(name)
        starts.append(len(numbers))
        kinds.append(kind)
    return np.array(numbers, np.int32), np.array(starts, np.int32), np.array(kinds, np.int32)
