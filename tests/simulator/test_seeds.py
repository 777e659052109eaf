"""Seeds: each is a small history of four nodes in bad weather, in which every promise is looked at after every step.

`make test` runs 200, `make faults` 10,000, every tenth of them longer. A seed that breaks a promise says how to see it
again.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.simulator.cast import Cast
from tests.simulator.watch import Broken

STEPS, MORE_STEPS = 12, 40
EACH = 10


def chunks(first: int, count: int, each: int) -> list[object]:
    """Ranges of seeds, one for each test."""
    starts = range(first, first + count, each)
    return [pytest.param(range(start, start + each), id=f"seeds-{start}-to-{start + each - 1}") for start in starts]


def live(cast: Cast, seed: int, *, steps: int = STEPS) -> str:
    """Live through one seed; returns the hash of its trace. Raises Broken with how to replay it."""
    world = cast.world(seed)
    try:
        world.run(steps)
    except BaseException as error:
        replay = f"SIM_SEED={seed} SIM_STEPS={steps} pytest -s tests/simulator -k seed_asked_for"
        raise Broken("\n".join((f"seed {seed}: {error}", *world.trace[-40:], f"replay it: {replay}"))) from error
    return world.trace_hash()


@pytest.mark.parametrize("seeds", chunks(0, 200, EACH))
def test_four_nodes_keep_every_promise_in_200_seeds(cast: Cast, seeds: range) -> None:
    for seed in seeds:
        live(cast, seed)


@pytest.mark.faults
@pytest.mark.parametrize("seeds", chunks(1_000, 10_000, 2 * EACH))
def test_four_nodes_keep_every_promise_in_10000_seeds(cast: Cast, seeds: range) -> None:
    for seed in seeds:
        live(cast, seed, steps=MORE_STEPS if seed % 10 == 0 else STEPS)


def test_the_seed_asked_for_is_lived_through_and_told(cast: Cast) -> None:
    world = cast.world(int(os.environ.get("SIM_SEED", "7")))
    try:
        world.run(int(os.environ.get("SIM_STEPS", STEPS)))
    finally:
        print("\n".join(world.trace), world.trace_hash(), sep="\n")


def test_a_seed_replays_exactly(cast: Cast) -> None:
    assert live(cast, 11) == live(cast, 11)
    assert live(cast, 11) != live(cast, 12)


def test_a_seed_replays_exactly_in_another_process(cast: Cast) -> None:
    command = [sys.executable, "-m", "pytest", "-s", "-p", "no:randomly", "tests/simulator", "-k", "seed_asked_for"]
    strange = os.environ | {"SIM_SEED": "11", "PYTHONHASHSEED": "4711", "AMANA_DATABASE_URL": ""}
    told = subprocess.run(command, env=strange, check=True, capture_output=True, text=True).stdout
    assert live(cast, 11) in told.splitlines()
