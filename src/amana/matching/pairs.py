"""Two names, or many pairs of names, compared.

Invariant: `compare_names(a, b).value == compare_names(b, a).value`, to the bit; any text gets an answer.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from amana.matching.batch import Batch
from amana.matching.combination import FEATURES, trees
from amana.matching.explain import explain, forms_differ, no_name
from amana.matching.features import name_features
from amana.matching.kernels import new_memory
from amana.matching.reading import read
from amana.matching.score import Score
from amana.matching.sounds import sounds
from amana.matching.values import value_of
from amana.matching.wordbook import WordBook


def compare_names(a: str, b: str) -> Score:
    """How alike two names are, in any spelling and of Arabic and Latin script; other scripts are romanised first."""
    low, high = (a, b) if a <= b else (b, a)
    (one, one_kind), (other, other_kind) = read(low), read(high)
    if not one.words or not other.words:
        return Score(0.0, (no_name(),))
    book = WordBook()
    left, right = (np.array(book.numbers(name), np.int32) for name in (one, other))
    words, memory, features = book.words(), new_memory(1 << 8), np.zeros(len(FEATURES), np.float32)
    name_features(left, right, one_kind, other_kind, words, sounds(), memory, features)
    reasons = explain(one, other, words.weight[min(1, max(one_kind, other_kind)), left], memory)
    reasons += forms_differ(one_kind, other_kind)
    return Score(float(value_of(features, trees())), tuple(reasons))


def compare_many(pairs: Iterable[tuple[str, str]]) -> NDArray[np.float64]:
    """The values of many pairs of names, in order, each in [0, 1]: about fifty thousand a second on one core."""
    listed = list(pairs)
    return Batch.of(listed).values().astype(np.float64) if listed else np.zeros(0)
