"""Recall along a chain: from the officer's decision in Rabat to the third node's own certificate in Rabat's tree.

Rabat entrusted each report to Washington, which passed it on to a third node with Rabat's consent. All three nodes run.
The clock starts with the call that recalls; the first figure stops at Washington's certificate, the second when Rabat
has kept the third node's, which came back through Washington. So it covers three workers' pace and four lines.
"""

from __future__ import annotations

from typing import Any

from amana.cli.demo_nodes import DemoNode
from bench.pair import run_in, table, trio

RECALLS = 40


def passed_on(rabat: DemoNode, washington: DemoNode, third: DemoNode, uid: str) -> None:
    """Bring one report of Rabat's, which Washington holds, to the third node: asked, consented, proposed, released."""
    asked = washington.do("consent", "ask", uid, "--to", "third", "--reason", "benchmark", officer="alice")
    number = str(asked["consent"])

    def stands(node: DemoNode, state: str) -> bool:
        return any(
            (one["consent"], one["state"]) == (number, state) for one in node.do("consent", "list", officer="omar")
        )

    rabat.wait(lambda: stands(rabat, "asked"), "the question")
    rabat.do("consent", "answer", number, "--grant", "--reason", "benchmark", officer="omar")
    washington.wait(lambda: stands(washington, "granted"), "the consent")
    washington.do("report", "pass-on", uid, "--to", "third", officer="alice")
    washington.do("report", "release", uid, officer="omar")


def held(node: DemoNode, uids: list[str]) -> bool:
    """Whether a node holds all of these."""
    rows: list[dict[str, Any]] = node.do("report", "list", officer="alice")
    return set(uids) <= {str(row["report"]) for row in rows if row["state"] == "held"}


def measured(kind: str) -> dict[str, dict[str, float]]:
    """Seconds until the holder, and until the onward holder, had certified; by rank."""
    with trio(kind) as (rabat, washington, third):
        uids = list(map(str, run_in(rabat, "bench.chainer", "entrust", str(RECALLS))["reports"]))
        washington.wait(lambda: held(washington, uids), "the reports in Washington")
        for uid in uids:
            passed_on(rabat, washington, third, uid)
        third.wait(lambda: held(third, uids), "the reports at the third node")
        for node in (rabat, washington, third):
            node.leave_shell()
        return run_in(rabat, "bench.chainer", "recall", *uids)


def main() -> None:
    """Measure on both databases and print a table."""
    row = table("database", "recalls", "to", "p50 s", "p95 s", "worst s")
    for kind in ("sqlite", "postgresql"):
        found = measured(kind)
        for name in ("holder", "onward holder"):
            row(kind, RECALLS, name, *(f"{found[name][rank]:.2f}" for rank in ("p50", "p95", "worst")))


if __name__ == "__main__":
    main()
