"""Work on names that the worker lets another process do, so that messages go on: comparing requests, the index's file.

Invariant: the worker itself compares and builds nothing and loads none of the compiled loops; a node that compares no
names starts no such process. What was begun may be broken off at any time.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from amana import matching
from amana.records.queries.names import editions_in_force, has_more_names_than
from amana.records.queries.requests import names_are_waiting
from amana.services.keys import home

LEAST_KEPT = 20_000  # names from which reading them anew takes longer than a person likes to wait
REBUILD_EVERY_S = 600.0
COMPARE_EVERY_S = 1.0


def index_file() -> Path:
    """Where a large memory's index lies."""
    return home() / "names.index"


@dataclass(slots=True)
class NamesAside:
    """The other process, and when it was last looked whether one is needed, for requests and for the index."""

    child: subprocess.Popen[bytes] | None = None
    compared: float = -COMPARE_EVERY_S
    rebuilt: float = -REBUILD_EVERY_S

    def look(self) -> bool:
        """Begin what is due; True where it was begun. Most calls only read a clock."""
        if self.child is not None and self.child.poll() is None:
            return False
        if not self._index_may_be_due() and not self._names_wait():
            return False
        self.child = subprocess.Popen([sys.executable, "-m", "amana", "names"], stdout=subprocess.DEVNULL)
        return True

    def _names_wait(self) -> bool:
        if time.monotonic() - self.compared < COMPARE_EVERY_S:
            return False
        self.compared = time.monotonic()
        return names_are_waiting()

    def _index_may_be_due(self) -> bool:
        if time.monotonic() - self.rebuilt < REBUILD_EVERY_S:
            return False
        self.rebuilt = time.monotonic()
        return has_more_names_than(LEAST_KEPT) or index_file().exists()

    def end(self) -> None:
        """Stop what was begun."""
        if self.child is not None and self.child.poll() is None:
            self.child.terminate()
            self.child.wait()


def index_is_due() -> bool:
    """Whether there are names enough for a file and it holds others than the database, or a file and too few."""
    if not has_more_names_than(LEAST_KEPT):
        return index_file().exists()
    try:
        return dict(editions_in_force()) != matching.Segment.held_in(index_file())
    except (FileNotFoundError, matching.IndexFileUnfit):
        return True
