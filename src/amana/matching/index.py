"""An index of names: those that a name may stand for, best first, among a million in some thousandths of a second.

Invariant: the value of a name found is that of `compare_names`; what a viewpoint may not see (`among`) is left out
before anything is ranked or counted. Two levels: grams of skeletons lead to words that sound alike, words to names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from amana.domain.answers import Reason
from amana.matching.combination import trees
from amana.matching.explain import explain, forms_differ
from amana.matching.features import match_words
from amana.matching.index_kernels import full_values, gather, highest, rough_scores, similar_words
from amana.matching.index_parts import (
    NOTHING,
    Parts,
    fingerprint,
    grams_of,
    lists_by,
    load_parts,
    read_parts,
    save_parts,
)
from amana.matching.kernels import new_memory
from amana.matching.names import Name, Word, word_of
from amana.matching.reading import read, read_as
from amana.matching.score import Score
from amana.matching.sounds import sounds
from amana.matching.wordbook import WordBook, overwrite, with_room

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
RESCORED = 250
RESCORED_AMONG_MANY = 150  # as many more are as like, to look at more of them finds no more
MANY = 300_000
MOST_ASKED = 8  # words of the asked name that are looked up
MOST_SIMILAR = 400
LEAST_LIKE = 0.25
MOST_FOUND = 30_000
ROUGHLY_SCORED = 1_500
MOST_REMEMBERED = 4096
SHORTEST_HALF = 3  # letters of a word that may be half of another
RESPACED_LIKE = 0.8  # how alike a word counts that is half of another
SPARE = 32  # room for the words of the asked name that no name has


@dataclass(frozen=True, slots=True)
class _Asked:
    """An asked name: its text, words, kind and the words' numbers."""

    text: str
    name: Name
    kind: int
    numbers: Ints


def _with(similar: tuple[Ints, Floats], respaced: list[int]) -> tuple[Ints, Floats]:
    """Similar words with those that are written together or apart."""
    if not respaced:
        return similar
    words, likes = similar
    return (
        np.concatenate([words, np.array(respaced, np.int32)]),
        np.concatenate([likes, np.full(len(respaced), RESPACED_LIKE, np.float32)]),
    )


class NameIndex:
    """Names by position, as arrays; not changed after it was built. Safe to ask from several threads, one at a time."""

    def __init__(self, parts: Parts) -> None:
        self._texts, self._names, self._starts, self._kinds = parts.texts, parts.names, parts.starts, parts.kinds
        self._number, self._many, self._parts = parts.number, len(parts.number), parts
        holders = np.repeat(np.arange(len(parts.texts), dtype=np.int32), np.diff(parts.starts))
        self._rescored = RESCORED_AMONG_MANY if len(parts.texts) > MANY else RESCORED
        self._holder_starts, self._holders = lists_by(parts.names, holders, self._many)
        self._words = with_room(parts.words, SPARE)
        self._memory = new_memory(1 << 14)
        self._counts = np.zeros(self._many, np.int16)
        self._sums = np.zeros(len(parts.texts), np.float32)
        self._like = np.zeros((self._many, MOST_ASKED), np.float32)
        self._remembered: dict[Word, tuple[Ints, Floats]] = {}
        self._lock = Lock()

    @classmethod
    def build(cls, names: Sequence[str]) -> NameIndex:
        """Index names; they are found by their position."""
        return cls(read_parts(names))

    @classmethod
    def load(cls, path: Path) -> NameIndex:
        """The index kept in a file by `save`; raises IndexFileUnfit."""
        return cls(load_parts(path))

    def save(self, path: Path, beside: Mapping[str, NDArray[np.int64]] = NOTHING) -> None:
        """Keep the index in a file, with arrays of the owner's; the file is there whole or not at all."""
        save_parts(self._parts._replace(beside=beside), path)

    def twin(self) -> NameIndex:
        """Another index of the same names, for another thread: it shares what is not changed."""
        return NameIndex(self._parts)

    @property
    def beside(self) -> Mapping[str, NDArray[np.int64]]:
        """The owner's arrays that lay in the file it was loaded from."""
        return self._parts.beside

    @property
    def names(self) -> Sequence[str]:
        """All names by position."""
        return self._texts

    def __len__(self) -> int:
        return len(self._texts)

    @cached_property
    def fingerprint(self) -> str:
        """A hash of all names by position."""
        return fingerprint(self._texts)

    def query(self, name: str, k: int = 10, among: NDArray[np.bool_] | None = None) -> list[tuple[int, Score]]:
        """The at most `k` names most like `name`, best first: (position, score with reasons).

        `among` says by position which names may be seen; without it all.
        """
        with self._lock:
            asked = self._ask(name)
            positions, values = self._best(asked, k, among)
            return [
                (int(position), Score(float(value), self._reasons(asked, int(position))))
                for position, value in zip(positions, values, strict=True)
            ]

    def query_values(self, name: str, k: int = 10, among: NDArray[np.bool_] | None = None) -> tuple[Ints, Floats]:
        """The same without reasons: (positions, values), for bulk work."""
        with self._lock:
            return self._best(self._ask(name), k, among)

    def _ask(self, text: str) -> _Asked:
        """Read the asked name; words that no name has are written into the spare room."""
        name, kind = read(text)
        numbers, fresh = list[int](), WordBook()
        for word in name.words:
            known = self._number.get(word)
            numbers.append(self._many + fresh.number_of(word) if known is None else known)
        if fresh.number:
            self._memory.keys[(self._memory.keys & 0xFFFFFFFF) >= self._many] = -1
            overwrite(self._words, self._many, fresh.words())
        return _Asked(text, name, kind, np.array(numbers, np.int32))

    def _best(self, asked: _Asked, k: int, among: NDArray[np.bool_] | None) -> tuple[Ints, Floats]:
        if not asked.name.words:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        found = self._candidates(asked, np.zeros(0, np.bool_) if among is None else among)
        values = np.zeros(len(found), np.float32)
        later = np.array([self._texts[place] < asked.text for place in found], np.bool_)
        full_values(
            asked.numbers, asked.kind, found, later, self._names, self._starts, self._kinds,
            self._words, sounds(), trees(), self._memory, values,
        )  # fmt: skip
        order = np.lexsort((found, -values))[:k]
        return found[order], values[order]

    def _candidates(self, asked: _Asked, among: NDArray[np.bool_]) -> Ints:
        """The few names, to be scored in full, that have most of the asked words or such that sound alike.

        A little likeness of a rare word tells more than a great one of a common word, so likeness counts by its root,
        and words that few names hold are followed first.
        """
        numbers = asked.numbers[:MOST_ASKED]
        words = asked.name.words[:MOST_ASKED]
        similar = [self._similar(word, int(number)) for word, number in zip(words, numbers, strict=True)]
        similar = [_with(some, self._respaced(words, place)) for place, some in enumerate(similar)]
        weights = self._words.weight[min(1, asked.kind)]
        leads = np.concatenate([sounding for sounding, _ in similar])
        gains = np.concatenate(
            [weights[number] * np.sqrt(likes) for number, (_, likes) in zip(numbers, similar, strict=True)]
        )
        holders = self._holder_starts[leads + 1] - self._holder_starts[leads]
        order = np.argsort(-gains / np.log2(2 + holders), kind="stable")
        found, sums = gather(
            leads[order], gains[order], self._holder_starts, self._holders, self._sums, MOST_FOUND, among
        )
        found = highest(found, sums, ROUGHLY_SCORED)
        for place, (sounding, likes) in enumerate(similar):
            self._like[sounding, place] = likes
        rough = np.empty(len(found), np.float32)
        rough_scores(found, self._names, self._starts, weights[numbers], self._like, weights, rough)
        self._like[leads] = 0
        return highest(found, rough, self._rescored)

    def _respaced(self, words: Sequence[Word], place: int) -> list[int]:
        """Words of the book that are two halves of the asked word at `place`, or that word and its neighbour as one."""
        text, number_of = words[place].text, self._number.get
        cuts = [(text[:cut], text[cut:]) for cut in range(SHORTEST_HALF, len(text) - SHORTEST_HALF + 1)]
        halves = [(number_of(word_of(one)), number_of(word_of(other))) for one, other in cuts]
        found = [half for both in halves if None not in both for half in both]
        joined = [words[at].text + words[at + 1].text for at in (place - 1, place) if 0 <= at < len(words) - 1]
        found += [number_of(word_of(one)) for one in joined]
        return [number for number in found if number is not None]

    def _similar(self, word: Word, number: int) -> tuple[Ints, Floats]:
        """Words of the book that sound like an asked one; remembered, as names share most of their words."""
        if word not in self._remembered:
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            grams = self._parts.grams
            known = (grams.number.get(gram) for gram in grams_of(word))
            asked = np.array([gram for gram in known if gram is not None], np.int32)
            self._remembered[word] = similar_words(
                number, asked, grams.starts, grams.words, grams.counts, MOST_SIMILAR, LEAST_LIKE,
                self._words, sounds(), self._memory, self._counts,
            )  # fmt: skip
        return self._remembered[word]

    def _reasons(self, asked: _Asked, position: int) -> tuple[Reason, ...]:
        text = self._texts[position]
        stored, kind = self._names[self._starts[position] : self._starts[position + 1]], int(self._kinds[position])
        sides = [(asked.text, asked.name, asked.numbers), (text, read_as(text, kind), stored)]
        (_, one, left), (_, other, right) = sides if asked.text <= text else sides[::-1]
        match_words(left, right, self._words, sounds(), self._memory)
        weights = self._words.weight[min(1, max(asked.kind, kind)), left]
        return tuple(explain(one, other, weights, self._memory) + forms_differ(asked.kind, kind))
