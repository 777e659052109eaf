"""The inner loops of the index: words that may sound alike, names that have them, and the best of these.

Invariant: every function is a pure function of its arrays, apart from the scratch arrays it is given, which it leaves
as it found them (zero).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from amana.matching.combination import FEATURES, Trees
from amana.matching.compiled import compiled
from amana.matching.features import name_features
from amana.matching.kernels import Memory, words_likeness
from amana.matching.sounds import Sounds
from amana.matching.values import value_of
from amana.matching.wordbook import Words

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
STEPS = 1 << 12  # how finely scores are told apart where only the highest are kept


@compiled
def similar_words(
    word: int, grams: Ints, gram_starts: Ints, gram_words: Ints, gram_counts: Ints, most: int, least: float,
    words: Words, sounds: Sounds, memory: Memory, counts: NDArray[np.int16],
) -> tuple[Ints, Floats]:  # fmt: skip
    """Words of the book that sound like `word`, at least `least`: (numbers, likenesses).

    Looked at are the `most` words that share the greatest part of their skeleton's `grams` with it.
    """
    touched = 0
    for gram in grams:
        touched += gram_starts[gram + 1] - gram_starts[gram]
    seen, length = np.empty(touched, np.int32), 0
    for gram in grams:
        for place in range(gram_starts[gram], gram_starts[gram + 1]):
            other = gram_words[place]
            if counts[other] == 0:
                seen[length] = other
                length += 1
            counts[other] += 1
    shares = np.zeros(101, np.int32)
    for other in seen[:length]:
        shares[200 * counts[other] // (len(grams) + gram_counts[other])] += 1
    floor, kept = 100, shares[100]
    while floor > 30 and kept + shares[floor - 1] <= most:
        floor -= 1
        kept += shares[floor]
    numbers, found, many = np.empty(kept, np.int32), np.empty(kept, np.float32), 0
    for other in seen[:length]:
        if 200 * counts[other] // (len(grams) + gram_counts[other]) >= floor and many < kept:
            like = words_likeness(word, other, words, sounds, memory.row)
            if like >= least:
                numbers[many], found[many] = other, like
                many += 1
        counts[other] = 0
    return numbers[:many], found[:many]


@compiled
def gather(
    leads: Ints, gains: Floats, starts: Ints, holders: Ints, sums: Floats, most: int, among: NDArray[np.bool_]
) -> tuple[Ints, Floats]:
    """Follow the words `leads` to the names that hold them, until there are `most`: (names, sums of their gains).

    `sums`, by name, is scratch.
    """
    found, length, full = np.empty(most, np.int32), 0, False
    for lead in range(len(leads)):
        for place in range(starts[leads[lead]], starts[leads[lead] + 1]):
            name = holders[place]
            if len(among) and not among[name]:
                continue
            if sums[name] == 0:
                full = length == most
                if full:
                    break
                found[length] = name
                length += 1
            sums[name] += gains[lead]
        if full:
            break
    scores = np.empty(length, np.float32)
    for place in range(length):
        scores[place] = sums[found[place]]
        sums[found[place]] = 0
    return found[:length], scores


@compiled
def highest(found: Ints, scores: Floats, many: int) -> Ints:
    """The `many` of the found with the highest scores; among those about as high as the last, the ones found first.

    Two scores are about as high if they differ by less than a `STEPS`th of the distance from the lowest to the highest.
    """
    if len(found) <= many:
        return found
    low, high = scores[0], scores[0]
    for score in scores:
        low, high = min(low, score), max(high, score)
    scale = (STEPS - 1) / max(high - low, np.float32(1e-6))
    counts = np.zeros(STEPS, np.int32)
    for score in scores:
        counts[int((score - low) * scale)] += 1
    step, higher = STEPS - 1, 0
    while higher + counts[step] < many:
        higher += counts[step]
        step -= 1
    kept, length, room = np.empty(many, np.int32), 0, many - higher
    for place in range(len(found)):
        at = int((scores[place] - low) * scale)
        if at > step or (at == step and room > 0):
            room -= at == step
            kept[length] = found[place]
            length += 1
    return kept


@compiled
def rough_scores(
    found: Ints, names: Ints, starts: Ints, asked: Floats, like: Floats, weight: Floats, out: Floats
) -> None:
    """A quick score of each found name: the weight of the asked words it has, less a part of what it has besides.

    `like` is words of the book × asked words; `asked` has the weights of the asked words.
    """
    best = np.zeros(len(asked), np.float32)
    for place in range(len(found)):
        name, covered, own = found[place], 0.0, 0.0
        best[:] = 0.0
        for at in range(starts[name], starts[name + 1]):
            likes, most = like[names[at]], np.float32(0.0)
            for i in range(len(asked)):
                best[i] = max(best[i], likes[i])
                most = max(most, likes[i])
            own += weight[names[at]] * (1.0 - most)
        for i in range(len(asked)):
            covered += asked[i] * best[i]
        out[place] = covered - 0.15 * own


@compiled
def full_values(
    query: Ints, kind: int, found: Ints, later: NDArray[np.bool_], names: Ints, starts: Ints, kinds: Ints, words: Words,
    sounds: Sounds, trees: Trees, memory: Memory, out: Floats,
) -> None:  # fmt: skip
    """The values of the asked name with each found one; `later` where the asked one comes second in their order."""
    features = np.zeros(len(FEATURES), np.float32)
    for place in range(len(found)):
        name = found[place]
        other = names[starts[name] : starts[name + 1]]
        if later[place]:
            name_features(other, query, kinds[name], kind, words, sounds, memory, features)
        else:
            name_features(query, other, kind, kinds[name], words, sounds, memory, features)
        out[place] = value_of(features, trees)
