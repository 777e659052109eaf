"""A memory with all tables and nothing in them, for the nodes that tests make: kept when the suite's own was made.

The migrations take seconds. The suite's database has passed them; a node whose memory begins as a copy of that has
nothing left to migrate, which `amana init` finds by itself. Where nothing was kept, it migrates.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

_kept: Path | str | None = None  # a file of SQLite, or the name of a database of the suite's PostgreSQL


@contextmanager
def kept(folder: Path) -> Iterator[None]:
    """Keep a copy of the suite's database as it is now, for as long as the suite runs.

    There is no such database where no test that was asked for needs one; then nothing is kept.
    """
    global _kept  # noqa: PLW0603 # the one of this process, as its database is
    from django.db import connection

    if connection.vendor == "sqlite" and "mode=memory" in str(connection.settings_dict["NAME"]):
        _kept = folder / "blank.sqlite3"
        connection.ensure_connection()
        with closing(sqlite3.connect(_kept)) as file:
            connection.connection.backup(file)
    elif connection.vendor == "postgresql" and "django_migrations" in connection.introspection.table_names():
        connection.close()  # PostgreSQL copies a database that nobody is in
        _kept = f"{connection.settings_dict['NAME']}_blank"
        psql(f"CREATE DATABASE {_kept} TEMPLATE {connection.settings_dict['NAME']}")
    yield
    if isinstance(_kept, str):
        psql(f"DROP DATABASE {_kept} WITH (FORCE)")
    _kept = None


def file() -> Path | None:
    """The blank memory as a file of SQLite, where one is kept."""
    return _kept if isinstance(_kept, Path) else None


def lay(home: Path) -> None:
    """Lay a blank memory into a node's folder that is to be made."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if isinstance(_kept, Path):
        shutil.copyfile(_kept, home / "amana.sqlite3")


def database_for(name: str) -> Iterator[str]:
    """A database of its own for a node: a blank one on the suite's PostgreSQL, else SQLite in the folder."""
    url = os.environ.get("AMANA_DATABASE_URL", "")
    if not url:
        yield ""
        return
    own = f"{name}_{uuid4().hex[:8]}"
    psql(f"CREATE DATABASE {own}" + (f" TEMPLATE {_kept}" if isinstance(_kept, str) else ""))
    yield f"{url.rsplit('/', 1)[0]}/{own}"
    psql(f"DROP DATABASE {own} WITH (FORCE)")


def psql(statement: str) -> None:
    """Have the suite's PostgreSQL do something."""
    from tools.postgres import binary

    subprocess.run([binary("psql"), "-q", os.environ["AMANA_DATABASE_URL"], "-c", statement], check=True)
