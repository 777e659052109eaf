"""The index follows the database: found at once, gone at once, for each viewpoint what it may read and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from amana.cli.main import cli
from amana.domain.handling import Tlp
from amana.domain.statement import Entity
from amana.domain.vocabulary import Category
from amana.exchange.protocol import RecallBody, Type
from amana.records.models import CrossHit, LogEntry, Report, User
from amana.records.queries.names import editions_in_force
from amana.services import name_index, names_aside, reports
from tests.counterpart import Counterpart
from tests.services.asking import about, entrusted, look
from tests.services.test_cross_checks import BOX, GRADE, SUSPECT, asks_about, holds

ASKED = "كريم بلقاضي"


def found(officer: User, name: str = ASKED) -> list[str]:
    (some,) = name_index.find_names([name], most=10, viewpoint=look(officer))
    return [one.name for one in some]


@pytest.fixture
def kept_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A memory counts as large from its first name on."""
    monkeypatch.setattr(names_aside, "LEAST_KEPT", 1)
    monkeypatch.setattr(name_index, "LEAST_KEPT", 1)


def test_a_name_is_found_in_another_script_as_soon_as_it_is_written(alice: User) -> None:
    assert found(alice) == []
    holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    assert found(alice) == ["Karim Belkadi"]


def test_a_changed_draft_is_found_by_its_new_names_only(alice: User) -> None:
    row = holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    assert found(alice) == ["Karim Belkadi"]
    made = about(GRADE, (SUSPECT, "name", "Omar Tazi"))
    reports.change_draft(row.uid, by=alice, statements=tuple(made["statements"]))  # type: ignore[arg-type]
    assert found(alice) == []
    assert found(alice, "Umar at-Tazi") == ["Omar Tazi"]


def test_a_recalled_report_is_found_no_more(alice: User, washington: Counterpart) -> None:
    row = entrusted(washington)
    assert found(alice) == ["Karim Belkadi"]
    washington.send(washington.message(Type.RECALL, RecallBody(str(row.uid), (1,), "settled"), agreement=""))
    assert found(alice) == []


def test_a_report_one_may_not_read_changes_nothing_one_sees(alice: User, nadia: User) -> None:
    for _ in range(40):
        holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    made = about(GRADE, (SUSPECT, "name", "Kareem Bel Kadhi"))
    green = replace(reports.born_restricted(today=GRADE.as_of), tlp=Tlp.GREEN)
    reports.draft_report(title="G", text="", language="en", evaluation=GRADE, handling=green, by=alice, **made)  # type: ignore[arg-type]
    assert len(found(alice)) == 10
    assert found(nadia) == ["Kareem Bel Kadhi"]


def test_people_without_a_category_are_not_found_until_they_have_one(alice: User) -> None:
    row = holds(alice, (Entity("e1", "Person"), "name", "Karim Belkadi"), (BOX, "containerCode", "CSQU3054383"))
    assert found(alice) == []
    reports.give_category(row.uid, "e1", Category.SUSPECT, by=alice)
    assert found(alice) == ["Karim Belkadi"]


def test_the_names_of_an_erased_report_leave_the_memory_of_the_process(
    alice: User, washington: Counterpart, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = entrusted(washington)
    assert found(alice) == ["Karim Belkadi"]
    washington.send(washington.message(Type.RECALL, RecallBody(str(row.uid), (1,), "settled"), agreement=""))
    monkeypatch.setattr(name_index, "FORGET_EVERY_S", 0)
    assert found(alice) == []
    shelf = name_index._kept.shelf
    assert shelf is not None
    assert not [name for one in shelf.segments for name in one.index.names]


@pytest.mark.usefixtures("kept_in_a_file")
def test_the_file_gives_the_same_answers_and_what_it_lacks_is_read(alice: User) -> None:
    holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    assert name_index.rebuild_index() == 1
    assert names_aside.index_file().is_file()
    holds(alice, (SUSPECT, "name", "Kareem Belkadhi"))
    assert sorted(found(alice)) == ["Kareem Belkadhi", "Karim Belkadi"]
    shelf = name_index._kept.shelf
    assert shelf is not None
    assert [len(one.index) for one in shelf.segments] == [2]


@pytest.mark.usefixtures("kept_in_a_file")
@pytest.mark.parametrize("bytes_left", [0, 500])
def test_a_damaged_file_is_passed_over_and_due_to_be_rebuilt(alice: User, bytes_left: int) -> None:
    holds(alice, (SUSPECT, "name", "Karim Belkadi"), (Entity("e9", "Person", Category.CONTACT), "name", "Omar Tazi"))
    name_index.rebuild_index()
    path: Path = names_aside.index_file()
    path.write_bytes(path.read_bytes()[:bytes_left])
    assert found(alice)[0] == "Karim Belkadi"
    assert names_aside.index_is_due()
    name_index.rebuild_index()
    assert not names_aside.index_is_due()


@pytest.mark.usefixtures("kept_in_a_file")
def test_a_file_with_an_erased_name_is_due_and_the_name_is_gone_from_the_next(
    alice: User, washington: Counterpart
) -> None:
    holds(alice, (SUSPECT, "name", "Omar Tazi"), (Entity("e9", "Person", Category.CONTACT), "name", "Said Alami"))
    row = entrusted(washington)
    name_index.rebuild_index()
    assert b"Karim Belkadi" in names_aside.index_file().read_bytes()
    washington.send(washington.message(Type.RECALL, RecallBody(str(row.uid), (1,), "settled"), agreement=""))
    assert names_aside.index_is_due()
    name_index.rebuild_index()
    assert b"Karim" not in names_aside.index_file().read_bytes()


def test_a_small_memory_has_no_file(alice: User) -> None:
    holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    assert name_index.rebuild_index() == 1
    assert not names_aside.index_file().exists()
    assert not names_aside.index_is_due()
    assert LogEntry.objects.filter(event__contains="name-index-built").count() == 1


def test_every_way_to_write_names_gives_a_new_edition(alice: User, washington: Counterpart) -> None:
    row = holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    first = dict(editions_in_force())
    reports.change_draft(row.uid, by=alice, title="Another")
    second = dict(editions_in_force())
    assert first.keys() == second.keys()
    assert first[row.pk] != second[row.pk]
    entrusted(washington)
    entrusted(washington)
    assert len(set(Report.objects.values_list("edition", flat=True))) == Report.objects.count()


def test_another_process_is_begun_only_where_names_wait_or_the_index_may_be_due(
    alice: User, washington: Counterpart, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[list[str]] = []

    class Begun:
        def __init__(self, command: list[str], **_: object) -> None:
            begun.append(command[1:])

        def poll(self) -> int:
            return 0

    monkeypatch.setattr("amana.services.names_aside.subprocess.Popen", Begun)
    monkeypatch.setattr(names_aside, "COMPARE_EVERY_S", 0.0)
    aside = names_aside.NamesAside()
    holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    assert not aside.look()
    asks_about(washington, (SUSPECT, "name", "كريم بلقاضي"))
    assert aside.look()
    assert begun == [["-m", "amana", "names"]]
    assert CliRunner().invoke(cli, ["names"]).exit_code == 0
    assert CrossHit.objects.count() == 1
    assert not aside.look()
