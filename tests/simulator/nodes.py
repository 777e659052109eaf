"""Four nodes in one process: each with its own folder, keys and database; one of them is awake at a time.

Invariant: while a node is awake, Django's default connection, the node's folder and the clock are its own and nobody
else's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import time_machine
from django.conf import settings
from django.db import connections

from amana.exchange.identity import NodeSecrets
from amana.oversight.merkle import root
from amana.services.housekeeping import Rounds
from amana.services.journal import TreeNodes
from amana.services.keys import secrets
from tests.simulator.disk import Disk, SimConnection
from tests.simulator.watch import Watch

if TYPE_CHECKING:
    from amana.config.node_settings import NodeSettings

MEMORY = ":memory:"


@dataclass(slots=True)
class Clock:
    """The one time of a world; nobody in it looks at the wall."""

    now: datetime
    skew: timedelta = timedelta()
    _travelling: time_machine.Traveller | None = None

    @contextmanager
    def ticking(self) -> Iterator[None]:
        """Be the time of this process for a while."""
        with time_machine.travel(self.now, tick=False) as travelling:
            self._travelling = travelling
            yield
        self._travelling = None

    def show(self, skew: timedelta) -> None:
        """Show the time as a node with this skew sees it."""
        assert self._travelling is not None
        self.skew = skew
        self._travelling.move_to(self.now + skew)

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by
        self.show(timedelta())


@dataclass(slots=True)
class SimNode:
    """One node: where it lies, its database on its disk, its clock's skew, and what was seen of its log."""

    name: str
    home: Path
    clock: Clock
    author: str
    head: str
    disk: Disk = field(default_factory=Disk)
    database: Path | str = MEMORY
    skew: timedelta = timedelta()
    rounds: Rounds = field(default_factory=Rounds)
    watch: Watch = field(default_factory=Watch)
    connection: SimConnection = field(init=False)
    _settings: NodeSettings = field(init=False)
    _changes: int = -1

    def __post_init__(self) -> None:
        self.connection = SimConnection(self.database, self.disk)
        self._settings = settings.AMANA.model_copy(update={"home": self.home})

    @property
    def raw(self) -> sqlite3.Connection:
        """The database without Django, for looking at it from outside."""
        self.connection.ensure_connection()
        return self.connection.connection  # type: ignore[no-any-return]

    @contextmanager
    def awake(self) -> Iterator[None]:
        """Be this node for a while; nodes may be woken inside of one another, as a call wakes its receiver."""
        before, frame = connections["default"], settings.AMANA
        connections["default"], settings.AMANA = self.connection, self._settings
        skew = self.clock.skew
        self.clock.show(self.skew)
        try:
            yield
        finally:
            connections["default"], settings.AMANA = before, frame
            self.clock.show(skew)

    def restart(self) -> None:
        """Forget what only the process knew."""
        self.rounds = Rounds()

    def changed(self) -> bool:
        """Whether anything was written since this was last asked."""
        before, self._changes = self._changes, self.raw.total_changes
        return self._changes != before

    def look(self) -> None:
        """Read what came to the log since the last look."""
        rows = self.raw.execute(
            'SELECT "index", commitment, salt, event FROM records_logentry WHERE "index" >= ? ORDER BY "index"',
            [len(self.watch.leaves)],
        )
        self.watch.read(rows.fetchall())

    def secrets(self) -> NodeSecrets:
        """Its keys, as the node itself reads them."""
        with self.awake():
            return secrets()

    def tree_root(self, size: int) -> bytes:
        """The root of its stored tree over that many entries."""
        with self.awake():
            return root(size, TreeNodes())

    def waiting(self) -> int:
        """How many messages of it are on their way."""
        sql = "SELECT count(*) FROM records_outbox WHERE state IN ('queued', 'sending')"
        return self.raw.execute(sql).fetchone()[0]  # type: ignore[no-any-return]

    def image(self) -> bytes:
        """Every byte that the database holds."""
        return self.raw.serialize()

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Look at the database from outside."""
        return self.raw.execute(sql, parameters).fetchall()
