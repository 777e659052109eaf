"""The parts of the sizing benchmark that hold an index of names, each in a process of its own. Prints JSON."""

from __future__ import annotations

import json
import re
import sys
from itertools import islice
from pathlib import Path
from time import process_time

import numpy as np

from amana.matching import NameIndex
from bench.retrieval import recombined

ASKED = 1_000


def resident_mb() -> float:
    """What this process holds now."""
    (kib,) = re.findall(r"^VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(kib) / 1024


def most_mb() -> float:
    """The most this process has held."""
    (kib,) = re.findall(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(kib) / 1024


def build(many: str, path: str) -> dict[str, object]:
    """Build an index of so many names and keep it."""
    NameIndex.build(["warm up"]).query("warm up")
    names = list(islice(recombined(set(), np.random.default_rng(1)), int(many)))
    before, begin = resident_mb(), process_time()
    index = NameIndex.build(names)
    seconds, most = process_time() - begin, most_mb()
    index.save(Path(path))
    return {
        "s": f"{seconds:.1f}",
        "MB": f"{most - before:.0f}",
        "file": f"{Path(path).stat().st_size / 1e6:.0f}",
    }


def load(path: str) -> dict[str, object]:
    """Load an index and ask it."""
    NameIndex.build(["warm up"]).query("warm up")
    asked = list(islice(recombined(set(), np.random.default_rng(2)), ASKED))
    before, begin = resident_mb(), process_time()
    index = NameIndex.load(Path(path))
    seconds = process_time() - begin
    times = [_ms(index, name) for name in asked]
    middle, late = np.quantile(times, (0.5, 0.95))
    return {
        "s": f"{seconds:.1f}",
        "MB": f"{resident_mb() - before:.0f}",
        "p50": f"{middle:.1f}",
        "p95": f"{late:.1f}",
    }


def _ms(index: NameIndex, name: str) -> float:
    begin = process_time()
    index.query_values(name)
    return (process_time() - begin) * 1000


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    print(json.dumps(build(*rest) if what == "build" else load(*rest)))
