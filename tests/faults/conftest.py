"""Rabat's node as a real folder and database, for processes that put it under faults."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from amana.cli.demo_nodes import DemoNode
from tests.journeys.conftest import RABAT, database_for, made


@pytest.fixture
def rabat(tmp_path: Path) -> Iterator[DemoNode]:
    """Rabat's node with its people, not running: the racers are its only processes."""
    urls = database_for("rabat")
    node = made("rabat", "MA", tmp_path, next(urls), 18_900, RABAT)
    node.leave_shell()
    yield node
    next(urls, None)
