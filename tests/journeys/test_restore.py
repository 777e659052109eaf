"""Two running nodes: keys are changed under way, and one node comes back from an old backup without losing anything."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from amana.cli.demo_nodes import DemoFailed, DemoNode, join, running
from tests.blank import database_for
from tests.journeys.conftest import RABAT, WASHINGTON, made
from tests.journeys.test_carrying import settled
from tests.journeys.test_story import Nodes, drawn, shown

MARKER = "CSQU3054383"


@pytest.fixture
def pair(django_db_setup: None, tmp_path: Path) -> Iterator[Nodes]:
    """Rabat and Washington of this test's own, running and joined."""
    first, second = database_for("rabat"), database_for("washington")
    rabat = made("rabat", "MA", tmp_path, next(first), RABAT)
    washington = made("washington", "US", tmp_path, next(second), WASHINGTON)
    try:
        with running(rabat, washington):
            join(rabat, washington, head_of_one="omar", head_of_other="grace")
            yield rabat, washington
    finally:
        for rest in (first, second):
            next(rest, None)


def entrusted(rabat: DemoNode, washington: DemoNode, folder: Path, text: str) -> str:
    """A report of Alice's that Bob has read."""
    uid = drawn(rabat, folder, text)
    rabat.do("report", "release", uid, officer="omar")
    washington.wait(lambda: shown(washington, uid, "bob"), "the report")
    return uid


def test_a_node_that_comes_back_from_an_old_backup_keeps_erased_data_erased_and_loses_nothing(
    pair: Nodes, tmp_path: Path
) -> None:
    rabat, washington = pair
    gone = entrusted(rabat, washington, tmp_path, f"The container {MARKER} left Casablanca. ")
    settled(rabat, washington)
    washington.do("backup", str(tmp_path / "old"), officer="owen")
    kept = entrusted(rabat, washington, tmp_path, "The lorry of Casablanca was seen at dawn; call +212 661 234560. ")
    rabat.do("report", "recall", gone, "--reason", "wrong container", officer="omar")
    washington.wait(lambda: (shown(washington, gone, "bob") or {})["state"] == "withdrawn", "the recall")
    settled(rabat, washington)
    before = rabat.do("reconcile", "washington", officer="rachid")
    assert before["agreed"], before

    washington.end()
    lost = tmp_path / "lost"
    washington.home.rename(lost)
    back = washington.do("restore", str(tmp_path / "old"), "--erased", str(lost / "erased.ledger"))
    assert back["reconcile_with"] == ["rabat"]
    run = subprocess.run(
        [sys.executable, "-m", "amana", "run"],
        env=washington.surroundings(),
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (run.returncode, run.stderr.split(":")[0]) == (7, "node-restored")
    with pytest.raises(DemoFailed, match="link-not-reconciled"):
        washington.do("export", "rabat", str(tmp_path / "out"), officer="owen")
    assert washington.do("report", "list", "--search", MARKER, officer="bob") == []
    if not washington.environment:
        data = (washington.home / "amana.sqlite3").read_bytes()
        assert MARKER.encode() not in data
        assert MARKER.lower().encode() not in data

    done = washington.do("reconcile", "rabat", officer="owen")
    assert done["agreed"], done
    assert done["returned"] >= 3
    assert (done["sent"], done["held"]) == (before["held"], before["sent"])
    held = shown(washington, kept, "bob")
    assert held is not None
    assert held["state"] == "held"
    assert shown(washington, gone, "bob")["state"] == "withdrawn"  # type: ignore[index]
    with running(washington):
        uid = entrusted(rabat, washington, tmp_path, "A boat waited off Casablanca; call +212 661 234561. ")
        rabat.wait(lambda: read_by_washington(rabat, uid), "the read receipt")
        settled(rabat, washington)
        assert rabat.do("reconcile", "washington", officer="rachid")["agreed"]
        # The restored log is shorter than what Rabat saw: Rabat co-signs again only under a new log key.
        washington.do("node", "rotate", "--checkpoint", "--reason", "restored", officer="owen")
        washington.do("node", "rotate", "--confirm", officer="grace")
        entries = washington.do("log", "state")["entries"]
        washington.wait(lambda: witnessed(washington) >= entries, "a witness of the new log")


def witnessed(node: DemoNode) -> int:
    """How much of the node's log a witness has co-signed; looking makes the log grow, so that it is asked again."""
    node.do("report", "list", officer="bob")
    return max(int(one["size"]) for one in node.do("log", "state")["witnesses"])


def read_by_washington(rabat: DemoNode, uid: str) -> bool:
    ladders = rabat.do("report", "show", uid, officer="alice")["ladders"]
    return any(rung["step"] == "read" and rung["at"] for ladder in ladders for rung in ladder["rungs"])


def serial(node: DemoNode) -> int:
    return int(node.do("partner", "list")[0]["serial"])


def test_keys_change_under_running_nodes_and_a_stolen_key_takes_its_reports_out_of_use(
    pair: Nodes, tmp_path: Path
) -> None:
    rabat, washington = pair
    uid = entrusted(rabat, washington, tmp_path, "The first lorry left Casablanca; call +212 661 234570. ")
    rabat.do("node", "rotate", "--reason", "it is time", officer="rachid")
    with pytest.raises(DemoFailed, match="roster-second-person"):
        rabat.do("node", "rotate", "--confirm", officer="rachid")
    rabat.do("node", "rotate", "--confirm", officer="omar")
    washington.wait(lambda: serial(washington) == 2, "the new card")
    after = entrusted(rabat, washington, tmp_path, "The second lorry left Casablanca; call +212 661 234571. ")

    rabat.do("node", "compromised", "--since", "2026-01-01", "--reason", "laptop lost", officer="rachid")
    rabat.do("node", "compromised", "--confirm", officer="omar")
    washington.wait(lambda: serial(washington) == 3, "the card that marks the key")
    states: Any = {one: (shown(washington, one, "bob") or {})["state"] for one in (uid, after)}
    assert states == {uid: "held", after: "doubted"}  # the first was signed by the key before
    assert shown(washington, after, "bob")["content"] is None  # type: ignore[index]
    assert rabat.do("partner", "reconfirm", "washington", officer="omar")["count"] == 1
    washington.wait(lambda: (shown(washington, after, "bob") or {})["state"] == "held", "the report signed again")
    entrusted(rabat, washington, tmp_path, "The third lorry left Casablanca; call +212 661 234572. ")
