"""Many commands in one process: each line on standard input is a JSON list of arguments, each answer a JSON line."""

from __future__ import annotations

import json
import sys

import click
from click.testing import CliRunner


@click.command(hidden=True)
@click.pass_context
def shell(context: click.Context) -> None:
    """Run commands from standard input, one JSON list of arguments a line; the demo uses it."""
    runner = CliRunner()
    root = context.find_root().command
    for line in sys.stdin:
        result = runner.invoke(root, json.loads(line))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        print(json.dumps({"exit": result.exit_code, "output": result.output}), flush=True)
