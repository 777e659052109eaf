"""An overseer's order against a release, between two real nodes: held back, refused, lifted, and then delivered."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from amana.cli.demo_nodes import DemoFailed, DemoNode

Nodes = tuple[DemoNode, DemoNode]
GROUND = ("--ground", "unlawful-processing", "--reason", "no legal basis was found", "--addressee", "head of desk")
ERASE_BY = (date.today() + timedelta(days=300)).isoformat()


def proposed(rabat: DemoNode, title: str) -> str:
    marks = ("--to", "washington", "--tlp", "TLP:AMBER", "--crime-area", "terrorism", "--erase-by", ERASE_BY)
    made: dict[str, Any] = rabat.do("report", "new", "--title", title, "--text", "A lorry.", *marks, officer="alice")
    rabat.do("report", "propose", made["report"], officer="alice")
    return str(made["report"])


def code_of(failed: pytest.ExceptionInfo[DemoFailed]) -> str:
    return str(json.loads(str(failed.value.params["output"]))["error"]["code"])


def test_what_an_overseer_stops_does_not_arrive_until_it_is_lifted(nodes: Nodes) -> None:
    rabat, washington = nodes
    stopped, other = proposed(rabat, "The stopped lorry"), proposed(rabat, "Another lorry")
    order = rabat.do("oversight", "order", "stop", "--report", stopped, *GROUND, officer="salma")
    with pytest.raises(DemoFailed) as refused:
        rabat.do("report", "release", stopped, officer="omar")
    assert code_of(refused) == "order-report-stopped"
    with pytest.raises(DemoFailed) as undone:
        rabat.do("oversight", "lift", str(order["number"]), "--reason", "in the way", officer="rachid")
    assert code_of(undone) == "role-missing"

    def there() -> set[str]:
        return {one["report"] for one in washington.do("inbox", officer="bob")}

    rabat.do("report", "release", other, officer="omar")
    washington.wait(lambda: other in there(), "what is not stopped")
    assert stopped not in there()
    rabat.do("oversight", "lift", str(order["number"]), "--reason", "the basis was shown", officer="salma")
    rabat.do("report", "release", stopped, officer="omar")
    washington.wait(lambda: stopped in there(), "what was stopped")
    rabat.do("oversight", "order", "erase", "--report", stopped, *GROUND, officer="salma")
    washington.wait(lambda: stopped not in {one["report"] for one in _held(washington)}, "the recall")


def _held(node: DemoNode) -> list[dict[str, Any]]:
    return [one for one in node.do("inbox", officer="bob") if one["state"] == "held"]
