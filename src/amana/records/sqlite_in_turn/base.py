"""Django's SQLite connection, whose write transactions wait in a queue instead of sleeping and trying again.

SQLite lets a writer that finds the database locked sleep, for longer each time, while another takes the lock again and
again; the worker then starves beside a busy door. Here every write transaction first takes the kernel's lock on a file
beside the database (flock(2)), which wakes a waiter at once. Whoever waits for it stands at the head of a queue, a
second such file, so that one who has just had a turn comes after those who wait. It is a courtesy between our own
processes: SQLite's lock still decides, and what takes no turn is merely slower.
"""

from __future__ import annotations

import fcntl
import os
from typing import Any

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that takes its turn before `BEGIN IMMEDIATE`, and gives it up with commit or rollback."""

    _turn: int | None = None
    _queue: int | None = None

    def _start_transaction_under_autocommit(self) -> None:
        self._take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._end_turn()
            raise

    def _commit(self) -> Any:
        try:
            return super()._commit()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _close(self) -> Any:
        try:
            return super()._close()  # type: ignore[misc]
        finally:
            for descriptor in (self._turn, self._queue):
                if descriptor is not None:
                    os.close(descriptor)
            self._turn = self._queue = None

    def _take_turn(self) -> None:
        if self.is_in_memory_db():
            return
        if self._turn is None or self._queue is None:
            self._turn, self._queue = self._open_beside("turn"), self._open_beside("queue")
        fcntl.flock(self._queue, fcntl.LOCK_EX)
        try:
            fcntl.flock(self._turn, fcntl.LOCK_EX)
        finally:
            fcntl.flock(self._queue, fcntl.LOCK_UN)

    def _open_beside(self, what: str) -> int:
        name = f"{self.settings_dict['NAME']}-{what}"
        return os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def _end_turn(self) -> None:
        # A commit that failed leaves its transaction open, and the turn with it.
        if self._turn is not None and (self.connection is None or not self.connection.in_transaction):
            fcntl.flock(self._turn, fcntl.LOCK_UN)
