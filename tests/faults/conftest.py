"""What the tests of faults and attacks share: the world that forgeries meet, made once a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.forged_world import Written

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker


@pytest.fixture(scope="session")
def forged(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Written:
    """A node that has something to lose."""
    with django_db_blocker.unblock():
        return Written.down(tmp_path_factory.mktemp("forged") / "rabat")
