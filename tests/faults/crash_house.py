"""The process that lets others die: warm, with the house prepared once, it forks a child for each death and recovery.

`Deaths` is what tests use. It speaks to this module, run as a program, in one JSON line a question, so that what dies
never shares a thread, a socket or a database with the test's own process.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.faults.crash_operations import Operation

MODES = ("plain", "log not checkpointed", "again in recovery", "twice in recovery", "answers lost")


@dataclass(frozen=True, slots=True)
class Way:
    """How a process dies: one of the modes, and a seed that says where it dies again while it recovers."""

    mode: str
    seed: int

    def __str__(self) -> str:
        return self.mode if self.seed == 0 else f"{self.mode}, {self.seed}"


class Deaths:
    """The warm process, asked by a test. Close it, or use it as a context manager."""

    def __init__(self, folder: Path, *, full: bool) -> None:
        """`full` recovers from each death, even where it left what an earlier one left."""
        command = [sys.executable, "-m", "tests.faults.crash_house", str(folder), *(["full"] if full else [])]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AMANA_")}
        environment |= {"AMANA_HOME": str(folder / "none"), "DJANGO_SETTINGS_MODULE": "tests.quick_settings"}
        environment |= {"AMANA_LOG_LEVEL": "error"}
        root = Path(__file__).resolve().parents[2]
        pipe = subprocess.PIPE
        self._points: dict[tuple[str, str], list[str]] = {}
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, cwd=root, env=environment, text=True)

    def __enter__(self) -> Deaths:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the warm process end, which it does when nobody asks any more."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)

    def points(self, operation: str, way: Way) -> list[str]:
        """The points of an operation, in order, from a dry run that must end well; one run is enough for a mode."""
        if (operation, way.mode) in self._points:
            return self._points[operation, way.mode]
        answer = self._ask({"ask": "points", "operation": operation, "mode": way.mode})
        if answer["problems"]:
            raise AssertionError(answer["problems"])
        return self._points.setdefault((operation, way.mode), answer["points"])

    def die(self, operation: str, point: int, name: str, way: Way) -> list[str]:
        """Die before one point of an operation, recover, and say what is broken; empty where nothing is."""
        question = {"operation": operation, "point": point, "name": name, "mode": way.mode, "seed": way.seed}
        return list(self._ask({"ask": "die", **question})["problems"])

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline() or '{"problems": ["the process ended"]}')
        return answer


class _Warm:
    """The program's side: the folder, in which `prepared` is the house as it was made."""

    def __init__(self, folder: Path, *, full: bool) -> None:
        self._folder, self._full = folder, full
        self._verdicts: dict[tuple[str, Way, str], list[str]] = {}

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """Answer one question."""
        from tests.faults.crash_operations import OPERATIONS
        from tests.faults.crash_planted import PLANTED

        operation = (OPERATIONS | PLANTED)[question["operation"]]
        place = self._copy(operation)
        try:
            if question["ask"] == "points":
                return self._dry_run(operation, place, Way(question["mode"], 0))
            return {"problems": self._death(operation, place, question)}
        finally:
            shutil.rmtree(place)

    def _copy(self, operation: Operation) -> Path:
        place = self._folder / "copy"
        shutil.copytree(self._folder / "prepared", place, ignore=shutil.ignore_patterns("unmade"))
        if operation.fresh:
            shutil.rmtree(place / "rabat")
            shutil.copytree(self._folder / "prepared" / "unmade", place / "rabat")
        return place

    def _dry_run(self, operation: Operation, place: Path, way: Way) -> dict[str, Any]:
        status, told = _child(place, lambda: _act(operation, place, way, -1, ""))
        problems = [] if status == 0 else [f"the dry run ended with {status}: {told}"]
        problems = problems or self._recover(operation, place, Way("plain", 0))
        return {"points": told, "problems": problems}

    def _death(self, operation: Operation, place: Path, question: dict[str, Any]) -> list[str]:
        way, point, name = Way(question["mode"], question["seed"]), question["point"], question["name"]
        status, told = _child(place, lambda: _act(operation, place, way, point, name))
        if status != -signal.SIGKILL:
            return [f"it did not die at {name}: {status}, {told}"]
        left = question["operation"], way, left_behind(place, self._folder / "prepared")
        if self._full or left not in self._verdicts:
            self._verdicts[left] = self._recover(operation, place, way)
        return self._verdicts[left]

    def _recover(self, operation: Operation, place: Path, way: Way) -> list[str]:
        """Recover, dying on the way as often as the mode says, until a child comes through."""
        again = {"again in recovery": [1 + way.seed * 3], "twice in recovery": [4 + way.seed * 3, 2 + way.seed * 5]}
        for point in again.get(way.mode, []):
            status, told = _child(place, lambda point=point: _recovery(operation, place, point))  # type: ignore[misc]
            if status not in (0, -signal.SIGKILL):
                return [f"the recovery ended with {status}: {told}"]
        status, told = _child(place, lambda: _recovery(operation, place, -1))
        return told if status == 0 else [f"the recovery ended with {status}: {told}"]


def left_behind(place: Path, prepared: Path) -> str:
    """A hash over what a death left, the same for two deaths from which nobody could recover differently.

    Most deaths inside one transaction leave the same bytes. Keys and numbers are made anew each time, so of keys only
    their names, their sizes and whether they are those of before count, and of Bob's ledger what he did.
    """
    found = sha256()
    for path in sorted(path for path in place.rglob("*") if path.is_file()):
        name = path.relative_to(place).as_posix()
        if name.endswith(("-shm", "-turn", "told.json")):
            continue
        found.update(f"\n{name} {path.stat().st_size if name != 'bob/ledger' else ''}\n".encode())
        if name == "bob/ledger":
            lines = map(json.loads, path.read_text().splitlines())
            found.update(json.dumps([(line["what"], line.get("seq"), line.get("name")) for line in lines]).encode())
        elif not name.startswith("rabat/keys/"):
            found.update(path.read_bytes())
        else:
            before = prepared / name
            found.update(b"kept" if before.is_file() and before.read_bytes() == path.read_bytes() else b"new")
    return found.hexdigest()


def _child(place: Path, work: Callable[[], list[str]]) -> tuple[int, list[str]]:
    """Do work in a forked child; returns how it ended (a signal as a negative number) and what it told."""
    told = place / "told.json"
    told.unlink(missing_ok=True)
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            lines, status = work(), 0
        except BaseException:
            lines = [traceback.format_exc()]
        told.write_text(json.dumps(lines))
        os._exit(status)
    _, code = os.waitpid(pid, 0)
    lines = json.loads(told.read_text()) if told.exists() else []
    return os.waitstatus_to_exitcode(code), lines


def _act(operation: Operation, place: Path, way: Way, point: int, name: str) -> list[str]:
    """Do the operation, dying before a point; returns the points that were passed."""
    from django.db import connection

    from tests.faults.crash_points import Points
    from tests.faults.crash_world import House

    house = House.at(place, losing=way.mode == "answers lost", refusing=operation.refusing)
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA wal_autocheckpoint={0 if way.mode == 'log not checkpointed' else 1}")
    points = Points(house.folder, die_at=point, expected=name, sees=operation.sees)
    points.watch()
    operation.act(house)
    points.step("end")
    return points.names


def _recovery(operation: Operation, place: Path, point: int) -> list[str]:
    """Do what people, the worker and Bob do after a death, until all is quiet; returns what is broken then.

    The node must work before anybody does again what was broken off.
    """
    from tests.faults.crash_invariants import broken, works
    from tests.faults.crash_points import Points
    from tests.faults.crash_world import House

    house = House.at(place, refusing=operation.refusing)
    Points(house.folder, die_at=point).watch()
    if operation.fresh:
        operation.act(house)
        return [] if operation.done(house) else ["it is not done"]
    problems = list(works(house))
    operation.act(house)
    _until_quiet(house, operation.later)
    problems += [] if operation.done(house) else ["it is not done"]
    return problems + broken(house)


def _until_quiet(house: Any, later: timedelta) -> None:
    """Let the worker and Bob take turns until neither has anything to do."""
    from django.utils import timezone

    from amana.records.models import Outbox
    from amana.services.housekeeping import Rounds, work_once

    at = timezone.now() + later
    waiting = Outbox.objects.filter(state__in=[Outbox.State.QUEUED, Outbox.State.SENDING])
    for _ in range(20):
        at += timedelta(minutes=2)
        carried = work_once(Rounds(), at=at)
        if not (house.bob.push() or carried or waiting.exists()):
            return
    raise AssertionError("it is never quiet")


def main(folder: Path, *, full: bool) -> None:
    """Prepare the house, then answer one question a line until nobody asks any more."""
    import django

    django.setup()
    from django.db import connections

    from tests.faults import crash_invariants, crash_planted
    from tests.faults.crash_world import prepare

    assert crash_invariants and crash_planted
    prepared = folder / "prepared"
    prepared.mkdir(parents=True, exist_ok=True)
    prepare(prepared)
    connections.close_all()
    # A process that is killed loses nothing that the kernel has, so nobody waits for a disk here.
    os.fsync = lambda fd: None
    connections["default"].settings_dict["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
    gc.disable()
    gc.freeze()
    warm = _Warm(folder, full=full)
    for line in sys.stdin:
        print(json.dumps(warm.answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), full="full" in sys.argv[2:])
