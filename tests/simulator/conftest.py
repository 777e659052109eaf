"""The cast of the simulator, made once for each process that runs tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.simulator.cast import Cast, make_cast


@pytest.fixture(scope="session")
def cast(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cast]:
    """Four joined nodes, to be copied for each seed."""
    with django_db_blocker.unblock():
        yield make_cast(tmp_path_factory.mktemp("cast"))
