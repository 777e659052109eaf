"""The worker's part in the index of names: it sees whether the file has fallen behind, and has it rebuilt.

Invariant: the worker itself never builds, so that messages go on; and a node with few names has no file and no cost.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from amana import matching
from amana.records.queries.names import editions_in_force, has_more_names_than
from amana.services.keys import home

LEAST_KEPT = 20_000  # names from which reading them anew takes longer than a person likes to wait
REBUILD_EVERY_S = 600.0


def index_file() -> Path:
    """Where a large memory's index lies."""
    return home() / "names.index"


@dataclass(slots=True)
class IndexKeeper:
    """The worker's part: it sees whether the file has fallen behind, and lets another process rebuild it."""

    child: subprocess.Popen[bytes] | None = None
    looked: float = -REBUILD_EVERY_S

    def look(self) -> bool:
        """Begin a rebuilding where one is due; True where one was begun. Most calls only read a clock."""
        if time.monotonic() - self.looked < REBUILD_EVERY_S or (self.child and self.child.poll() is None):
            return False
        self.looked = time.monotonic()
        if not index_is_due():
            return False
        self.child = subprocess.Popen([sys.executable, "-m", "amana", "index"], stdout=subprocess.DEVNULL)
        return True

    def end(self) -> None:
        """Stop what was begun; a file that is not whole is never there."""
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
