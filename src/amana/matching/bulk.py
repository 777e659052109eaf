"""Whole lists against whole holdings, with progress, and resumed where it stopped.

Invariant: the result depends on the two lists alone, not on where a run was broken off. Every finished block is a file
of its own, written aside and moved into place, so a block is there whole or not at all; a fingerprint of both lists and
of the limits stands beside them, and another job never adds to it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from amana.domain.errors import Conflict, gettext_noop
from amana.matching.index import NameIndex
from amana.matching.index_parts import fingerprint
from amana.matching.rarity import VERSION

BLOCK = 2_000  # names of the list in one file
_JOB = "job.json"


class JobDiffers(Conflict):
    """The folder holds the blocks of another job."""

    code = "bulk-job-differs"
    sentence = gettext_noop("This folder belongs to a comparison of other lists; choose an empty one.")


class Hits(NamedTuple):
    """What was found: the place in the list, the position in the holdings and the value, by place and then value."""

    asked: NDArray[np.int32]
    found: NDArray[np.int32]
    value: NDArray[np.float32]


def match_lists(
    asked: Sequence[str],
    held: NameIndex,
    folder: Path,
    *,
    least: float,
    most: int = 10,
    progress: Callable[[int, int], None] = lambda done, whole: None,
) -> Hits:
    """Find for each asked name at most `most` held ones of at least the value `least`.

    `folder` keeps the finished blocks; `progress` is told how many names are done, of how many. Raises JobDiffers.
    """
    _claim(folder, {"asked": fingerprint(asked), "held": held.fingerprint, "least": least, "most": most})
    blocks = []
    for begin in range(0, len(asked), BLOCK):
        path = folder / f"{begin:09d}.npz"
        if not path.exists():
            _keep(path, _match_block(asked, begin, held, least, most))
        with np.load(path) as kept:
            blocks.append(Hits(kept["asked"], kept["found"], kept["value"]))
        progress(min(begin + BLOCK, len(asked)), len(asked))
    if not blocks:
        return Hits(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.float32))
    return Hits(*(np.concatenate(column) for column in zip(*blocks, strict=True)))


def _match_block(asked: Sequence[str], begin: int, held: NameIndex, least: float, most: int) -> Hits:
    places, positions, values = list[NDArray[np.int32]](), list[NDArray[np.int32]](), list[NDArray[np.float32]]()
    for place, name in enumerate(asked[begin : begin + BLOCK], begin):
        found, value = held.query_values(name, most)
        enough = value >= least
        places.append(np.full(int(enough.sum()), place, np.int32))
        positions.append(found[enough])
        values.append(value[enough])
    return Hits(np.concatenate(places), np.concatenate(positions), np.concatenate(values))


def _claim(folder: Path, job: dict[str, object]) -> None:
    """Write down whose folder this is, or check that it is this job's."""
    folder.mkdir(parents=True, exist_ok=True)
    path, wanted = folder / _JOB, {**job, "tables": VERSION}
    if not path.exists():
        path.write_text(json.dumps(wanted), "utf-8")
    elif json.loads(path.read_text("utf-8")) != wanted:
        raise JobDiffers


def _keep(path: Path, hits: Hits) -> None:
    aside = path.with_suffix(".part")
    with aside.open("wb") as file:
        np.savez(file, **hits._asdict())
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
