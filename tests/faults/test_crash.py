"""kill -9 before every durable step of every operation: nothing lost, nothing twice, nothing unlogged, the node works.

Each point dies in every way, and `make faults` has five times as many ways. The names say how many there are.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import FULL_FAULTS
from tests.faults.crash_house import MODES, Deaths, Way
from tests.faults.crash_operations import OPERATIONS, Operation
from tests.faults.crash_planted import PLANTED

WAYS = [Way(mode, seed) for seed in range(5 if FULL_FAULTS else 1) for mode in MODES]
POINTS = sum(one.fewest for one in OPERATIONS.values())


@pytest.fixture(scope="session")
def deaths(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deaths]:
    with Deaths(tmp_path_factory.mktemp("house"), full=FULL_FAULTS) as house:
        yield house


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("one", OPERATIONS.values(), ids=lambda one: f"{one.name}, {one.fewest} points or more")
def test_what_dies_at_any_point_comes_back_whole(one: Operation, way: Way, deaths: Deaths) -> None:
    found = deaths.points(one.name, way)
    assert way.mode == "answers lost" or len(found) >= one.fewest
    wrong = [
        f"{one.name}/{number:02} {name}: {problem}"
        for number, name in enumerate(found)
        for problem in deaths.die(one.name, number, name, way)
    ]
    assert not wrong


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found(name: str, deaths: Deaths) -> None:
    way = Way("plain", 0)
    found = deaths.points(name, way)
    wrong = [problem for number, point in enumerate(found) for problem in deaths.die(name, number, point, way)]
    assert wrong


@pytest.mark.parametrize(
    "figures", [f"{POINTS} points or more in {len(OPERATIONS)} operations, each in {len(WAYS)} ways"]
)
def test_at_least_40_points_are_each_died_at_5_times(figures: str) -> None:
    assert POINTS >= 40
    assert len(WAYS) >= (25 if FULL_FAULTS else 5)
