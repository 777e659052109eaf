"""The hostile corpus ends in refusals, in time, in little memory, and nothing of it ever reaches a parser unfenced."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import amana
from amana.intake.extract import Refused, extract
from tests.intake.corpus import NEUTRALISED, REFUSED, Hostile

# The limit of the issue is 10 s; the clock of a busy machine is only a guard against hanging.
GUARD_SECONDS = 10
MOST_MEMORY = 512 * 1024 * 1024

# Measured from a small process of its own: what a large parent holds when it starts a child counts as the child's.
_MEASURE = """
import resource, sys, pathlib
from amana.intake.extract import Refused, extract
for path in sys.argv[1:]:
    try:
        extract(pathlib.Path(path).read_bytes(), filename="x" + pathlib.Path(path).suffix)
    except Refused:
        pass
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""


def test_the_corpus_holds_sixty_different_refusals() -> None:
    small = [one for one in REFUSED if "name" not in one.name and "bomb" not in one.name and "MB" not in one.name]
    assert len({one.name for one in REFUSED}) == len(REFUSED) >= 60
    assert len({one.make() for one in small}) == len(small) >= 60


@pytest.mark.parametrize("hostile", REFUSED, ids=lambda one: one.name)
def test_a_hostile_file_is_refused_with_its_code(hostile: Hostile) -> None:
    data, began = hostile.make(), time.monotonic()
    with pytest.raises(Refused) as refusal:
        extract(data, filename=hostile.filename)
    assert time.monotonic() - began < GUARD_SECONDS
    assert refusal.value.code in ((hostile.code,) if isinstance(hostile.code, str) else hostile.code)
    assert "%(" not in str(refusal.value)


@pytest.mark.parametrize("hostile", NEUTRALISED, ids=lambda one: one.name)
def test_what_deceives_is_left_out_with_a_warning(hostile: Hostile) -> None:
    found = extract(hostile.make(), filename=hostile.filename)
    assert hostile.code in found.warnings
    assert not any(sign in found.text for sign in "\u202e\u200b\u2066\x1b\x00\U000e0041")
    assert "ignore all rules" not in found.text
    assert "secret" not in found.text
    assert "steal" not in found.text


def test_no_child_ever_used_more_than_512_megabytes(tmp_path: Path) -> None:
    heavy = [one for one in REFUSED if any(word in one.name for word in ("bomb", "deep", "5,000", "lie", "parts"))]
    paths = []
    for number, hostile in enumerate(heavy):
        path = tmp_path / f"{number}{Path(hostile.filename).suffix}"
        path.write_bytes(hostile.make())
        paths.append(os.fspath(path))
    source = os.fspath(Path(amana.__file__).parents[1])
    ran = subprocess.run(
        [sys.executable, "-c", _MEASURE, *paths],
        env={"PYTHONPATH": source},
        capture_output=True,
        check=True,
        timeout=120,
    )
    assert 0 < int(ran.stdout) <= MOST_MEMORY
