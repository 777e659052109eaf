"""The same list against the same million names, in one process and on separate worker processes of Spark, in one run.

The names are those of `retrieval`. Both engines answer the same questions, and every hit is compared to the bit. The
cluster's executors are processes of this machine, so the ratio cannot pass the number of its free cores.
"""

from __future__ import annotations

import os
import tempfile
from itertools import islice
from pathlib import Path
from time import perf_counter

import numpy as np

from amana.matching import NameIndex, spark_cluster
from amana.matching.bulk import Engine, Hits, match_lists, one_process
from bench.pair import table
from bench.retrieval import recombined, same_pairs
from tools.names_train import data

HELD, ASKED = 1_000_000, 8_000
EXECUTORS = 2
LEAST = 0.5


def main() -> None:
    """Measure one process, then the cluster: begun, given the index, and working."""
    if not data.ROOT.is_dir():
        print(f"The names are not in {data.ROOT}: nothing was measured.")
        return
    pairs = same_pairs()
    stored = [one for one, _ in pairs]
    others = recombined({name for pair in pairs for name in pair}, np.random.default_rng(1))
    index = NameIndex.build([*stored, *islice(others, HELD - len(stored))])
    asked = [other for _, other in pairs]
    asked += islice(others, ASKED - len(asked))
    row = table("engine", "begun s", "index given s", "names", "seconds", "names/s", "ratio", "hits", "equal")
    index.query("warm up")
    alone, seconds = _timed(asked, index, one_process)
    row(
        "one process", "–", "–", len(asked), f"{seconds:.1f}", f"{len(asked) / seconds:.0f}", "1", len(alone.value), "–"
    )
    with tempfile.TemporaryDirectory() as folder:
        begin = perf_counter()
        with spark_cluster(f"local-cluster[{EXECUTORS},1,2048]", Path(folder)) as cluster:
            begun = perf_counter() - begin
            _, given = _timed(asked[: 2 * EXECUTORS], index, cluster)
            found, taken = _timed(asked, index, cluster)
            many = len(cluster.workers)
    equal = all(one.tobytes() == other.tobytes() for one, other in zip(alone, found, strict=True))
    cells = (f"{taken:.1f}", f"{len(asked) / taken:.0f}", f"{seconds / taken:.2f}", len(found.value), equal)
    row(f"Spark, {many} workers", f"{begun:.1f}", f"{given:.1f}", len(asked), *cells)
    print(f"\nCores: {os.cpu_count()}; load of the last minute: {os.getloadavg()[0]:.1f}.")
    assert equal


def _timed(asked: list[str], index: NameIndex, engine: Engine) -> tuple[Hits, float]:
    with tempfile.TemporaryDirectory() as folder:
        begin = perf_counter()
        hits = match_lists(asked, index, Path(folder), least=LEAST, engine=engine)
        return hits, perf_counter() - begin


if __name__ == "__main__":
    main()
