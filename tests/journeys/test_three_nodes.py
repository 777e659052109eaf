"""Originator control over three real nodes, by commands: Rabat wrote it, Washington holds it, a third gets it."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from amana.cli.demo_nodes import DemoFailed, DemoNode
from tests.journeys.test_story import shown

Three = tuple[DemoNode, DemoNode, DemoNode]
NEEDLE = "CSQU3054383"


def entrusted(rabat: DemoNode, washington: DemoNode) -> str:
    """A report of Alice's that Washington holds."""
    report = rabat.do(
        "report", "new", "--title", "A container", "--text", f"{NEEDLE} left Casablanca at dawn.",
        "--to", "washington", "--tlp", "TLP:AMBER", "--code", "H0", "--code", "H2", "--source", "B",
        "--information", "2",
        "--for", "investigation", "--for", "detection", "--crime-area", "drug-trafficking",
        "--erase-by", (date.today() + timedelta(days=300)).isoformat(), officer="alice",
    )  # fmt: skip
    uid = str(report["report"])
    rabat.do("report", "propose", uid, officer="alice")
    rabat.do("report", "release", uid, officer="omar")
    washington.wait(lambda: shown(washington, uid, "bob"), "the report in Washington")
    return uid


def consented(rabat: DemoNode, washington: DemoNode, uid: str) -> str:
    """Washington asks, Rabat grants; the number of the consent."""
    asked = washington.do("consent", "ask", uid, "--to", "third", "--reason", "They search the yard.", officer="bob")
    number = str(asked["consent"])

    def here(node: DemoNode, officer: str, state: str) -> Any:
        rows = node.do("consent", "list", officer=officer)
        return next((one for one in rows if (one["consent"], one["state"]) == (number, state)), None)

    question = rabat.wait(lambda: here(rabat, "omar", "asked"), "the question in Rabat")
    assert (question["holder"], question["recipient"], question["purpose"]) == ("washington", "third", "investigation")
    rabat.do("consent", "answer", number[:8], "--grant", "--reason", "Same case, nothing else.", officer="omar")
    washington.wait(lambda: here(washington, "bob", "granted"), "the consent in Washington")
    return number


def passed_on(rabat: DemoNode, washington: DemoNode, third: DemoNode) -> tuple[str, str]:
    """A report of Rabat's that went on to the third node; its number and the consent's."""
    uid = entrusted(rabat, washington)
    number = consented(rabat, washington, uid)
    washington.do("report", "pass-on", uid, "--to", "third", officer="bob")
    washington.do("report", "release", uid, officer="grace")
    third.wait(lambda: shown(third, uid, "charlie"), "the report at the third node")
    return uid, number


def found(node: DemoNode, officer: str) -> list[str]:
    """What a search for the container finds."""
    return [str(one["report"]) for one in node.do("report", "list", "--search", NEEDLE, officer=officer)]


def carries_h1(node: DemoNode, uid: str, officer: str) -> bool:
    report = shown(node, uid, officer)
    return report is not None and "H1" in report["content"]["handling"]["codes"]


def holders(rabat: DemoNode, uid: str) -> list[tuple[str, str, list[tuple[str, str]]]]:
    report = rabat.do("report", "show", uid, officer="alice")
    return [
        (one["node"], one["state"], [(below["node"], below["state"]) for below in one["below"]])
        for one in report["holders"]
    ]


def test_without_consent_nothing_goes_on(three: Three) -> None:
    rabat, washington, third = three
    uid = entrusted(rabat, washington)
    with pytest.raises(DemoFailed, match="consent-missing"):
        washington.do("report", "pass-on", uid, "--to", "third", officer="bob")
    washington.do("consent", "ask", uid, "--to", "third", "--reason", "They search the yard.", officer="bob")
    with pytest.raises(DemoFailed, match="consent-missing"):
        washington.do("report", "pass-on", uid, "--to", "third", officer="bob")
    assert shown(third, uid, "charlie") is None


def test_consent_pass_on_correction_restriction_recall_and_a_complete_tree(three: Three) -> None:
    rabat, washington, third = three
    uid, _ = passed_on(rabat, washington, third)
    held = shown(third, uid, "charlie")
    assert held is not None
    assert (held["originator"], held["via"]) == ("rabat", "washington")
    assert held["content"]["handling"]["purposes"] == ["investigation"]
    assert held["content"]["handling"]["releasable_to"] == ["third"]
    assert uid in found(third, "charlie")
    rabat.wait(lambda: holders(rabat, uid) == [("washington", "holds-it", [("third", "holds-it")])], "the live tree")

    rabat.do("report", "correct", uid, "--reason", "wrong hour", officer="alice")
    rabat.do("report", "edit", uid, "--title", "Corrected", officer="alice")
    rabat.do("report", "propose", uid, officer="alice")
    rabat.do("report", "release", uid, officer="omar")
    third.wait(lambda: (shown(third, uid, "charlie") or {}).get("version") == 2, "the correction at the third node")

    rabat.do("report", "restrict", uid, "--code", "H1", "--reason", "The court asks it.", officer="omar")
    for node, officer in ((washington, "bob"), (third, "charlie")):
        node.wait(partial(carries_h1, node, uid, officer), "the restriction")

    rabat.do("report", "recall", uid, "--reason", "source withdrawn", officer="omar")
    whole = [("washington", "withdrawn", [("third", "withdrawn")])]
    rabat.wait(lambda: holders(rabat, uid) == whole, "both certificates in the tree")
    for node, officer in ((washington, "bob"), (third, "charlie")):
        gone = shown(node, uid, officer)
        assert gone is not None
        assert (gone["state"], gone["content"]) == ("withdrawn", None)
        assert uid not in found(node, officer)
    (recall,) = rabat.do("report", "show", uid, officer="alice")["recalls"]
    (branch,) = recall["holders"]
    assert branch["passed_on"] == ["third"]
    assert [below["key_destroyed"] for below in branch["below"]] == [True]


def test_a_legal_hold_at_the_third_node_is_told_to_the_originator_and_its_end_too(three: Three) -> None:
    rabat, washington, third = three
    uid, _ = passed_on(rabat, washington, third)
    third.do("report", "hold", uid, "--reason", "The appeal of 12 May.", officer="chloe")
    rabat.do("report", "recall", uid, "--reason", "wrong container", officer="omar")
    kept = [("washington", "withdrawn", [("third", "kept-legal-hold")])]
    rabat.wait(lambda: holders(rabat, uid) == kept, "the certificate with the hold")
    assert uid not in found(third, "charlie")
    third.do("report", "unhold", uid, "--reason", "The appeal is over.", officer="chloe")
    whole = [("washington", "withdrawn", [("third", "withdrawn")])]
    rabat.wait(lambda: holders(rabat, uid) == whole, "the fresh certificate")


def test_a_revoked_consent_takes_the_report_back_from_the_third_node_only(three: Three) -> None:
    rabat, washington, third = three
    uid, number = passed_on(rabat, washington, third)
    rabat.wait(lambda: holders(rabat, uid) == [("washington", "holds-it", [("third", "holds-it")])], "the live tree")
    rabat.do("consent", "revoke", number, "--reason", "The case is closed.", officer="omar")
    ended = [("washington", "holds-it", [("third", "withdrawn")])]
    rabat.wait(lambda: holders(rabat, uid) == ended, "the third node's certificate")
    gone, kept = shown(third, uid, "charlie"), shown(washington, uid, "bob")
    assert gone is not None
    assert kept is not None
    assert (gone["state"], kept["state"]) == ("withdrawn", "held")
