"""Ground for all tests: a node's folder of their own before Django wakes, and the fixed cast.

Alice writes in Rabat, Omar releases, Rachid operates, Salma oversees; Bob sits in Washington, and Charlie in a third
node that should see nothing.
"""

from __future__ import annotations

import gc
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

# `make faults` sets it. Not one of the AMANA_ variables: a node refuses to start with a setting that it does not know.
FULL_FAULTS = os.environ.get("TEST_FAULTS") == "full"
for _name in [name for name in os.environ if name.startswith("AMANA_") and name != "AMANA_DATABASE_URL"]:
    del os.environ[_name]
_HOME = tempfile.TemporaryDirectory(prefix="amana-test-")
os.environ["AMANA_HOME"] = _HOME.name

import pytest
from django.template import Template
from hypothesis import HealthCheck, settings
from pytest_django.plugin import blocking_manager_key

from tests import blank

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import DjangoDbBlocker
    from pytest_django.fixtures import Settings

    from amana.exchange.identity import NodeSecrets
    from amana.records.models import User
    from tests.counterpart import Counterpart

settings.register_profile(
    "amana", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.load_profile("amana")

# Where the tests stand that take longest, these longest first.
LONG = (
    "tests/web/test_markup",
    "tests/journeys/test_every_page",
    "tests/journeys/",
    "tests/faults/test_proxy",
    "tests/faults/test_races",
    "tests/faults/test_database",
    "tests/web/test_query_bounds",
    "tests/matching/test_spark",
    "tests/faults/",
    "tests/simulator/",
)

_RENDER = Template._render  # type: ignore[attr-defined] # Django's own, before its test environment takes its place
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.hookimpl(trylast=True)  # after the shuffling
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that at the end no worker waits for another's long test."""
    items.sort(
        key=lambda item: next((place for place, one in enumerate(LONG) if item.nodeid.startswith(one)), len(LONG))
    )


def pytest_collection_finish() -> None:
    """What was read stays until the end: let no collection of garbage look through it again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """After a test with real transactions all tables are empty: give the log the head again that a migration made.

    After the last of all there are no tables any more.
    """
    yield
    marker = item.get_closest_marker("django_db")
    if nextitem is not None and marker is not None and marker.kwargs.get("transaction"):
        from amana.records.models import LogHead

        with item.config.stash[blocking_manager_key].unblock():
            LogHead.objects.get_or_create(pk=1)


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The suite's database, of which a copy is kept before anything is written into it."""
    with django_db_blocker.unblock(), blank.kept(tmp_path_factory.mktemp("blank")):
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_disk() -> Iterator[None]:
    """Wait for no disk in this process: nothing here outlives a power cut, and each key that is made would wait."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _descriptor: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_pages(django_test_environment: None) -> Iterator[None]:
    """Render as the node does: Django's test environment keeps a copy of the context for each part of each page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", _RENDER)
        yield


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Let each test begin in English: a command or a page of the test before may have spoken another language."""
    from django.utils import translation

    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Real inputs beside the checkout; a test that asks for them is skipped where they are absent."""
    if not DATA.is_dir():
        pytest.skip("real inputs (../shared/data) are not beside this checkout")
    return DATA


@pytest.fixture(autouse=True)
def fresh_counts() -> None:
    """Let each test begin without failed sign-ins and used codes of the test before."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture
def node(db: None, tmp_path: Path, settings: Settings) -> NodeSecrets:
    """Rabat's node: a folder, keys, a card and an empty log, for one test."""
    from amana.services.node import init_node

    settings.AMANA = settings.AMANA.model_copy(update={"home": tmp_path / "rabat"})
    return init_node(agency="Agency of Rabat", country="MA", name="rabat")


def officer(name: str, *roles: str, clearance: str = "TLP:RED") -> User:
    """One of the cast, with a sign-in on the node at hand."""
    from amana.domain.handling import Tlp
    from amana.domain.viewpoint import Role
    from amana.services.people import add_officer

    return add_officer(
        name=name,
        password="a-long-passphrase-7",
        roles=[Role(role) for role in roles],
        clearance=Tlp(clearance),
        by="operator",
    )


@pytest.fixture
def alice(node: NodeSecrets) -> User:
    """Writes reports."""
    return officer("alice", "author", "analyst")


@pytest.fixture
def omar(node: NodeSecrets) -> User:
    """Heads the desk and releases."""
    return officer("omar", "releasing-officer", "head")


@pytest.fixture
def rachid(node: NodeSecrets) -> User:
    """Operates the node; reads no content."""
    return officer("rachid", "operator")


@pytest.fixture
def salma(node: NodeSecrets) -> User:
    """Oversees."""
    return officer("salma", "overseer")


@pytest.fixture
def nadia(node: NodeSecrets) -> User:
    """Writes reports too, but is cleared for TLP:GREEN only."""
    return officer("nadia", "author", clearance="TLP:GREEN")


@pytest.fixture
def washington(node: NodeSecrets, omar: User) -> Counterpart:
    """Bob's node, played by hand: a confirmed partner with an agreement in force."""
    from tests.counterpart import Counterpart

    return Counterpart.joined("washington", "US", head=omar)


@pytest.fixture
def third(node: NodeSecrets, omar: User) -> Counterpart:
    """Charlie's node: a confirmed partner without any agreement."""
    from tests.counterpart import Counterpart

    return Counterpart.introduced("third", "FR", head=omar)
