"""The innermost loops over numbers: the alignment of two words' symbols, and how alike two words are.

Invariant: every function is a pure function of its arrays, but for what `Memory` remembers of such functions.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from amana.matching.compiled import compiled
from amana.matching.sounds import Sounds
from amana.matching.wordbook import Words

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

LOOSE = -1.0  # an article or "ben" that one spelling has and the other has not
CERTAIN = 0.985  # the likeness of a word with itself
INITIAL = 0.6  # of an initial with a word that begins so
VARIANT = 0.9  # of two words that the table of variants knows as one name
ROOM = 256


class Memory(NamedTuple):
    """Room for the inner loops: likenesses of words by a hash of their numbers, and scratch space."""

    keys: NDArray[np.int64]
    likeness: Floats
    with_a: Ints
    with_b: Ints
    got_a: Floats
    got_b: Floats
    rooms: Ints
    row: Floats


def new_memory(size: int = 1 << 16) -> Memory:
    """Fresh room, that remembers `size` (a power of two) likenesses; one for each thread."""
    found = np.zeros((2, ROOM), np.float32)
    partners = np.zeros((2, ROOM), np.int32)
    return Memory(
        np.full(size, -1, np.int64),
        np.zeros(size, np.float32),
        partners[0],
        partners[1],
        found[0],
        found[1],
        np.zeros((2, ROOM), np.int32),
        np.zeros(ROOM + 1, np.float32),
    )


@compiled
def align(
    x: Ints, y: Ints, x_loose: int, y_loose: int, scores: Floats, gaps_x: Floats, gaps_y: Floats, row: Floats
) -> float:
    """The score of the best alignment of two words' symbols: the sum of its steps' log-likelihood ratios.

    The first `x_loose` and `y_loose` symbols may be left out together at the cost `LOOSE`. `gaps_x` and `gaps_y` are
    the scores of a symbol of x and of y being left out. `row` is room for len(y) + 1 numbers.
    """
    m = len(y)
    row[0] = 0.0
    for j in range(1, m + 1):
        row[j] = row[j - 1] + gaps_y[y[j - 1]]
        if j == y_loose:
            row[j] = max(row[j], LOOSE)
    for i in range(1, len(x) + 1):
        symbol = x[i - 1]
        out = gaps_x[symbol]
        diagonal = row[0]
        row[0] += out
        if i == x_loose:
            row[0] = max(row[0], LOOSE)
        for j in range(1, m + 1):
            other = y[j - 1]
            best = max(diagonal + scores[symbol, other], row[j] + out, row[j - 1] + gaps_y[other])
            diagonal = row[j]
            row[j] = best
    return float(row[m])


@compiled
def spelling(x: Ints, y: Ints, plain: Ints, row: Floats) -> float:
    """The share of two words' symbols that are written alike, in [0, 1]: one less Levenshtein's distance to the longer.

    `plain` gives each symbol without its mark, `row` is room for len(y) + 1 numbers.
    """
    n, m = len(x), len(y)
    if n == 0 or m == 0:
        return 0.0
    for j in range(m + 1):
        row[j] = j
    for i in range(1, n + 1):
        diagonal = row[0]
        row[0] = i
        for j in range(1, m + 1):
            changed = diagonal + (plain[x[i - 1]] != plain[y[j - 1]])
            diagonal = row[j]
            row[j] = min(changed, row[j] + 1, row[j - 1] + 1)
    return 1.0 - float(row[m]) / max(n, m)


@compiled
def likeness(x: Ints, y: Ints, x_loose: int, y_loose: int, own: int, other: int, sounds: Sounds, row: Floats) -> float:
    """How alike two words of the scripts `own` and `other` sound, in [0, 1]: a logistic function of their alignment."""
    score = align(x, y, x_loose, y_loose, sounds.scores, sounds.gaps[own, other], sounds.gaps[other, own], row)
    half = 0.0
    for place in range(x_loose, len(x)):
        half += sounds.expected[own, other, x[place]]
    for place in range(y_loose, len(y)):
        half += sounds.expected[other, own, y[place]]
    half = max(half / 2, 1.0)
    one, lack, length = sounds.logistic[own, other]
    return float(1.0 / (1.0 + np.exp(-(one + lack * (score - half) + length * half))))


@compiled
def words_likeness(a: int, b: int, words: Words, sounds: Sounds, row: Floats) -> float:
    """How alike two words of the book are, in [0, 1]; an initial like a word that begins so, a number like itself."""
    if a == b:
        return CERTAIN
    x, y = words.symbols[words.starts[a] : words.starts[a + 1]], words.symbols[words.starts[b] : words.starts[b + 1]]
    if len(x) == 0 or len(y) == 0 or words.number[a] or words.number[b]:
        return 0.0
    if len(x) == 1 or len(y) == 1:
        return INITIAL if sounds.scores[sounds.plain[x[0]], sounds.plain[y[0]]] > 1.0 else 0.0
    found = likeness(x, y, words.loose[a], words.loose[b], words.script[a], words.script[b], sounds, row)
    if words.variant[a] and words.variant[a] == words.variant[b]:
        found = max(found, VARIANT)
    return min(found, CERTAIN)


@compiled
def remembered_likeness(a: int, b: int, words: Words, sounds: Sounds, memory: Memory, row: Floats) -> float:
    """`words_likeness`, looked up where it was computed before: names share most of their words."""
    low, high = (a, b) if a < b else (b, a)
    key = (np.int64(low) << 32) | np.int64(high)
    place = (low * 40503 + high * 30011) & (len(memory.keys) - 1)
    if memory.keys[place] != key:
        memory.keys[place] = key
        memory.likeness[place] = words_likeness(low, high, words, sounds, row)
    return float(memory.likeness[place])
