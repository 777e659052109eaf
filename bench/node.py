"""A node's memory at rest and under the exchange, and the time from `make demo` in a fresh clone to the first page.

Memory is the proportional set size of all processes of one node (both doors, the worker and their keeper), from
/proc; under the exchange it is the most of what was seen, twice a second, while the other node sends as fast as it can.
The demo is timed with warm package caches, environment and bundle included.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import httpx

from bench.pair import pair, table

REST_S, LOOK_S = 5, 0.5
MESSAGES, SIZE = 600, 20_000


def processes_of(home: Path) -> list[Path]:
    """The processes whose node lies in this folder."""
    wanted, found = f"AMANA_HOME={home}".encode(), []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.append(folder)
    return found


def proportional_mib(process: Path) -> float:
    """Its proportional set size in MiB; the resident size where the kernel does not tell."""
    try:
        text = (process / "smaps_rollup").read_text()
        (kib,) = re.findall(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    except (OSError, ValueError):
        text = (process / "status").read_text()
        (kib,) = re.findall(r"^VmRSS:\s+(\d+) kB", text, re.MULTILINE)
    return int(kib) / 1024


def at_rest_and_under_load(kind: str) -> tuple[list[float], float]:
    """MiB of each process of a joined, running node that has nothing to do; and of all while it takes messages in."""
    with pair(kind) as nodes:
        nodes.washington.leave_shell()
        time.sleep(REST_S)
        rest = sorted(map(proportional_mib, processes_of(nodes.washington.home)), reverse=True)
        sending = threading.Thread(target=nodes.in_rabat, args=("bench.sender", str(MESSAGES), str(SIZE)))
        sending.start()
        most = sum(rest)
        while sending.is_alive():
            with contextlib.suppress(OSError):  # a process may end while it is looked at
                most = max(most, sum(map(proportional_mib, processes_of(nodes.washington.home))))
            sending.join(LOOK_S)
        return rest, most


def first_page() -> tuple[float, float]:
    """Seconds from `make demo` in a fresh clone until a page answers, and again when all is set up."""
    with tempfile.TemporaryDirectory(prefix="amana-bench-") as folder:
        clone = Path(folder) / "amana"
        subprocess.run(["git", "clone", "--quiet", ".", str(clone)], check=True)
        return _demo(clone), _demo(clone)


def _demo(clone: Path) -> float:
    started = time.perf_counter()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AMANA_")}
    demo = subprocess.Popen(
        ["make", "demo"], cwd=clone, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert demo.stdout is not None
        for line in demo.stdout:
            if address := re.search(r"http://127\.0\.0\.1:\d+/", line):
                httpx.get(address[0], follow_redirects=True).raise_for_status()
                return time.perf_counter() - started
        raise RuntimeError("the demo ended before it named an address")
    finally:
        os.killpg(demo.pid, signal.SIGINT)
        demo.wait(timeout=60)


def main() -> None:
    """Measure and print two tables."""
    row = table(
        "database", "processes", "MiB each, at rest", "MiB at rest", f"most MiB under {SIZE // 1000} KB messages"
    )
    for kind in ("sqlite", "postgresql"):
        each, most = at_rest_and_under_load(kind)
        row(kind, len(each), ", ".join(f"{one:.0f}" for one in each), f"{sum(each):.0f}", f"{most:.0f}")
    print(flush=True)
    row = table("`make demo`", "seconds to the first page")
    fresh, again = first_page()
    row("fresh clone, warm package caches", f"{fresh:.0f}")
    row("set up before", f"{again:.0f}")


if __name__ == "__main__":
    main()
