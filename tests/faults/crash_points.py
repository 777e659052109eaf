"""Where a process can die: before each write, BEGIN, savepoint and COMMIT, and before each step on a file.

Nothing in the product knows of this. Statements are seen through Django's execute wrapper, files through Python's audit
events, `os.fsync` by standing before it. Dying after a step is dying before the next; the last point is the end itself.
Releasing a savepoint or rolling back to it writes nothing, and is no point.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection

_WRITE = re.compile(r'\s*(INSERT|UPDATE|DELETE|BEGIN|SAVEPOINT|CREATE|ALTER|DROP)\b[^"\w]*(.*)', re.S | re.I)
_TABLE = re.compile(r'(?:OR IGNORE\s+)?(?:INTO\s+|FROM\s+)?"?(records_\w+|django_\w+|auth_\w+)')
_KID = re.compile(r"sealing-[\w-]+\.key")
_FILE_EVENTS = {"os.rename": "rename", "os.remove": "remove", "os.rmdir": "rmdir", "os.mkdir": "mkdir"}
_WRITING = os.O_WRONLY | os.O_RDWR


class WrongPoint(Exception):
    """The step at which to die is another one than the dry run saw there."""


class Points:
    """The steps of this process from now on; it dies at the one that it is told, and can be told none."""

    def __init__(
        self,
        folder: Path,
        *,
        die_at: int = -1,
        expected: str = "",
        sees: Callable[[str], bool] = lambda _name: True,
    ) -> None:
        self.names: list[str] = []
        self._folder, self._die_at, self._expected, self._sees = str(folder), die_at, expected, sees

    def step(self, name: str) -> None:
        """Note a step that is about to be done, and die here if this is the one."""
        if not self._sees(name):
            return
        if len(self.names) == self._die_at:
            if self._expected and name != self._expected:
                raise WrongPoint(f"{name}, not {self._expected}")
            os.kill(os.getpid(), signal.SIGKILL)
        self.names.append(name)

    def watch(self) -> None:
        """Begin; there is no end but that of the process, for an audit hook stays."""
        connection.ensure_connection()
        connection.execute_wrappers.append(self._see_statement)
        commit = getattr(connection, "_commit")  # noqa: B009 # Django has no public place to stand before COMMIT

        def see_commit() -> Any:
            self.step("COMMIT")
            return commit()

        setattr(connection, "_commit", see_commit)  # noqa: B010
        self._stand_before_fsync()
        sys.addaudithook(self._see_event)

    def _see_statement(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        found = _WRITE.match(sql)
        if found:
            table = _TABLE.match(found[2])
            self.step(f"{found[1].upper()} {table[1]}" if table else found[1].upper())
        return execute(sql, params, many, context)

    def _see_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _mode, flags = arguments
            if isinstance(flags, int) and flags & _WRITING:
                self._see_file("open", path)
        elif event in _FILE_EVENTS:
            self._see_file(_FILE_EVENTS[event], arguments[0])

    def _see_file(self, what: str, path: object) -> None:
        if isinstance(path, str | bytes | os.PathLike):
            name = os.fsdecode(path)
            # The lock in which writers queue holds nothing.
            if name.startswith(self._folder) and not name.endswith("-turn"):
                self.step(f"{what} {_KID.sub('sealing-….key', name.removeprefix(self._folder).lstrip('/'))}")

    def _stand_before_fsync(self) -> None:
        real = os.fsync

        def fsync(fd: Any) -> None:
            number = fd if isinstance(fd, int) else fd.fileno()
            self._see_file("fsync", str(Path(f"/proc/self/fd/{number}").readlink()))
            real(fd)

        os.fsync = fsync
