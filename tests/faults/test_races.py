"""A recall that races a release, or the worker: on real connections, in a real file or on the suite's PostgreSQL."""

from __future__ import annotations

import pytest

from amana.cli.demo_nodes import DemoNode
from tests.faults.running import run_in


@pytest.mark.parametrize("against", ["release", "worker"])
def test_in_0_of_200_rounds_words_leave_after_the_recall(rabat: DemoNode, against: str) -> None:
    found = run_in(rabat, "tests.faults.racer", against, "200")
    print(found)
    assert found["sent_after"] == 0
    assert sum(found["first"].values()) == 200
    assert set(found["first"]) == {"recall", against}, "the rounds were no race"
