"""Two nodes for the demo: made, joined and driven by the same commands that a person types."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from amana.cli.demo_codes import new_secret
from amana.domain.errors import Unavailable, gettext_noop

Say = Callable[[str], None]
PATIENCE_S = 60
_given: set[int] = set()


class DemoStuck(Unavailable):
    """A step of the demo did not come about."""

    code = "demo-stuck"
    sentence = gettext_noop("The demo waited in vain for: %(what)s. The nodes' messages are in %(folder)s.")


class DemoEnded(Unavailable):
    """A node of the demo stopped although nobody asked it to."""

    code = "demo-ended"
    sentence = gettext_noop("A node of the demo stopped by itself, before %(what)s: %(last)s")


class DemoFailed(Unavailable):
    """A command of the demo failed."""

    code = "demo-failed"
    sentence = gettext_noop("The demo's command “%(command)s” failed: %(output)s")


def free_port(wanted: int) -> int:
    """The wanted port on the loopback address, or the next one that is free; none is given twice. Raises DemoStuck.

    Nothing listens on it yet: two doors that ask one after the other would else get the same.
    """
    for port in range(wanted, wanted + 200):
        if port in _given:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                _given.add(port)
                return port
    raise DemoStuck(what="a free port", folder="-")


@dataclass(slots=True)
class DemoNode:
    """One node: its folder and ports, a shell for its commands, and its running processes.

    `secrets` are those of its people's authenticators, by name.
    """

    home: Path
    port: int
    partner_port: int
    language: str
    time_zone: str
    say: Say | None = None
    _shell: subprocess.Popen[str] | None = None
    _running: subprocess.Popen[bytes] | None = None
    environment: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def enrol(self, login: str) -> None:
        """Give one of an exercise node's people an authenticator whose secret is known here."""
        self.secrets[login] = new_secret()
        self.do("demo", "enrol", login, self.secrets[login], quiet=True)

    @property
    def address(self) -> str:
        """Where people sign in."""
        return f"http://127.0.0.1:{self.port}/"

    def surroundings(self) -> dict[str, str]:
        """The environment of the node's processes: nothing of the caller's AMANA settings."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("AMANA_")}
        return own | {
            "AMANA_HOME": str(self.home),
            "AMANA_PORT": str(self.port),
            "AMANA_PARTNER_PORT": str(self.partner_port),
            "AMANA_LANGUAGE": self.language,
            "AMANA_TIME_ZONE": self.time_zone,
            **self.environment,
        }

    def do(self, *arguments: str, officer: str = "", quiet: bool = False) -> Any:
        """Run one command as a person would type it, and return its JSON answer. Raises DemoFailed."""
        typed = [*(["--as", officer] if officer else []), *arguments]
        if self.say is not None and not quiet:
            self.say(f"   $ amana {shlex.join(_shorten(typed))}")
        if self._shell is None:
            self._shell = subprocess.Popen(
                [sys.executable, "-m", "amana", "shell"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=self.surroundings(),
                start_new_session=True,  # Ctrl-C is for the demo; the shell ends when its input does
            )
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        self._shell.stdin.write(json.dumps([*typed, "--json"]) + "\n")
        self._shell.stdin.flush()
        line = self._shell.stdout.readline()
        if not line:  # it broke down; the next command starts another
            self.leave_shell()
        answer: dict[str, Any] = json.loads(line) if line else {"exit": 1, "output": "no answer"}
        if answer["exit"] != 0:
            raise DemoFailed(command=shlex.join(typed), output=answer["output"].strip())
        return json.loads(answer["output"])

    def start(self) -> None:
        """Run the node: `amana run`, its messages in `run.log`."""
        log = (self.home / "run.log").open("ab")
        self._running = subprocess.Popen(
            [sys.executable, "-m", "amana", "run"], env=self.surroundings(), stdout=log, stderr=log
        )
        log.close()

    def wait_for_door(self) -> None:
        """Wait until both doors answer. Raises DemoStuck and DemoEnded."""
        self.wait(lambda: _answers(self.port) and _answers(self.partner_port), "the doors")

    def wait(self, what: Callable[[], Any], name: str) -> Any:
        """Wait until something is true, and return it. Raises DemoStuck and DemoEnded."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            found = what()
            if found:
                return found
            if self._running is not None and self._running.poll() is not None:
                raise DemoEnded(what=name, last=_end_of(self.home / "run.log"))
            time.sleep(0.1)
        raise DemoStuck(what=name, folder=self.home)

    def leave_shell(self) -> None:
        """End the process that runs commands; the next command starts another."""
        if self._shell is not None and self._shell.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # it broke down before
                self._shell.stdin.close()
            self._shell.wait(timeout=20)
            self._shell = None

    def end(self) -> None:
        """Stop the node's processes, and no others."""
        self.leave_shell()
        if self._running is not None:
            self._running.terminate()
            self._running.wait(timeout=30)
            self._running = None


def _shorten(typed: list[str]) -> list[str]:
    return [word if len(word) < 60 else word[:57] + "…" for word in typed]


def _end_of(log: Path) -> str:
    said = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return " / ".join([line.strip() for line in said if line.strip()][-3:])


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def running(*nodes: DemoNode) -> Iterator[None]:
    """Run nodes for a while, and end them whatever happens."""
    try:
        for node in nodes:
            node.start()
        for node in nodes:
            node.wait_for_door()
        yield
    finally:
        with contextlib.ExitStack() as ends:
            for node in nodes:
                ends.callback(node.end)


def introduce(
    one: DemoNode,
    other: DemoNode,
    *,
    head_of_one: str,
    head_of_other: str,
    operator_of_one: str = "rachid",
    operator_of_other: str = "owen",
) -> None:
    """Exchange cards and compare fingerprints: the two nodes know each other's keys, and nothing is agreed yet.

    The operator of each node brings the other's card, its head compares the fingerprint.
    """
    for here, there, head, operator in (
        (one, other, head_of_one, operator_of_one),
        (other, one, head_of_other, operator_of_other),
    ):
        card = there.do("partner", "card", quiet=True)
        file = here.home / "partner.card"
        file.write_text(card["card"], encoding="ascii")
        brought = here.do("partner", "add", str(file), officer=operator)
        here.do("partner", "confirm", brought["node"], card["fingerprint"], officer=head)


def join(
    one: DemoNode,
    other: DemoNode,
    *,
    head_of_one: str,
    head_of_other: str,
    operator_of_one: str = "rachid",
    operator_of_other: str = "owen",
) -> str:
    """Exchange cards, compare fingerprints, and sign an agreement; returns its number. Both nodes must run."""
    introduce(
        one,
        other,
        head_of_one=head_of_one,
        head_of_other=head_of_other,
        operator_of_one=operator_of_one,
        operator_of_other=operator_of_other,
    )
    partner = other.do("partner", "card", quiet=True)
    name = next(
        row["node"] for row in one.do("partner", "list", quiet=True) if row["fingerprint"] == partner["fingerprint"]
    )
    proposed = one.do("agreement", "propose", name, officer=head_of_one)
    number = str(proposed["id"])

    def state(node: DemoNode) -> str:
        rows = node.do("agreement", "show", quiet=True)
        return next((str(row["state"]) for row in rows if row["id"] == number), "")

    other.wait(lambda: state(other) == "proposed", "the proposal")
    other.do("agreement", "accept", number[:8], officer=head_of_other)
    one.wait(lambda: state(one) == "in-force", "the counter-signature")
    return number
