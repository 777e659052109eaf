"""Hit or no hit between two real nodes, by typed commands: a hit is asked about, a silent one learnt of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from amana.cli.demo_nodes import DemoNode

Nodes = tuple[DemoNode, DemoNode]
WHY = ("--case", "case-7", "--ground", "an order of the court")


def holds(node: DemoNode, officer: str, folder: Path, name: str, born: str) -> str:
    """A draft of the officer's about one person; its number."""
    line = {"id": f"p-{born}", "schema": "Person", "properties": {"name": [name], "birthDate": [born]}}
    path = folder / f"{born}.jsonl"
    path.write_text(json.dumps(line) + "\n", "utf-8")
    made = node.do(
        "report", "new", "--title", "A sighting", "--text", "Seen twice.", "--tlp", "TLP:AMBER", "--ftm", str(path),
        "--crime-area", "terrorism", officer=officer,
    )  # fmt: skip
    node.do("report", "edit", made["report"], "--category", f"p-{born}=suspect", officer=officer)
    return f"p-{born}"


def answered(node: DemoNode, number: str, officer: str) -> dict[str, Any]:
    def closed() -> dict[str, Any] | None:
        found = node.do("blind", "show", number, officer=officer)
        return dict(found) if found["state"] != "asked" else None

    return dict(node.wait(closed, "the answer"))


def test_a_hit_across_scripts_becomes_a_request_and_no_name_crossed_before(nodes: Nodes, tmp_path: Path) -> None:
    rabat, washington = nodes
    holds(washington, "bob", tmp_path, "Karim Belkadi", "1980-05-17")
    person = ("--person", "كريم بلقاضي", "--category", "suspect", "--born", "1980-05-17")
    asked = rabat.do("blind", "ask", "--to", "washington", *person, *WHY, officer="alice")
    found = answered(rabat, asked["question"], "alice")
    assert (found["state"], [one["grade"] for one in found["subjects"]]) == ("answered", ["ask"])
    made = rabat.do("blind", "request", asked["question"], "1", "--crime-area", "terrorism", officer="alice")
    assert made["state"] == "awaiting-release"
    rabat.do("report", "release", made["report"], officer="omar")
    washington.wait(
        lambda: [one for one in washington.do("request", "list", officer="bob") if one["request"] == made["report"]],
        "it",
    )


def test_the_owner_of_a_silent_subject_learns_and_the_asker_does_not(nodes: Nodes, tmp_path: Path) -> None:
    rabat, washington = nodes
    entity = holds(washington, "bob", tmp_path, "Omar Tazi", "1971-02-03")
    washington.do("blind", "silent", entity, officer="bob")
    person = ("--person", "Omar Tazi", "--category", "suspect", "--born", "1971-02-03")
    asked = rabat.do("blind", "ask", "--to", "washington", *person, *WHY, officer="alice")
    assert [one["grade"] for one in answered(rabat, asked["question"], "alice")["subjects"]] == ["no-hit"]

    def told() -> list[Any]:
        listed = washington.do("blind", "list", officer="bob")
        return [one for one in listed if one["automatic"] and one["subjects"]]

    (learnt,) = washington.wait(told, "the silent hit")
    assert [one["label"] for one in learnt["subjects"]] == ["Omar Tazi"]
