"""Reconciliation: 100,000 messages held by both nodes, 100 differences; time and bytes against sending all again.

Both nodes' rows are filled in bulk with really signed and locked messages; then Washington loses messages with their
reports, spread over the whole link. Washington's door runs, and Rabat reconciles over the real line as
`amana reconcile` does. Sending all again is measured in the same run: sealing each kept message to the partner's key,
timed over a sample and multiplied, its bytes summed over all.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.pair import pair, run_in, table

COUNT, DIFFERENCES = 100_000, 100
HEAD = ("database", "messages", "differences", "mended", "seconds", "bytes", "questions", "all again", "ratio of bytes")


def main(kinds: Sequence[str] = ("sqlite", "postgresql")) -> None:
    """Measure on these databases, for several numbers of differences, and print a table."""
    row = table(*HEAD)
    for kind in kinds:
        with pair(kind, rabat_runs=False) as nodes, tempfile.TemporaryDirectory(prefix="amana-bench-") as folder:
            kept = str(Path(folder) / "messages")
            nodes.in_rabat("bench.reconciler", "fill", kept, str(COUNT))
            run_in(nodes.washington, "bench.reconciler", "take", kept)
            for differences in (0, 1, 10, DIFFERENCES):
                run_in(nodes.washington, "bench.reconciler", "lose", str(differences))
                found = nodes.in_rabat("bench.reconciler", "reconcile")
                assert found["agreed"] and found["mended"] == differences, json.dumps(found)
                row(
                    kind,
                    f"{COUNT:,}",
                    differences,
                    found["mended"],
                    f"{found['seconds']:.1f}",
                    f"{found['bytes']:,}",
                    found["questions"],
                    f"{found['all']:,} B, {found['all_seconds']:.0f} s",
                    f"1 : {found['all'] / found['bytes']:,.0f}",
                )


if __name__ == "__main__":
    main(sys.argv[1:] or ("sqlite", "postgresql"))
