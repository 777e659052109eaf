"""`amana report letter`: a PDF that is written once, in two languages, and logged."""

from __future__ import annotations

import json
from pathlib import Path

import pypdfium2
import pytest
from click.testing import CliRunner, Result

from amana.cli.main import cli
from amana.records.models import LogEntry, User
from tests.counterpart import Counterpart
from tests.services.test_exchange import drafted, released


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--as", "alice", "--language", "de", "report", "letter", *arguments])


@pytest.mark.once
def test_a_letter_is_written_once_for_its_writer_alone(
    alice: User, omar: User, washington: Counterpart, tmp_path: Path
) -> None:
    row, out = released(alice, omar, "washington"), tmp_path / "letter.pdf"
    asked = (str(row.uid), "--to", "washington", "--language", "ar", "--out", str(out), "--json")
    result = run(*asked)
    assert result.exit_code == 0, result.output
    assert json.loads(result.output)["bytes"] == out.stat().st_size
    assert out.stat().st_mode & 0o777 == 0o600
    assert len(pypdfium2.PdfDocument(out)) >= 3
    assert '"de ar"' in (LogEntry.objects.get(event__contains="letter-made").event or "")
    before = out.read_bytes()
    assert run(*asked).exit_code == 2
    assert out.read_bytes() == before


def test_without_a_release_there_is_no_file(alice: User, washington: Counterpart, tmp_path: Path) -> None:
    row, out = drafted(alice, "washington"), tmp_path / "letter.pdf"
    result = run(str(row.uid), "--to", "washington", "--language", "fr", "--out", str(out), "--json")
    assert json.loads(result.output)["error"]["code"] == "letter-unreleased"
    assert result.exit_code == 6
    assert not out.exists()
