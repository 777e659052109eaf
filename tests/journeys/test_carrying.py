"""Two real nodes that never meet on a line: cards, agreement, report, receipt and recall as files. And a reconciliation
of two running nodes, one of which lost something."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from amana.cli.demo_nodes import DemoFailed, DemoNode
from tests.blank import database_for
from tests.journeys.conftest import RABAT, WASHINGTON, made
from tests.journeys.test_story import Nodes, drawn, shown

AWAKE = "import os, django\nos.environ['DJANGO_SETTINGS_MODULE'] = 'tests.quick_settings'\ndjango.setup()\n"


def inside(node: DemoNode, code: str) -> str:
    """Run Python inside a node, as a fault of its machine would: past all services. Returns what it printed."""
    command = [sys.executable, "-W", "ignore", "-c", AWAKE + code]
    done = subprocess.run(command, env=node.surroundings(), check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture(scope="module")
def apart(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """Rabat and Washington, joined by files and never run: no door is open, no worker carries."""
    folder = tmp_path_factory.mktemp("apart")
    first, second = database_for("rabat"), database_for("washington")
    rabat = made("rabat", "MA", folder, next(first), RABAT)
    washington = made("washington", "US", folder, next(second), WASHINGTON)
    try:
        join_by_files(rabat, washington, folder)
        yield rabat, washington
    finally:
        rabat.end()
        washington.end()
        for rest in (first, second):
            next(rest, None)


def carry(sender: DemoNode, receiver: DemoNode, folder: Path, *, answers: bool = True) -> dict[str, Any]:
    """A stick goes from one to the other, and with `answers` back again."""
    names = {"rabat": ("rachid", "washington"), "washington": ("owen", "rabat")}
    out, back = folder / "stick", folder / "back"
    here, there = names[sender.home.name], names[receiver.home.name]
    sender.do("export", here[1], str(out), officer=here[0])
    way = ("--answers", str(back)) if answers else ()
    taken: dict[str, Any] = receiver.do("import", str(out), *way, officer=there[0])
    if answers:
        sender.do("import", str(back), officer=here[0])
    return taken


def join_by_files(rabat: DemoNode, washington: DemoNode, folder: Path) -> None:
    """Cards and the agreement between the two, carried by hand; whoever brings a card does not confirm it."""
    for here, there, head, operator in (
        (rabat, washington, "omar", "rachid"),
        (washington, rabat, "grace", "owen"),
    ):
        card = there.do("partner", "card")
        file = folder / "card"
        file.write_text(card["card"], encoding="ascii")
        here.do("partner", "add", str(file), officer=operator)
        here.do("partner", "confirm", there.home.name, card["fingerprint"], officer=head)
    number = rabat.do("agreement", "propose", "washington", officer="omar")["id"]
    carry(rabat, washington, folder)
    washington.do("agreement", "accept", number, officer="grace")
    carry(washington, rabat, folder)
    assert rabat.do("agreement", "show", number)["state"] == "in-force"


def test_a_report_its_receipt_and_its_recall_travel_as_files_without_any_network(apart: Nodes, tmp_path: Path) -> None:
    rabat, washington = apart
    uid = drawn(rabat, tmp_path)
    rabat.do("report", "release", uid, officer="omar")
    assert carry(rabat, washington, tmp_path)["taken"] == 1
    held = washington.do("report", "show", uid, officer="bob")
    assert held["state"] == "held"
    (ladder,) = rabat.do("report", "show", uid, officer="alice")["ladders"]
    assert next(rung["at"] for rung in ladder["rungs"] if rung["step"] == "received")
    carry(washington, rabat, tmp_path)
    (ladder,) = rabat.do("report", "show", uid, officer="alice")["ladders"]
    assert next(rung["at"] for rung in ladder["rungs"] if rung["step"] == "read")
    rabat.do("report", "recall", uid, "--reason", "wrong person", officer="omar")
    carry(rabat, washington, tmp_path)
    assert washington.do("report", "show", uid, officer="bob")["state"] == "withdrawn"
    carry(washington, rabat, tmp_path)
    (recall,) = rabat.do("report", "show", uid, officer="alice")["recalls"]
    assert recall["holders"][0]["effect"] == "withdrawn"


def test_behind_a_diode_the_sender_sees_what_is_outstanding(apart: Nodes, tmp_path: Path) -> None:
    rabat, washington = apart
    uid = drawn(rabat, tmp_path, "The boat MMSI 242123456 left Agadir at night. ")
    rabat.do("report", "release", uid, officer="omar")
    carry(rabat, washington, tmp_path, answers=False)
    assert washington.do("report", "show", uid, officer="bob")["state"] == "held"
    (partner,) = rabat.do("partner", "list")
    assert partner["unanswered"] == partner["waiting"] == 1
    again = washington.do("import", str(tmp_path / "stick"), officer="owen")
    assert (again["taken"], again["refused"]) == (1, 0)
    with pytest.raises(DemoFailed, match="parcel-not-for-us"):
        rabat.do("import", str(tmp_path / "stick"), officer="rachid")
    carry(rabat, washington, tmp_path)
    (partner,) = rabat.do("partner", "list")
    assert partner["unanswered"] == partner["waiting"] == 0


LOSE = """
from amana.records.models import Message, Report, Erasure
rows = list(Message.objects.filter(direction="in", type="report", report__state="held").order_by("seq"))
lost, forgot = rows[0], rows[-1]
Report.objects.filter(pk=lost.report_id).delete()
lost.delete()
print(lost.seq)
"""


def test_a_seeded_difference_between_running_nodes_is_found_mended_and_agreed_on(nodes: Nodes, tmp_path: Path) -> None:
    rabat, washington = nodes
    uids = [drawn(rabat, tmp_path, f"Lorry number {one} of Fez was seen at the yard. ") for one in range(3)]
    for uid in uids:
        rabat.do("report", "release", uid, officer="omar")
        washington.wait(lambda uid=uid: shown(washington, uid, "bob"), "the report")  # type: ignore[misc]
    settled(rabat, washington)
    first = rabat.do("reconcile", "washington", officer="rachid")
    assert (first["agreed"], first["differences"], first["left"]) == (True, 0, []), first
    lost = int(inside(washington, LOSE))
    again = rabat.do("reconcile", "washington", officer="rachid")
    assert (again["agreed"], again["differences"], again["mended"], again["left"]) == (True, 1, 1, []), again
    look = f"print(Message.objects.get(direction='in', seq={lost}).report.state)"
    seen = inside(washington, f"from amana.records.models import Message\n{look}")
    assert seen.strip() == "held"
    other = washington.do("reconcile", "rabat", officer="owen")
    assert other["agreed"], other
    assert (other["sent"], other["held"]) == (again["held"], again["sent"])


def settled(rabat: DemoNode, washington: DemoNode) -> None:
    """Wait until nothing is on its way between the two."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if not any(row["waiting"] for node in (rabat, washington) for row in node.do("partner", "list")):
            return
        time.sleep(0.2)
    raise AssertionError("messages still wait")
