"""All words that are compared, each once, as arrays for the inner loops.

Invariant: a word's number never changes; arrays grow by whole batches. A name is the array of its words' numbers.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from amana.matching.names import Name, Word, is_roman
from amana.matching.rarity import KNOWN, MOST, WEAK, weight
from amana.matching.sounds import ARABIC, LATIN
from amana.matching.symbols import encode, skeleton
from amana.matching.tables import rows, words_by_role

MOST_SYMBOLS = 40


class Words(NamedTuple):
    """The words' properties by number; `weight` [kind, word]; `variant` numbers the names that have several forms.

    `roman` and `place` are numerals (II, XIV) and countries, which tell organisations apart.
    """

    symbols: NDArray[np.int32]
    starts: NDArray[np.int32]
    loose: NDArray[np.int32]
    script: NDArray[np.int32]
    weak: NDArray[np.bool_]
    number: NDArray[np.bool_]
    variant: NDArray[np.int32]
    roman: NDArray[np.bool_]
    place: NDArray[np.bool_]
    weight: NDArray[np.float32]


@cache
def _variants() -> dict[str, int]:
    return {word: place for place, row in enumerate(rows("variants"), 1) for word in row["words"].split()}


@cache
def _places() -> frozenset[str]:
    return frozenset(words_by_role("places")["country"])


@lru_cache(maxsize=1 << 17)
def _properties(word: Word) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """A word's symbols; and loose symbols, script, weak, number, variant, numeral, country, weights of both kinds."""
    symbols = encode(word.text)[:MOST_SYMBOLS]
    tight = encode(word.text[word.loose :]) if word.loose else symbols
    bare = symbols if word.bare == word.text else tight if word.bare == word.text[word.loose :] else encode(word.bare)
    spoken, variant = skeleton(bare), _variants().get(word.bare, 0)
    return symbols, (
        max(0, len(symbols) - len(tight)) if tight else 0,
        ARABIC if word.arabic else LATIN,
        word.weak,
        not word.text.isalpha(),
        variant,
        is_roman(word.text),
        word.text in _places(),
        WEAK if word.weak else min(weight(spoken, 0), KNOWN if variant else MOST),
        WEAK if word.weak else weight(spoken, 1),
    )


class WordBook:
    """Gives words their numbers."""

    def __init__(self) -> None:
        self.number: dict[Word, int] = {}
        self._symbols: list[int] = []
        self._starts = [0]
        self._rest: list[tuple[float, ...]] = []
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
        symbols, rest = _properties(word)
        self._symbols += symbols
        self._starts.append(len(self._symbols))
        self._rest.append(rest)
        self._kept = None
        return self.number.setdefault(word, len(self.number))

    def words(self) -> Words:
        """The arrays of all words so far."""
        if self._kept is None:
            rest = np.array(self._rest, np.float32).reshape(-1, 9)
            whole = rest[:, :7].astype(np.int32)
            self._kept = Words(
                np.array(self._symbols, np.int32),
                np.array(self._starts, np.int32),
                np.ascontiguousarray(whole[:, 0]),
                np.ascontiguousarray(whole[:, 1]),
                whole[:, 2] > 0,
                whole[:, 3] > 0,
                np.ascontiguousarray(whole[:, 4]),
                whole[:, 5] > 0,
                whole[:, 6] > 0,
                np.ascontiguousarray(rest[:, 7:].T),
            )
        return self._kept


def with_room(words: Words, many: int) -> Words:
    """The same arrays with room for `many` more words, which have no symbols yet."""
    loose, script, variant = (np.pad(column, (0, many)) for column in (words.loose, words.script, words.variant))
    weak, number, roman, place = (
        np.pad(column, (0, many)) for column in (words.weak, words.number, words.roman, words.place)
    )
    symbols = np.concatenate([words.symbols, np.zeros(many * MOST_SYMBOLS, np.int32)])
    starts = np.concatenate([words.starts, np.full(many, words.starts[-1], np.int32)])
    weights = np.pad(words.weight, ((0, 0), (0, many)))
    return Words(symbols, starts, loose, script, weak, number, variant, roman, place, weights)


def overwrite(room: Words, first: int, fresh: Words) -> None:
    """Write fresh words into the room behind word `first`."""
    many, begin = len(fresh.loose), room.starts[first]
    room.symbols[begin : begin + len(fresh.symbols)] = fresh.symbols
    room.starts[first : first + many + 1] = begin + fresh.starts
    for column, new in zip(room[2:-1], fresh[2:-1], strict=True):
        column[first : first + many] = new
    room.weight[:, first : first + many] = fresh.weight
