"""Every command for every role: what the command line lets through is what the pages let through."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from django.db import transaction

from amana.cli.main import cli
from amana.records.models import Entity
from tests.web.authorisation.commands import COMMANDS, MACHINE, Command
from tests.web.authorisation.scene import ABOVE, ELSEWHERE, FITS, WORD, Scene
from tests.web.authorisation.table import READERS, ROLES

pytestmark = [pytest.mark.django_db, pytest.mark.once]
NOT_ALLOWED = 4


def words_of(group: click.Command, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command below a group, as it is typed."""
    if not isinstance(group, click.Group):
        yield " ".join(path)
        return
    if group.invoke_without_command:
        yield " ".join(path)
    for name, one in group.commands.items():
        yield from words_of(one, (*path, name))


def test_every_command_is_in_the_table_and_every_row_has_its_command() -> None:
    assert set(words_of(cli)) == {one.words for one in COMMANDS}


def test_nobody_can_make_a_code_for_somebody_else(scene: Scene) -> None:
    assert "user code" not in set(words_of(cli))
    typed = CliRunner().invoke(cli, ["demo", "enrol", "victim", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"])
    assert (typed.exit_code, "node-no-exercise" in typed.output) == (NOT_ALLOWED, True)
    typed = CliRunner().invoke(cli, ["demo", "code", "victim"])
    assert "demo-no-sign-in" in typed.output


def arguments(command: Command, scene: Scene, folder: Path) -> list[str]:
    """A command's arguments with the scene's objects in them."""
    there = folder / "there.txt"
    there.write_text("The lorry waited at the port of Casablanca.", encoding="utf-8")
    places = {kind.upper(): str(found[FITS]) for kind, found in scene.things.items()}
    places |= {kind.upper(): str(found[FITS]) for kind, found in scene.parts.items()}
    places |= {kind.upper(): str(found) for kind, found in scene.fixed.items()}
    entity = Entity.objects.filter(originator="rabat").order_by("pk").values_list("uid", flat=True).first()
    places |= {"FILE": str(folder / "new"), "THERE": str(there), "ENTITY-ID": str(entity)}
    return [places.get(word, word) for word in shlex.split(command.arguments)]


@pytest.mark.parametrize("command", [one for one in COMMANDS if one.who != MACHINE], ids=str)
def test_only_whose_role_may_is_let_through(scene: Scene, command: Command, tmp_path: Path) -> None:
    wrong = []
    for role in ROLES:
        if command.only_denied and role in command.who:
            continue
        typed = ["--as", role, *command.words.split(), *arguments(command, scene, tmp_path)]
        (tmp_path / "new").unlink(missing_ok=True)
        with transaction.atomic():
            result = CliRunner().invoke(cli, typed)
            transaction.set_rollback(True)
        if result.exit_code in (1, 2):
            wrong.append(f"{role}: broken ({result.exit_code}) {result.output[-120:]!r} {result.exception!r}")
        elif (result.exit_code != NOT_ALLOWED) != (role in command.who):
            wrong.append(f"{role}: {result.exit_code} {result.output[:120]!r}")
        hidden = [WORD[ABOVE], WORD[ELSEWHERE]] if role in READERS else list(WORD.values())
        wrong += [f"{role} is shown {word}" for word in hidden if word in result.output]
    assert not wrong, "\n".join(wrong)
