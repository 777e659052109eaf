"""One clock: what two real nodes say of the same requests, compared at moved times.

Rabat asks Washington under each of the three clocks, and each request takes one of the ways it can take. Then both are
asked, by command, how each request stands at times around its due second and its end; every answer must be alike.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from amana.cli.demo_nodes import DemoNode
from amana.domain.times import instant, parse_instant
from bench.pair import Pair, pair, table

CLOCKS = {
    "8 h": ("--urgency", "imminent-danger-to-life-or-limb", "--urgency-reason", "A hostage is held."),
    "3 days": (
        "--urgency", "imminent-danger-to-life-or-limb", "--urgency-reason", "A hostage is held.",
        "--access", "indirect",
    ),
    "7 days": (),
}  # fmt: skip
MOVED = (-1, 0, 1)
SAME = ("state", "clock_seconds", "received_at", "due", "left_seconds", "ended_at", "sha256", "urgency")


class Journey:
    """One request on its way between the nodes of a pair."""

    def __init__(self, nodes: Pair, clock: str) -> None:
        self.nodes = nodes
        made = nodes.rabat.do(
            "request", "new", "--to", "washington", "--tlp", "TLP:AMBER", "--crime-area", "terrorism", "--title", clock,
            "--text", "Whose phone is this?", "--grounds", "It was bought there.", *CLOCKS[clock], officer="alice",
        )  # fmt: skip
        self.number = str(made["report"])
        nodes.rabat.do("report", "release", self.number, officer="omar")
        self._until(lambda here, there: bool(there) and here["state"] == "open")

    def seen(self, *, at: str = "") -> tuple[dict[str, Any], dict[str, Any]]:
        """What Rabat and Washington say of it, as two JSON objects; empty where it is not known."""
        return self._said_by(self.nodes.rabat, at), self._said_by(self.nodes.washington, at)

    def _said_by(self, node: DemoNode, at: str) -> dict[str, Any]:
        rows = node.do("request", "list", *(("--at", at) if at else ()), officer="alice")
        return next((one for one in rows if one["request"] == self.number), {})

    def _until(self, met: Callable[[dict[str, Any], dict[str, Any]], bool]) -> None:
        self.nodes.washington.wait(lambda: met(*self.seen()), "both desks")

    def answer(self, *arguments: str, by_asker: bool = False) -> None:
        """Let one side answer, release it and wait until both sides count it."""
        node = self.nodes.rabat if by_asker else self.nodes.washington
        counted = len(self.seen()[0]["answers"]) + 1
        deed, *rest = arguments
        made = node.do("request", deed, self.number, "--text", "Words for the partner.", *rest, officer="alice")
        node.do("report", "release", made["report"], officer="omar")
        self._until(lambda here, there: len(here["answers"]) == len(there["answers"]) == counted)

    def withdraw(self) -> None:
        """Recall the request and wait until both sides know."""
        self.nodes.rabat.do("report", "recall", self.number, "--reason", "settled", officer="omar")
        self._until(lambda here, there: here["state"] == there["state"] == "withdrawn")


def _clarified(one: Journey) -> None:
    one.answer("clarify")
    one.answer("clarify", by_asker=True)


WAYS: dict[str, Callable[[Journey], None]] = {
    "unanswered": lambda one: None,
    "in full": lambda one: one.answer("reply", "--full"),
    "in part": lambda one: one.answer("reply", "--partial"),
    "refused": lambda one: one.answer("refuse", "--ground", "ongoing-investigation-or-safety"),
    "asked back": lambda one: one.answer("clarify"),
    "clarified": _clarified,
    "authorisation": lambda one: one.answer("extend", "--hours", "24"),
    "withdrawn": Journey.withdraw,
}


def compare(one: Journey) -> tuple[int, int, float]:
    """How many times were compared, how many answers were alike, and the greatest difference of due in ms."""
    here, _ = one.seen()
    moments: set[datetime] = set()
    for name in ("received_at", "due", "ended_at"):
        if here[name] is not None:
            moments |= {parse_instant(here[name]) + timedelta(seconds=seconds) for seconds in MOVED}
    alike, apart = 0, 0.0
    for moment in sorted(moments):
        asker, holder = one.seen(at=instant(moment))
        alike += all(asker[name] == holder[name] for name in SAME)
        dues = [parse_instant(side["due"]) for side in (asker, holder)]
        apart = max(apart, abs((dues[0] - dues[1]).total_seconds()) * 1000)
    return len(moments), alike, apart


def main() -> None:
    """Play every way under every clock on both databases and print a table."""
    row = table("database", "requests", "answers compared", "alike on both desks", "due apart by at most")
    for kind in ("sqlite", "postgresql"):
        with pair(kind) as nodes:
            journeys = []
            for clock in CLOCKS:
                for way in WAYS.values():
                    journeys.append(Journey(nodes, clock))
                    way(journeys[-1])
            found = [compare(one) for one in journeys]
        moments, alike = sum(one[0] for one in found), sum(one[1] for one in found)
        row(kind, len(journeys), moments, alike, f"{max(one[2] for one in found):.0f} ms")


if __name__ == "__main__":
    main()
