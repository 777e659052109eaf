"""Whom of our holdings somebody may be: one name, or a whole list."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
from django.utils.translation import gettext as _

from amana.cli.answer import answering, as_json, say, sentence_of_reason, viewpoint
from amana.cli.documents import purpose_option
from amana.domain.errors import BadInput, gettext_noop
from amana.services.match_files import Line, read_list, require_form, write_answer
from amana.services.matching import POSSIBLE, Match, Subject, match_list, match_subject, name_engine


class NothingToMatch(BadInput):
    """Neither a name, a number nor a list was given, or both a list and a name."""

    code = "cli-match-nothing"
    sentence = gettext_noop("Give a name, a number with --number, or a list with --list; a list by itself.")


class NumberMalformed(BadInput):
    """A number does not say what it is."""

    code = "cli-match-number"
    sentence = gettext_noop(
        "Write a number with its kind, such as passport=AB123456, phone=+212661234567 or imo=9074729."
    )


@click.command()
@click.argument("name", nargs=-1)
@click.option("--birth", multiple=True, metavar="DATE", help="Born on, as exact as known: 1980, 1980-05, 1980-05-17.")
@click.option("--country", multiple=True, metavar="CODE", help="A country it belongs to, such as ma.")
@click.option("--schema", default="", help="What it is: Person, Organization, Vessel …; empty for any.")
@click.option("--number", "numbers", multiple=True, metavar="KIND=VALUE", help="A number: passport, phone, iban, imo …")
@click.option(
    "--list", "list_", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A CSV file of subjects."
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to: .csv, .xlsx or .json.")
@click.option("--most", type=click.IntRange(1, 100), default=10, show_default=True, help="At most so many a subject.")
@click.option(
    "--least", type=click.FloatRange(0, 1), default=POSSIBLE, show_default=True, help="The least likeness that is told."
)
@click.option(
    "--spark",
    default="",
    metavar="MASTER",
    help="Find the names of a list with worker processes of Spark, given the names in clear: local[4], spark://host:7077.",
)
@purpose_option
@as_json
@click.pass_context
@answering
def match(
    context: click.Context,
    name: tuple[str, ...],
    birth: tuple[str, ...],
    country: tuple[str, ...],
    schema: str,
    numbers: tuple[str, ...],
    list_: Path | None,
    out: Path | None,
    most: int,
    least: float,
    spark: str,
    purpose: str,
    json_wanted: bool,
) -> None:
    """Find whom of our holdings NAME may be, in any spelling and script, and say why.

    Birth date, country and numbers count where both sides know them. With --list every line of a CSV file is looked
    for: its first line names the columns (name, birth, country, schema, passport, phone, iban, imo …); “;” parts values
    in a cell. A likeness is no probability and no finding: it is a lead, and a named person decides.
    """
    if bool(list_) == bool(name or numbers) or ((out or spark) and not list_):
        raise NothingToMatch
    look = viewpoint(context, purpose)
    if list_ is None:
        asked = Subject(
            (" ".join(name),) if name else (), schema, birth, _codes(country), tuple(map(number_of, numbers))
        )
        found = match_subject(asked, most=most, least=least, viewpoint=look)
        say([match_data(one) for one in found], json_wanted=json_wanted, text=lambda: _as_text(found))
        return
    if out is not None:
        require_form(out)
    lines = read_list(list_.read_bytes())
    subjects = [line.subject for line in lines]
    with name_engine(spark, viewpoint=look) as engine:
        answers = match_list(subjects, most=most, least=least, engine=engine, viewpoint=look)
        rows = [row for line, found in _watched(lines, answers) for row in _rows(line, found)]
    if out is not None:
        write_answer(out, rows)
    told = {"lines": len(lines), "found": len({row["line"] for row in rows if row["match"]})}
    data: Any = told | {"file": str(out)} if out else rows
    say(data, json_wanted=json_wanted, text=lambda: _rows_as_text(rows, told, out))


def _codes(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(code.lower() for code in given)


def number_of(text: str) -> tuple[str, str]:
    """Kind and value of a number, such as passport=AB123456. Raises NumberMalformed."""
    kind, _equals, value = text.partition("=")
    if not kind.strip() or not value.strip():
        raise NumberMalformed
    return kind.strip().lower(), value.strip()


def _watched(lines: list[Line], answers: Iterable[tuple[Match, ...]]) -> Iterator[tuple[Line, tuple[Match, ...]]]:
    """Lines with their answers as they come, under a bar on standard error."""
    with click.progressbar(
        zip(lines, answers, strict=True), length=len(lines), label=_("Comparing"), file=sys.stderr
    ) as bar:
        yield from bar


def match_data(one: Match) -> dict[str, Any]:
    """A match, for machines."""
    return {
        "entity": one.entity.uid,
        "originator": one.entity.originator,
        "schema": one.entity.schema,
        "names": list(one.names),
        "likeness": round(one.score.value, 4),
        "strength": one.strength,
        "reasons": [{"code": why.code, "sentence": sentence_of_reason(why)} for why in one.score.reasons],
        "reports": [{"report": str(row.uid), "version": row.version, "title": row.title} for row in one.reports],
    }


def _as_text(found: tuple[Match, ...]) -> str:
    blocks = []
    for one in found:
        head = f"{one.score.value:.2f}  {_word(one.strength)}  {' · '.join(one.names)}  [{one.entity.schema}]"
        why = [f"  – {sentence_of_reason(reason)}" for reason in one.score.reasons]
        where = [f"  → {row.uid}  {row.title}" for row in one.reports]
        blocks.append("\n".join([head, *why, *where]))
    return "\n\n".join(blocks) or _("Nobody and nothing that you may see is like that.")


def _word(strength: str) -> str:
    return {"strong": _("strong"), "possible": _("possible"), "weak": _("weak")}[strength]


def _rows(line: Line, found: tuple[Match, ...]) -> Iterator[dict[str, str | int]]:
    """The rows of one line in the answer: one a match, or one that says there is none."""
    for one in found:
        yield {
            "line": line.number,
            "asked": line.name,
            "match": one.names[0] if one.names else one.entity.caption,
            "likeness": f"{one.score.value:.2f}",
            "strength": one.strength,
            "entity": one.entity.uid,
            "schema": one.entity.schema,
            "names": "; ".join(one.names),
            "reasons": " ".join(map(sentence_of_reason, one.score.reasons)),
            "reports": " ".join(str(row.uid) for row in one.reports),
        }
    if not found:
        empty = dict.fromkeys(("match", "likeness", "strength", "entity", "schema", "names", "reasons", "reports"), "")
        yield {"line": line.number, "asked": line.name, **empty}


def _rows_as_text(rows: list[dict[str, str | int]], told: dict[str, int], out: Path | None) -> str:
    end = _("%(found)s of %(lines)s lines have a match.") % told
    if out is not None:
        return end
    hits = [f"{row['line']}: {row['asked']} → {row['likeness']}  {row['match']}" for row in rows if row["match"]]
    return "\n".join([*hits, end])
