"""An index of names: those that a name may stand for, best first, among a million in some thousandths of a second.

Invariant: the value of a name found is that of `compare_names`; what a viewpoint may not see (`among`) is left out
before anything is ranked or counted. Two levels: grams of skeletons lead to words that sound alike, words to names.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from amana.domain.answers import Reason
from amana.matching.batch import kind_of, read_all
from amana.matching.combination import trees
from amana.matching.explain import explain
from amana.matching.index_kernels import full_values, gather, rough_scores, similar_words
from amana.matching.kernels import match_words, new_memory
from amana.matching.names import Name, Word, read_name
from amana.matching.score import Score
from amana.matching.sounds import sounds
from amana.matching.symbols import encode, skeleton
from amana.matching.wordbook import WordBook, overwrite, with_room

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
RESCORED = 150
MOST_ASKED = 8  # words of the asked name that are looked up
MOST_SIMILAR = 600
LEAST_LIKE = 0.25
MOST_FOUND = 20_000
SPARE = 32  # room for the words of the asked name that no name has


def grams_of(word: Word) -> list[str]:
    """Pairs of neighbours in the skeletons of a word, with and without what may be left out at its beginning."""
    found = dict[str, None]()
    for text in {word.text, word.text[word.loose :], word.bare}:
        edged = f"^{skeleton(encode(text))}$"
        found.update(dict.fromkeys(edged[place : place + 2] for place in range(len(edged) - 1)))
    return sorted(found)


def lists_by(keys: Ints, values: Ints, size: int) -> tuple[Ints, Ints]:
    """The values of each key in one array: (starts by key, values)."""
    order = np.argsort(keys, kind="stable")
    starts = np.zeros(size + 1, np.int32)
    np.cumsum(np.bincount(keys, minlength=size), out=starts[1:])
    return starts, values[order]


class NameIndex:
    """Names by position, as arrays; not changed after it was built. Safe to ask from several threads, one at a time."""

    def __init__(self, texts: Sequence[str], book: WordBook, names: Ints, starts: Ints, kinds: Ints) -> None:
        self._texts, self._names, self._starts, self._kinds = texts, names, starts, kinds
        self._number, self._many = book.number, len(book.number)
        holders = np.repeat(np.arange(len(texts), dtype=np.int32), np.diff(starts))
        self._holder_starts, self._holders = lists_by(names, holders, self._many)
        self._index_grams()
        self._words = with_room(book.words(), SPARE)
        self._memory = new_memory(1 << 14)
        self._counts = np.zeros(self._many, np.int16)
        self._marks = np.zeros(len(texts), np.uint8)
        self._like = np.zeros((self._many, MOST_ASKED), np.float32)
        self._lock = Lock()

    @classmethod
    def build(cls, names: Sequence[str]) -> NameIndex:
        """Index names; they are found by their position."""
        book = WordBook()
        return cls(names, book, *read_all(names, book))

    def _index_grams(self) -> None:
        self._gram_number: dict[str, int] = {}
        grams, words = list[int](), list[int]()
        counts = np.zeros(self._many, np.int32)
        for word, number in self._number.items():
            for gram in grams_of(word):
                grams.append(self._gram_number.setdefault(gram, len(self._gram_number)))
                words.append(number)
                counts[number] += 1
        keys, values = np.array(grams, np.int32), np.array(words, np.int32)
        self._gram_starts, self._gram_words = lists_by(keys, values, len(self._gram_number))
        self._gram_counts = counts

    def query(self, name: str, k: int = 10, among: NDArray[np.bool_] | None = None) -> list[tuple[int, Score]]:
        """The at most `k` names most like `name`, best first: (position, score with reasons).

        `among` says by position which names may be seen; without it all.
        """
        asked = read_name(name)
        with self._lock:
            query = self._note(asked)
            positions, values = self._best(name, asked, query, k, among)
            return [
                (int(position), Score(float(value), self._reasons(name, asked, query, int(position))))
                for position, value in zip(positions, values, strict=True)
            ]

    def query_values(self, name: str, k: int = 10, among: NDArray[np.bool_] | None = None) -> tuple[Ints, Floats]:
        """The same without reasons: (positions, values), for bulk work."""
        asked = read_name(name)
        with self._lock:
            return self._best(name, asked, self._note(asked), k, among)

    def _best(
        self, text: str, asked: Name, query: Ints, k: int, among: NDArray[np.bool_] | None
    ) -> tuple[Ints, Floats]:
        if not asked.words:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        found = self._candidates(asked, query, np.zeros(0, np.bool_) if among is None else among)
        values = np.zeros(len(found), np.float32)
        later = np.array([self._texts[place] < text for place in found], np.bool_)
        full_values(
            query, kind_of(asked), found, later, self._names, self._starts, self._kinds,
            self._words, sounds(), trees(), self._memory, values,
        )  # fmt: skip
        order = np.lexsort((found, -values))[:k]
        order = order[values[order] > 0]
        return found[order], values[order]

    def _note(self, asked: Name) -> Ints:
        """The numbers of the asked name's words; those that no name has are written into the spare room."""
        numbers, fresh = list[int](), WordBook()
        for word in asked.words:
            known = self._number.get(word)
            numbers.append(self._many + fresh.number_of(word) if known is None else known)
        if fresh.number:
            self._memory.keys[(self._memory.keys & 0xFFFFFFFF) >= self._many] = -1
            overwrite(self._words, self._many, fresh.words())
        return np.array(numbers, np.int32)

    def _candidates(self, asked: Name, query: Ints, among: NDArray[np.bool_]) -> Ints:
        """The `RESCORED` names that have most of the asked words or such that sound alike."""
        similar = [self._similar(word, int(number)) for word, number in zip(asked.words, query, strict=True)][
            :MOST_ASKED
        ]
        weights = self._words.weight[0, query[: len(similar)]]
        leads = np.concatenate([numbers for numbers, _ in similar])
        gains = np.concatenate([weight * likes**2 for weight, (_, likes) in zip(weights, similar, strict=True)])
        found = np.empty(MOST_FOUND, np.int32)
        nearest = leads[np.argsort(-gains, kind="stable")]
        length = gather(nearest, self._holder_starts, self._holders, self._marks, found, among)
        found = found[:length]
        self._marks[found] = 0
        for place, (numbers, likes) in enumerate(similar):
            self._like[numbers, place] = likes
        rough = np.empty(length, np.float32)
        rough_scores(found, self._names, self._starts, weights, self._like, self._words.weight[0], rough)
        self._like[leads] = 0
        return found[np.argpartition(-rough, RESCORED)[:RESCORED]] if length > RESCORED else found

    def _similar(self, word: Word, number: int) -> tuple[Ints, Floats]:
        known = (self._gram_number.get(gram) for gram in grams_of(word))
        grams = np.array([gram for gram in known if gram is not None], np.int32)
        return similar_words(
            number, grams, self._gram_starts, self._gram_words, self._gram_counts, MOST_SIMILAR, LEAST_LIKE,
            self._words, sounds(), self._memory, self._counts,
        )  # fmt: skip

    def _reasons(self, text: str, asked: Name, query: Ints, position: int) -> tuple[Reason, ...]:
        other_text = self._texts[position]
        sides = [(text, asked), (other_text, read_name(other_text))]
        (_, one), (_, other) = sides if text <= other_text else sides[::-1]
        stored = self._names[self._starts[position] : self._starts[position + 1]]
        left, right = (query, stored) if text <= other_text else (stored, query)
        match_words(left, right, self._words, sounds(), self._memory)
        kind = max(kind_of(asked), int(self._kinds[position]))
        return tuple(explain(one, other, self._words.weight[kind, left], self._memory))
