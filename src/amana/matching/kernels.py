"""The inner loops over numbers: alignment of two words, and of two names' words. Compiled by numba, cached on disk.

Invariant: every function is a pure function of its arrays. The features of a pair of names depend on the order of the
two: callers put them into one order first, so that a score is symmetric to the bit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from amana.matching.combination import FEATURES, Trees
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
# Caps, which the value passes by a fiftieth of its excess only, so that order stays:
NUMBERS_DIFFER = 0.7  # a number stands in one name only
GIVEN_DIFFERS = 0.55  # neither person's first word has its like: brothers, namesakes of one family
GIVEN_BEFORE = 0.75  # the first word of one stands before the first of the other, and has no like: father and son
EXCESS = 0.02
UNLIKE, LIKE = 0.3, 0.5
WORTH_A_LOOK = 0.2  # covered: below it, the names are not compared as one word


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
def _remembered(a: int, b: int, words: Words, sounds: Sounds, memory: Memory, row: Floats) -> float:
    """`words_likeness`, looked up where it was computed before: names share most of their words."""
    low, high = (a, b) if a < b else (b, a)
    key = (np.int64(low) << 32) | np.int64(high)
    place = (low * 40503 + high * 30011) & (len(memory.keys) - 1)
    if memory.keys[place] != key:
        memory.keys[place] = key
        memory.likeness[place] = words_likeness(low, high, words, sounds, row)
    return float(memory.likeness[place])


@compiled
def _join(a: int, b: int, words: Words, sounds: Sounds, room: Ints) -> int:
    """Write two words as one into `room`, without marks where they meet; gives the number of symbols."""
    length = 0
    for place in range(words.starts[a], words.starts[a + 1]):
        room[length] = words.symbols[place]
        length += 1
    if length:
        room[length - 1] = sounds.plain[room[length - 1]]
    meets = length
    for place in range(words.starts[b], words.starts[b + 1]):
        room[length] = words.symbols[place]
        length += 1
    if meets < length:
        room[meets] = sounds.plain[room[meets]]
    return length


@compiled
def _length(word: int, words: Words) -> int:
    return int(words.starts[word + 1] - words.starts[word])


@compiled
def _match_joined(
    a: Ints,
    b: Ints,
    like: Floats,
    with_a: Ints,
    with_b: Ints,
    got_a: Floats,
    got_b: Floats,
    words: Words,
    sounds: Sounds,
    memory: Memory,
) -> int:
    """Match two neighbours of a, written as one, with a word of b; gives how many such there are."""
    joins = 0
    for i in range(len(a) - 1):
        one, two = a[i], a[i + 1]
        together = _length(one, words) + _length(two, words)
        if words.script[one] != words.script[two] or together > ROOM:
            continue
        for j in range(len(b)):
            if with_a[i] >= 0 or with_a[i + 1] >= 0 or with_b[j] >= 0:
                continue
            apart = max(like[i, j], like[i + 1, j])
            if apart > 0.75 or _length(b[j], words) < 3 or abs(together - _length(b[j], words)) > 2:
                continue
            joined = memory.rooms[0, : _join(one, two, words, sounds, memory.rooms[0])]
            y = words.symbols[words.starts[b[j]] : words.starts[b[j] + 1]]
            own, other = words.script[one], words.script[b[j]]
            got = likeness(joined, y, words.loose[one], words.loose[b[j]], own, other, sounds, memory.row)
            if got > 0.5 and got > apart + 0.1:
                with_a[i] = with_a[i + 1] = j
                with_b[j] = i
                got_a[i] = got_a[i + 1] = got_b[j] = min(got, CERTAIN)
                joins += 1
    return joins


@compiled
def match_words(a: Ints, b: Ints, words: Words, sounds: Sounds, memory: Memory) -> int:
    """Put the words of two names beside each other, the most alike first; gives the number of joined words.

    `memory.with_a[i]` becomes the place in b of word i of a, or -1; `got_a[i]` how alike they are; the same for b.
    """
    n, m = len(a), len(b)
    with_a, with_b, got_a, got_b = memory.with_a[:n], memory.with_b[:m], memory.got_a[:n], memory.got_b[:m]
    with_a[:], with_b[:], got_a[:], got_b[:] = -1, -1, 0.0, 0.0
    like = np.empty((n, m), np.float32)
    for i in range(n):
        for j in range(m):
            like[i, j] = _remembered(a[i], b[j], words, sounds, memory, memory.row)
    joins = _match_joined(a, b, like, with_a, with_b, got_a, got_b, words, sounds, memory)
    joins += _match_joined(b, a, like.T, with_b, with_a, got_b, got_a, words, sounds, memory)
    for _ in range(min(n, m)):
        best, best_i, best_j = -1.0, -1, -1
        for i in range(n):
            if with_a[i] >= 0:
                continue
            for j in range(m):
                key = like[i, j] - 0.02 * abs(i / n - j / m)
                if with_b[j] < 0 and key > best:
                    best, best_i, best_j = key, i, j
        if best_i < 0:
            break
        with_a[best_i], with_b[best_j] = best_j, best_i
        got_a[best_i] = got_b[best_j] = like[best_i, best_j]
    return joins


@compiled
def _side(a: Ints, got: Floats, words: Words, kind: int) -> tuple[float, float, float, float, float]:
    """Of one name: share covered, weight left, the rarest word left, likeness of the first and of the last word."""
    whole, covered, rarest, first, last = 0.0, 0.0, 0.0, -1.0, 0.0
    for i in range(len(a)):
        weight = words.weight[kind, a[i]]
        whole += weight
        covered += weight * got[i]
        rarest = max(rarest, weight * (1 - got[i]))
        if not words.weak[a[i]]:
            first = got[i] if first < 0 else first
            last = got[i]
    return covered / max(whole, 1e-6), whole - covered, rarest, max(first, 0.0), last


@compiled
def _agreement(a: Ints, b: Ints, kind: int, words: Words, memory: Memory, out: Floats) -> None:
    """Write the features that look at the pairs of words: evidence, the weakest two, inversions, matched and others."""
    evidence, rarest, total, weakest, second = 0.0, 0.0, 0.0, 1.0, 1.0
    inversions, matched, initials, across, furthest = 0, 0, 0, 0, -1
    for i in range(len(a)):
        place, got = memory.with_a[i], memory.got_a[i]
        if place < 0:
            continue
        second = min(second, max(got, weakest))
        weakest = min(weakest, got)
        across += words.script[a[i]] != words.script[b[place]]
        if got <= 0.4:
            continue
        weight = min(words.weight[kind, a[i]], words.weight[kind, b[place]]) * got
        evidence += weight
        rarest = max(rarest, weight)
        total += got
        matched += 1
        inversions += place < furthest
        furthest = max(furthest, place)
        initials += got == np.float32(INITIAL)
    out[2], out[6], out[7] = evidence, weakest, second
    out[14], out[15], out[18] = inversions, matched, total / max(matched, 1)
    out[20], out[21], out[23] = rarest, initials, across > 0


@compiled
def _as_one_word(a: Ints, words: Words, sounds: Sounds, room: Ints) -> int:
    """Write all words of a name as one, without marks; gives the number of symbols."""
    length = 0
    for word in a:
        for place in range(words.starts[word], words.starts[word + 1]):
            if length < ROOM:
                room[length] = sounds.plain[words.symbols[place]]
                length += 1
    return length


@compiled
def _whole(a: Ints, b: Ints, words: Words, sounds: Sounds, memory: Memory) -> float:
    """The ratio of two whole names' alignment to what is expected of the same name."""
    x = memory.rooms[0, : _as_one_word(a, words, sounds, memory.rooms[0])]
    y = memory.rooms[1, : _as_one_word(b, words, sounds, memory.rooms[1])]
    if len(x) == 0 or len(y) == 0:
        return 0.0
    own, other = words.script[a[0]], words.script[b[0]]
    score = align(x, y, 0, 0, sounds.scores, sounds.gaps[own, other], sounds.gaps[other, own], memory.row)
    both = 0.0
    for symbol in x:
        both += sounds.expected[own, other, symbol]
    for symbol in y:
        both += sounds.expected[other, own, symbol]
    return max(-1.0, 2 * score / max(both, 1.0))


@compiled
def name_features(a: Ints, b: Ints, kind: int, words: Words, sounds: Sounds, memory: Memory, out: Floats) -> None:
    """Write the `FEATURES` of two names (arrays of word numbers) of a kind (0 person, 1 organisation) into `out`."""
    n, m = len(a), len(b)
    out[:] = 0.0
    if n == 0 or m == 0:
        return
    out[22] = match_words(a, b, words, sounds, memory)
    covered_a, left_a, rarest_a, first_a, last_a = _side(a, memory.got_a, words, kind)
    covered_b, left_b, rarest_b, first_b, last_b = _side(b, memory.got_b, words, kind)
    out[0], out[1] = min(covered_a, covered_b), max(covered_a, covered_b)
    out[3], out[4], out[5] = min(left_a, left_b), max(left_a, left_b), min(rarest_a, rarest_b)
    out[8], out[9] = min(first_a, first_b), max(first_a, first_b)
    out[10], out[11] = min(last_a, last_b), max(last_a, last_b)
    out[12] = memory.got_a[0] if memory.with_a[0] == 0 else 0.0
    out[13] = memory.got_a[n - 1] if memory.with_a[n - 1] == m - 1 else 0.0
    out[16], out[17] = min(n, m), abs(n - m)
    for i in range(n):
        out[24] += words.number[a[i]] and memory.got_a[i] < 0.5
    for j in range(m):
        out[24] += words.number[b[j]] and memory.got_b[j] < 0.5
    out[25] = kind
    _agreement(a, b, kind, words, memory, out)
    if out[1] > WORTH_A_LOOK:
        out[19] = _whole(a, b, words, sounds, memory)


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
    if features[16] == 0:  # a name without words
        return 0.0
    value = 1.0 / (1.0 + np.exp(-(trees.scale[0] + trees.scale[1] * sum_trees(features, trees))))
    cap = _cap(features)
    return float(np.float32(cap + EXCESS * (value - cap) if value > cap else value))


@compiled
def _cap(features: Floats) -> float:
    """What the value may hardly pass, whatever else agrees; 1 where nothing caps it."""
    first_least, first_most, more, organisations = features[8], features[9], features[17], features[25]
    cap = NUMBERS_DIFFER if features[24] > 0 else 1.0
    if organisations == 0 and first_most < UNLIKE:
        return min(cap, GIVEN_DIFFERS)
    if organisations == 0 and first_least < UNLIKE and first_most > LIKE and more > 0:
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
        name_features(a, b, max(kinds[left], kinds[right]), words, sounds, memory, out[pair])


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
        name_features(a, b, max(kinds[left], kinds[right]), words, sounds, memory, features)
        out[pair] = value_of(features, trees)
