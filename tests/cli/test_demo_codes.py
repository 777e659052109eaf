"""Codes of a demo's fictional people: right by RFC 6238, given in a demo's folder, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from amana.cli.demo_codes import DemoMissing, code_at, current_code, keep_secrets, new_secret
from amana.exchange.identity import NodeSecrets
from amana.records.models import User
from amana.services import exercise
from amana.services.factors import has_factor
from amana.services.node import init_node, is_exercise
from tests.conftest import officer
from tests.signing import code_of

RFC = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # “12345678901234567890”, the secret of the standard's examples


@pytest.mark.parametrize(("at", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924")])
def test_codes_are_those_of_the_standard(at: int, code: str) -> None:
    assert code_at(RFC, at) == code_of(RFC, at=at) == code


def test_a_code_is_given_only_where_a_demo_lives_and_for_its_people(tmp_path: Path) -> None:
    keep_secrets(tmp_path, {"alice": new_secret()})
    with pytest.raises(DemoMissing):  # no demo was ever made here
        current_code(tmp_path, "alice")
    (tmp_path / "demo").touch()
    code, left = current_code(tmp_path, "alice")
    assert len(code) == 6
    assert 0 < left <= 30
    for folder, name in ((tmp_path, "bob"), (tmp_path / "nowhere", "alice")):
        with pytest.raises(DemoMissing):
            current_code(folder, name)
    assert (tmp_path / "sign-ins.json").stat().st_mode & 0o777 == 0o600


def test_a_real_node_takes_no_factor_from_the_demo(node: NodeSecrets, alice: User) -> None:
    with pytest.raises(exercise.NoExercise):
        exercise.enrol("alice", RFC)


@pytest.mark.django_db
def test_a_node_made_for_an_exercise_says_so_in_its_first_entry(tmp_path: Path, settings: Settings) -> None:
    settings.AMANA = settings.AMANA.model_copy(update={"home": tmp_path / "played"})
    init_node(agency="Agency of Rabat", country="MA", name="rabat", exercise=True)
    assert is_exercise()
    alice = officer("alice", "author")
    exercise.enrol("alice", RFC)
    assert has_factor(alice)
