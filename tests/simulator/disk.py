"""A node's database in memory, on a disk that fails when it is told to.

Invariant: a failure comes where a real one would: before a write, at a commit, or as a power cut right after a commit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.db import OperationalError
from django.db.utils import ConnectionHandler

from amana.config.settings import database_of
from amana.records.sqlite_in_turn.base import DatabaseWrapper

WRITES = ("INSERT", "UPDATE", "DELETE")


class PowerCut(BaseException):
    """The node stops in the middle, as at a kill; no `except Exception` may hold it."""


class Fault(StrEnum):
    """What the disk does at the write that it was told."""

    BROKEN = "broken"  # this write and all after it fail until the disk is mended
    HICCUP = "hiccup"  # this write fails, the next ones succeed
    CUT = "cut"  # power is cut before this write
    CUT_AFTER = "cut-after"  # power is cut right after the first commit from this write on


@dataclass(slots=True)
class Disk:
    """Counts writes and commits, and fails at the one it was told."""

    fault: Fault | None = None
    at: int = 0
    writes: int = 0
    failed: bool = False

    def fail(self, fault: Fault, *, at: int) -> None:
        """Fail at the write or commit of that number, counted from now (1 is the next)."""
        self.fault, self.at, self.writes, self.failed = fault, at, 0, False

    def mend(self) -> bool:
        """Fail no more; whether it had failed since it was told to."""
        failed, self.fault, self.writes, self.failed = self.failed, None, 0, False
        return failed

    def before_write(self) -> None:
        """Count a write or a commit, and fail if this is the one."""
        self.writes += 1
        if self.fault is None or self.writes < self.at or self.fault is Fault.CUT_AFTER:
            return
        if self.fault is not Fault.BROKEN and self.writes > self.at:
            return
        self.failed = True
        if self.fault is Fault.CUT:
            raise PowerCut
        raise OperationalError("disk I/O error")

    def after_commit(self) -> None:
        """Cut the power when it was told to be cut after a commit."""
        if self.fault is Fault.CUT_AFTER and self.writes >= self.at and not self.failed:
            self.failed = True
            raise PowerCut

    def around(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        """Stand around each statement, as Django's `execute_wrapper` asks."""
        if sql.lstrip().upper().startswith(WRITES):
            self.before_write()
        return execute(sql, params, many, context)


class SimConnection(DatabaseWrapper):
    """Django's connection to a node's SQLite database, on a disk of ours."""

    def __init__(self, database: Path | str, disk: Disk) -> None:
        """`database` is a file, or `:memory:`."""
        settings = ConnectionHandler({"default": database_of("", Path()) | {"NAME": str(database)}}).settings["default"]
        super().__init__(settings, "default")
        self.disk = disk
        self.execute_wrappers.append(disk.around)

    def _commit(self) -> Any:
        if self.connection is not None and self.connection.in_transaction:
            self.disk.before_write()
        done = super()._commit()
        self.disk.after_commit()
        return done
