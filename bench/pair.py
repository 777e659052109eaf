"""Two real nodes for a benchmark, made and joined by the commands that a person types."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from amana.cli.demo_nodes import DemoNode, free_port, introduce, join, running
from tools import postgres

PASSWORD = "a-long-passphrase-7"


@dataclass(frozen=True, slots=True)
class Pair:
    """Rabat sends, Washington receives; both run."""

    rabat: DemoNode
    washington: DemoNode

    def in_rabat(self, module: str, *arguments: str) -> dict[str, Any]:
        """Run a module of this bench as a process of Rabat's node; returns the JSON object that it prints last."""
        return run_in(self.rabat, module, *arguments)


def run_in(node: DemoNode, module: str, *arguments: str) -> dict[str, Any]:
    """Run a module of this bench as a process of a node; returns the JSON object that it prints last."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, env=node.surroundings(), check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def table(*head: str) -> Callable[..., None]:
    """Print the head of a Markdown table; the answer prints one row of it."""
    print("| " + " | ".join(head) + " |\n" + "|---" * len(head) + "|", flush=True)

    def row(*cells: object) -> None:
        print("| " + " | ".join(map(str, cells)) + " |", flush=True)

    return row


@contextlib.contextmanager
def databases(kind: str, names: Sequence[str] = ("rabat", "washington")) -> Iterator[list[str]]:
    """Database URLs for nodes: empty ones for SQLite, a database each of one server for PostgreSQL."""
    if kind == "sqlite":
        yield [""] * len(names)
        return
    with postgres.running(durable=True) as url:
        for name in names:
            subprocess.run([postgres.binary("psql"), "-q", url, "-c", f"CREATE DATABASE {name}"], check=True)
        base = url.rsplit("/", 1)[0]
        yield [f"{base}/{name}" for name in names]


PEOPLE = {"head_of_one": "omar", "head_of_other": "omar", "operator_of_one": "rachid", "operator_of_other": "rachid"}


def _made(home: Path, url: str, port: int) -> DemoNode:
    node = DemoNode(home, free_port(port), free_port(port + 1), "en", "UTC")
    node.environment = {"AMANA_LOG_LEVEL": "error"} | ({"AMANA_DATABASE_URL": url} if url else {})
    country = {"rabat": "MA", "washington": "US"}.get(home.name, "FR")
    node.do("init", "--agency", home.name.title(), "--country", country, "--name", home.name)
    people = {"alice": ("author",), "omar": ("releasing-officer", "head"), "rachid": ("operator",)}
    for login, roles in people.items():
        options = [part for role in roles for part in ("--role", role)]
        node.do("user", "add", login, *options, "--clearance", "TLP:RED", "--password", PASSWORD)
    return node


@contextlib.contextmanager
def lone(kind: str) -> Iterator[DemoNode]:
    """One node in a temporary folder, not running."""
    with tempfile.TemporaryDirectory(prefix="amana-bench-") as folder, databases(kind) as urls:
        node = _made(Path(folder) / "rabat", urls[0], 8640)
        try:
            yield node
        finally:
            node.end()


@contextlib.contextmanager
def pair(kind: str, *, rabat_runs: bool = True) -> Iterator[Pair]:
    """Two joined, running nodes in a temporary folder; with `rabat_runs` false, Rabat is stopped after joining."""
    with tempfile.TemporaryDirectory(prefix="amana-bench-") as folder, databases(kind) as urls:
        nodes = []
        for name, url, port in zip(("rabat", "washington"), urls, (8640, 8650), strict=True):
            nodes.append(_made(Path(folder) / name, url, port))
        rabat, washington = nodes
        with running(rabat, washington):
            join(rabat, washington, **PEOPLE)
            if not rabat_runs:
                rabat.end()
            yield Pair(rabat, washington)


@contextlib.contextmanager
def trio(kind: str) -> Iterator[tuple[DemoNode, DemoNode, DemoNode]]:
    """Three running nodes: Rabat agrees with Washington, Washington with the third; Rabat and the third know cards."""
    names = ("rabat", "washington", "third")
    with tempfile.TemporaryDirectory(prefix="amana-bench-") as folder, databases(kind, names) as urls:
        rows = zip(names, urls, (8640, 8650, 8660), strict=True)
        rabat, washington, third = (_made(Path(folder) / name, url, port) for name, url, port in rows)
        with running(rabat, washington, third):
            join(rabat, washington, **PEOPLE)
            join(washington, third, **PEOPLE)
            introduce(rabat, third, **PEOPLE)
            yield rabat, washington, third
