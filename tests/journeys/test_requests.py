"""Requests between two real nodes, by the commands a person types: asked, asked back, answered, refused, withdrawn."""

from __future__ import annotations

from typing import Any

import pytest

from amana.cli.demo_nodes import DemoFailed, DemoNode, DemoStuck
from amana.domain.times import instant, parse_instant

Nodes = tuple[DemoNode, DemoNode]
ASKED = (
    "--to", "washington", "--tlp", "TLP:AMBER", "--crime-area", "terrorism", "--title", "Whose phone is this?",
    "--text", "Who used it on 24 September?", "--grounds", "It was bought there.",
)  # fmt: skip
SAME = ("state", "clock_seconds", "received_at", "due", "ended_at", "sha256", "urgency")


def asked(nodes: Nodes, *more: str) -> str:
    """A request of Alice's that Washington's node has taken in."""
    rabat, _ = nodes
    made = rabat.do("request", "new", *ASKED, *more, officer="alice")
    assert (made["state"], made["missing"]) == ("awaiting-release", [])
    rabat.do("report", "release", made["report"], officer="omar")
    number = str(made["report"])
    rabat.wait(lambda: stands(nodes, number)["state"] == "open", "the receipt")
    return number


def seen(node: DemoNode, number: str, officer: str, at: str = "") -> dict[str, Any]:
    moment = ("--at", at) if at else ()
    return dict(node.do("request", "show", number, *moment, officer=officer)["asked"][0])


def stands(nodes: Nodes, number: str, at: str = "") -> dict[str, Any]:
    """How both desks say that a request stands; empty words while they differ."""
    here = seen(nodes[0], number, "alice", at)
    try:
        there = seen(nodes[1], number, "bob", at)
    except DemoFailed:
        return {"state": ""}
    same = all(here[name] == there[name] for name in SAME) and len(here["answers"]) == len(there["answers"])
    return here if same else {"state": ""}


def answered(node: DemoNode, writer: str, second: str, *typed: str) -> str:
    made = node.do("request", *typed, officer=writer)
    assert made["state"] == "awaiting-release"
    node.do("report", "release", made["report"], officer=second)
    return str(made["report"])


def until(nodes: Nodes, number: str, state: str) -> dict[str, Any]:
    found = nodes[1].wait(lambda: one if (one := stands(nodes, number))["state"] == state else None, state)
    return dict(found)


def test_asked_asked_back_clarified_and_answered_with_a_report_that_the_cross_check_found(nodes: Nodes) -> None:
    rabat, washington = nodes
    own = washington.do(
        "report", "new", "--title", "A sale", "--text", "Sold for cash.", "--tlp", "TLP:AMBER", "--to", "rabat",
        "--crime-area", "terrorism", "--source", "A", "--information", "1", officer="bob",
    )  # fmt: skip
    number = asked(nodes, "--thing", "Phone:number=+12025550143", "--person", "Yassine Berrada=suspect")
    assert seen(washington, number, "bob")["waits_for_us"]
    answered(washington, "bob", "grace", "clarify", number, "--text", "Which of the two days?")
    until(nodes, number, "clarification-asked")
    answered(rabat, "alice", "omar", "clarify", number, "--text", "The 24th.")
    until(nodes, number, "open")
    reply = answered(
        washington, "bob", "grace", "reply", number, "--full", "--text", "It is his.", "--report", own["report"]
    )
    found = until(nodes, number, "answered")
    assert [one["outcome"] for one in found["answers"]] == ["clarification-asked", "clarified", "full"]
    content = rabat.do("report", "show", reply, officer="alice")["content"]
    assert content["details"]["request"] == number
    assert content["details"]["request_sha256"] == found["sha256"]
    with pytest.raises(DemoFailed, match="request-reply-ended"):
        washington.do("request", "reply", number, "--text", "Once more.", officer="bob")


def test_both_desks_say_the_same_of_a_request_at_moved_times(nodes: Nodes) -> None:
    urgent = ("--urgency", "imminent-danger-to-life-or-limb", "--urgency-reason", "A hostage is held.")
    number = asked(nodes, *urgent)
    answered(nodes[1], "bob", "grace", "extend", number, "--hours", "24", "--text", "The court sits tomorrow.")
    found = until(nodes, number, "waiting-for-authorisation")
    received, due = parse_instant(found["received_at"]), parse_instant(found["due"])
    assert (due - received).total_seconds() == (8 + 24) * 3600
    for moment, late in ((due.replace(microsecond=0), False), (due, False), (due.replace(year=due.year + 1), True)):
        here, there = seen(nodes[0], number, "alice", instant(moment)), seen(nodes[1], number, "bob", instant(moment))
        assert here["left_seconds"] == there["left_seconds"]
        assert (here["pace"] == "overdue", there["pace"] == "overdue") == (late, late)


def test_a_hit_in_the_holders_own_report_is_shown_to_the_holder_alone(nodes: Nodes) -> None:
    rabat, washington = nodes
    lines = washington.home / "sale.ftm"
    lines.write_text('{"id": "sale-1", "schema": "Phone", "properties": {"number": ["+12025550199"]}}\n', "utf-8")
    own = washington.do("report", "new", "--title", "A sale", "--ftm", str(lines), officer="bob")
    number = asked(nodes, "--thing", "Phone:number=+12025550199")
    (hit,) = washington.do("request", "show", number, officer="bob")["hits"]
    assert (hit["found"]["report"], hit["found"]["value"]) == (own["report"], "+12025550199")
    assert rabat.do("request", "show", number, officer="alice")["hits"] == []


def test_refused_in_part_and_withdrawn_are_counted_alike(nodes: Nodes) -> None:
    rabat, washington = nodes
    before = {one["partner"]: one for one in rabat.do("request", "figures", officer="alice")["partners"]}
    ground = "ongoing-investigation-or-safety"
    refused, partial, gone = (asked(nodes) for _request in range(3))
    answered(
        washington,
        "bob",
        "grace",
        "refuse",
        refused,
        "--ground",
        ground,
        "--text",
        "Not now.",
    )
    until(nodes, refused, "refused")
    answered(washington, "bob", "grace", "reply", partial, "--partial", "--text", "We know the shop only.")
    until(nodes, partial, "answered-in-part")
    rabat.do("report", "recall", gone, "--reason", "settled", officer="omar")
    until(nodes, gone, "withdrawn")
    with pytest.raises(DemoFailed, match="request-reply-ended"):
        washington.do("request", "reply", gone, "--text", "Late.", officer="bob")

    pairs: list[tuple[Any, Any]] = []

    def alike() -> dict[str, Any] | None:
        (mine,) = rabat.do("request", "figures", "--partner", "washington", officer="alice")["partners"]
        (theirs,) = washington.do("request", "figures", "--partner", "rabat", officer="bob")["partners"]
        pairs[:] = [(mine["ours"], theirs["theirs"])]
        return dict(mine) if mine["ours"] == theirs["theirs"] else None

    try:  # what a test before this one sent may still be on its way
        mine = rabat.wait(alike, "the same figures on both desks")
    except DemoStuck:
        assert pairs[0][0] == pairs[0][1]
        raise
    old = before.get("washington", {}).get("ours", {"refused": {}, "partial": 0, "withdrawn": 0})
    assert mine["ours"]["refused"][ground] == old["refused"].get(ground, 0) + 1
    assert (mine["ours"]["partial"], mine["ours"]["withdrawn"]) == (old["partial"] + 1, old["withdrawn"] + 1)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (("--urgency", "imminent-danger-to-life-or-limb"), "request-urgency-unreasoned"),
        (("--thing", "a phone"), "cli-thing"),
        (("--person", "Yassine Berrada"), "cli-category"),
        (("--person", "Yassine Berrada=witness"), "release-forbidden"),
    ],
)
def test_what_is_not_in_order_is_refused_at_the_sender_and_writes_nothing(
    nodes: Nodes, typed: tuple[str, ...], code: str
) -> None:
    before = len(nodes[0].do("report", "list", officer="alice"))
    with pytest.raises(DemoFailed, match=code):
        nodes[0].do("request", "new", *ASKED, *typed, officer="alice")
    assert len(nodes[0].do("report", "list", officer="alice")) == before


def test_what_lacks_its_grounds_stays_a_draft(nodes: Nodes) -> None:
    typed = [word for word in ASKED if word not in ("--grounds", "It was bought there.")]
    made = nodes[0].do("request", "new", *typed, officer="alice")
    assert (made["state"], made["missing"]) == ("draft", ["grounds-to-believe"])
