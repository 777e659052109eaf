"""Retrieval by name alone: one name an entity among recombined others, asked for by another spelling.

Stored is one name of each pair, and names recombined from those of other Arab-world entities of the lists until there
are enough; asked is the other name of the pair. The pairs are those no table was trained on.
"""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from amana.matching import NameIndex
from amana.matching.bulk import match_lists
from bench.pair import table
from tools.names_train import data

SIZES = (10_000, 100_000, 1_000_000)
SLICES = ("lists_latin_arab", "maroc_arfr", "lists_xscript")
PEER_ASKED = 50  # rapidfuzz looks at every name, so it is asked less often
BULK_ASKED, BULK_WHOLE = 5_000, 100_000
Find = Callable[[str], list[int]]


def same_pairs() -> list[tuple[str, str]]:
    """(stored, asked): each stored name once."""
    found: dict[str, str] = {}
    for name in SLICES:
        pairs = data.unseen(name) if name == "lists_latin_arab" else data.pairs(name)
        found |= {pair.b: pair.a for pair in pairs if pair.same}
    return list(found.items())


def recombined(without: set[str], chooser: np.random.Generator) -> Iterator[str]:
    """Names made of the beginning of one and the end of another, of one script; a quarter in Arabic."""
    known = [
        name.split()
        for entity in data.entities()
        if entity.type == "person" and entity.region != "other" and without.isdisjoint(entity.names)
        for name in entity.names
    ]
    scripts = [[name for name in known if len(name) > 1 and _is_arabic(name) is arabic] for arabic in (False, True)]
    while True:
        names = scripts[int(chooser.random() < 0.25)]
        one, other = (names[int(chooser.integers(len(names)))] for _ in range(2))
        yield " ".join(one[: int(chooser.integers(1, len(one)))] + other[max(1, len(other) // 2) :])


def _is_arabic(name: list[str]) -> bool:
    return any(sign >= "\u0600" for sign in "".join(name))


def measure(find: Find, asked: list[str]) -> tuple[float, float, NDArray[np.float64]]:
    """Recall among the first one and the first ten, and the milliseconds of each question."""
    first, ten, times = 0, 0, np.zeros(len(asked))
    for place, name in enumerate(asked):
        begin = perf_counter()
        found = find(name)
        times[place] = (perf_counter() - begin) * 1000
        first += found[:1] == [place]
        ten += place in found
    return first / len(asked), ten / len(asked), times


def main() -> None:
    """Measure at all sizes, then bulk work at the largest."""
    if not data.ROOT.is_dir():
        print(f"The names are not in {data.ROOT}: nothing was measured.")
        return
    pairs = same_pairs()
    stored, asked = [one for one, _ in pairs], [other for _, other in pairs]
    others = recombined(set(stored) | set(asked), np.random.default_rng(1))
    NameIndex.build(["warm up"]).query("warm up")
    row = table("names", "index", "build s", "memory MB", "recall@1", "recall@10", "questions/s", "p50 ms", "p95 ms")
    for size in SIZES:
        stored += islice(others, size - len(stored))
        before, begin = _memory(), perf_counter()
        index = NameIndex.build(stored)
        built = f"{perf_counter() - begin:.1f}"
        used = f"{_memory() - before:.0f}"
        _tell(row, size, "amana", built, used, measure(partial(_ask, index), asked))
        found = measure(partial(_ten_of, [name.lower() for name in stored]), asked[:PEER_ASKED])
        _tell(row, size, f"rapidfuzz token_set over all ({PEER_ASKED} asked)", "–", "–", found)
    _measure_bulk(index, list(islice(others, BULK_ASKED)))


def _ask(index: NameIndex, name: str) -> list[int]:
    return [place for place, _ in index.query(name)]


def _ten_of(names: list[str], name: str) -> list[int]:
    return [place for _, _, place in process.extract(name.lower(), names, scorer=fuzz.token_set_ratio, limit=10)]


def _memory() -> float:
    """The most megabytes this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _tell(
    row: Callable[..., None],
    size: int,
    index: str,
    built: str,
    used: str,
    found: tuple[float, float, NDArray[np.float64]],
) -> None:
    first, ten, times = found
    pace, middle, late = 1000 / times.mean(), np.median(times), np.quantile(times, 0.95)
    row(f"{size:,}", index, built, used, f"{first:.3f}", f"{ten:.3f}", f"{pace:,.0f}", f"{middle:.2f}", f"{late:.2f}")


def _measure_bulk(index: NameIndex, asked: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        begin = perf_counter()
        hits = match_lists(asked, index, Path(folder), least=0.5)
        seconds = perf_counter() - begin
    minutes = seconds / len(asked) * BULK_WHOLE / 60
    print(f"\nBulk: {len(asked):,} names against {len(index):,} in {seconds:.1f} s, {len(hits.value):,} hits;")
    print(f"at this pace {BULK_WHOLE:,} take {minutes:.1f} minutes.")


if __name__ == "__main__":
    main()
