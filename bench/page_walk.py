"""The part of the page benchmark that runs inside a node: fill it, then walk every page as each role. Prints JSON.

Time is that of one request from Django's handler to the last byte of the answer, with the node's own middleware and
a session that is signed in; the trivial page beside it answers two letters through the same middleware.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from importlib import import_module
from time import perf_counter, process_time
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amana.config.settings")
django.setup()

import numpy as np
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from amana.domain.handling import Tlp
from amana.domain.viewpoint import Role
from amana.records.models import Entity, LogHead, Report, Statement, User
from amana.services.name_index import rebuild_index
from amana.services.node import init_node
from amana.services.people import add_officer
from bench.filling import fill
from bench.holdings import DAYS, Clock
from bench.page_table import Page, pages
from tests.signing import enter

SAMPLES, WARM, LOOKED = 60, 3, 2
PEOPLE = {
    "author": (Role.AUTHOR,),
    "analyst": (Role.ANALYST,),
    "releasing-officer": (Role.RELEASING_OFFICER,),
    "port-officer": (Role.PORT_OFFICER,),
    "head": (Role.HEAD,),
    "overseer": (Role.OVERSEER,),
    "operator": (Role.OPERATOR,),
}
NOBODY = "nobody yet"


def make(reports: int) -> dict[str, str]:
    """Make a node, fill it, and let the database know what it holds; says how much there is and how long it took."""
    begun, clock = perf_counter(), Clock(timezone.now() - timedelta(days=DAYS))
    with clock.running():
        init_node(agency="Agency of Rabat", country="MA", name="rabat")
        people = {name: _officer(f"officer-{name}", roles) for name, roles in PEOPLE.items()}
        fill(reports, people["author"], people["head"])
    rebuild_index()
    with connection.cursor() as cursor:  # as PostgreSQL does by itself after a while
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    tables = {"reports": Report, "statements": Statement, "entities": Entity}
    found = {name: f"{model._default_manager.count():,}" for name, model in tables.items()}
    entries = LogHead.objects.values_list("size", flat=True).get(pk=1)
    return found | {"log entries": f"{entries:,}", "filled in s": f"{perf_counter() - begun:.0f}"}


def _officer(name: str, roles: tuple[Role, ...]) -> User:
    return add_officer(name=name, password="a-long-passphrase-7", roles=roles, clearance=Tlp.RED, by="operator")


def signed_in(person: User) -> Client:
    """A browser in which that person went through both steps of the door."""
    client = _browser()
    enter(client, person)
    return client


def _browser() -> Client:
    return Client(SERVER_NAME=next((one for one in settings.ALLOWED_HOSTS if one[:1] not in "*."), "localhost"))


def clients() -> dict[str, Client]:
    """A browser for each role, and one that is not signed in."""
    signed = {name: signed_in(User.objects.get(username=f"officer-{name}")) for name in PEOPLE}
    return signed | {NOBODY: _browser()}


@contextmanager
def counted() -> Iterator[Callable[[], int]]:
    """Count the queries inside of the block."""
    many = 0

    def count(execute: Callable[..., Any], *rest: Any) -> Any:
        nonlocal many
        many += 1
        return execute(*rest)

    with connection.execute_wrapper(count):
        yield lambda: many


def opened(client: Client, path: str) -> tuple[float, int]:
    """Milliseconds of one answer, by the clock, and its status."""
    begun = perf_counter()
    answer = client.get(path)
    len(answer.content if not answer.streaming else b"".join(answer))
    return (perf_counter() - begun) * 1000, answer.status_code


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds of a page: p50 and p95 by the clock, and p95 of this process alone on its core.

    The clock is also that of a database server; the core is not lengthened by other work on the machine.
    """

    p50: float
    p95: float
    core: float


def walk(only: str = "", samples: str = str(SAMPLES)) -> dict[str, Any]:
    """Measure every page as the role for which it is slowest, beside the trivial page."""
    assert not settings.DEBUG, "pages are measured as they are served"
    settings.ROOT_URLCONF = "bench.page_urls"
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 24 * 3600  # a walk may take longer than one's password stays fresh
    import_module("amana.config.wsgi")  # what the door does once it is loaded
    logging.disable(logging.WARNING)  # what is not allowed is asked as well
    browsers, rows = clients(), []
    found = [one for one in pages(browsers["head"]) if one.name != "bench-trivial" and one.name.startswith(only)]
    assert opened(browsers["head"], "/bench-trivial/")[1] == 200
    trivial = measured(browsers["head"], "/bench-trivial/", int(samples))
    for page in found:
        seen = {name: slowest for name, client in browsers.items() if (slowest := _first_looks(client, page))}
        if not seen:
            raise AssertionError(f"nobody may open {page.path} ({page.name}, {page.label})")
        who = max(seen, key=lambda name: seen[name])
        took = measured(browsers[who], page.path, int(samples))
        with counted() as queries:
            opened(browsers[who], page.path)
        rows.append(
            {
                "page": page.name,
                "what": page.label,
                "roles": len(seen),
                "slowest": who,
                "queries": queries(),
                **asdict(took),
            }
        )
        print(page.name, page.label, who, took, queries(), file=sys.stderr, flush=True)
    return {"trivial": asdict(trivial), "pages": rows}


def _first_looks(client: Client, page: Page) -> float:
    """The time of a warm look, 0 where this role is not let in."""
    looks = [opened(client, page.path) for _ in range(LOOKED)]
    if any(status >= 500 for _, status in looks):
        raise AssertionError(f"{page.path} fails")
    return min(taken for taken, _ in looks) if looks[-1][1] == 200 else 0.0


def measured(client: Client, path: str, samples: int) -> Took:
    """How long a page takes, warm."""
    for _ in range(WARM):
        opened(client, path)
    gc.collect()
    clock, core = [], []
    for _ in range(samples):
        begun = process_time()
        clock.append(opened(client, path)[0])
        core.append((process_time() - begun) * 1000)
    return Took(float(np.quantile(clock, 0.5)), float(np.quantile(clock, 0.95)), float(np.quantile(core, 0.95)))


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    print(json.dumps(make(int(rest[0])) if what == "make" else walk(*rest)))
