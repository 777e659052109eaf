"""What one machine holds: names in the index, reports and statements in either database, and what asking them costs.

Every row is measured by processes of its own, so that memory is that of the row alone. Names are timed on
the processor, which other work on the machine lengthens less; reports by the clock.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.pair import databases, table
from tools.names_train import data

NAMES = (100_000, 1_000_000)
REPORTS = (5_000, 50_000)
KINDS = ("sqlite", "postgresql")


def main() -> None:
    """Measure names, then reports on both databases."""
    names()
    print(flush=True)
    reports()
    print(f"\nCores: {os.cpu_count()}; load of the last minute: {os.getloadavg()[0]:.1f}.")


def names() -> None:
    """The index of names, built in one process and loaded in another."""
    if not data.ROOT.is_dir():
        print(f"The names are not in {data.ROOT}: the index was not measured.")
        return
    row = table("names", "built s", "building MB", "file MB", "loaded s", "MB loaded", "p50 ms", "p95 ms")
    for many in NAMES:
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "names.index")
            built = _run("bench.name_sizer", "build", str(many), path)
            loaded = _run("bench.name_sizer", "load", path)
        row(f"{many:,}", *built.values(), *loaded.values())


def reports() -> None:
    """Reports of twenty statements, from a small node to one of a million statements."""
    row = table(
        "database", "reports", "statements", "MB", "bytes a statement", "inbox p50 ms",
        "words in all p50 ms", "word in none p50 ms", "first match s", "match p50 ms",
        "a list's line ms", "of it names ms",
    )  # fmt: skip
    for kind in KINDS:
        for many in REPORTS:
            with databases(kind, ["node"]) as (url,), tempfile.TemporaryDirectory() as folder:
                place = {"AMANA_HOME": folder, "AMANA_LOG_LEVEL": "error"} | (
                    {"AMANA_DATABASE_URL": url} if url else {}
                )
                row(kind, *_run("bench.row_sizer", str(many), **place).values())


def _run(module: str, *arguments: str, **place: str) -> dict[str, Any]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AMANA_")}
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, env=clean | place, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
