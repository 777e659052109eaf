"""`amana match` for one name and for a list: reasons in words, one answer a line, nothing that a table computes."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from pytest_django.fixtures import Settings

from amana.cli.main import cli
from amana.domain.statement import Entity
from amana.domain.vocabulary import Category
from amana.records.models import User
from tests.services.test_cross_checks import SUSPECT, holds

java = pytest.mark.skipif(not shutil.which("java"), reason="Java is not installed: no session of Spark can be begun")


def _match(*arguments: str, language: str = "en") -> Result:
    return CliRunner().invoke(cli, ["--as", "alice", "--language", language, "match", *arguments])


@pytest.fixture
def known(alice: User) -> User:
    holds(alice, (SUSPECT, "name", "Karim Belkadi"), (SUSPECT, "birthDate", "1980-05-17"))
    holds(alice, (Entity("e7", "Person", Category.CONTACT), "name", "=cmd Tazi"))
    return alice


@pytest.fixture
def names(tmp_path: Path) -> Path:
    path = tmp_path / "names.csv"
    path.write_text("Name;Birth Date;Nationality\nكريم بلقاضي;1980;MA\n\nNobody Atall;;\n=cmd Tazi;;\n", "utf-8")
    return path


def test_a_match_says_how_alike_why_and_where(known: User) -> None:
    answer = json.loads(_match("كريم", "بلقاضي", "--birth", "1980-05-17", "--json").output)
    assert answer[0]["names"] == ["Karim Belkadi"]
    assert answer[0]["strength"] == "strong"
    assert {"birth-same"} <= {why["code"] for why in answer[0]["reasons"]}
    assert answer[0]["reports"][0]["title"]
    text = _match("كريم بلقاضي").output
    assert "Karim Belkadi" in text
    assert "sound alike across scripts" in text


@pytest.mark.parametrize("language", ["de", "fr", "ar"])
def test_the_reasons_are_in_the_readers_language(known: User, language: str) -> None:
    reasons = json.loads(_match("Karim Belkadi", "--birth", "1980-05-17", "--json", language=language).output)[0][
        "reasons"
    ]
    assert "Both were born" not in " ".join(why["sentence"] for why in reasons)
    assert all("%(" not in why["sentence"] for why in reasons)


def test_each_line_of_a_list_has_its_place_in_the_answer(known: User, names: Path) -> None:
    result = _match("--list", str(names), "--json")
    rows = json.loads(result.stdout)
    assert [row["line"] for row in rows] == [2, 4, 5]
    assert [row["match"] for row in rows] == ["Karim Belkadi", "", "=cmd Tazi"]
    assert "1 of" not in result.stdout


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_the_answer_is_written_in_each_form_and_no_cell_is_a_formula(
    known: User, names: Path, tmp_path: Path, form: str
) -> None:
    out = tmp_path / f"found.{form}"
    result = _match("--list", str(names), "--out", str(out))
    assert result.exit_code == 0, result.output
    assert "2 of 3 lines have a match." in result.output
    if form == "json":
        assert [row["match"] for row in json.loads(out.read_text("utf-8"))] == ["Karim Belkadi", "", "=cmd Tazi"]
    elif form == "csv":
        rows = list(csv.DictReader(out.read_text("utf-8-sig").splitlines()))
        assert [row["match"] for row in rows] == ["Karim Belkadi", "", "'=cmd Tazi"]
    else:
        cells = list(openpyxl.load_workbook(out)["Amana"].iter_rows(min_row=2, min_col=3, max_col=3))
        assert [cell.value for (cell,) in cells] == ["Karim Belkadi", None, "=cmd Tazi"]
        assert all(cell.data_type != "f" for (cell,) in cells)


@pytest.mark.parametrize(
    ("text", "line"), [("", 1), ("a,b\n1,2\n", 1), ("name\nx,y\n", 2), ("name,horoscope\nx,y\n", 1)]
)
def test_a_list_that_is_not_in_order_is_refused_with_its_line(
    alice: User, tmp_path: Path, text: str, line: int
) -> None:
    path = tmp_path / "names.csv"
    path.write_text(text, "utf-8")
    result = _match("--list", str(path), "--json")
    assert result.exit_code == 3
    error = json.loads(result.stdout)["error"]
    assert error["code"] == "match-list"
    assert f"line {line}:" in error["sentence"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), "cli-match-nothing"),
        (("--number", "AB123456"), "cli-match-number"),
        (("X", "--out", "x.csv"), "cli-match-nothing"),
        (("X", "--spark", "local[2]"), "cli-match-nothing"),
    ],
)
def test_what_cannot_be_asked_is_said(alice: User, arguments: tuple[str, ...], code: str) -> None:
    result = _match(*arguments, "--json")
    assert result.exit_code == 3
    assert json.loads(result.stdout)["error"]["code"] == code


def test_an_answer_in_an_unknown_form_is_refused_before_anything_is_compared(known: User, names: Path) -> None:
    result = _match("--list", str(names), "--out", "found.pdf", "--json")
    assert json.loads(result.stdout)["error"]["code"] == "match-form"


def test_a_list_without_utf8_is_read_or_refused_with_its_code(known: User, tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_bytes(b"name\n\xff\xfe\x00\x81\n")
    assert _match("--list", str(path), "--json").exit_code == 3


@pytest.mark.once
@java
def test_workers_of_spark_find_what_this_process_finds(known: User, names: Path) -> None:
    assert (
        _match("--list", str(names), "--spark", "local[2]", "--json").stdout
        == _match("--list", str(names), "--json").stdout
    )


def test_names_go_to_no_cluster_that_the_operator_has_not_named(known: User, names: Path) -> None:
    result = _match("--list", str(names), "--spark", "spark://127.0.0.1:9", "--json")
    assert result.exit_code == 4
    assert json.loads(result.stdout)["error"]["code"] == "spark-unnamed"


@pytest.mark.once
@java
def test_names_go_to_no_cluster_that_lets_anybody_in(known: User, names: Path, settings: Settings) -> None:
    settings.AMANA = settings.AMANA.model_copy(update={"spark": "spark://127.0.0.1:9"})
    result = _match("--list", str(names), "--spark", "spark://127.0.0.1:9", "--json")
    assert result.exit_code == 4
    assert json.loads(result.stdout)["error"]["code"] == "spark-open"


def test_without_spark_one_sentence_says_what_to_install(
    known: User, names: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    result = _match("--list", str(names), "--spark", "local[2]")
    assert result.exit_code == 7
    assert result.stderr.startswith("spark-missing: ")
