"""Catching up after an outage: how long until messages that queued while the partner was away are all receipted.

Rabat signs, seals, numbers, logs and queues reports by its own `post` while Washington is down. The clock starts once
Washington's door answers again, when all may go, and stops when Rabat's worker has kept the last receipt. A second
outage with ten times as many messages shows how it grows.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from bench.pair import pair, table

COUNTS = (1_000, 10_000)


def main(kinds: Sequence[str] = ("sqlite", "postgresql")) -> None:
    """Measure on these databases and print a table."""
    row = table("database", "queued", "seconds", "messages/s", "seconds for 1,000", "growth")
    for kind in kinds:
        with pair(kind) as nodes:
            first = 0.0
            for count in COUNTS:
                nodes.washington.end()
                nodes.in_rabat("bench.queuer", "fill", str(count))
                nodes.in_rabat("bench.queuer", "hold")
                nodes.washington.start()
                nodes.washington.wait_for_door()
                seconds = float(nodes.in_rabat("bench.queuer", "wait")["seconds"])
                each = seconds / count * 1_000
                first = first or each
                row(
                    kind,
                    f"{count:,}",
                    f"{seconds:.1f}",
                    f"{count / seconds:.0f}",
                    f"{each:.2f}",
                    f"× {each / first:.2f}",
                )


if __name__ == "__main__":
    main(sys.argv[1:] or ("sqlite", "postgresql"))
