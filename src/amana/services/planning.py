"""What the database's planner knows of the tables, so that it chooses the index that reads least.

Invariant: nothing here changes a row. PostgreSQL gathers this by itself; SQLite only when it is told to, and plans by
guesses until then.
"""

from __future__ import annotations

from django.db import connection

LOOKED_AT = 1000  # rows of each index: enough to tell what is rare, and some milliseconds at any size


def gather_statistics() -> bool:
    """Let SQLite look at its indexes again; False where that is not the moment, or not this node's to do."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return False
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit = {LOOKED_AT}")
        cursor.execute("ANALYZE")
    return True
