"""On real lists, names that no table was trained on are told apart; the tables are what training makes of them."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from amana.matching import compare_many
from amana.matching.combination import FEATURES, trees
from amana.matching.sounds import sounds
from bench.matching import ARAB, WHOLE, Scored
from tools.names_train import data

real = pytest.mark.skipif(not data.ROOT.is_dir(), reason=f"the lists of names are not in {data.ROOT}")


def scored(*slices: str) -> Scored:
    pairs = [pair for name in slices for pair in (data.pairs(name) if name in WHOLE else data.unseen(name))]
    scores = compare_many([(pair.a, pair.b) for pair in pairs])
    return Scored(scores, np.array([pair.same for pair in pairs], np.bool_), 0.0)


@real
def test_names_of_the_arab_world_are_told_apart() -> None:
    found = scored(*ARAB)
    assert found.recall(0.01) >= 0.90
    assert found.recall(0.001) >= 0.70
    assert found.f1() >= 0.88


@real
@pytest.mark.parametrize(
    ("name", "recall"),
    [
        ("maroc_arfr", 0.98),
        ("lists_xscript", 0.90),
        ("lists_latin_arab", 0.88),
        ("lists_latin_other", 0.88),
        ("org_latin", 0.55),
    ],
)
def test_each_list_is_told_apart(name: str, recall: float) -> None:
    assert scored(name).recall(0.01) >= recall


@real
def test_no_name_is_in_both_parts() -> None:
    for name in ("lists_latin_arab", "lists_latin_other", "org_latin"):
        trained = {text for pair in data.part(name, validation=False) for text in (pair.a, pair.b)}
        kept_away = {text for pair in data.part(name, validation=True) for text in (pair.a, pair.b)}
        assert trained.isdisjoint(kept_away)


def test_sounds_are_symmetric_and_trees_lead_to_leaves() -> None:
    table, forest = sounds(), trees()
    assert np.array_equal(table.scores, table.scores.T)
    inner = forest.feature >= 0
    assert (forest.feature < len(FEATURES)).all()
    assert (forest.left[inner] > np.flatnonzero(inner)).all()
    assert (forest.right[inner] > np.flatnonzero(inner)).all()
    assert len(forest.scale) == 2


def test_importing_the_room_compiles_nothing() -> None:
    code = "import sys, amana.matching; sys.exit('numba' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
