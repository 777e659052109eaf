"""The inner loops over numbers: alignment of two words, and of two names' words. Compiled by numba, cached on disk.

Invariant: every function is a pure function of its arrays. The features of a pair of names depend on the order of the
two: callers put them into one order first, so that a score is symmetric to the bit.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from amana.matching.sounds import Sounds
from amana.matching.wordbook import Words

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
LOOSE = -1.0  # an article or "ben" that one spelling has and the other has not
CERTAIN = 0.985  # the likeness of a word with itself
INITIAL = 0.6  # of an initial with a word that begins so
VARIANT = 0.9  # of two words that the table of variants knows as one name
ROOM = 256
FEATURES = (
    "covered_least",
    "covered_most",
    "evidence",
    "left_least",
    "left_most",
    "left_rarest_least",
    "weakest",
    "second_weakest",
    "first_least",
    "first_most",
    "last_least",
    "last_most",
    "firsts",
    "lasts",
    "inversions",
    "matched",
    "words_least",
    "words_more",
    "likeness",
    "whole",
    "rarest_match",
    "initials",
    "joins",
    "scripts",
    "numbers_differ",
    "organisations",
)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
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
    return row[m]


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
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
    return 1.0 / (1.0 + np.exp(-(one + lack * (score - half) + length * half)))


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def words_likeness(a: int, b: int, words: Words, sounds: Sounds, row: Floats) -> float:
    """How alike two words of the book are, in [0, 1]; an initial is like a word that begins so, a number like itself."""
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


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
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


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _match_joined(
    a: Ints,
    b: Ints,
    words: Words,
    sounds: Sounds,
    like: Floats,
    with_a: Ints,
    with_b: Ints,
    got_a: Floats,
    got_b: Floats,
    room: Ints,
    row: Floats,
) -> int:
    """Match two neighbours of a, written as one, with a word of b; gives how many such there are."""
    joins = 0
    for i in range(len(a) - 1):
        for j in range(len(b)):
            if with_a[i] >= 0 or with_a[i + 1] >= 0 or with_b[j] >= 0:
                continue
            apart = max(like[i, j], like[i + 1, j])
            length = words.starts[a[i] + 1] - words.starts[a[i]] + words.starts[a[i + 1] + 1] - words.starts[a[i + 1]]
            other = words.starts[b[j] + 1] - words.starts[b[j]]
            if apart > 0.75 or abs(length - other) > 2 or length > ROOM or other < 3:
                continue
            if words.script[a[i]] != words.script[a[i + 1]]:
                continue
            joined = room[: _join(a[i], a[i + 1], words, sounds, room)]
            y = words.symbols[words.starts[b[j]] : words.starts[b[j] + 1]]
            got = likeness(
                joined, y, words.loose[a[i]], words.loose[b[j]], words.script[a[i]], words.script[b[j]], sounds, row
            )
            if got > 0.5 and got > apart + 0.1:
                with_a[i] = with_a[i + 1] = j
                with_b[j] = i
                got_a[i] = got_a[i + 1] = got_b[j] = min(got, CERTAIN)
                joins += 1
    return joins


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def match_words(
    a: Ints,
    b: Ints,
    words: Words,
    sounds: Sounds,
    with_a: Ints,
    with_b: Ints,
    got_a: Floats,
    got_b: Floats,
    room: Ints,
    row: Floats,
) -> int:
    """Put the words of two names beside each other, the most alike first; gives the number of joined words.

    `with_a[i]` becomes the place in b of word i of a, or -1; `got_a[i]` how alike they are; the same for b.
    """
    n, m = len(a), len(b)
    like = np.zeros((n, m), np.float32)
    for i in range(n):
        for j in range(m):
            like[i, j] = words_likeness(a[i], b[j], words, sounds, row)
    with_a[:n], with_b[:m], got_a[:n], got_b[:m] = -1, -1, 0.0, 0.0
    joins = 0
    if n > 1 or m > 1:
        joins += _match_joined(a, b, words, sounds, like, with_a, with_b, got_a, got_b, room, row)
        joins += _match_joined(b, a, words, sounds, like.T.copy(), with_b, with_a, got_b, got_a, room, row)
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


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _side(a: Ints, got: Floats, words: Words, kind: int) -> tuple[float, float, float, float, float]:
    """Of one name: share covered, weight left, the rarest word left, likeness of the first and of the last word."""
    whole, covered, rarest, first, last = 0.0, 0.0, 0.0, -1.0, -1.0
    for i in range(len(a)):
        weight = words.weight[kind, a[i]]
        whole += weight
        covered += weight * got[i]
        rarest = max(rarest, weight * (1 - got[i]))
        if not words.weak[a[i]]:
            first = got[i] if first < 0 else first
            last = got[i]
    return covered / max(whole, 1e-6), whole - covered, rarest, max(first, 0.0), max(last, 0.0)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _whole(a: Ints, words: Words, sounds: Sounds, room: Ints) -> int:
    length = 0
    for word in a:
        for place in range(words.starts[word], words.starts[word + 1]):
            if length < ROOM:
                room[length] = sounds.plain[words.symbols[place]]
                length += 1
    return length


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def name_features(
    a: Ints,
    b: Ints,
    kind: int,
    words: Words,
    sounds: Sounds,
    with_a: Ints,
    with_b: Ints,
    got_a: Floats,
    got_b: Floats,
    rooms: Ints,
    row: Floats,
    out: Floats,
) -> None:
    """Write the `FEATURES` of two names (arrays of word numbers) of a kind (0 person, 1 organisation) into `out`."""
    n, m = len(a), len(b)
    joins = match_words(a, b, words, sounds, with_a, with_b, got_a, got_b, rooms[0], row)
    covered_a, left_a, rarest_a, first_a, last_a = _side(a, got_a, words, kind)
    covered_b, left_b, rarest_b, first_b, last_b = _side(b, got_b, words, kind)
    evidence, rarest, inversions, matched, initials, weakest, second = 0.0, 0.0, 0, 0, 0, 1.0, 1.0
    total, lowest_total, across, numbers = 0.0, 0, 0, 0
    last_place = -1
    for i in range(n):
        numbers += words.number[a[i]] and got_a[i] < 0.5
        if with_a[i] < 0:
            continue
        got = got_a[i]
        if got < weakest:
            weakest, second = got, weakest
        elif got < second:
            second = got
        other = b[with_a[i]]
        across += words.script[a[i]] != words.script[other]
        if got > 0.4:
            weight = min(words.weight[kind, a[i]], words.weight[kind, other]) * got
            evidence += weight
            rarest = max(rarest, weight)
            matched += 1
            total += got
            inversions += with_a[i] < last_place
            last_place = max(last_place, with_a[i])
            initials += got == np.float32(INITIAL)
    for j in range(m):
        numbers += words.number[b[j]] and got_b[j] < 0.5
    x = rooms[0, : _whole(a, words, sounds, rooms[0])]
    y = rooms[1, : _whole(b, words, sounds, rooms[1])]
    whole = 0.0
    if len(x) and len(y) and len(x) < 64 and len(y) < 64:
        own, other = words.script[a[0]], words.script[b[0]]
        score = align(x, y, 0, 0, sounds.scores, sounds.gaps[own, other], sounds.gaps[other, own], row)
        half = 0.0
        for symbol in x:
            half += sounds.expected[own, other, symbol]
        for symbol in y:
            half += sounds.expected[other, own, symbol]
        whole = 2 * score / max(half, 1.0)
    out[0], out[1] = min(covered_a, covered_b), max(covered_a, covered_b)
    out[2] = evidence
    out[3], out[4] = min(left_a, left_b), max(left_a, left_b)
    out[5] = min(rarest_a, rarest_b)
    out[6], out[7] = weakest, second
    out[8], out[9] = min(first_a, first_b), max(first_a, first_b)
    out[10], out[11] = min(last_a, last_b), max(last_a, last_b)
    out[12] = got_a[0] if n and with_a[0] == 0 else 0.0
    out[13] = got_a[n - 1] if n and with_a[n - 1] == m - 1 else 0.0
    out[14] = inversions
    out[15] = matched
    out[16], out[17] = min(n, m), abs(n - m)
    out[18] = total / max(matched, 1)
    out[19] = whole
    out[20] = rarest
    out[21], out[22] = initials, joins
    out[23] = across > 0
    out[24] = numbers
    out[25] = kind


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def pairs_features(
    names: Ints, starts: Ints, kinds: Ints, lefts: Ints, rights: Ints, words: Words, sounds: Sounds, out: Floats
) -> None:
    """The features of many pairs of names; name i is `names[starts[i]:starts[i + 1]]`. `out` is pairs × features."""
    with_a, with_b = np.empty(ROOM, np.int32), np.empty(ROOM, np.int32)
    got_a, got_b = np.empty(ROOM, np.float32), np.empty(ROOM, np.float32)
    rooms, row = np.empty((2, ROOM), np.int32), np.empty(ROOM + 1, np.float32)
    for pair in range(len(lefts)):
        a = names[starts[lefts[pair]] : starts[lefts[pair] + 1]]
        b = names[starts[rights[pair]] : starts[rights[pair] + 1]]
        kind = max(kinds[lefts[pair]], kinds[rights[pair]])
        name_features(a, b, kind, words, sounds, with_a, with_b, got_a, got_b, rooms, row, out[pair])
