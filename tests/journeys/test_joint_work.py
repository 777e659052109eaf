"""Joint work between two real nodes, by the commands a person types: an action on both desks, a shared case."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from amana.cli.demo_nodes import DemoNode

Nodes = tuple[DemoNode, DemoNode]
DAY = (date.today() + timedelta(days=30)).isoformat()


def go(node: DemoNode, report: str, author: str, releaser: str) -> None:
    """Propose and release."""
    node.do("report", "propose", report, officer=author)
    node.do("report", "release", report, officer=releaser)


def marks(to: str) -> tuple[str, ...]:
    erase = (date.today() + timedelta(days=300)).isoformat()
    return ("--to", to, "--tlp", "TLP:AMBER", "--crime-area", "drug-trafficking", "--erase-by", erase)


def test_an_action_of_a_meeting_leaves_both_desks_when_the_other_side_has_done_it(nodes: Nodes) -> None:
    rabat, washington = nodes
    meeting = rabat.do(
        "meeting", "new", "--title", "Rabat, September", "--place", "Rabat", "--starts", "2026-09-24T10:00",
        "--participant", "Heads of both desks", "--decision", "Manifests are compared weekly",
        "--action", f"washington:Bob:{DAY}:Send the vessels", *marks("washington"), officer="alice",
    )["report"]  # fmt: skip
    go(rabat, meeting, "alice", "omar")

    def tasks(node: DemoNode, officer: str) -> list[dict[str, Any]]:
        return [one for one in node.do("task", "list", officer=officer) if one["report"] == meeting]

    washington.wait(lambda: tasks(washington, "bob"), "the action on the other desk")
    (owed,) = tasks(washington, "bob")
    assert owed["ours"]
    assert [one["ours"] for one in tasks(rabat, "alice")] == [False]
    notice = washington.do("task", "done", meeting, owed["id"], "--note", "Sent.", officer="bob")["report"]
    go(washington, notice, "bob", "grace")
    rabat.wait(lambda: not tasks(rabat, "alice"), "the notice")
    assert tasks(washington, "bob") == []
    draft = rabat.do("meeting", "communique", meeting, "--language", "ar", officer="alice")
    assert "Rabat" in draft["content"]


def test_a_case_shows_each_side_what_was_released_to_it_and_stubs_for_the_rest(nodes: Nodes) -> None:
    rabat, washington = nodes
    shared = rabat.do(
        "report", "new", "--title", "The yard", "--text", "A lorry.", *marks("washington"), officer="alice"
    )
    kept = rabat.do("report", "new", "--title", "At home", "--text", "Not for others.", officer="alice")
    go(rabat, shared["report"], "alice", "omar")
    sheet = rabat.do("case", "open", "--title", "Atlas", *marks("washington"), officer="alice")
    for one in (shared, kept):
        rabat.do("case", "add", sheet["case"], one["report"], officer="alice")
    go(rabat, sheet["report"], "alice", "omar")
    washington.wait(
        lambda: sheet["case"] in [one["case"] for one in washington.do("case", "list", officer="bob")], "the case"
    )
    joined = washington.do("case", "open", "--join", sheet["case"], *marks("rabat"), officer="bob")
    go(washington, joined["report"], "bob", "grace")
    rabat.wait(lambda: len(rabat.do("case", "show", sheet["case"], officer="alice")["sheets"]) == 2, "both sheets")
    seen = {
        one["report"]: one["title"] for one in washington.do("case", "show", sheet["case"], officer="bob")["reports"]
    }
    assert seen == {shared["report"]: "The yard", kept["report"]: None}
