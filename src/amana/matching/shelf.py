"""The names of a memory that changes: indexes that never change, side by side, masked by what is asked for.

Invariant: an answer holds names of exactly the editions asked for, masked before anything is ranked or counted; which
segments a shelf happens to have changes no value. A report's names are those of one edition, and another edition of it
has all its names anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from amana.matching.bulk import Engine, Limits, blocks_of
from amana.matching.index import NameIndex
from amana.matching.index_parts import load_beside

Longs = NDArray[np.int64]
Ints = NDArray[np.int32]
Floats = NDArray[np.float32]
Row = tuple[int, int, int, str]


class Found(NamedTuple):
    """A name that is alike: the entity that bears it, the name as written, and the value in [0, 1]."""

    entity: int
    name: str
    value: float


class Editions:
    """Pairs of (report, edition), to be looked up many at a time."""

    def __init__(self, pairs: Iterable[tuple[int, int]]) -> None:
        table = np.fromiter(chain.from_iterable(pairs), np.int64).reshape(-1, 2)
        order = np.lexsort((table[:, 1], table[:, 0]))
        self.reports, self.editions = table[order, 0], table[order, 1]

    def has(self, reports: Longs, editions: Longs) -> NDArray[np.bool_]:
        """Which of these pairs are among them."""
        if not len(self.reports):
            return np.zeros(len(reports), np.bool_)
        places = np.minimum(np.searchsorted(self.reports, reports), len(self.reports) - 1)
        found: NDArray[np.bool_] = (self.reports[places] == reports) & (self.editions[places] == editions)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """An index with whose names it holds: by position the entity, and the place of the report in `held`."""

    index: NameIndex
    entities: Longs
    places: Longs
    held: Editions

    @classmethod
    def of(cls, asked: Mapping[int, int], rows: Iterable[Row]) -> Segment:
        """Index rows of (report, edition, entity, name); a report of `asked` without any row is held too, as empty."""
        held, reports, entities, names = dict(asked), list[int](), list[int](), list[str]()
        for report, edition, entity, name in rows:
            held[report] = edition
            reports.append(report)
            entities.append(entity)
            names.append(name)
        editions = Editions(held.items())
        places = np.searchsorted(editions.reports, np.array(reports, np.int64))
        return cls(NameIndex.build(names), np.array(entities, np.int64), places.astype(np.int64), editions)

    @classmethod
    def load(cls, path: Path) -> Segment:
        """The segment kept in a file; raises IndexFileUnfit, FileNotFoundError."""
        index = NameIndex.load(path)
        kept = index.beside
        pairs = zip(kept["reports"].tolist(), kept["editions"].tolist(), strict=True)
        return cls(index, kept["entities"], kept["places"], Editions(pairs))

    @staticmethod
    def held_in(path: Path) -> dict[int, int]:
        """The editions that a kept segment holds, without reading its names; raises as `load`."""
        kept = load_beside(path, "reports", "editions")
        return dict(zip(kept["reports"].tolist(), kept["editions"].tolist(), strict=True))

    def save(self, path: Path) -> None:
        """Keep it in a file; the file is there whole or not at all."""
        beside = {"entities": self.entities, "places": self.places}
        self.index.save(path, beside | {"reports": self.held.reports, "editions": self.held.editions})

    def alive(self, asked: Editions) -> NDArray[np.bool_]:
        """Which of its reports are among the asked, in the edition that it holds."""
        return asked.has(self.held.reports, self.held.editions)

    def rows(self) -> Iterable[Row]:
        """What it was made of."""
        reports = self.held.reports[self.places].tolist()
        editions = self.held.editions[self.places].tolist()
        return zip(reports, editions, self.entities.tolist(), self.index.names, strict=True)

    def query(self, name: str, k: int, asked: Editions) -> list[Found]:
        """The at most `k` names most like `name` among those of the asked editions, best first."""
        return self._named(*self.index.query_values(name, k, self.alive(asked)[self.places]))

    def query_list(self, names: Sequence[str], k: int, asked: Editions, engine: Engine) -> Iterator[list[Found]]:
        """The same for each name of a list, found by an engine, as it goes on."""
        blocks = blocks_of(names)
        among = self.alive(asked)[self.places]
        for block, (_, hits) in zip(blocks, engine(blocks, self.index, Limits(0.0, k, among)), strict=True):
            ends = np.searchsorted(hits.asked, np.arange(block.begin, block.begin + len(block.names) + 1))
            for begin, end in pairwise(ends):
                yield self._named(hits.found[begin:end], hits.value[begin:end])

    def _named(self, positions: Ints, values: Floats) -> list[Found]:
        return [
            Found(int(self.entities[position]), self.index.names[position], float(value))
            for position, value in zip(positions, values, strict=True)
        ]


class Shelf:
    """Segments from the oldest to the newest; a small one is made one with its neighbour."""

    def __init__(self, segments: Sequence[Segment] = ()) -> None:
        self.segments = list(segments)

    def missing(self, asked: Editions) -> dict[int, int]:
        """Those of the asked editions that no segment holds."""
        found = np.zeros(len(asked.reports), np.bool_)
        for one in self.segments:
            found |= one.held.has(asked.reports, asked.editions)
        return dict(zip(asked.reports[~found].tolist(), asked.editions[~found].tolist(), strict=True))

    def add(self, fresh: Segment) -> None:
        """Put a segment on the shelf, made one with those before it that are not larger than twice its size."""
        while self.segments and len(self.segments[-1].index) <= 2 * len(fresh.index):
            fresh = _as_one(self.segments.pop(), fresh)
        self.segments.append(fresh)

    def drop_dead(self, alive: Editions) -> None:
        """Forget the names of all editions but these in every segment that has dead ones."""
        self.segments = [one if one.alive(alive).all() else _living(one, alive) for one in self.segments]

    def query(self, name: str, k: int, asked: Editions) -> list[Found]:
        """The at most `k` names most like `name` among those of the asked editions, best first."""
        return _best([segment.query(name, k, asked) for segment in self.segments], k)

    def query_list(self, names: Sequence[str], k: int, asked: Editions, engine: Engine) -> Iterator[list[Found]]:
        """The same for each name of a list, found by an engine, as it goes on."""
        found = [segment.query_list(names, k, asked, engine) for segment in self.segments]
        for _ in names:
            yield _best([next(own) for own in found], k)


def _best(found: Iterable[Iterable[Found]], k: int) -> list[Found]:
    return sorted(chain.from_iterable(found), key=lambda one: (-one.value, one.entity, one.name))[:k]


def _as_one(old: Segment, new: Segment) -> Segment:
    """Both segments in one; of a report in both, the newer edition stays."""
    held = _held(old) | _held(new)
    rows = [*old.rows(), *new.rows()]
    return Segment.of(held, [row for row in dict.fromkeys(rows) if held[row[0]] == row[1]])


def _living(one: Segment, alive: Editions) -> Segment:
    kept = one.alive(alive)
    held = dict(zip(one.held.reports[kept].tolist(), one.held.editions[kept].tolist(), strict=True))
    return Segment.of(held, [row for row in one.rows() if row[0] in held])


def _held(one: Segment) -> dict[int, int]:
    return dict(zip(one.held.reports.tolist(), one.held.editions.tolist(), strict=True))
