"""From the features of two names to one value: a few boosted trees, monotone where reason says so.

Invariant: the value is in [0, 1] and does not fall when words get more alike. `tables/combination.tsv` holds the trees:
a node with a feature goes to `left` where the feature is at most `number`, a node without one adds `number`. The row
"scale" makes the sum a value: 0.5 where one in a hundred, 0.8 where one in a thousand different pairs of the kept-away
part of the lists comes out higher. Learned by `make names-train`.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from amana.matching.tables import rows

FEATURES = (
    "covered_least",  # share of a name's weight that the other covers: of the name that is covered less
    "covered_most",
    "evidence",  # weight of all words that agree, in nats
    "left_least",  # weight of the words that have no like, of the name that has less of it: a contradiction
    "left_most",
    "left_rarest",  # of the rarest word of each name without a like, the less rare
    "weakest",  # likeness of the least alike pair of words, and of the second
    "second_weakest",
    "first_least",  # how much a name's first word finds its like: the given name, in most traditions
    "first_most",
    "last_least",
    "last_most",
    "firsts",  # likeness of the two first words, where they stand for one another; of the last ones
    "lasts",
    "inversions",
    "matched",  # how many words agree
    "words_least",
    "words_more",
    "likeness",  # mean of the words that agree
    "whole",  # of the names written as one word
    "rarest_match",
    "initials",
    "joins",  # words that are written as two in the other name
    "scripts",  # 1 where the names are in two scripts
    "numbers_differ",
    "organisations",
)
RISING = {
    "covered_least", "covered_most", "evidence", "weakest", "second_weakest", "first_least", "first_most",
    "last_least", "last_most", "firsts", "lasts", "likeness", "whole",
}  # fmt: skip
FALLING = {"left_least", "left_rarest", "inversions", "numbers_differ"}


class Trees(NamedTuple):
    """All trees' nodes in one array; `roots` are their beginnings. A leaf has the feature -1."""

    feature: NDArray[np.int32]
    number: NDArray[np.float32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    roots: NDArray[np.int32]
    scale: NDArray[np.float32]  # value = logistic(scale[0] + scale[1] * sum)


@cache
def trees() -> Trees:
    """The shipped trees."""
    return read_trees(rows("combination"))


def read_trees(table: list[dict[str, str]]) -> Trees:
    """Arrays of the rows of a table of trees; places of nodes count from their tree's root."""
    scale = [float(row["number"]) for row in table if row["tree"] == "scale"]
    nodes = [row for row in table if row["tree"] != "scale"]
    roots = [place for place, row in enumerate(nodes) if row["node"] == "0"]
    root_of = np.repeat(roots, np.diff([*roots, len(nodes)]))
    leads = [(int(row["left"] or 0), int(row["right"] or 0)) for row in nodes]
    return Trees(
        np.array([FEATURES.index(row["feature"]) if row["feature"] else -1 for row in nodes], np.int32),
        np.array([float(row["number"]) for row in nodes], np.float32),
        (root_of + [left for left, _ in leads]).astype(np.int32),
        (root_of + [right for _, right in leads]).astype(np.int32),
        np.array(roots, np.int32),
        np.array(scale, np.float32),
    )
