"""The index of names, kept with the database: the database is what is true, the index is what makes it quick.

Invariant: a search sees the names of exactly the reports that its viewpoint may read when it begins, in the edition
that they have then; whatever the index lacks is read before it answers. So a crash, a lost file or a restored backup
changes no answer. A large memory's index is kept in a file as well; names of erased reports are masked at once, leave a
process with the first search a minute later, and the file with the next rebuilding, which the worker has begun in ten.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock

from django.db import transaction

from amana import matching
from amana.domain.viewpoint import Viewpoint
from amana.records.queries.names import Edition, editions_in_force, names_of, visible_editions
from amana.services.journal import Act, record
from amana.services.keys import home, own_node
from amana.services.names_aside import LEAST_KEPT, index_file

FORGET_EVERY_S = 60.0


@dataclass(slots=True)
class _Kept:
    """The shelf of this process, the file that it began with, and when it last forgot the dead."""

    folder: Path = field(default_factory=Path)
    file: int = -1
    shelf: matching.Shelf | None = None
    forgot: float = 0.0


_kept, _lock = _Kept(), RLock()


def find_names(names: Sequence[str], *, most: int, viewpoint: Viewpoint) -> list[list[matching.Found]]:
    """For each name the at most `most` stored ones most like it, best first, among reports that may be read."""
    return _find(names, visible_editions(viewpoint=viewpoint), most)


def find_names_of_list(
    names: Sequence[str], *, most: int, engine: matching.Engine, viewpoint: Viewpoint
) -> Iterator[list[matching.Found]]:
    """The same for each name of a list, found by an engine as it goes on, among what could be read when it began."""
    asked = matching.Editions(visible_editions(viewpoint=viewpoint))
    with _lock:
        shelf = matching.Shelf(_shelf_with(asked).segments)
    yield from shelf.query_list(names, most, asked, engine)


def find_names_for_node(names: Sequence[str], *, most: int, apart_from: str) -> list[list[matching.Found]]:
    """The same among all reports in force but those of one originator, for the node itself.

    What it finds is shown to nobody but through a viewpoint.
    """
    return _find(names, editions_in_force(apart_from=apart_from), most)


def _find(names: Sequence[str], pairs: Sequence[Edition], most: int) -> list[list[matching.Found]]:
    asked = matching.Editions(pairs)
    with _lock:
        shelf = _shelf_with(asked)
        return [shelf.query(name, most, asked) for name in names]


def _shelf_with(asked: matching.Editions) -> matching.Shelf:
    """This process's shelf, holding all asked editions."""
    shelf, file = _kept.shelf, _stamp()
    if shelf is None or (_kept.folder, _kept.file) != (home(), file):
        shelf = _load()
        _kept.folder, _kept.file = home(), file
    if time.monotonic() - _kept.forgot > FORGET_EVERY_S:
        shelf = _without_dead(shelf, matching.Editions(editions_in_force()))
        _kept.forgot = time.monotonic()
    missing = shelf.missing(asked)
    if missing:
        shelf.add(matching.Segment.of(missing, names_of(list(missing))))
    _kept.shelf = shelf
    return shelf


def _without_dead(shelf: matching.Shelf, alive: matching.Editions) -> matching.Shelf:
    """Let go of erased names; a large segment of the file waits for the file's rebuilding, masked meanwhile."""
    large = [one for one in shelf.segments[:1] if len(one.index) >= LEAST_KEPT and one.alive(alive).any()]
    rest = matching.Shelf(shelf.segments[len(large) :])
    rest.drop_dead(alive)
    return matching.Shelf([*large, *rest.segments])


def _stamp() -> int:
    """Which file it is: the time of its last change, 0 for none."""
    try:
        return index_file().stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _load() -> matching.Shelf:
    try:
        segment = matching.Segment.load(index_file())
    except (FileNotFoundError, matching.IndexFileUnfit):
        return matching.Shelf()
    gc.collect()
    gc.freeze()  # a later collection would walk over all these names for a tenth of a second while some page waits
    return matching.Shelf([segment])


def rebuild_index() -> int:
    """Build the index anew from the database, and keep it in its file where it is large; returns how many names.

    The log says that it was built, and of how many names.
    """
    pairs = dict(editions_in_force())
    segment = matching.Segment.of(pairs, names_of(list(pairs)))
    many = len(segment.index)
    if many >= LEAST_KEPT:
        segment.save(index_file())
    else:
        index_file().unlink(missing_ok=True)
    segment.query("Amana", 1, segment.held)  # so that the loops are compiled before a person waits
    with transaction.atomic():
        record(
            Act.ADMINISTRATION,
            "name-index-built",
            "names",
            by=f"node:{own_node()}",
            reason="index",
            details=[("names", str(many))],
        )
    return many
