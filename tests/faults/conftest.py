"""What the tests of faults share: the world that forgeries meet, and Rabat's node as a real folder and database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from amana.cli.demo_nodes import DemoNode
from tests.blank import database_for
from tests.faults.forged_world import Written
from tests.journeys.conftest import RABAT, made

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker


@pytest.fixture(scope="session")
def forged(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Written:
    """A node that has something to lose."""
    with django_db_blocker.unblock():
        return Written.down(tmp_path_factory.mktemp("forged") / "rabat")


@pytest.fixture
def rabat(django_db_setup: None, tmp_path: Path) -> Iterator[DemoNode]:
    """Rabat's node with its people, not running: the processes that put it under faults are its only ones."""
    urls = database_for("rabat")
    node = made("rabat", "MA", tmp_path, next(urls), RABAT)
    node.leave_shell()
    yield node
    next(urls, None)
