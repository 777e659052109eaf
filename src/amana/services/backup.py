"""Backing a node up into one file and bringing it back: memory, originals, keys.

Invariant: a backup is a consistent snapshot; it is restored only into a folder that holds no node. The file holds the
node's keys and everything it knows: it is written for its owner only, and belongs into a safe.
"""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from amana.domain.errors import BadInput, Unavailable, gettext_noop
from amana.records.models import User
from amana.services.housekeeping import erase_due
from amana.services.journal import Act, record
from amana.services.keys import holds_node, home, keys_folder
from amana.services.ledger import NAME as LEDGER
from amana.services.ledger import Line, copy_ledger, read_ledger, sync_ledger
from amana.services.node import NodeExists, migrate
from amana.services.restoring import apply_ledger, mark_restored, open_without_reconciliation, wipe_free_space
from amana.services.rights import Deed, require

_MARK = "amana-backup-1"


class BackupMalformed(BadInput):
    """The file is not a backup of a node."""

    code = "backup-malformed"
    sentence = gettext_noop("This file is not a backup that Amana made, or it is damaged.")


class DatabaseToolMissing(Unavailable):
    """PostgreSQL's own tools are not installed."""

    code = "backup-tool-missing"
    sentence = gettext_noop("“%(tool)s” is needed for a node whose memory is PostgreSQL; install postgresql-client.")


class DatabaseToolFailed(Unavailable):
    """PostgreSQL's own tools reported an error."""

    code = "backup-tool-failed"
    sentence = gettext_noop("“%(tool)s” could not finish (exit %(status)s); nothing was changed.")


def back_up(path: Path, *, by: User) -> int:
    """Write the whole node into one file, mode 0600; returns its size in bytes."""
    require(by, Deed.MANAGE_NODE)
    with transaction.atomic():
        record(Act.ADMINISTRATION, "backup-made", "node", by=by.username, reason="backup")
    part = path.with_name(path.name + ".part")
    with tempfile.TemporaryDirectory(dir=home()) as folder:
        snapshot = Path(folder) / "memory"
        _snapshot(snapshot)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as archive:
            mark = tarfile.TarInfo(_MARK)
            vendor = connection.vendor.encode()
            mark.size = len(vendor)
            archive.addfile(mark, io.BytesIO(vendor))
            archive.add(snapshot, "memory")
            archive.add(keys_folder(), "keys")
            archive.add(home() / "originals", "originals")
            archive.add(home() / "node.env", "node.env")
    part.replace(path)
    copy_ledger(path.with_name(path.name + ".erased"))
    return path.stat().st_size


def restore(path: Path, *, erased: Path | None = None, without_reconciliation: str = "") -> list[str]:
    """Bring a backup back into the folder of the settings; returns the partners that must be reconciled with first.

    What was erased after the backup is erased again, by the ledger `erased` and by one that still lies in the folder;
    what is due to be erased goes at once. A reason in `without_reconciliation` opens the links nevertheless. Raises
    NodeExists, BackupMalformed, LedgerMalformed.
    """
    if holds_node():
        raise NodeExists
    ledgers = [one for one in (erased, home() / LEDGER) if one is not None and one.exists()]
    lines = [line for ledger in ledgers for line in read_ledger(ledger)]
    home().mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home()) as folder:
        unpacked = Path(folder)
        try:
            with tarfile.open(path, "r:gz") as archive:
                archive.extractall(unpacked, filter="data")
            vendor = (unpacked / _MARK).read_text(encoding="ascii")
        except (tarfile.TarError, OSError, EOFError) as error:
            raise BackupMalformed from error
        if vendor != connection.vendor:
            raise BackupMalformed
        _bring_back(unpacked / "memory")
        for name in ("originals", "node.env", "keys"):
            shutil.move(unpacked / name, home() / name)
    migrate()
    _keep_erased(lines)
    waiting = mark_restored(at=timezone.now())
    if without_reconciliation:
        open_without_reconciliation(without_reconciliation)
    return [] if without_reconciliation else waiting


def _keep_erased(lines: list[Line]) -> None:
    """Erase again what the ledgers name and what is due, and leave nothing of it in the database's free space."""
    now = timezone.now()
    apply_ledger(lines, at=now)
    erase_due(at=now)
    sync_ledger()
    wipe_free_space()


def _snapshot(target: Path) -> None:
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(_database())) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
        return
    _run("pg_dump", "--format=custom", f"--file={target}")


def _bring_back(memory: Path) -> None:
    if connection.vendor == "sqlite":
        connection.close()
        shutil.move(memory, _database())
        return
    _run("pg_restore", "--no-owner", "--clean", "--if-exists", "--single-transaction", str(memory))


def _database() -> Path:
    return Path(str(settings.DATABASES["default"]["NAME"]))


def _run(tool: str, *arguments: str) -> None:
    place = {name: str(value) for name, value in settings.DATABASES["default"].items()}
    found = shutil.which(tool)
    if found is None:
        raise DatabaseToolMissing(tool=tool)
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PGHOST": place["HOST"],
        "PGPORT": place["PORT"],
        "PGUSER": place["USER"],
        "PGPASSWORD": place["PASSWORD"],
    }
    done = subprocess.run(
        [found, f"--dbname={place['NAME']}", *arguments], env=environment, check=False, capture_output=True
    )
    if done.returncode:
        raise DatabaseToolFailed(tool=tool, status=done.returncode)
