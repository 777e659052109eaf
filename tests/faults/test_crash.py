"""kill -9 before every durable step of every operation: nothing lost, nothing twice, nothing unlogged, the node works.

Each point of the named operations dies plainly and every second one in four more ways, every fourth one of the others
once; with `make faults` every point of the named dies in 25 ways, of the others in five. The names say how many.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import blank
from tests.conftest import FULL_FAULTS
from tests.faults.crash_house import MODES, Deaths, Way
from tests.faults.crash_operations import OPERATIONS, Operation
from tests.faults.crash_planted import PLANTED

WAYS = [Way(mode, seed) for seed in range(5 if FULL_FAULTS else 1) for mode in MODES]
OTHERS = WAYS[: len(MODES)] if FULL_FAULTS else WAYS[:1]
CASES = [(one, way) for one in OPERATIONS.values() for way in (WAYS if one.named else OTHERS)]
POINTS = sum(one.fewest for one in OPERATIONS.values())


def apart(one: Operation, way: Way) -> int:
    """From one point at which an operation dies in this way to the next."""
    if FULL_FAULTS or (one.named and way == WAYS[0]):
        return 1
    return 2 if one.named else 4


IN_ALL_WAYS = sum(len(range(0, one.fewest, apart(one, WAYS[-1]))) for one in OPERATIONS.values() if one.named)


@pytest.fixture(scope="session")
def deaths(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deaths]:
    folder = tmp_path_factory.mktemp("house")
    blank.lay(folder / "prepared" / "rabat")
    with Deaths(folder, full=FULL_FAULTS) as house:
        yield house


@pytest.mark.parametrize(
    ("one", "way"), CASES, ids=[f"{one.name}, {one.fewest} points or more, {way}" for one, way in CASES]
)
def test_what_dies_at_any_point_comes_back_whole(one: Operation, way: Way, deaths: Deaths) -> None:
    found = deaths.points(one.name, way)
    assert way.mode == "answers lost" or len(found) >= one.fewest
    wrong = [
        f"{one.name}/{number:02} {name}: {problem}"
        for number, name in list(enumerate(found))[:: apart(one, way)]
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
    "figures",
    [f"{POINTS} points or more in {len(OPERATIONS)} operations, {IN_ALL_WAYS} of them in {len(WAYS)} ways each"],
)
def test_at_least_40_points_are_each_died_at_5_times(figures: str) -> None:
    assert IN_ALL_WAYS >= 40
    assert len(WAYS) >= (25 if FULL_FAULTS else 5)
