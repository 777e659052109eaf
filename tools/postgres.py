"""A PostgreSQL of one's own for as long as a command runs: `postgres.py COMMAND…` sets AMANA_DATABASE_URL for it.

It listens on a socket in a temporary folder only, is run as another user when we are root (PostgreSQL refuses root),
and ends with this process, whatever happens.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

PATIENCE_S = 60


def binary(name: str) -> str:
    """The newest of PostgreSQL's server programs of that name; raises FileNotFoundError."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    if found:
        return str(found[-1])
    if on_path := shutil.which(name):
        return on_path
    raise FileNotFoundError(f"{name}: install the package postgresql")


def as_user() -> tuple[list[str], str | None]:
    """How to start a server, and as whom, where we are root."""
    if os.geteuid() != 0:
        return [], None
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in names else "nobody"
    return ["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--clear-groups"], user


@contextlib.contextmanager
def running(*, durable: bool = False) -> Iterator[str]:
    """Run a server (with `durable`, as one for real data); gives the URL of its database `postgres`.

    The user is `amana`, without a password: its socket is private.
    """
    with tempfile.TemporaryDirectory(prefix="amana-pg-") as name:
        folder, (prefix, user) = Path(name), as_user()
        if user is not None:
            shutil.chown(folder, user)
            folder.chmod(0o711)
        data = folder / "data"
        made = [*prefix, binary("initdb"), "-D", str(data), "-U", "amana", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL, cwd="/")
        options = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "60"}
        ending = ["setpriv", "--pdeathsig", "INT", *prefix[1:]]
        command = [*ending, binary("postgres"), "-D", str(data), "-k", str(folder), "-h", ""]
        for option, value in options.items() if not durable else ():
            command += ["-c", f"{option}={value}"]
        with (folder / "server.log").open("wb") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log, cwd="/")
        try:
            _wait(folder, server)
            yield f"postgresql://amana@{quote(str(folder), safe='')}/postgres"
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=30)


def _wait(folder: Path, server: subprocess.Popen[bytes]) -> None:
    ready = [binary("pg_isready"), "-q", "-h", str(folder), "-U", "amana", "-d", "postgres"]
    deadline = time.monotonic() + PATIENCE_S
    while subprocess.run(ready, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError((folder / "server.log").read_text())
        time.sleep(0.1)


def main(command: list[str]) -> int:
    """Run the command beside a server; returns its exit code."""
    with running() as url:
        return subprocess.run(command, check=False, env=os.environ | {"AMANA_DATABASE_URL": url}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
