"""Matching: recall of labelled pairs of real names at few false positives, beside five peers on the same pairs.

The pairs of the lists are those the tables were not trained on: both names in the part kept away, or different pairs
with one name in it. `maroc_arfr`, `lists_xscript` and the nomenklatura cases were never trained on and count whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from amana.matching import compare_many
from bench.names_peers import peers
from bench.pair import table
from tools.names_train import data

Floats = NDArray[np.float64]
ARAB = ("lists_latin_arab", "maroc_arfr", "lists_xscript")
PARTED = ("lists_latin_arab", "lists_latin_other", "ep_xscript_west", "org_latin")
WHOLE = ("maroc_arfr", "lists_xscript", "nk_person", "nk_org", "nk_vessel")
OURS = "amana"


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores of pairs, whether they are the same, and pairs a second."""

    scores: Floats
    same: NDArray[np.bool_]
    pace: float

    def auc(self) -> float:
        """The chance that a same pair has a higher score than a different one; ties count half."""
        different = np.sort(self.scores[~self.same])
        below = np.searchsorted(different, self.scores[self.same], "left")
        up_to = np.searchsorted(different, self.scores[self.same], "right")
        return float((below + up_to).mean() / 2 / len(different))

    def recall(self, share: float) -> float:
        """The share of same pairs above a threshold that at most `share` of the different pairs pass."""
        different = np.sort(self.scores[~self.same])[::-1]
        threshold = different[int(share * len(different))]
        return float((self.scores[self.same] > threshold).mean())

    def f1(self) -> float:
        """The best F1 over all thresholds that part unequal scores."""
        order = np.argsort(-self.scores, kind="stable")
        scores, hits = self.scores[order], np.cumsum(self.same[order])
        ends = np.append(scores[1:] != scores[:-1], True)
        found = 2 * hits / (np.arange(1, len(order) + 1) + self.same.sum())
        return float(found[ends].max())


def pairs_of(name: str) -> list[data.Pair]:
    """The pairs of a slice that were not trained on."""
    return data.pairs(name) if name in WHOLE else list(data.unseen(name))


def score_all(name: str) -> dict[str, Scored]:
    """All scorers on one slice."""
    pairs = pairs_of(name)
    same = np.array([pair.same for pair in pairs], np.bool_)
    texts = [(pair.a, pair.b) for pair in pairs]
    begin = perf_counter()
    scores = compare_many(texts)
    found = {OURS: Scored(scores, same, len(pairs) / (perf_counter() - begin))}
    for peer, scorer in peers(name).items():
        begin = perf_counter()
        scores = np.array([scorer(a, b) for a, b in texts])
        found[peer] = Scored(scores, same, len(pairs) / (perf_counter() - begin))
    return found


def pooled(slices: list[dict[str, Scored]]) -> dict[str, Scored]:
    """The pairs of several slices as one."""
    found = {}
    for peer in slices[0]:
        parts = [one[peer] for one in slices]
        seconds = sum(len(part.same) / part.pace for part in parts)
        same = np.concatenate([part.same for part in parts])
        found[peer] = Scored(np.concatenate([part.scores for part in parts]), same, len(same) / seconds)
    return found


def main() -> None:
    """Measure all slices and print a table."""
    if not data.ROOT.is_dir():
        print(f"The pairs of names are not in {data.ROOT}: nothing was measured.")
        return
    compare_many([("warm", "up")])
    found = {name: score_all(name) for name in (*PARTED, *WHOLE)}
    found = {"Arab world, pooled": pooled([found[name] for name in ARAB])} | found
    row = table("slice", "same / different", "scorer", "AUC", "at 1 %", "at 0.1 %", "best F1", "pairs/s")
    for name, scored in found.items():
        for peer, one in scored.items():
            counts = f"{one.same.sum():,} / {(~one.same).sum():,}"
            figures = (f"{figure:.3f}" for figure in (one.auc(), one.recall(0.01), one.recall(0.001), one.f1()))
            row(name, counts, peer, *figures, f"{one.pace:,.0f}")


if __name__ == "__main__":
    main()
