"""Whole lists against whole holdings, with progress, and resumed where it stopped.

Invariant: the result depends on the two lists alone, not on where a run was broken off nor on the engine that worked.
Every finished block is a file of its own, written aside and moved into place, so a block is there whole or not at all;
a fingerprint of both lists and of the limits stands beside them, and another job never adds to it.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
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


class Block(NamedTuple):
    """Neighbours in a list: the place of the first, and their names."""

    begin: int
    names: Sequence[str]


class Limits(NamedTuple):
    """The least value of a hit, how many there may be for a name, and which positions may be seen (without: all)."""

    least: float
    most: int
    among: NDArray[np.bool_] | None = None


# Finds the hits of each block, in order: (its beginning, hits).
Engine = Callable[[Sequence[Block], NameIndex, Limits], Iterator[tuple[int, Hits]]]


def one_process(blocks: Sequence[Block], held: NameIndex, limits: Limits) -> Iterator[tuple[int, Hits]]:
    """Find the hits of each block in this process, a thread for each core, in order: (its beginning, hits)."""
    cores = min(os.cpu_count() or 1, len(blocks))
    if cores < 2:
        for block in blocks:
            yield block.begin, find_block(block, held, limits)
        return
    free = SimpleQueue[NameIndex]()
    for index in [held, *(held.twin() for _ in range(cores - 1))]:
        free.put(index)

    def find(block: Block) -> Hits:
        index = free.get()
        try:
            return find_block(block, index, limits)
        finally:
            free.put(index)

    with ThreadPoolExecutor(cores) as threads:
        waiting = deque(threads.submit(find, block) for block in blocks[:cores])
        for place, block in enumerate(blocks):
            if place + cores < len(blocks):
                waiting.append(threads.submit(find, blocks[place + cores]))
            yield block.begin, waiting.popleft().result()


def match_lists(
    asked: Sequence[str],
    held: NameIndex,
    folder: Path,
    *,
    least: float,
    most: int = 10,
    progress: Callable[[int, int], None] = lambda done, whole: None,
    engine: Engine = one_process,
) -> Hits:
    """Find for each asked name at most `most` held ones of at least the value `least`.

    `folder` keeps the finished blocks, whichever engine made them; `progress` is told how many names are done, of how
    many. Raises JobDiffers, and what the engine raises.
    """
    _claim(folder, {"asked": fingerprint(asked), "held": held.fingerprint, "least": least, "most": most})
    blocks = blocks_of(asked)
    missing = [block for block in blocks if not _path(folder, block.begin).exists()]
    done = len(asked) - sum(len(block.names) for block in missing)
    if done:
        progress(done, len(asked))
    for begin, hits in engine(missing, held, Limits(least, most)):
        _keep(_path(folder, begin), hits)
        done += min(BLOCK, len(asked) - begin)
        progress(done, len(asked))
    return joined([_kept(_path(folder, block.begin)) for block in blocks])


def blocks_of(names: Sequence[str]) -> list[Block]:
    """A list in blocks."""
    return [Block(begin, names[begin : begin + BLOCK]) for begin in range(0, len(names), BLOCK)]


def find_block(block: Block, held: NameIndex, limits: Limits) -> Hits:
    """Find the hits of neighbours in a list."""
    places, positions, values = list[NDArray[np.int32]](), list[NDArray[np.int32]](), list[NDArray[np.float32]]()
    for place, name in enumerate(block.names, block.begin):
        found, value = held.query_values(name, limits.most, limits.among)
        enough = value >= limits.least
        places.append(np.full(int(enough.sum()), place, np.int32))
        positions.append(found[enough])
        values.append(value[enough])
    return Hits(np.concatenate(places), np.concatenate(positions), np.concatenate(values))


def joined(parts: Sequence[Hits]) -> Hits:
    """Hits of neighbours, in their order, as one."""
    if not parts:
        return Hits(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.float32))
    return Hits(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _path(folder: Path, begin: int) -> Path:
    return folder / f"{begin:09d}.npz"


def _kept(path: Path) -> Hits:
    with np.load(path) as kept:
        return Hits(kept["asked"], kept["found"], kept["value"])


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
