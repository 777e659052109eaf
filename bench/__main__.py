"""`python -m bench` runs all benchmarks; `python -m bench exchange` only those named. Results are in RESULTS.md."""

from __future__ import annotations

import sys

from bench import (
    blind,
    catchup,
    chain,
    exchange,
    log,
    log_attacks,
    matching,
    node,
    pages,
    recall,
    reconcile,
    requests,
    retrieval,
    sizing,
    spark,
)

ALL = {
    "exchange": exchange.main,
    "recall": recall.main,
    "chain": chain.main,
    "log": log.main,
    "log-attacks": log_attacks.main,
    "node": node.main,
    "pages": pages.main,
    "blind": blind.main,
    "matching": matching.main,
    "requests": requests.main,
    "retrieval": retrieval.main,
    "spark": spark.main,
    "sizing": sizing.main,
    "reconcile": reconcile.main,
    "catchup": catchup.main,
}

if __name__ == "__main__":
    for name in sys.argv[1:] or list(ALL):
        print(f"\n## {name}", flush=True)
        ALL[name]()
