"""A list comes in once, its next edition as differences, and what it holds is matched like all holdings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from amana.cli.main import cli
from amana.domain.handling import Tlp
from amana.domain.vocabulary import Category
from amana.records.models import LogEntry, Report, User
from amana.services import lists, reports
from amana.services.lists import Differences, Marking, import_list
from amana.services.matching import Subject, match_subject
from tests.intake.test_subject_lists import UN
from tests.services.asking import look
from tests.services.test_cross_checks import GRADE

MARKING = Marking(Category.SUSPECT, GRADE, Tlp.GREEN, frozenset())
PEOPLE = {f"p{place}": [f"Example Person {place}"] for place in range(9)}


@pytest.fixture(autouse=True)
def small_drafts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "ENTRIES_A_DRAFT", 3)


def lines(people: dict[str, list[str]]) -> bytes:
    rows = [{"id": key, "schema": "Person", "properties": {"name": names}} for key, names in people.items()]
    return "\n".join(map(json.dumps, rows)).encode()


def take(alice: User, people: dict[str, list[str]]) -> Differences:
    return import_list(lines(people), name="Example", marking=MARKING, by=alice)


def found(alice: User, name: str) -> list[str]:
    return [one.entity.uid for one in match_subject(Subject((name,)), least=0.9, viewpoint=look(alice))]


def test_a_list_taken_in_twice_changes_nothing_the_second_time(alice: User) -> None:
    assert take(alice, PEOPLE) == Differences(9, 9, 0, 0, 0)
    editions = set(Report.objects.values_list("pk", "edition"))
    assert len(editions) == 3
    assert take(alice, PEOPLE) == Differences(9, 0, 0, 0, 0)
    assert set(Report.objects.values_list("pk", "edition")) == editions


def test_the_next_edition_writes_only_the_drafts_in_which_something_differs(alice: User) -> None:
    take(alice, PEOPLE)
    before = dict(Report.objects.values_list("pk", "edition"))
    changed = {**PEOPLE, "p1": ["Example Person 1", "Zoulikha Boutchichi"]}
    assert take(alice, changed) == Differences(9, 0, 0, 1, 0)
    after = dict(Report.objects.values_list("pk", "edition"))
    assert sum(before[key] != after[key] for key in before) == 1
    assert found(alice, "Zoulikha Boutchichi") == ["p1"]


def test_who_left_the_list_is_found_no_more_and_who_came_is(alice: User) -> None:
    take(alice, {**PEOPLE, "gone": ["Zoulikha Boutchichi"]})
    assert found(alice, "Zoulikha Boutchichi") == ["gone"]
    assert take(alice, {**PEOPLE, "new": ["Abdeslam Tahiri"]}) == Differences(10, 1, 1, 0, 0)
    assert found(alice, "Zoulikha Boutchichi") == []
    assert found(alice, "Abdeslam Tahiri") == ["new"]


def test_what_an_officer_said_of_a_person_outlives_the_next_edition(alice: User) -> None:
    take(alice, PEOPLE)
    row = Report.objects.filter(names__entity__uid="p1").get()
    reports.give_category(row.uid, "p1", Category.CONTACT, by=alice)
    take(alice, {**PEOPLE, "p1": ["Example Person One"]})
    link = Report.objects.get(pk=row.pk).entity_links.get(entity__uid="p1")
    assert link.category == Category.CONTACT


def test_an_import_that_broke_off_is_begun_again(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []

    def stop(part: int, whole: int) -> None:
        done.append(part)
        if part == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_list(lines(PEOPLE), name="Example", marking=MARKING, progress=stop, by=alice)
    assert Report.objects.count() == 2
    second = take(alice, PEOPLE)
    assert Report.objects.count() == 3
    assert 0 < second.came < 9


def test_the_log_counts_and_names_nobody(alice: User) -> None:
    take(alice, PEOPLE)
    entry = LogEntry.objects.get(event__contains="list-imported")
    assert entry.event is not None
    assert '["came","9"]' in entry.event.replace(" ", "")
    assert "Person 1" not in entry.event


def test_the_command_takes_in_a_list_and_matches_it_across_scripts(alice: User, tmp_path: Path) -> None:
    path = tmp_path / "un.xml"
    path.write_text(UN, "utf-8")
    runner, head = CliRunner(), ["--as", "alice"]
    result = runner.invoke(cli, [*head, "list", "import", str(path), "--name", "UN", "--category", "suspect", "--json"])
    assert json.loads(result.stdout) == {"entries": 2, "came": 2, "went": 0, "changed": 0, "left_out": 1}
    (shown,) = json.loads(runner.invoke(cli, [*head, "list", "show", "--json"]).stdout)
    assert (shown["name"], shown["entries"], len(shown["reports"])) == ("UN", 2, 1)
    (match,) = json.loads(
        runner.invoke(cli, [*head, "match", "كريم بلقاضي", "--number", "passport=EX123456", "--json"]).stdout
    )
    assert match["entity"] == "un-6900001"


def test_real_entities_come_in_and_are_found(alice: User, real_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import gzip

    monkeypatch.setattr(lists, "ENTRIES_A_DRAFT", 200)
    path = real_data / "names" / "dev" / "entities.jsonl.gz"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    people: dict[str, list[str]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            entity = json.loads(line)
            if entity["type"] == "person" and len(people) < 400:
                people[entity["id"]] = [name for name, _ in entity["names"]]
    assert take(alice, people).came == len(people)
    chosen = list(people)[::40]
    assert sum(key in found(alice, people[key][0]) for key in chosen) == len(chosen)
