"""`amana report release` for one and for many: the shapes of the answers, and the exit codes."""

from __future__ import annotations

import json
from uuid import uuid4

from click.testing import CliRunner, Result

from amana.cli.main import cli
from amana.records.models import User
from amana.services import releases
from tests.counterpart import Counterpart
from tests.services.test_exchange import drafted


def _release(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--as", "omar", "report", "release", *arguments])


def _proposed(alice: User) -> str:
    row = drafted(alice, "washington")
    releases.propose_release(row.uid, by=alice)
    return str(row.uid)


def test_one_report_is_answered_with_an_object(alice: User, omar: User, washington: Counterpart) -> None:
    number = _proposed(alice)
    result = _release(number, "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.output)
    assert (answer["report"], answer["entrusted_to"], len(answer["messages"])) == (number, ["washington"], 1)
    again = _release(number, "--json")
    assert json.loads(again.output)["error"]["code"] == "release-not-proposed"
    assert again.exit_code == 6


def test_many_are_answered_one_by_one_and_the_first_refusal_gives_the_exit_code(
    alice: User, omar: User, washington: Counterpart
) -> None:
    first, unknown, last = _proposed(alice), str(uuid4()), _proposed(alice)
    result = _release(first, unknown, last, "--json")
    answers = json.loads(result.output)
    assert [one["report"] for one in answers] == [first, unknown, last]
    assert answers[1]["error"]["code"] == "report-unknown"
    assert [one.get("entrusted_to") for one in answers] == [["washington"], None, ["washington"]]
    assert result.exit_code == 5
    assert washington.waiting() == 2


def test_many_that_all_went_are_told_in_lines(alice: User, omar: User, washington: Counterpart) -> None:
    numbers = [_proposed(alice), _proposed(alice)]
    result = _release(*numbers)
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.output.splitlines()] == numbers


def test_a_statement_is_marked_and_the_marking_taken_away(alice: User, washington: Counterpart) -> None:
    number = str(drafted(alice, "washington").uid)

    def mark(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["--as", "alice", "report", "mark", number, *arguments])

    marked = json.loads(mark("s1", "--only", "washington", "--code", "H1", "--json").output)
    own = {"codes": ["H1"], "caveats": [], "releasable_to": ["washington"]}
    assert marked["content"]["statements"][0]["handling"] == own
    assert "H1 → washington" in mark("s1", "--only", "washington", "--code", "H1").output
    assert "→ –" in mark("s1", "--stays").output
    assert "handling" not in json.loads(mark("s1", "--json").output)["content"]["statements"][0]
    assert mark("s9", "--stays").exit_code == 3


def test_only_one_report_is_declined_at_a_time(alice: User, omar: User, washington: Counterpart) -> None:
    numbers = [_proposed(alice), _proposed(alice)]
    assert _release(*numbers, "--decline").exit_code == 2
    assert _release(numbers[0], "--decline").exit_code == 0
