"""How the command line answers: text for people, `--json` for machines, exit codes for both."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar
from uuid import UUID

import click
from django.db import DatabaseError
from django.utils.translation import gettext as _

from amana.domain.answers import Reason
from amana.domain.errors import AmanaError, BadInput, Conflict, NotAllowed, NotFound, Unavailable, gettext_noop
from amana.domain.handling import Purpose
from amana.domain.viewpoint import Viewpoint
from amana.services.keys import NodeMissing, holds_node
from amana.services.people import User, find_officer
from amana.services.people import viewpoint_of as view

P = ParamSpec("P")
R = TypeVar("R")

EXIT_CODES: tuple[tuple[type[AmanaError], int], ...] = (
    (BadInput, 3),
    (NotAllowed, 4),
    (NotFound, 5),
    (Conflict, 6),
    (Unavailable, 7),
)

as_json = click.option("--json", "json_wanted", is_flag=True, help="Answer in JSON, for machines.")


class OfficerMissing(BadInput):
    """Nobody was named as the one who acts."""

    code = "cli-officer-missing"
    sentence = gettext_noop("Say as whom you act: `amana --as NAME …`, or set AMANA_OFFICER.")


def _default(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value).__name__)


def say(data: Any, *, json_wanted: bool, text: Callable[[], str]) -> None:
    """Print the data as JSON or the text for people."""
    if json_wanted:
        click.echo(json.dumps(data, ensure_ascii=False, indent=2, default=_default))
    else:
        click.echo(text())


def sentence_of(error: AmanaError) -> str:
    """The error's sentence in the reader's language."""
    words = _(error.sentence)
    return words % error.params if error.params else words


def sentence_of_reason(reason: Reason) -> str:
    """A reason's sentence in the reader's language."""
    words = _(reason.sentence)
    return words % dict(reason.params) if reason.params else words


def exit_code_of(error: AmanaError) -> int:
    """The documented exit code of an error."""
    return next((code for kind, code in EXIT_CODES if isinstance(error, kind)), 1)


def error_as_data(error: AmanaError) -> dict[str, str]:
    """An error as machines read it."""
    return {"code": error.code, "sentence": sentence_of(error)}


def fail(error: AmanaError, *, json_wanted: bool) -> NoReturn:
    """End with the error's sentence and exit code."""
    if json_wanted:
        click.echo(json.dumps({"error": error_as_data(error)}, ensure_ascii=False))
    else:
        click.echo(f"{error.code}: {sentence_of(error)}", err=True)
    raise SystemExit(exit_code_of(error))


def answering(function: Callable[P, R]) -> Callable[P, R]:
    """Turn the errors of the tree into a sentence and a documented exit code."""

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except AmanaError as error:
            fail(error, json_wanted=bool(kwargs.get("json_wanted")))
        except DatabaseError:
            if holds_node():
                raise
            fail(NodeMissing(), json_wanted=bool(kwargs.get("json_wanted")))

    return wrapped


def officer(context: click.Context) -> User:
    """The acting officer; raises OfficerMissing, OfficerUnknown."""
    name = context.find_root().obj
    if not name:
        raise OfficerMissing
    return find_officer(name)


def viewpoint(context: click.Context, purpose: str) -> Viewpoint:
    """From where the acting officer looks."""
    return view(officer(context), purpose=Purpose(purpose))


def table(rows: list[list[str]]) -> str:
    """Columns, each as wide as its widest cell."""
    if not rows:
        return ""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
