"""`amana oversight …`: what an overseer does from the shell, and what others are refused."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner
from django.utils import timezone

from amana.cli.main import cli
from amana.records.models import User
from amana.services import reports
from amana.services.people import viewpoint_of
from tests.counterpart import Counterpart
from tests.services.test_exchange import drafted, held
from tests.services.witnessing import witnessed


def run(name: str, *arguments: str, exits: int = 0) -> Any:
    result = CliRunner().invoke(cli, ["--as", name, "oversight", *arguments, "--json"])
    assert result.exit_code == exits, result.output
    return json.loads(result.output)


def test_a_draw_a_question_and_its_answer(alice: User, salma: User) -> None:
    row = drafted(alice)
    reports.show_report(row.uid, viewpoint=viewpoint_of(alice))
    witnessed()
    drawn = run("salma", "draw", "readings", "--many", "3", "--number", "314159")
    (one,) = drawn["drawn"]
    assert one["event"]["subject"].startswith(f"report:{row.uid}")
    number = str(drawn["check"])
    run("salma", "find", number, "1", "question", "--words", "For which case?")
    (asked,) = run("alice", "questions")
    assert asked["words"] == "For which case?"
    run("alice", "answer", number, "1", "Case 7")
    assert run("salma", "check", number)["drawn"][0]["answer"] == "Case 7"
    found = run("salma", "log", "--officer", "alice", "--act", "consultation")
    assert [event["verb"] for event in found["entries"]] == ["report-opened"]


def test_an_order_is_given_by_an_overseer_and_lifted_by_no_head(alice: User, omar: User, salma: User) -> None:
    row = drafted(alice)
    more = ("--ground", "unlawful-processing", "--reason", "no basis", "--addressee", "head")
    given = run("salma", "order", "restrict", "--report", str(row.uid), *more)
    assert run("omar", "order", "stop", *more, exits=4)["error"]["code"] == "role-missing"
    assert run("omar", "lift", str(given["number"]), "--reason", "x", exits=4)["error"]["code"] == "role-missing"
    refused = CliRunner().invoke(cli, ["--as", "alice", "report", "show", str(row.uid), "--json"])
    assert json.loads(refused.output)["error"]["code"] == "order-report-restricted"
    assert run("salma", "lift", str(given["number"]), "--reason", "shown")["lifted_by"] == "salma"
    assert [one["number"] for one in run("omar", "orders")] == [given["number"]]


def test_access_is_searched_under_a_mandate_and_refused_on_a_ground(
    omar: User, rachid: User, salma: User, washington: Counterpart
) -> None:
    row, _ = held(washington)
    today = timezone.localdate().isoformat()
    asked = run("salma", "access", "record", "Karim Belkadi", "--on", today, "--identity", "passport seen")
    number = str(asked["number"])
    assert run("salma", "access", "search", number, exits=4)["error"]["code"] == "mandate-missing"
    made = run("omar", "mandate", "propose", "salma", "--ground", "section 4", "--until", "2099-01-01")
    run("rachid", "mandate", "confirm", str(made["number"]))
    assert [one["report"] for one in run("salma", "access", "search", number)] == [str(row.uid)]
    assert run("salma", "open", str(row.uid), "--access", number)["content"]["title"] == "Container at Tanger Med"
    assert len(run("omar", "mandate", "list")["openings"]) == 1
    ground = ("--ground", "obstructs-inquiry", "--reason", "an inquiry runs")
    assert run("salma", "access", "decide", number, "refused", *ground)["outcome"] == "refused"


def test_retention_and_the_register_are_printed(alice: User, salma: User) -> None:
    drafted(alice)
    assert run("salma", "retention", "--days", "400")["counts"][0]["originator"] == "rabat"
    today = timezone.localdate().isoformat()
    assert run("salma", "register", "--from", today)["purposes"]["investigation"] == "1"
    table = CliRunner().invoke(cli, ["--as", "salma", "oversight", "register", "--from", today])
    assert table.output.splitlines()[0] == "section,item,figure"
