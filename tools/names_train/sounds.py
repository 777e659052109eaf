"""Which symbols stand for the same sound: expectation-maximisation over pairs of spellings.

A pair of words is taken to be written by a series of steps, each putting down a symbol in both words or in one of them
(a memoryless transducer, Ristad and Yianilos 1998). EM learns the steps' probabilities; a step's score is the
logarithm of its probability against that of its symbols by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from amana.matching.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
ROUNDS = 12
FLOOR = -4.0
SMOOTHING = 0.02  # of a step's chance, added as if seen once in so many


@dataclass(frozen=True, slots=True)
class Flat:
    """Many encoded words in one array: word i is `symbols[starts[i]:starts[i + 1]]`."""

    symbols: Ints
    starts: Ints

    @classmethod
    def of(cls, words: Sequence[tuple[int, ...]]) -> Flat:
        """Flatten words."""
        starts = np.cumsum([0, *map(len, words)], dtype=np.int32)
        return cls(np.array([number for word in words for number in word], np.int32), starts)


@compiled
def _expect(xs: Ints, x0: Ints, ys: Ints, y0: Ints, weights: Floats, steps: Floats) -> Floats:
    """One expectation: how often each step is taken, summed over all pairs and all ways; `steps[0, 0]` is unused."""
    counts = np.zeros_like(steps)
    for pair in range(len(x0) - 1):
        x, y = xs[x0[pair] : x0[pair + 1]], ys[y0[pair] : y0[pair + 1]]
        n, m = len(x), len(y)
        ahead, back = np.zeros((n + 1, m + 1)), np.zeros((n + 1, m + 1))
        ahead[0, 0] = back[n, m] = 1.0
        for i in range(n + 1):
            for j in range(m + 1):
                if i and j:
                    ahead[i, j] += ahead[i - 1, j - 1] * steps[x[i - 1], y[j - 1]]
                if i:
                    ahead[i, j] += ahead[i - 1, j] * steps[x[i - 1], 0]
                if j:
                    ahead[i, j] += ahead[i, j - 1] * steps[0, y[j - 1]]
        for i in range(n, -1, -1):
            for j in range(m, -1, -1):
                if i < n and j < m:
                    back[i, j] += back[i + 1, j + 1] * steps[x[i], y[j]]
                if i < n:
                    back[i, j] += back[i + 1, j] * steps[x[i], 0]
                if j < m:
                    back[i, j] += back[i, j + 1] * steps[0, y[j]]
        whole = ahead[n, m] / weights[pair]
        for i in range(n + 1):
            for j in range(m + 1):
                if i < n and j < m:
                    counts[x[i], y[j]] += ahead[i, j] * steps[x[i], y[j]] * back[i + 1, j + 1] / whole
                if i < n:
                    counts[x[i], 0] += ahead[i, j] * steps[x[i], 0] * back[i + 1, j] / whole
                if j < m:
                    counts[0, y[j]] += ahead[i, j] * steps[0, y[j]] * back[i, j + 1] / whole
    return counts


def learn(lefts: Flat, rights: Flat, weights: Floats, size: int, *, symmetric: bool) -> tuple[Floats, Floats]:
    """Learn the steps between left and right words: (scores, probabilities), both size × size with the gap at 0."""
    left_chance = _chance(lefts, weights, size)
    right_chance = _chance(rights, weights, size)
    if symmetric:
        left_chance = right_chance = (left_chance + right_chance) / 2
    prior = np.outer(left_chance, right_chance)
    prior[1:, 0], prior[0, 1:], prior[0, 0] = 0.1 * left_chance[1:], 0.1 * right_chance[1:], 0
    steps = prior + 0.5 * _alike(size, prior)
    steps /= steps.sum()
    for _ in range(ROUNDS):
        counts = _expect(lefts.symbols, lefts.starts, rights.symbols, rights.starts, weights, steps)
        if symmetric:
            counts = (counts + counts.T) / 2
        counts += SMOOTHING * counts.sum() * prior / prior.sum()
        steps = counts / counts.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = np.log(steps / np.where(prior > 0, np.outer(_or_one(left_chance), _or_one(right_chance)), np.nan))
    return np.maximum(np.nan_to_num(scores, nan=FLOOR, neginf=FLOOR), FLOOR), steps


def _alike(size: int, prior: Floats) -> Floats:
    return np.diag(np.diag(prior)) if prior.trace() > 0 else np.zeros((size, size))


def _or_one(chance: Floats) -> Floats:
    """Chances with 1 for the gap, which is no symbol."""
    kept = chance.copy()
    kept[0] = 1.0
    return kept


def _chance(words: Flat, weights: Floats, size: int) -> Floats:
    """How likely each symbol is in a word, by frequency."""
    each = np.repeat(weights, np.diff(words.starts))
    found = np.bincount(words.symbols, each, size)
    return np.asarray(found / found.sum(), np.float64)
