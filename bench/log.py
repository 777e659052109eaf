"""The log: entries a second against plain committed rows; proofs and their verification at a million entries.

One by one, each entry is committed with its act, as when a person works; in fifties, as when a batch
comes in.
The peer of the rate is the same bytes inserted by the same connection, one committed row each. The peer of the proofs
is pymerkle, over as many leaves in memory.
"""

from __future__ import annotations

from bench.pair import lone, run_in, table

MILLION = 1_000_000


def main() -> None:
    """Measure on both databases, then grow one log to a million entries."""
    row = table("database", "entries/s, one by one", "plain rows/s", "ratio", "entries/s, in fifties")
    for kind in ("sqlite", "postgresql"):
        with lone(kind) as node:
            found = run_in(node, "bench.log_rates")
        one, plain, fifties = found["one"], found["plain"], found["fifties"]
        row(kind, f"{one:.0f}", f"{plain:.0f}", f"{plain / one:.2f}", f"{fifties:.0f}")
    print(flush=True)
    with lone("sqlite") as node:
        found = run_in(node, "bench.log_million", str(MILLION))
    row = table(f"at {MILLION:,} entries (SQLite)", "Amana", "pymerkle, in memory")
    for name, ours, peer in found["rows"]:
        row(name, ours, peer)


if __name__ == "__main__":
    main()
