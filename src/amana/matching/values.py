"""From two names, as arrays of numbers, to a value: features, trees and caps, for one pair or many.

Invariant: a value is in [0, 1], and of single precision wherever it is computed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from amana.matching.combination import FEATURES, Feature, Trees
from amana.matching.compiled import compiled
from amana.matching.features import name_features
from amana.matching.kernels import Memory
from amana.matching.sounds import Sounds
from amana.matching.wordbook import Words

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
# Caps, which the value passes by a fiftieth of its excess only, so that order stays:
NUMBERS_DIFFER = 0.7  # a number stands in one name only
GIVEN_DIFFERS = 0.55  # neither person's first word has its like: brothers, namesakes of one family
GIVEN_BEFORE = 0.75  # the first word of one stands before the first of the other, and has no like: father and son
# Of organisations, whose names are chosen to be told apart:
PLACES_DIFFER = 0.85  # a country stands in one name only: the mother and her daughter abroad
SPELLED_APART = 0.9  # a word sounds alike, but more than a third of its letters differ
FORMS_DIFFER = 0.9  # their legal forms are of two families
EXCESS = 0.02
UNLIKE, LIKE = 0.3, 0.5
SPELLED = 0.65


@compiled
def sum_trees(features: Floats, trees: Trees) -> float:
    """The sum of all trees' leaves for one pair's features."""
    total = 0.0
    for root in trees.roots:
        node = root
        while trees.feature[node] >= 0:
            node = trees.left[node] if features[trees.feature[node]] <= trees.number[node] else trees.right[node]
        total += trees.number[node]
    return float(total)


@compiled
def value_of(features: Floats, trees: Trees) -> float:
    """The value of one pair's features, in [0, 1] and of single precision."""
    if features[Feature.WORDS_LEAST] == 0:  # a name without words
        return 0.0
    value = 1.0 / (1.0 + np.exp(-(trees.scale[0] + trees.scale[1] * sum_trees(features, trees))))
    cap = _cap(features)
    return float(np.float32(cap + EXCESS * (value - cap) if value > cap else value))


@compiled
def _organisations_cap(features: Floats) -> float:
    cap = 1.0
    if features[Feature.PLACES_DIFFER] > 0:
        cap = min(cap, PLACES_DIFFER)
    if features[Feature.SPELLING] < SPELLED:
        cap = min(cap, SPELLED_APART)
    if features[Feature.FORMS_DIFFER] > 0:
        cap = min(cap, FORMS_DIFFER)
    return cap


@compiled
def _cap(features: Floats) -> float:
    """What the value may hardly pass, whatever else agrees; 1 where nothing caps it."""
    cap = NUMBERS_DIFFER if features[Feature.NUMBERS_DIFFER] > 0 else 1.0
    if features[Feature.ORGANISATIONS] > 0:
        return min(cap, _organisations_cap(features))
    least, most = features[Feature.FIRST_LEAST], features[Feature.FIRST_MOST]
    if most < UNLIKE:
        return min(cap, GIVEN_DIFFERS)
    if least < UNLIKE and most > LIKE and features[Feature.WORDS_MORE] > 0:
        return min(cap, GIVEN_BEFORE)
    return cap


@compiled
def pairs_features(
    names: Ints,
    starts: Ints,
    kinds: Ints,
    lefts: Ints,
    rights: Ints,
    words: Words,
    sounds: Sounds,
    memory: Memory,
    out: Floats,
) -> None:
    """The features of many pairs of names; name i is `names[starts[i]:starts[i + 1]]`. `out` is pairs × features."""
    for pair in range(len(lefts)):
        left, right = lefts[pair], rights[pair]
        a, b = names[starts[left] : starts[left + 1]], names[starts[right] : starts[right + 1]]
        name_features(a, b, kinds[left], kinds[right], words, sounds, memory, out[pair])


@compiled
def pairs_values(
    names: Ints,
    starts: Ints,
    kinds: Ints,
    lefts: Ints,
    rights: Ints,
    words: Words,
    sounds: Sounds,
    trees: Trees,
    memory: Memory,
    out: Floats,
) -> None:
    """The values of many pairs of names, into `out`."""
    features = np.zeros(len(FEATURES), np.float32)
    for pair in range(len(lefts)):
        left, right = lefts[pair], rights[pair]
        a, b = names[starts[left] : starts[left + 1]], names[starts[right] : starts[right + 1]]
        name_features(a, b, kinds[left], kinds[right], words, sounds, memory, features)
        out[pair] = value_of(features, trees)
