"""Write `tables/combination.tsv`: boosted trees over the features of labelled pairs of names.

Learned from the training part of the lists, and from the same pairs with one name written in Arabic by the lexicons,
so that names across scripts are weighed like names within one; and from made-up relatives: a name beside its other
spelling, recombined with a stranger's name. Nothing is learned from real pairs across Arabic and Latin: those only
measure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from amana.matching.batch import Batch
from amana.matching.combination import FALLING, FEATURES, RISING, Trees, read_trees
from amana.matching.names import read_name
from amana.matching.values import sum_trees
from tools.names_train import data
from tools.names_train.spellings import LEXICONS

Floats = NDArray[np.float32]
Row = dict[str, str]
LISTS = ("lists_latin_arab", "lists_latin_other", "org_latin", "ep_xscript_west")
REWRITTEN = ("lists_latin_arab", "lists_latin_other")
DIFFERENT_WEIGHS = 1.5
RELATIVES, RELATIVE_WEIGHS = 6, 0.4  # how many for each same pair
SEED = 20260924
AT = {0.01: 0.5, 0.001: 0.8}  # share of different pairs above, and the value there
BASE = "base"


@dataclass(frozen=True, slots=True)
class Labelled:
    """Features of pairs and whether they are the same."""

    features: Floats
    same: NDArray[np.bool_]

    @classmethod
    def of(cls, pairs: list[data.Pair]) -> Labelled:
        """Measure pairs."""
        batch = Batch.of([(pair.a, pair.b) for pair in pairs])
        return cls(batch.features(), np.array([pair.same for pair in pairs], np.bool_))


def _arabic_of() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name in LEXICONS:
        for arabic, latin in data.lexicon(name):
            words = read_name(latin).words
            if len(words) == 1:
                found[words[0].bare].append(arabic)
    return found


def rewritten(pairs: Iterable[data.Pair]) -> list[data.Pair]:
    """The pairs whose one name has all its words in the lexicons, with that name in Arabic."""
    arabic_of, chooser, found = _arabic_of(), np.random.default_rng(SEED), []
    for pair in pairs:
        sides = [pair.a, pair.b]
        side = int(chooser.integers(2))
        spellings = [arabic_of.get(word.bare, []) for word in read_name(sides[side]).words]
        if all(spellings):
            arabic = " ".join(some[int(chooser.integers(len(some)))] for some in spellings)
            found.append(data.Pair(arabic, sides[1 - side], pair.same, pair.kind))
    return found


def relatives(pairs: list[data.Pair]) -> list[data.Pair]:
    """Made-up different pairs: a name, and its other spelling with its beginning or end replaced by a stranger's."""
    chooser, found = np.random.default_rng(SEED), []
    strangers = [words for pair in pairs if not pair.same and len(words := pair.b.split()) > 1]
    for pair in pairs:
        words = pair.b.split()
        if not pair.same or len(words) < 2:
            continue
        for _ in range(RELATIVES):
            stranger = strangers[int(chooser.integers(len(strangers)))]
            cut, half = int(chooser.integers(1, len(words))), max(1, len(stranger) // 2)
            made = words[:cut] + stranger[half:] if chooser.random() < 0.5 else stranger[:half] + words[cut:]
            found.append(data.Pair(pair.a, " ".join(made), False, "relative"))
    return found


def _rows_of(model: HistGradientBoostingClassifier) -> list[Row]:
    base = float(model._baseline_prediction.ravel()[0])
    found = [{"tree": BASE, "node": "0", "feature": "", "number": f"{base:.5g}", "left": "", "right": ""}]
    for place, (tree,) in enumerate(model._predictors):
        for at, node in enumerate(tree.nodes):
            leaf = bool(node["is_leaf"])
            found.append(
                {
                    "tree": str(place),
                    "node": str(at),
                    "feature": "" if leaf else FEATURES[node["feature_idx"]],
                    "number": f"{node['value'] if leaf else node['num_threshold']:.5g}",
                    "left": "" if leaf else str(node["left"]),
                    "right": "" if leaf else str(node["right"]),
                }
            )
    return found


def _scale(different: Floats) -> tuple[float, float]:
    """The logistic function that gives the sums at the shares `AT` their values."""
    (share_low, low), (share_high, high) = AT.items()
    at_low, at_high = np.quantile(different, [1 - share_low, 1 - share_high])
    slope = (_odds(high) - _odds(low)) / (at_high - at_low)
    return _odds(low) - slope * at_low, slope


def _odds(value: float) -> float:
    return float(np.log(value / (1 - value)))


def learn_combination() -> list[Row]:
    """All rows of the table."""
    pairs = [pair for name in LISTS for pair in data.part(name, validation=False)]
    of_persons = [list(data.part(name, validation=False)) for name in REWRITTEN]
    pairs += [pair for some in of_persons for pair in rewritten(some)]
    made = relatives([pair for some in of_persons for pair in some])
    known = Labelled.of(pairs + made)
    weights = np.where(known.same, 1.0, DIFFERENT_WEIGHS)
    weights[len(pairs) :] = RELATIVE_WEIGHS
    model = HistGradientBoostingClassifier(
        max_iter=80,
        max_leaf_nodes=10,
        learning_rate=0.12,
        l2_regularization=5,
        min_samples_leaf=20,
        monotonic_cst=[(name in RISING) - (name in FALLING) for name in FEATURES],
        early_stopping=False,
        random_state=0,
    ).fit(known.features, known.same, sample_weight=weights)
    rows = _rows_of(model)
    kept_away = [pair for name in LISTS[:2] for pair in data.part(name, validation=True) if not pair.same]
    offset, slope = _scale(_sums(Labelled.of(kept_away).features, read_trees(rows)))
    scale = [
        {"tree": "scale", "node": str(place), "feature": "", "number": f"{number:.4f}", "left": "", "right": ""}
        for place, number in enumerate((offset, slope))
    ]
    return scale + rows


def _sums(features: Floats, trees: Trees) -> Floats:
    return np.array([sum_trees(row, trees) for row in features], np.float32)
