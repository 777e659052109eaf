"""How much a word of a name says: words that many bear say little.

Invariant: a word's weight depends on its skeleton and the shipped counts (`tables/rarity.tsv`, of `VERSION`) alone, so
the score of a pair never depends on what else is stored. Weights are in nats, at most `MOST`.
"""

from __future__ import annotations

from functools import cache
from math import log

from amana.matching.tables import rows

VERSION = 2
MOST = 8.0
LEAST = 0.8
KNOWN = 3.0  # at most, of a name that is common enough to have its row in the table of variants
WEAK = 0.3  # of an honorific or initial


@cache
def _counts() -> tuple[dict[str, tuple[int, int]], tuple[int, int]]:
    """(persons, organisations) by skeleton, and of how many names each."""
    found = {row["skeleton"]: (int(row["persons"]), int(row["organisations"])) for row in rows("rarity")}
    return found, found.pop("*")


def weight(skeleton: str, kind: int) -> float:
    """The weight of a word in the names of persons (kind 0) or organisations (1)."""
    found, names = _counts()
    return min(MOST, max(LEAST, log((names[kind] + 1) / (found.get(skeleton, (0, 0))[kind] + 1))))
