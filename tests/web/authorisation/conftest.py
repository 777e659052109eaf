"""The scene of the matrix, played once for all that is asked on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.authorisation.scene import Scene, played


@pytest.fixture(scope="package")
def scene(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One scene for all cells; each test, and each cell, is undone."""
    with django_db_blocker.unblock(), played(tmp_path_factory.mktemp("scene")) as found:
        yield found
