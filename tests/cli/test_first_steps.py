"""What a new user types first: a folder without a node, accounts, people in a draft, and a proof in words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from pytest_django.fixtures import Settings

from amana.cli.main import cli
from amana.domain.statement import Entity, Nature, Statement
from amana.domain.vocabulary import Category
from amana.exchange.identity import NodeSecrets
from amana.records.models import Report, User
from amana.services import keys, reports
from amana.services.contents import content_of
from tests.services.test_exchange import drafted

PASSWORD = "a-long-passphrase-7"


def typed(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def added(name: str, role: str, *, by: str = "") -> Result:
    return typed("--as", by, "user", "add", name, "--role", role, "--password", PASSWORD)


@pytest.mark.once
@pytest.mark.parametrize("command", [("log", "state"), ("--as", "alice", "inbox")])
def test_a_folder_without_a_node_is_named_as_such(command: tuple[str, ...], tmp_path: Path) -> None:
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("AMANA_")}
    ran = subprocess.run(
        [sys.executable, "-m", "amana", "--home", str(tmp_path / "nowhere"), *command],
        env=surroundings, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (7, "")
    assert ran.stderr.startswith("node-missing: ")


@pytest.mark.parametrize("country", ["XX", "Morocc", "1"])
def test_a_node_stands_in_a_country_that_there_is(country: str, tmp_path: Path, settings: Settings) -> None:
    settings.AMANA = settings.AMANA.model_copy(update={"home": tmp_path / "nowhere"})
    result = typed("init", "--agency", "Agency of Rabat", "--country", country)
    assert result.exit_code == 3
    assert "node-country" in result.output
    assert not keys.holds_node()


def test_the_first_accounts_need_no_name_and_later_ones_an_operator(node: NodeSecrets) -> None:
    assert added("alice", "author").exit_code == 0
    assert added("rachid", "operator").exit_code == 0
    assert "officer-operator-unnamed" in added("bob", "author").output
    assert "role-missing" in added("bob", "author", by="alice").output
    assert "officer-unknown" in added("bob", "author", by="nobody").output
    assert not User.objects.filter(username="bob").exists()
    assert added("bob", "author", by="rachid").exit_code == 0


def test_a_new_account_reads_what_it_writes_under_the_marking_of_new_reports(node: NodeSecrets) -> None:
    added("alice", "author")
    made = typed("--as", "alice", "report", "new", "--title", "Meeting", "--text", "They met.", "--json")
    assert made.exit_code == 0, made.output
    assert json.loads(made.output)["content"]["handling"]["tlp"] == "TLP:AMBER+STRICT"


def with_a_meeting(alice: User) -> tuple[Report, str]:
    """A draft whose meeting mentions its one person by name."""
    row = drafted(alice, "washington")
    content = content_of(row)
    person = next(one for one in content.entities if one.schema == "Person")
    name = next(one for one in content.statements if one.entity == person.id and one.property == "name")
    meeting = Entity(id=str(uuid4()), schema="Event")
    mention = Statement(
        id=str(uuid4()), entity=meeting.id, schema="Event", property="peopleMentioned", value=name.value,
        nature=Nature.FACT, evaluation=content.evaluation,
    )  # fmt: skip
    reports.change_draft(
        row.uid, entities=(*content.entities, meeting), statements=(*content.statements, mention), by=alice
    )
    return row, name.value


def test_a_person_is_called_by_name_even_where_a_meeting_mentions_them(alice: User) -> None:
    row, name = with_a_meeting(alice)
    result = typed("--as", "alice", "report", "edit", str(row.uid), "--category", f"{name}=witness")
    assert result.exit_code == 0, result.output
    row.refresh_from_db()
    assert Category.WITNESS in {one.category for one in content_of(row).entities}


def test_an_edit_that_names_an_unknown_person_changes_nothing(alice: User) -> None:
    row, name = with_a_meeting(alice)
    result = typed(
        "--as", "alice", "report", "edit", str(row.uid), "--title", "Another", "--category", f"{name}=witness",
        "--category", "Nobody=suspect",
    )  # fmt: skip
    assert "report-person-unclear" in result.output
    row.refresh_from_db()
    assert content_of(row).title == "Meeting in Rabat"
    assert Category.WITNESS not in {one.category for one in content_of(row).entities}


def test_decided_suggestions_are_told_as_such(alice: User, tmp_path: Path) -> None:
    file = tmp_path / "note.txt"
    file.write_text("Karim Belkadi met the ambassador David Fischer in Rabat on 3 March 2026.", encoding="utf-8")
    taken = json.loads(typed("--as", "alice", "intake", str(file), "--json").output)
    number, first = taken["files"][0]["document"], taken["suggestions"][0]["number"]
    assert typed("--as", "alice", "document", "decide", number, "--accept", str(first)).exit_code == 0
    lines = typed("--as", "alice", "document", "show", number).output.splitlines()
    assert [line for line in lines if line.endswith("accepted")] == [lines[1 + first]]


def test_a_proof_is_verified_in_words(salma: User, tmp_path: Path) -> None:
    bundle = tmp_path / "log.bundle"
    assert typed("--as", "salma", "log", "bundle", str(bundle)).exit_code == 0
    key = json.loads(typed("log", "state", "--json").output)["vkey"]
    result = typed("log", "verify", str(bundle), "--key", key)
    assert result.exit_code == 0, result.output
    assert "rabat.amana/log" in result.output
    assert "{" not in result.output
