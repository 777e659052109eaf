"""What two names have in common: their words put beside each other, and the features measured of that.

Invariant: every function is a pure function of its arrays. Features depend on the order of the two names: callers put
them into one order first, so that a score is symmetric to the bit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from amana.matching.combination import Feature
from amana.matching.compiled import compiled
from amana.matching.kernels import CERTAIN, INITIAL, ROOM, Memory, align, likeness, remembered_likeness, spelling
from amana.matching.sounds import Sounds
from amana.matching.wordbook import Words

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]
STRAY = 0.65  # how alike a word's like must be, more than an initial is
WORTH_A_LOOK = 0.2  # covered: below it, the names are not compared as one word


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
            like[i, j] = remembered_likeness(a[i], b[j], words, sounds, memory, memory.row)
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
def _letters(word: int, words: Words) -> Ints:
    return words.symbols[words.starts[word] : words.starts[word + 1]]


@compiled
def _least_spelling(a: Ints, b: Ints, words: Words, sounds: Sounds, memory: Memory) -> float:
    """How alike the pair of words of one script is written that is the least alike; an initial is as good as a word."""
    least = 1.0
    for i in range(len(a)):
        place = memory.with_a[i]
        if place < 0 or words.script[a[i]] != words.script[b[place]] or memory.got_a[i] == np.float32(INITIAL):
            continue
        if a[i] != b[place]:
            x, y = _letters(a[i], words), _letters(b[place], words)
            least = min(least, spelling(x, y, sounds.plain, memory.row))
    return least


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
    out[Feature.EVIDENCE], out[Feature.WEAKEST], out[Feature.SECOND_WEAKEST] = evidence, weakest, second
    out[Feature.INVERSIONS], out[Feature.MATCHED], out[Feature.LIKENESS] = inversions, matched, total / max(matched, 1)
    out[Feature.RAREST_MATCH], out[Feature.INITIALS], out[Feature.SCRIPTS] = rarest, initials, across > 0


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
def _strays(a: Ints, got: Floats, marked: Bools) -> int:
    """How many marked words of a name have no like in the other."""
    found = 0
    for i in range(len(a)):
        found += marked[a[i]] and got[i] < STRAY
    return found


@compiled
def name_features(
    a: Ints, b: Ints, a_kind: int, b_kind: int, words: Words, sounds: Sounds, memory: Memory, out: Floats
) -> None:
    """Write the `FEATURES` of two names, arrays of word numbers, into `out`; their kinds are those of `reading`."""
    n, m = len(a), len(b)
    kind = min(1, max(a_kind, b_kind))
    out[:] = 0.0
    if n == 0 or m == 0:
        return
    out[Feature.JOINS] = match_words(a, b, words, sounds, memory)
    covered_a, left_a, rarest_a, first_a, last_a = _side(a, memory.got_a, words, kind)
    covered_b, left_b, rarest_b, first_b, last_b = _side(b, memory.got_b, words, kind)
    out[Feature.COVERED_LEAST], out[Feature.COVERED_MOST] = min(covered_a, covered_b), max(covered_a, covered_b)
    out[Feature.LEFT_LEAST], out[Feature.LEFT_MOST] = min(left_a, left_b), max(left_a, left_b)
    out[Feature.LEFT_RAREST] = min(rarest_a, rarest_b)
    out[Feature.FIRST_LEAST], out[Feature.FIRST_MOST] = min(first_a, first_b), max(first_a, first_b)
    out[Feature.LAST_LEAST], out[Feature.LAST_MOST] = min(last_a, last_b), max(last_a, last_b)
    out[Feature.FIRSTS] = memory.got_a[0] if memory.with_a[0] == 0 else 0.0
    out[Feature.LASTS] = memory.got_a[n - 1] if memory.with_a[n - 1] == m - 1 else 0.0
    out[Feature.WORDS_LEAST], out[Feature.WORDS_MORE] = min(n, m), abs(n - m)
    out[Feature.NUMBERS_DIFFER] = _strays(a, memory.got_a, words.number) + _strays(b, memory.got_b, words.number)
    if kind:
        out[Feature.ORGANISATIONS] = 1
        out[Feature.NUMBERS_DIFFER] += _strays(a, memory.got_a, words.roman) + _strays(b, memory.got_b, words.roman)
        out[Feature.PLACES_DIFFER] = _strays(a, memory.got_a, words.place) + _strays(b, memory.got_b, words.place)
        out[Feature.FORMS_DIFFER] = a_kind > 1 and b_kind > 1 and a_kind != b_kind
    _agreement(a, b, kind, words, memory, out)
    out[Feature.SPELLING] = _least_spelling(a, b, words, sounds, memory)
    if out[Feature.COVERED_MOST] > WORTH_A_LOOK:
        out[Feature.WHOLE] = _whole(a, b, words, sounds, memory)
