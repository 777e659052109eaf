"""Strangers' bytes meet the readers: seeds, old findings, mutations; in `make faults` a search."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from amana.domain.errors import AmanaError
from tests.conftest import FULL_FAULTS
from tests.fuzz.targets import TARGETS, survive

MUTATIONS = 500
INSERTS = (b"\x00", b"0", b'"', b"[", b"{", b"\\ud800", b"\xff", b"-1", b"9" * 20)
SECONDS = 60
ROOT = Path(__file__).resolve().parents[2]
FOUND = ROOT / "tests" / "fuzz" / "found"


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The bytes with a few changes of the kinds that fuzzers make."""
    bent = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(bent) + 1)
        match chance.randrange(5):
            case 0:
                bent[place:place] = chance.choice(
                    (b"\x00", b"0", b'"', b"[", b"{", b"\\ud800", b"\xff", b"-1", b"9" * 20)
                )
            case 1:
                del bent[place : place + chance.randint(1, 8)]
            case 2 if place < len(bent):
                bent[place] ^= 1 << chance.randrange(8)
            case 3:
                bent[place:place] = bent[place : place + chance.randint(1, 40)]
            case _:
                other = chance.randrange(len(bent) + 1)
                bent[place : place + 4] = bent[other : other + 4]
    return bytes(bent)


@pytest.mark.parametrize("name", TARGETS, ids=lambda name: f"{name}, {MUTATIONS} mutations of each seed")
def test_no_reader_raises_anything_but_a_refusal(name: str) -> None:
    target, chance = TARGETS[name], random.Random(name)
    seeds = list(target.seeds())
    assert seeds
    for seed in seeds:
        survive(target, seed)
    for _ in range(MUTATIONS):
        survive(target, mutated(chance.choice(seeds), chance))


def test_what_was_found_once_is_refused_for_ever() -> None:
    found = sorted(FOUND.glob("*/*"))
    assert found
    for path in found:
        with pytest.raises(AmanaError):
            TARGETS[path.parent.name.replace("-", " ")].read(path.read_bytes())


@pytest.mark.skipif(not FULL_FAULTS, reason="a guided search takes a minute a reader; `make faults` does it")
@pytest.mark.parametrize("name", TARGETS, ids=lambda name: f"{name}, {SECONDS} seconds")
def test_a_guided_search_finds_nothing(name: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="atheris has no wheel for this machine")
    command = [sys.executable, "-m", "tests.fuzz.fuzz_envelope", name, f"--seconds={SECONDS}", f"--findings={tmp_path}"]
    environment = {key: value for key, value in os.environ.items() if key != "TEST_FAULTS"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
