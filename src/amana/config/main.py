"""The way in: `amana …` finds the node's folder, wakes Django and hands over to the operator's door."""

from __future__ import annotations

import os
import sys


def home_from(arguments: list[str]) -> str | None:
    """The value of `--home` among the arguments, if it is there."""
    for place, argument in enumerate(arguments):
        if argument.startswith("--home="):
            return argument.removeprefix("--home=")
        if argument == "--home" and place + 1 < len(arguments):
            return arguments[place + 1]
    return None


def main() -> None:
    """Run the command line; the exit codes are in docs/cli.md."""
    home = home_from(sys.argv[1:])
    if home is not None:
        os.environ["AMANA_HOME"] = home
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amana.config.settings")

    from amana.domain.errors import AmanaError

    try:
        import django

        django.setup()
    except AmanaError as error:
        sys.exit(f"{error.code}: {error}")

    from amana.cli.main import cli

    cli(prog_name="amana")
