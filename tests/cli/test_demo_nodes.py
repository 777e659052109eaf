"""The demo's nodes: each door a port of its own, and a node that ends under way is named as such."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from amana.cli.demo_nodes import DemoEnded, DemoNode, free_port
from tests.ports import a_port


def test_no_two_doors_get_the_same_port() -> None:
    wanted = a_port()
    with socket.socket() as other:
        other.bind(("127.0.0.1", wanted + 1))
        other.listen()
        given = [free_port(wanted + 1), free_port(wanted + 2), free_port(wanted + 2)]
    assert len({wanted, wanted + 1, *given}) == 5


def test_a_node_that_ends_by_itself_is_said_to_have_ended_with_what_it_said_last(tmp_path: Path) -> None:
    node = DemoNode(tmp_path, a_port(), a_port(), "en", "UTC")  # nothing was initialised here
    node.start()
    try:
        with pytest.raises(DemoEnded, match=r"before the doors: .*node-missing") as told:
            node.wait_for_door()
    finally:
        node.end()
    assert told.value.code == "demo-ended"
