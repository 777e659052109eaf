"""Thousands of messages between two running nodes through the fault proxy: each is held once, in order, receipted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from amana.cli.demo_nodes import DemoNode, join, running
from tests.blank import database_for
from tests.faults.proxy import RATES, Fate, FaultProxy, answers_after, packet_after
from tests.faults.running import run_in
from tests.journeys.conftest import RABAT, WASHINGTON, made
from tests.ports import a_port

ALLOWANCE = 0.03


@pytest.fixture
def through_the_proxy(django_db_setup: None, tmp_path: Path) -> Iterator[tuple[DemoNode, DemoNode, FaultProxy]]:
    """Rabat and Washington, running and joined; what Rabat sends to Washington goes through the proxy."""
    first, second = database_for("rabat"), database_for("washington")
    port = a_port()
    rabat = made("rabat", "MA", tmp_path, next(first), RABAT)
    washington = made(
        "washington",
        "US",
        tmp_path,
        next(second),
        WASHINGTON,
        environment={"AMANA_PARTNER_URL": f"https://127.0.0.1:{port}"},
    )
    door = f"https://127.0.0.1:{washington.partner_port}"
    keys = {"sender": rabat.home / "keys", "receiver": washington.home / "keys"}
    try:
        with FaultProxy(port, **keys, door=door, seed=24).serving() as proxy, running(rabat, washington):
            join(rabat, washington, head_of_one="omar", head_of_other="grace")
            rabat.leave_shell()
            washington.leave_shell()
            yield rabat, washington, proxy
    finally:
        for rest in (first, second):
            next(rest, None)


def all_arrive_once(nodes: tuple[DemoNode, DemoNode, FaultProxy], count: int) -> None:
    """Send that many through the storm, and look at both sides."""
    rabat, washington, proxy = nodes
    proxy.fates.stormy = True
    sent = run_in(rabat, "tests.faults.sender", str(count))
    held = run_in(washington, "tests.faults.tally")
    print(sent, {str(fate): count for fate, count in proxy.fates.drawn.items()}, proxy.fates.passages.total())
    assert sent["states"] == {"queued": 0, "sending": 0, "delivered": count + 1, "refused": 0}
    assert sent["receipts"] == count
    assert held["titles"] == [f"Report {number}" for number in range(count)]
    assert held["seqs"] == list(range(1, count + 2))
    assert (held["reports"], held["entries"], held["different_entries"]) == (count, count, count)
    assert held["quarantine"] == 0
    suffered = sum(min(2, passed) for passed in proxy.fates.passages.values())
    for fate, rate in RATES.items():
        assert abs(proxy.fates.drawn[fate] / suffered - rate) < ALLOWANCE, fate


@pytest.mark.timeout(900)
def test_1000_messages_through_a_bad_network_are_each_held_once_in_order_and_receipted(
    through_the_proxy: tuple[DemoNode, DemoNode, FaultProxy],
) -> None:
    all_arrive_once(through_the_proxy, 1_000)


@pytest.mark.faults
@pytest.mark.timeout(3_000)
def test_10000_messages_through_a_bad_network_are_each_held_once_in_order_and_receipted(
    through_the_proxy: tuple[DemoNode, DemoNode, FaultProxy],
) -> None:
    all_arrive_once(through_the_proxy, 10_000)


def test_the_proxy_drops_duplicates_and_reorders_as_it_says() -> None:
    nothing: frozenset[Fate] = frozenset()
    fates = [frozenset({Fate.REORDERED}), nothing, frozenset({Fate.DUPLICATED}), frozenset({Fate.DROPPED})]
    order = packet_after(fates)
    assert order == [1, 0, 2, 2]
    assert answers_after(fates, order, [b"1", b"0", b"2", b"2 again"]) == [b"0", b"1", b"2 again"]
    unheard = [nothing, frozenset({Fate.UNANSWERED}), nothing]
    assert answers_after(unheard, [0, 1, 2], [b"0", b"1", b"2"]) == [b"0"]
