"""The bulk work on a cluster of Spark: the same hits, found by worker processes that each hold the index.

Invariant: the answer is that of one process, to the bit. Each slice's answer is counted once, however often Spark has
it worked on; a worker answers only with the index of this job and with the modules and tables that we have.
"""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from amana.domain.errors import Conflict, Unavailable, gettext_noop
from amana.matching.bulk import Block, Hits, Limits, find_block, joined
from amana.matching.compiled import sources
from amana.matching.index import NameIndex
from amana.matching.index_parts import IndexFileUnfit

if TYPE_CHECKING:
    from pyspark import SparkContext

SLICE = 500  # names of a task: some seconds, as Spark itself takes a tenth of one for each in Python
AT_ONCE = 2  # blocks for each core that are out together, so that little waits for the last task


class SparkFailed(Unavailable):
    """The cluster could not be reached, or gave the work up."""

    code = "spark-failed"
    sentence = gettext_noop("Spark could not be reached or gave the work up; look into its log, then begin again.")


class WorkersDiffer(Conflict):
    """The workers have another Amana than the process that asks them."""

    code = "spark-workers-differ"
    sentence = gettext_noop("Spark's workers have another version of Amana than this node; install the same there.")


class Job(NamedTuple):
    """What all tasks share: the index's file, the hash of its names, that of our modules and tables, the limits."""

    file: str
    fingerprint: str
    makeup: str
    limits: Limits


class Answer(NamedTuple):
    """What a task found, or the error that it refuses with; and who worked."""

    found: Hits | type[WorkersDiffer] | type[IndexFileUnfit]
    worker: str


Work = Callable[[Iterable[Block]], Iterator[Answer]]


@dataclass(slots=True)
class Cluster:
    """An engine for `match_lists`: a session of Spark, a folder for what it is given, and who has worked in it."""

    context: SparkContext
    folder: Path
    workers: set[str] = field(default_factory=set)

    def __call__(self, blocks: Sequence[Block], held: NameIndex, limits: Limits) -> Iterator[tuple[int, Hits]]:
        """Find the hits of each block on the cluster, some for each core at a time: (its beginning, hits), in order.

        Raises SparkFailed, WorkersDiffer, IndexFileUnfit.
        """
        if not blocks:
            return
        work = partial(find_slices, job=Job(self._ship(held), held.fingerprint, makeup(), limits))
        todo = iter(blocks)
        while some := list(islice(todo, AT_ONCE * self.context.defaultParallelism)):
            slices = [slices_of(block) for block in some]
            hits = iter(self._run([one for own in slices for one in own], work))
            for block, own in zip(some, slices, strict=True):
                yield block.begin, joined(list(islice(hits, len(own))))

    def _ship(self, held: NameIndex) -> str:
        """Give the index to all workers; returns its file's name with them."""
        path = self.folder / f"{held.fingerprint}.index"
        if not path.exists():
            held.save(path)
            self.context.addFile(os.fspath(path))
        return path.name

    def _run(self, slices: Sequence[Block], work: Work) -> list[Hits]:
        """Have all slices worked on, a task each; their hits in order."""
        from py4j.protocol import Py4JError

        try:
            answers = self.context.parallelize(slices, len(slices)).mapPartitions(work).collect()
        except (Py4JError, OSError) as error:
            raise SparkFailed from error
        hits = list[Hits]()
        for found, worker in answers:
            if isinstance(found, type):
                raise found
            self.workers.add(worker)
            hits.append(found)
        return hits


def slices_of(block: Block) -> list[Block]:
    """A block in parts of `SLICE` names."""
    starts = range(0, len(block.names), SLICE)
    return [Block(block.begin + start, tuple(block.names[start : start + SLICE])) for start in starts]


def find_slices(slices: Iterable[Block], job: Job) -> Iterator[Answer]:
    """Find the hits of slices, in a worker process."""
    from pyspark import SparkFiles

    worker = f"{socket.gethostname()}:{os.getpid()}"
    try:
        if makeup() != job.makeup:
            raise WorkersDiffer
        held = held_in(SparkFiles.get(job.file), job.fingerprint)
    except (WorkersDiffer, IndexFileUnfit) as error:
        yield Answer(type(error), worker)
        return
    for one in slices:
        yield Answer(find_block(one, held, job.limits), worker)


@lru_cache(maxsize=1)
def held_in(path: str, fingerprint: str) -> NameIndex:
    """The index in a file, loaded once a process; raises IndexFileUnfit where it has other names than those."""
    held = NameIndex.load(Path(path))
    if held.fingerprint != fingerprint:
        raise IndexFileUnfit
    return held


@cache
def makeup() -> str:
    """A hash of the modules and tables that a value depends on."""
    digest = hashlib.sha256(sources().encode())
    for path in sorted((Path(__file__).parent / "tables").iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()
