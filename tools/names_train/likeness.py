"""From an alignment's score to a likeness: a logistic function for each pair of scripts.

Same: spellings of one word. Different: words that the sounds confuse although no lexicon knows them as spellings of one
word, found by looking for the nearest others of a sample. Both weigh the same.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from amana.matching.compiled import compiled
from amana.matching.kernels import align
from amana.matching.sounds import ARABIC, LATIN, Sounds
from amana.matching.symbols import encode
from tools.names_train.sounds import Flat

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
SAMPLE = 1500
NEAREST = 4


@dataclass(frozen=True, slots=True)
class Spelled:
    """A word with its symbols and script."""

    text: str
    symbols: NDArray[np.int32]
    script: int

    @classmethod
    def of(cls, text: str) -> Spelled:
        """Encode a word."""
        return cls(text, np.array(encode(text), np.int32), ARABIC if text[0] >= "\u0600" else LATIN)


def terms(x: Spelled, y: Spelled, sounds: Sounds) -> tuple[float, float, float]:
    """One, what the score lacks of that expected of the same word, and the expected itself."""
    gaps_x, gaps_y = sounds.gaps[x.script, y.script], sounds.gaps[y.script, x.script]
    row = np.zeros(len(y.symbols) + 1, np.float32)
    score = align(x.symbols, y.symbols, 0, 0, sounds.scores, gaps_x, gaps_y, row)
    hoped = sounds.expected[x.script, y.script][x.symbols].sum() + sounds.expected[y.script, x.script][y.symbols].sum()
    half = max(float(hoped) / 2, 1.0)
    return 1.0, score - half, half


@compiled
def _scores(x: Ints, ys: Ints, starts: Ints, scores: Floats, gaps_x: Floats, gaps_y: Floats) -> Floats:
    """The scores of one word with many."""
    row, found = np.zeros(256, np.float32), np.zeros(len(starts) - 1, np.float32)
    for place in range(len(found)):
        found[place] = align(x, ys[starts[place] : starts[place + 1]], 0, 0, scores, gaps_x, gaps_y, row)
    return found


def confusable(lefts: list[str], rights: list[str], same: set[tuple[str, str]], sounds: Sounds) -> list[list[float]]:
    """The terms of each sampled left word with the `NEAREST` right words that are no spelling of it."""
    others = [Spelled.of(text) for text in rights]
    flat = Flat.of([tuple(map(int, other.symbols)) for other in others])
    found = []
    for text in lefts[:: max(1, len(lefts) // SAMPLE)]:
        word, script = Spelled.of(text), others[0].script
        hoped = np.add.reduceat(sounds.expected[script, word.script][flat.symbols], flat.starts[:-1])
        half = np.maximum((hoped + sounds.expected[word.script, script][word.symbols].sum()) / 2, 1.0)
        gaps_x, gaps_y = sounds.gaps[word.script, script], sounds.gaps[script, word.script]
        ratios = _scores(word.symbols, flat.symbols, flat.starts, sounds.scores, gaps_x, gaps_y) / half
        near = [others[place] for place in np.argsort(-ratios, kind="stable")[: 80 * NEAREST]]
        near = [other for other in near if (text, other.text) not in same and text != other.text][:NEAREST]
        found += [list(terms(word, other, sounds)) for other in near]
    return found


def fit(same: list[tuple[str, str]], different: list[list[float]], sounds: Sounds) -> list[float]:
    """The weights of the logistic function over `terms`."""
    positive = [list(terms(Spelled.of(left), Spelled.of(right), sounds)) for left, right in same]
    x = np.array(positive + different)[:, 1:]
    y = np.array([1] * len(positive) + [0] * len(different))
    weights = np.where(y == 1, len(y) / y.sum(), len(y) / (len(y) - y.sum())) / 2
    model = LogisticRegression(C=10.0).fit(x, y, sample_weight=weights)
    return [float(model.intercept_[0]), *map(float, model.coef_[0])]


def closed(pairs: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """All pairs of Latin words that share an Arabic spelling, in both orders."""
    groups: dict[str, set[str]] = defaultdict(set)
    for latin, arabic in pairs:
        groups[arabic].add(latin)
    return {(one, other) for group in groups.values() for one in group for other in group}
