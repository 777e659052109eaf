"""Recall: from the officer's decision to the holder's certificate, while the holder keeps 100,000 statements of ours.

Both nodes run; the clock starts with the call that recalls and stops when the originator's node has kept the holder's
signed certificate, so it covers both workers' pace, both lines and the withdrawal itself.
"""

from __future__ import annotations

from bench.pair import pair, table

REPORTS, STATEMENTS, RECALLS = 200, 500, 40


def main() -> None:
    """Measure on both databases and print a table."""
    row = table("database", "statements held", "each report", "recalls", "p50 s", "p95 s", "worst s")
    for kind in ("sqlite", "postgresql"):
        with pair(kind) as nodes:
            found = nodes.in_rabat("bench.recaller", str(REPORTS), str(STATEMENTS), str(RECALLS))
        held, each = f"{REPORTS * STATEMENTS:,}", f"{STATEMENTS:,} statements"
        row(kind, held, each, RECALLS, *(f"{found[name]:.2f}" for name in ("p50", "p95", "worst")))


if __name__ == "__main__":
    main()
