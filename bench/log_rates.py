"""A process of one node that writes log entries as fast as it can."""

from __future__ import annotations

import json
import os
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amana.config.settings")
django.setup()

from django.db import connection, transaction

from amana.services.journal import Act, many_entries, record

COUNT = 2_000


def _write() -> None:
    details = [("sha256", "a" * 64), ("partner", "washington")]
    record(Act.CONSULTATION, "report-read", "report:1:1", by="alice", reason="investigation", details=details)


def one_by_one() -> float:
    """Entries a second, each in a transaction of its own."""
    started = time.perf_counter()
    for _entry in range(COUNT):
        with transaction.atomic():
            _write()
    return COUNT / (time.perf_counter() - started)


def in_fifties() -> float:
    """Entries a second, fifty in a transaction."""
    started = time.perf_counter()
    for _batch in range(COUNT // 50):
        with transaction.atomic(), many_entries():
            for _entry in range(50):
                _write()
    return COUNT / (time.perf_counter() - started)


def plain() -> float:
    """Rows a second of about the same size, each committed, nothing hashed or numbered."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_rows (data TEXT)")
    started = time.perf_counter()
    for _row in range(COUNT):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO bench_rows VALUES (%s)", ["x" * 400])
    return COUNT / (time.perf_counter() - started)


if __name__ == "__main__":
    print(json.dumps({"one": one_by_one(), "fifties": in_fifties(), "plain": plain()}))
