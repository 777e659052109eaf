"""The database failing at each write of each act: nothing is half done or unlogged, and the next try succeeds."""

from __future__ import annotations

from amana.cli.demo_nodes import DemoNode
from tests.faults.running import run_in


def test_7_acts_are_done_whole_or_not_at_all_at_each_of_over_200_failing_writes(rabat: DemoNode) -> None:
    found = run_in(rabat, "tests.faults.saboteur")
    for act, faults in found["acts"].items():
        print(act, faults)
        for fault, (struck, half_done, _errors) in faults.items():
            assert half_done == 0, f"{act} was half done after {fault}"
            assert struck >= 2 or fault not in ("broken", "gone"), f"{fault} did not strike each write of {act}"
    struck_by = {fault: sum(one[fault][0] for one in found["acts"].values()) for fault in found["acts"]["release"]}
    print(struck_by)
    assert sum(struck_by.values()) >= 200
    assert min(struck_by.values()) >= 5
