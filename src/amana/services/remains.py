"""What was erased leaves the database's files as well as its tables.

Invariant: SQLite overwrites what is deleted (`secure_delete`), but in its write-ahead log first; until that is written
back, the main file still holds the old page. So the log is written back and emptied soon after each erasure.
PostgreSQL keeps old rows until it vacuums and may keep their bytes after: there the disk must be encrypted.
"""

from __future__ import annotations

from django.db import connection

from amana.records.models import Erasure

WAIT_MS = 200  # for readers; who is not done by then is waited for in the next round


def newest_erasure() -> int:
    """The number of the newest erasure, 0 before the first."""
    return Erasure.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def clear_remains() -> bool:
    """Overwrite what was erased in the main file and empty the write-ahead log; False where readers were in the way."""
    if connection.vendor != "sqlite":
        return True
    if connection.in_atomic_block:
        return False
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        (usual,) = cursor.fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {WAIT_MS}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (busy, *_pages) = cursor.fetchone()
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")
    return not busy
