"""From the features of two names to one value: a few boosted trees, monotone where reason says so.

Invariant: the value is in [0, 1] and does not fall when words get more alike. `tables/combination.tsv` holds the trees:
a node with a feature goes to `left` where the feature is at most `number`, a node without one adds `number`. The row
"scale" makes the sum a value: 0.5 where one in a hundred, 0.8 where one in a thousand different pairs of the kept-away
part of the lists comes out higher. Learned by `make names-train`.
"""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from amana.matching.tables import rows


class Feature(IntEnum):
    """What is measured of two names, by its place in an array of features."""

    COVERED_LEAST = 0  # share of a name's weight that the other covers: of the name that is covered less
    COVERED_MOST = 1
    EVIDENCE = 2  # weight of all words that agree, in nats
    LEFT_LEAST = 3  # weight of the words that have no like, of the name that has less of it: a contradiction
    LEFT_MOST = 4
    LEFT_RAREST = 5  # of the rarest word of each name without a like, the less rare
    WEAKEST = 6  # likeness of the least alike pair of words, and of the second
    SECOND_WEAKEST = 7
    FIRST_LEAST = 8  # how much a name's first word finds its like: the given name, in most traditions
    FIRST_MOST = 9
    LAST_LEAST = 10
    LAST_MOST = 11
    FIRSTS = 12  # likeness of the two first words, where they stand for one another; of the last ones
    LASTS = 13
    INVERSIONS = 14
    MATCHED = 15  # how many words agree
    WORDS_LEAST = 16
    WORDS_MORE = 17
    LIKENESS = 18  # mean of the words that agree
    WHOLE = 19  # of the names written as one word
    RAREST_MATCH = 20
    INITIALS = 21
    JOINS = 22  # words that are written as two in the other name
    SCRIPTS = 23  # 1 where the names are in two scripts
    NUMBERS_DIFFER = 24
    ORGANISATIONS = 25
    SPELLING = 26  # of words in one script: the share of letters that are the same, of the least alike pair
    PLACES_DIFFER = 27  # countries in the name of one organisation only
    FORMS_DIFFER = 28  # 1 where two organisations are of different legal forms


FEATURES = tuple(feature.name.lower() for feature in Feature)
RISING = {
    "covered_least", "covered_most", "evidence", "weakest", "second_weakest", "first_least", "first_most",
    "last_least", "last_most", "firsts", "lasts", "likeness", "whole", "spelling",
}  # fmt: skip
FALLING = {"left_least", "left_rarest", "inversions", "numbers_differ", "places_differ", "forms_differ"}


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
