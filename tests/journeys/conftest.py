"""Two real nodes: their own folders, databases, doors and workers, joined by card and agreement."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from amana.cli.demo_nodes import DemoNode, introduce, join, running
from tests import blank
from tests.blank import database_for
from tests.ports import a_port

PASSWORD = "a-long-passphrase-7"


def made(
    name: str,
    country: str,
    folder: Path,
    url: str,
    people: dict[str, tuple[str, ...]],
    *,
    environment: dict[str, str] | None = None,
) -> DemoNode:
    """A node with its people; `environment` holds more settings of it."""
    node = DemoNode(folder / name, a_port(), a_port(), "en", "UTC")
    node.environment = (environment or {}) | ({"AMANA_DATABASE_URL": url} if url else {})
    if not url:
        blank.lay(node.home)
    node.do("init", "--agency", f"Agency of {name.title()}", "--country", country, "--name", name, "--exercise")
    for login, roles in people.items():
        options = [part for role in roles for part in ("--role", role)]
        node.do("user", "add", login, *options, "--clearance", "TLP:RED", "--password", PASSWORD)
        node.enrol(login)
    return node


RABAT = {
    "alice": ("author", "analyst"),
    "omar": ("releasing-officer", "head"),
    "salma": ("overseer",),
    "rachid": ("operator",),
}
THIRD = {"charlie": ("author",), "chloe": ("releasing-officer", "head"), "conrad": ("operator",)}
WASHINGTON = {"bob": ("author",), "grace": ("releasing-officer", "head"), "owen": ("operator",)}


@pytest.fixture(scope="session")
def nodes(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DemoNode, DemoNode]]:
    """Rabat and Washington, running and joined; made once, so what a test leaves on them is there for the next."""
    folder = tmp_path_factory.mktemp("nodes")
    first, second = database_for("rabat"), database_for("washington")
    rabat = made("rabat", "MA", folder, next(first), RABAT)
    washington = made("washington", "US", folder, next(second), WASHINGTON)
    try:
        with running(rabat, washington):
            join(rabat, washington, head_of_one="omar", head_of_other="grace")
            yield rabat, washington
    finally:
        for rest in (first, second):
            next(rest, None)


@pytest.fixture(scope="module")
def three(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[DemoNode, DemoNode, DemoNode]]:
    """Rabat and Washington, and a third node that joins them: its card is known to both, it agrees with Washington."""
    folder = tmp_path_factory.mktemp("three")
    urls = [database_for(name) for name in ("rabat", "washington", "third")]
    rabat = made("rabat", "MA", folder, next(urls[0]), RABAT)
    washington = made("washington", "US", folder, next(urls[1]), WASHINGTON)
    third = made("third", "FR", folder, next(urls[2]), THIRD)
    try:
        with running(rabat, washington):
            join(rabat, washington, head_of_one="omar", head_of_other="grace")
            with running(third):
                people = {"head_of_other": "chloe", "operator_of_other": "conrad"}
                join(washington, third, head_of_one="grace", operator_of_one="owen", **people)
                introduce(rabat, third, head_of_one="omar", **people)
                yield rabat, washington, third
    finally:
        for rest in urls:
            next(rest, None)
