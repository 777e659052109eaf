"""Two real nodes for a benchmark, made and joined by the commands that a person types."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from amana.cli.demo_nodes import DemoNode, free_port, join, running
from tools import postgres

PASSWORD = "a-long-passphrase-7"


@dataclass(frozen=True, slots=True)
class Pair:
    """Rabat sends, Washington receives; both run."""

    rabat: DemoNode
    washington: DemoNode

    def in_rabat(self, module: str, *arguments: str) -> str:
        """Run a module of this bench as a process of Rabat's node; returns what it prints."""
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(
            command, env=self.rabat.surroundings(), check=True, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
        )
        return done.stdout


@contextlib.contextmanager
def databases(kind: str) -> Iterator[tuple[str, str]]:
    """Database URLs for two nodes: empty ones for SQLite, two databases of one server for PostgreSQL."""
    if kind == "sqlite":
        yield "", ""
        return
    with postgres.running(durable=True) as url:
        for name in ("rabat", "washington"):
            subprocess.run([postgres.binary("psql"), "-q", url, "-c", f"CREATE DATABASE {name}"], check=True)
        base = url.rsplit("/", 1)[0]
        yield f"{base}/rabat", f"{base}/washington"


@contextlib.contextmanager
def pair(kind: str, *, rabat_runs: bool = True) -> Iterator[Pair]:
    """Two joined, running nodes in a temporary folder; with `rabat_runs` false, Rabat is stopped after joining."""
    with tempfile.TemporaryDirectory(prefix="amana-bench-") as folder, databases(kind) as urls:
        nodes = []
        for name, url, port in zip(("rabat", "washington"), urls, (8640, 8650), strict=True):
            node = DemoNode(Path(folder) / name, free_port(port), free_port(port + 1), "en", "UTC")
            node.environment = {"AMANA_DATABASE_URL": url, "AMANA_LOG_LEVEL": "warning"} if url else {}
            if extra := os.environ.get("DJANGO_SETTINGS_MODULE"):
                node.environment["DJANGO_SETTINGS_MODULE"] = extra
            node.do("init", "--agency", name.title(), "--country", "MA" if name == "rabat" else "US", "--name", name)
            for login, roles in (("alice", ("author",)), ("omar", ("releasing-officer", "head", "operator"))):
                options = [part for role in roles for part in ("--role", role)]
                node.do("user", "add", login, *options, "--clearance", "TLP:RED", "--password", PASSWORD)
            nodes.append(node)
        rabat, washington = nodes
        with running(rabat, washington):
            join(rabat, washington, head_of_one="omar", head_of_other="omar")
            if not rabat_runs:
                rabat.end()
            yield Pair(rabat, washington)
