"""How alike two words sound: the learned scores of symbols, and what a word's alignment with itself would reach.

Invariant: likeness is symmetric, in [0, 1] and never depends on what else is stored. `tables/sounds.tsv` has, for each
pair of scripts (l Latin, a Arabic), the log-likelihood ratios of two symbols being the same sound against chance, of
a symbol being left out ("-"), and the ratio a symbol is expected to reach when the words are the same ("="). The rows
"?" are the logistic function that makes an alignment's score a likeness. Learned by `make names-train`.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from amana.matching.symbols import alphabet
from amana.matching.tables import rows

Floats = NDArray[np.float32]
LATIN, ARABIC = 0, 1
FLOOR = -4.0
KINDS = {"ll": (LATIN, LATIN), "la": (LATIN, ARABIC), "aa": (ARABIC, ARABIC)}
TERMS = ("one", "lack", "length")


class Sounds(NamedTuple):
    """The tables as arrays, by symbol number: `scores` [size, size]; `gaps` and `expected` [own script, other's, size].

    `logistic` [own script, other's, term] has the weights of `TERMS`; `plain` leads from a marked symbol to
    the same one inside of a word.
    """

    scores: Floats
    gaps: Floats
    expected: Floats
    logistic: Floats
    plain: NDArray[np.int32]


@cache
def sounds() -> Sounds:
    """The shipped tables."""
    return read_sounds(rows("sounds"))


def read_sounds(table: list[dict[str, str]]) -> Sounds:
    """Arrays of the rows of a table of sounds."""
    number, size = alphabet().number, alphabet().size
    scores = np.full((size, size), FLOOR, np.float32)
    gaps = np.full((2, 2, size), FLOOR, np.float32)
    expected = np.zeros((2, 2, size), np.float32)
    logistic = np.zeros((2, 2, len(TERMS)), np.float32)
    for row in table:
        left, right = KINDS[row["scripts"]]
        one, other, value = row["one"], row["other"], float(row["score"])
        if one == "?":
            logistic[left, right, TERMS.index(other)] = logistic[right, left, TERMS.index(other)] = value
            continue
        symbol = number[one]
        own, others = (right, left) if symbol in alphabet().arabic else (left, right)
        if other == "-":
            gaps[own, others, symbol] = value
        elif other == "=":
            expected[own, others, symbol] = value
        else:
            scores[symbol, number[other]] = scores[number[other], symbol] = value
    plain = [0, *(number.get(sign.strip("^$"), place) for sign, place in number.items())]
    return Sounds(scores, gaps, expected, logistic, np.array(plain, np.int32))
