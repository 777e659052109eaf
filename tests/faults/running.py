"""Running a module of the tests as a process of a real node."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from amana.cli.demo_nodes import DemoNode


def run_in(node: DemoNode, module: str, *arguments: str) -> dict[str, Any]:
    """Run a module in a node's surroundings; returns the JSON object that it prints last."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, env=node.surroundings(), check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
