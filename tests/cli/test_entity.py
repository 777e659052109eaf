"""`amana entity`: search, show, judge and undo, as JSON and as text, with the exit codes of the tree."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner, Result

from amana.cli.main import cli
from amana.records.models import User
from tests.services.test_entities import holds, number_of, someone
from tests.services.test_judgements import several


def _entity(*arguments: object, by: str = "alice") -> Result:
    return CliRunner().invoke(cli, ["--as", by, "--language", "en", "entity", *map(str, arguments)])


def _json(*arguments: object, by: str = "alice") -> Any:
    result = _entity(*arguments, "--json", by=by)
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_a_search_answers_with_numbers_reasons_and_pages(alice: User) -> None:
    person = someone()
    holds(alice, (person, "name", "Karim Belkadi"))
    answer = _json("search", "كريم", "بلقاضي", "--group", "person")
    assert (answer["many"], answer["pages"]) == (1, 1)
    assert answer["found"][0]["entity"] == number_of(person)
    assert answer["found"][0]["reasons"]
    assert "Karim Belkadi" in _entity("search", "Belkadi").output
    assert "Nobody and nothing" in _entity("search", "Zephyr").output
    assert _json("search")["found"][0]["called"] == "Karim Belkadi"


def test_a_profile_tells_values_sources_and_leads(alice: User) -> None:
    one, other = several(alice, 2)
    holds(alice, (one, "birthDate", "1980"), (one, "name", "Karim Belkadi"))
    holds(alice, (one, "birthDate", "1981"), (one, "name", "Karim Belkadi"))
    answer = _json("show", number_of(one), "--leads")
    groups = {group["property"]: group for group in answer["properties"]}
    assert groups["birthDate"]["contradicts"]
    assert len(groups["name"]["values"][0]["sources"]) == 3
    assert [lead["entity"] for lead in answer["leads"]] == [number_of(other)]
    text = _entity("show", number_of(one), "--leads").output
    assert "! birthDate: 1980" in text
    assert "Only the name speaks for it" in text


def test_judging_and_undoing(alice: User) -> None:
    one, other = several(alice, 2)
    made = _json("judge", number_of(one), number_of(other), "same", "--reason", "The same passport.")
    assert made["properties"]["agrees"] == 1
    shown = _json("show", number_of(one))
    assert len(shown["members"]) == 2
    assert shown["judgements"][0]["reason"] == "The same passport."
    assert "The same passport." in _entity("show", number_of(one)).output
    assert _json("undo", made["judgement"], "--reason", "Another man.")["undone_at"]
    again = _entity("undo", made["judgement"], "--reason", "x", "--json")
    assert (again.exit_code, json.loads(again.output)["error"]["code"]) == (6, "judgement-over")


def test_what_one_may_not_see_is_not_found(alice: User, nadia: User) -> None:
    one, other = several(alice, 2)
    assert _entity("show", number_of(one), by="nadia").exit_code == 5
    judged = _entity("judge", number_of(one), number_of(other), "same", "--reason", "x", by="nadia")
    assert judged.exit_code == 5
    assert _entity("judge", number_of(one), number_of(one), "same", "--reason", "x").exit_code == 3
