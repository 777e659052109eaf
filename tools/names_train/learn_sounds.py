"""Write `tables/sounds.tsv`: sounds across scripts, within Latin, within Arabic, and their likeness."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from amana.matching.names import read_name
from amana.matching.sounds import TERMS, Sounds, read_sounds
from amana.matching.symbols import alphabet, encode
from tools.names_train import likeness, spellings
from tools.names_train.sounds import FLOOR, Flat, learn

Floats = NDArray[np.float64]
Row = dict[str, str]
ARAB_ONLY = frozenset("حعصضظثذء")
ARAB_WEIGHS = 4.0
LIKE_ENOUGH = 0.45  # ratio at which two words of a positive pair are taken to be spellings of one


def _learn(pairs: Sequence[tuple[str, str]], weights: Iterable[float], *, symmetric: bool) -> tuple[Floats, Floats]:
    lefts, rights = (Flat.of([encode(pair[side]) for pair in pairs]) for side in (0, 1))
    return learn(lefts, rights, np.fromiter(weights, np.float64), alphabet().size, symmetric=symmetric)


def _arabness(pair: tuple[str, str]) -> float:
    """A pair with a letter that foreign names in Arabic seldom have counts for more: it shows how Arabic is spelled."""
    return ARAB_WEIGHS if ARAB_ONLY & set(pair[1]) else 1.0


def _within_arabic(steps: Floats) -> tuple[Floats, Floats]:
    """Arabic–Arabic through the Latin pivot: p(a, b) = sum over l of p(l) p(a | l) p(b | l)."""
    given = steps / np.maximum(steps.sum(1, keepdims=True), 1e-12)
    joint = given.T @ (steps.sum(1)[:, None] * given)
    joint[0, 0] = 0
    joint += np.diag(2 * joint.sum(1)) * (np.arange(len(joint)) > 0)
    joint /= joint.sum()
    chance = steps[:, 1:].sum(0) / steps[:, 1:].sum()
    chance = np.concatenate([[1.0], np.maximum(chance, 1e-6)])
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(joint / np.outer(chance, chance)), FLOOR), joint


def rows_of(scripts: str, scores: Floats, steps: Floats) -> list[Row]:
    """The rows of one pair of scripts: symbol with symbol, left out, and the expected score."""
    signs = ["-", *alphabet().number]
    found = []
    for i, j in zip(*np.nonzero(scores > FLOOR + 0.005), strict=True):
        if i and j and (scripts == "la" or i <= j):
            found.append((signs[i], signs[j], scores[i, j]))
    sides = [(scores, steps), (scores.T, steps.T)] if scripts == "la" else [(scores, steps)]
    for side, taken in sides:
        for i in np.nonzero(taken[:, 1:].sum(1) > 1e-9)[0]:
            if i:
                found.append((signs[i], "-", side[i, 0]))
                found.append((signs[i], "=", float(taken[i] @ side[i] / taken[i].sum())))
    return [{"scripts": scripts, "one": one, "other": other, "score": f"{score:.2f}"} for one, other, score in found]


def _beside(sounds: Sounds) -> list[tuple[str, str]]:
    """Words of the lists' positive pairs that are spellings of one another but not the same letters."""
    found = []
    for pair in spellings.lists_positive():
        lefts, rights = (
            [likeness.Spelled.of(word.bare) for word in read_name(name).words] for name in (pair.a, pair.b)
        )
        for left in lefts:
            scored = [(likeness.terms(left, right, sounds), right.text) for right in rights if len(right.symbols)]
            (_, lack, hoped), text = max(scored, default=((1.0, 0.0, 0.0), ""))
            if hoped + lack > LIKE_ENOUGH * hoped and len(left.symbols) > 1:
                found.append((left.text, text))
    return found


def _likeness(scripts: str, weights: list[float]) -> list[Row]:
    return [
        {"scripts": scripts, "one": "?", "other": term, "score": f"{weight:.3f}"}
        for term, weight in zip(TERMS, weights, strict=True)
    ]


def learn_sounds() -> list[Row]:
    """All rows of the table."""
    across = spellings.across()
    cross_rows = rows_of("la", *(cross := _learn(across, map(_arabness, across), symmetric=False)))
    arabic_rows = rows_of("aa", *_within_arabic(cross[1]))
    groups = list(spellings.within_latin(across))
    pairs, weights = [(left, right) for left, right, _ in groups], [weight for *_, weight in groups]
    first = read_sounds(rows_of("ll", *_learn(pairs, weights, symmetric=True)))
    beside = _beside(first)
    latin_rows = rows_of("ll", *_learn(pairs + beside, weights + [1.0] * len(beside), symmetric=True))

    rows = latin_rows + cross_rows + arabic_rows
    sounds = read_sounds(rows)
    latins, arabics = sorted({left for left, _ in across}), sorted({right for _, right in across})
    different = likeness.confusable(latins, arabics, set(across), sounds)
    cross_likeness = likeness.fit(across[::5], different, sounds)
    different = likeness.confusable(latins, latins, likeness.closed(across), sounds)
    latin_likeness = likeness.fit([pair for pair in pairs[::3] + beside if pair[0] != pair[1]], different, sounds)
    return [
        *_likeness("ll", latin_likeness),
        *_likeness("la", cross_likeness),
        *_likeness("aa", latin_likeness),
        *rows,
    ]
