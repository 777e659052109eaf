"""Messages a second, end to end between two nodes on this machine, against the floor of the same run.

End to end: released by a second person, signed, sealed, numbered, logged, sent over mutual TLS 1.3, opened, verified,
checked against the agreement, stored, logged, receipted with an inclusion proof, and the receipt verified and kept.
The floor: the same sealed bytes by the same client to the same server over the same TLS, one committed row each, with
nothing opened, verified or logged.
"""

from __future__ import annotations

import json

from bench.pair import pair

SIZES = (1_000, 20_000)
COUNT = 600


def main() -> None:
    """Measure on both databases and print a table."""
    print(f"{'database':<11}{'size':>7}  {'messages/s':>10}  {'p50 ms':>7}  {'p95 ms':>7}  {'floor/s':>8}  {'ratio':>6}  {'floor in batches/s':>18}")
    for kind in ("sqlite", "postgresql"):
        for size in SIZES:
            with pair(kind, rabat_runs=False) as nodes:
                found = json.loads(nodes.in_rabat("bench.sender", str(COUNT), str(size)).splitlines()[-1])
            ratio = found["floor"] / found["rate"]
            print(
                f"{kind:<11}{size:>7}  {found['rate']:>10.0f}  {found['p50']:>7.1f}  {found['p95']:>7.1f}  "
                f"{found['floor']:>8.0f}  {ratio:>6.2f}  {found['floor_batches']:>18.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
