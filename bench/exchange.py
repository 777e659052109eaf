"""Messages a second, end to end between two nodes on this machine, against the floor of the same run.

End to end: released by a second person, signed, sealed, numbered, logged, sent over mutual TLS 1.3, opened, verified,
checked against the agreement, stored, logged, receipted with an inclusion proof, and the receipt verified and kept.
The floor: the same sealed bytes by the same client to the same server over the same TLS, one committed row each, with
nothing opened, verified or logged.
"""

from __future__ import annotations

from bench.pair import pair, table

SIZES = (1_000, 20_000)
COUNT = 1_200


HEAD = ("database", "report", "sealed", "messages/s", "p50 ms", "p95 ms", "floor/s", "ratio", "floor, 50 a post")
DATABASES = ("sqlite", "postgresql")


def main() -> None:
    """Measure on both databases and print a table."""
    row = table(*HEAD)
    for kind in DATABASES:
        for size in SIZES:
            with pair(kind) as nodes:
                found = nodes.in_rabat("bench.sender", str(COUNT), str(size))
            row(
                kind,
                f"{size:,} B",
                f"{found['sealed']:,} B",
                f"{found['rate']:.0f}",
                f"{found['p50']:.0f}",
                f"{found['p95']:.0f}",
                f"{found['floor']:.0f}",
                f"{found['floor'] / found['rate']:.2f}",
                f"{found['floor_batches']:.0f}",
            )


if __name__ == "__main__":
    main()
