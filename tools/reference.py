"""Write docs/settings.md, docs/errors.md and docs/cli.md from the code; `--check` says whether they are up to date.

Invariant: what these pages say is read from the settings object, the error tree and the command line themselves, so
that a page can be old but never wrong about the version it was written for.
"""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args, get_origin

if TYPE_CHECKING:
    import click
    from pydantic.fields import FieldInfo

    from amana.domain.errors import AmanaError

DOCS = Path(__file__).resolve().parent.parent / "docs"
WRITTEN_BY = "<!-- Written by `make reference` from the code; change the code, not this page. -->"
WIDTH = 100

SETTINGS_HEAD = f"""# Settings

{WRITTEN_BY}

A setting comes from the environment, or else from the file `node.env` in the node's folder, or else it has its
default. The value of any of them may stand in a file: `AMANA_SECRET_KEY_FILE=/run/secrets/key`. An `AMANA_…`
variable that is not on this page stops the start. No setting switches the log or the oversight off.

| variable | value | default | what it does |
| --- | --- | --- | --- |""".splitlines()

ERRORS_HEAD = f"""# Errors

{WRITTEN_BY}

Every refusal has a code that never changes and one sentence. The sentence is shown in the reader's language; the
`%(…)s` places hold names of fields, limits and ids, never content. The last two columns are the exit code of the
command line and the status of the people's door.

| code | sentence | exit | status |
| --- | --- | --- | --- |""".splitlines()


def wake() -> None:
    """Wake Django over an empty node's folder, whatever this shell has set."""
    for name in [name for name in os.environ if name.startswith("AMANA_")]:
        del os.environ[name]
    os.environ["AMANA_HOME"] = str(Path(tempfile.gettempdir()) / "amana-no-node")
    os.environ["DJANGO_SETTINGS_MODULE"] = "amana.config.settings"
    django = importlib.import_module("django")
    django.setup()


def import_everything() -> None:
    """Import all modules of the project, so that every class of it is known."""
    amana = importlib.import_module("amana")
    for module in pkgutil.walk_packages(amana.__path__, "amana."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def errors() -> list[type[AmanaError]]:
    """Every error that has a code of its own, by code."""
    from amana.domain.errors import AmanaError

    def below(kind: type[AmanaError]) -> Iterator[type[AmanaError]]:
        yield kind
        for child in kind.__subclasses__():
            yield from below(child)

    import_everything()
    ours = {kind for kind in below(AmanaError) if kind.__module__.startswith("amana.") and "code" in vars(kind)}
    return sorted(ours, key=lambda kind: kind.code)


def commands() -> Iterator[tuple[str, click.Command, click.Context]]:
    """Every command of the command line with its full name, groups before what is in them."""
    import click

    from amana.cli.main import cli

    def below(
        name: str, command: click.Command, parent: click.Context | None
    ) -> Iterator[tuple[str, click.Command, click.Context]]:
        own = {**command.context_settings, "terminal_width": WIDTH}
        context = click.Context(command, info_name=name.rsplit(" ", 1)[-1], parent=parent, **own)
        yield name, command, context
        if isinstance(command, click.Group):
            for child in sorted(command.commands):
                yield from below(f"{name} {child}", command.commands[child], context)

    yield from below("amana", cli, None)


def _type_of(field: FieldInfo) -> str:
    kind = field.annotation
    if get_origin(kind) is Literal:
        return " · ".join(f"`{choice}`" for choice in get_args(kind))
    bounds = {
        name: limit
        for rule in field.metadata
        for name in ("ge", "le")
        if (limit := getattr(rule, name, None)) is not None
    }
    words = {
        "bool": "`true` or `false`",
        "int": "a whole number",
        "str": "text",
        "Path": "a folder",
        "SecretStr": "a secret",
    }
    said = words.get(getattr(kind, "__name__", ""), str(kind))
    return f"{said}, {bounds['ge']} to {bounds['le']}" if len(bounds) == 2 else said


def _default_of(field: FieldInfo) -> str:
    value = field.default
    if hasattr(value, "get_secret_value"):
        value = value.get_secret_value()
    if isinstance(value, bool):
        value = str(value).lower()
    return f"`{value}`" if str(value) else "empty"


def settings_page() -> str:
    """The page on settings."""
    from amana.config.node_settings import NodeSettings

    rows = [
        f"| `AMANA_{name.upper()}` | {_type_of(field)} | {_default_of(field)} | {field.description} |"
        for name, field in NodeSettings.model_fields.items()
    ]
    return "\n".join([*SETTINGS_HEAD, *rows, ""])


def errors_page() -> str:
    """The page on errors."""
    from amana.cli.answer import exit_code_of
    from amana.web.middleware import status_of

    lines = [*ERRORS_HEAD]
    for kind in errors():
        error = kind.__new__(kind)
        sentence = kind.sentence.replace("|", "\\|")
        lines.append(f"| `{kind.code}` | {sentence} | {exit_code_of(error)} | {status_of(error)} |")
    return "\n".join([*lines, ""])


def cli_page() -> str:
    """The page on the command line."""
    from django.utils.translation import override

    lines = ["# Command line", "", WRITTEN_BY, "", "`amana COMMAND --help` prints the same as this page.", ""]
    with override("en"):
        for name, command, context in commands():
            hidden = (
                "\nUsed by Amana itself or for a closer look; `--help` does not list it.\n" if command.hidden else ""
            )
            usage = inspect.cleandoc(command.get_help(context))
            level = "##" if name.count(" ") < 2 else "###"
            lines += [
                f"{level} `{name}`",
                hidden,
                "```text",
                *(line.rstrip() for line in usage.splitlines()),
                "```",
                "",
            ]
    return "\n".join(lines)


PAGES = {"settings.md": settings_page, "errors.md": errors_page, "cli.md": cli_page}


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` name those that are out of date; returns the exit code."""
    wake()
    old = []
    for name, write in PAGES.items():
        path, text = DOCS / name, write()
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        old.append(f"docs/{name}")
        if "--check" not in arguments:
            DOCS.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if old and "--check" in arguments:
        print(f"Out of date: {', '.join(old)}. Run `make reference` and commit what it writes.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
