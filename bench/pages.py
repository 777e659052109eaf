"""Every page of the desk on a node with a season's work, as the role for which it is slowest, on both databases.

A page's time is that of one request in the process, from Django's handler to the last byte, templates rendered. It is
set beside the trivial page of the same run: two letters for whoever is signed in, through the same middleware. The
walk fails for an address that `bench.page_table` does not know; `python -m bench.pages 2000` fills a tenth.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from typing import Any

from bench.pair import databases, table

REPORTS = 20_000
KINDS = ("sqlite", "postgresql")
GOAL_MS = 100


def main(reports: int = REPORTS) -> None:
    """Fill a node on each database, walk its pages, and print one table of both."""
    found: dict[str, dict[str, Any]] = {}
    row = table("database", "reports", "statements", "entities", "log entries", "filled in s")
    for kind in KINDS:
        with databases(kind, ["node"]) as (url,), tempfile.TemporaryDirectory() as folder:
            place = {"AMANA_HOME": folder, "AMANA_LOG_LEVEL": "error"} | ({"AMANA_DATABASE_URL": url} if url else {})
            row(kind, *_run("make", str(reports), **place).values())
            found[kind] = _run("walk", **place)
    print(flush=True)
    show(found)
    print(f"\nCores: {os.cpu_count()}; load of the last minute: {os.getloadavg()[0]:.1f}.")


def show(found: Mapping[str, Mapping[str, Any]]) -> None:
    """Print what was measured: a row a page, with the columns of each database."""
    columns = [part for kind in found for part in (f"{kind} p50 ms", "p95 ms", "core p95", "queries", "× trivial")]
    row = table("page", "what", *columns)
    walks = [{(one["page"], one["what"]): one for one in walk["pages"]} for walk in found.values()]
    row("*trivial*", "", *[part for walk in found.values() for part in _cells(walk["trivial"] | {"queries": 2}, walk)])
    for key in walks[0]:
        rows = zip((pages.get(key) for pages in walks), found.values(), strict=True)
        cells = [_cells(one, walk) if one else ("–",) * 5 for one, walk in rows]
        row(f"`{key[0]}`", key[1], *[part for some in cells for part in some])
    for kind, walk in found.items():
        late = [f"{one['page']} {one['what']}".strip() for one in walk["pages"] if one["p95"] >= GOAL_MS]
        print(f"\n{kind}: {len(walk['pages'])} pages; p95 of {GOAL_MS} ms or more: {', '.join(late) or 'none'}.")


def _cells(one: Mapping[str, Any], walk: Mapping[str, Any]) -> tuple[str, ...]:
    late = "**" if one["p95"] >= GOAL_MS else ""
    p95, ratio = f"{late}{one['p95']:.1f}{late}", one["p50"] / walk["trivial"]["p50"]
    return f"{one['p50']:.1f}", p95, f"{one['core']:.1f}", str(one["queries"]), f"{ratio:.0f}"


def _run(what: str, *arguments: str, **place: str) -> dict[str, Any]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AMANA_")}
    command = [sys.executable, "-m", "bench.page_walk", what, *arguments]
    done = subprocess.run(command, env=clean | place, check=True, stdout=subprocess.PIPE, text=True)
    read: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return read


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
