"""The log against edit, truncation, fork and re-signing: what is caught without a witness, and that with one all is.

`python -m bench log-attacks` counts more of them and writes the figures down.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.oversight.attacks import ATTACKS, BLANKED, Attack, count

TRIES = 20


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda one: f"{one.name}, {TRIES} times")
def test_a_witness_catches_every_attack_on_what_it_saw(attack: Attack, tmp_path: Path) -> None:
    caught = count(attack, TRIES, tmp_path)
    resigned = attack.signs_with == "log"
    assert caught.without_witness == (0 if resigned else TRIES)
    assert caught.with_witness == (0 if attack.unseen else TRIES)


def test_words_that_were_removed_are_no_forgery_and_are_counted(tmp_path: Path) -> None:
    caught = count(BLANKED, TRIES, tmp_path)
    assert caught.without_witness == 0
