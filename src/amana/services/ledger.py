"""The ledger of erasures: a small file beside the node that says which versions were erased, and no word of them.

Invariant: every erasure stands in the table in its own transaction and in the file right after; the file is only ever
appended to, one JSON object a line. A restore reads the newest ledger, so that an old backup brings nothing back.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from amana.domain.errors import BadInput, gettext_noop
from amana.domain.report import State
from amana.domain.times import instant, parse_instant
from amana.records.models import Erasure, Report
from amana.services.files import write_whole
from amana.services.keys import home

NAME = "erased.ledger"
_HEAD = "amana-erased/1\n"


class LedgerMalformed(BadInput):
    """A file is not a ledger of erasures."""

    code = "ledger-malformed"
    sentence = gettext_noop("This file is not a ledger of erasures; it is called erased.ledger in a node's folder.")


@dataclass(frozen=True, slots=True)
class Line:
    """One erased version: whose, which, and the state in which it ended."""

    originator: str
    uid: str
    version: int
    state: str
    at: str

    @property
    def key(self) -> tuple[str, str, int]:
        """What was erased."""
        return self.originator, self.uid, self.version


def note_erasure(report: Report, state: State) -> None:
    """Write down that a version is erased: in the table now, in the file when the transaction has committed."""
    now = timezone.now()
    row, fresh = Erasure.objects.get_or_create(
        originator=report.originator, uid=report.uid, version=report.version, defaults={"state": state, "at": now}
    )
    if fresh:
        transaction.on_commit(partial(_append, home() / NAME, [_line(row)]))


def _line(row: Erasure) -> Line:
    return Line(row.originator, str(row.uid), row.version, row.state, instant(row.at))


def _append(path: Path, lines: Iterable[Line]) -> None:
    """Append whole lines, one process at a time, and bring them to the disk.

    A new file gets its head; a line that a crash broke off is cut away, and `sync_ledger` writes it again.
    """
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        whole = file.read().rfind(b"\n") + 1
        file.truncate(whole)
        file.seek(whole)
        if whole == 0:
            file.write(_HEAD.encode())
        file.write("".join(json.dumps(asdict(line)) + "\n" for line in lines).encode())
        file.flush()
        os.fsync(file.fileno())


def sync_ledger() -> int:
    """Append what the table has and the file lacks, as after a crash between the two; returns how many lines."""
    path = home() / NAME
    known = {line.key for line in read_ledger(path)} if path.exists() else set()
    if len(known) == Erasure.objects.count():
        return 0
    lines = [line for line in map(_line, Erasure.objects.order_by("pk")) if line.key not in known]
    _append(path, lines)
    return len(lines)


def copy_ledger(path: Path) -> None:
    """Write the newest ledger beside a backup."""
    sync_ledger()
    ledger = home() / NAME
    write_whole(path, ledger.read_bytes() if ledger.exists() else _HEAD.encode())


def read_ledger(path: Path) -> list[Line]:
    """The lines of a ledger; a last line that broke off is left out. Raises LedgerMalformed."""
    try:
        text = path.read_text(encoding="utf-8")
    except ValueError as error:
        raise LedgerMalformed from error
    if not text.startswith(_HEAD):
        raise LedgerMalformed
    whole = text[len(_HEAD) : text.rfind("\n") + 1]
    return [_read_line(line) for line in whole.splitlines()]


def _read_line(text: str) -> Line:
    try:
        line = Line(**json.loads(text))
        UUID(line.uid)
        State(line.state)
        parse_instant(line.at)
        if not isinstance(line.version, int) or not isinstance(line.originator, str):
            raise LedgerMalformed
    except (ValueError, TypeError, AttributeError, BadInput) as error:
        raise LedgerMalformed from error
    return line


def when(line: Line) -> datetime:
    """The time of a line."""
    return parse_instant(line.at)
