"""Hit or no hit on the command line: asking blindly, what came of it, silent subjects, alarms."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import click
from django.utils.translation import gettext as _

from amana.cli.answer import answering, as_json, officer, say, sentence_of_reason, table, viewpoint
from amana.cli.documents import purpose_option
from amana.cli.matching import number_of
from amana.domain.answers import Reason
from amana.domain.errors import BadInput, gettext_noop
from amana.domain.handling import Purpose
from amana.domain.times import instant
from amana.domain.vocabulary import Category, CrimeArea
from amana.services import blind_desk
from amana.services.blind_asking import ask_blindly
from amana.services.blind_subjects import Asked, asked_of
from amana.services.match_files import read_list
from amana.services.matching import Subject

CATEGORIES = [str(one) for one in Category if one is not Category.UNKNOWN]


class BlindNobody(BadInput):
    """Nothing was named to ask about, or a list and a name."""

    code = "cli-blind-nobody"
    sentence = gettext_noop(
        "Name whom to ask about with --person or --number, or give a list with --list; a list by itself."
    )


@click.group("blind")
def blind_group() -> None:
    """Hit or no hit: ask whether a partner holds a subject, without showing whom; see docs/hit-no-hit.md."""


@blind_group.command()
@click.option("--to", "partner", required=True, help="The partner that is asked.")
@click.option("--case", required=True, help="The case that it is asked for; the partner reads it.")
@click.option("--ground", required=True, help="The legal ground, in words; the partner and the overseer read it.")
@click.option("--person", default="", help="A person's name; it needs --born or a number.")
@click.option("--category", type=click.Choice(CATEGORIES), help="What the person is; needed for people.")
@click.option("--born", multiple=True, metavar="DATE", help="Born on: 1980-05-17, or 1980 where no more is known.")
@click.option("--number", "numbers", multiple=True, metavar="KIND=VALUE", help="passport, phone, iban, imo, container.")
@click.option(
    "--list",
    "list_",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV file as for `amana match`.",
)
@purpose_option
@as_json
@click.pass_context
@answering
def ask(
    context: click.Context,
    partner: str,
    case: str,
    ground: str,
    person: str,
    category: str | None,
    born: tuple[str, ...],
    numbers: tuple[str, ...],
    list_: Path | None,
    purpose: str,
    json_wanted: bool,
) -> None:
    """Ask a partner blindly whether it holds a subject, or any of a list.

    The partner learns that you asked, for which purpose and case, and the size of the round; not about whom, and not
    whether anything hit. Each round is counted against the agreement's budget.
    """
    if bool(list_) == bool(person or numbers):
        raise BlindNobody
    kind = Category(category) if category else None
    if list_ is not None:
        asked = [_asked(line.subject, kind, f"{line.number}: {line.name}") for line in read_list(list_.read_bytes())]
    else:
        given = Subject((person,) if person else (), "", born, (), tuple(map(number_of, numbers)))
        asked = [_asked(given, kind, person or numbers[0])]
    made = ask_blindly(asked, partner=partner, purpose=Purpose(purpose), case=case, ground=ground, by=officer(context))
    opened = blind_desk.show_question(made.pk, viewpoint=viewpoint(context, purpose), by=officer(context))
    say(_data(opened), json_wanted=json_wanted, text=lambda: _text(opened))


def _asked(given: Subject, category: Category | None, label: str) -> Asked:
    return asked_of(given, category if given.names else None, label=label)


@blind_group.command("list")
@purpose_option
@as_json
@click.pass_context
@answering
def list_(context: click.Context, purpose: str, json_wanted: bool) -> None:
    """List your blind questions, newest first, and silent subjects that a partner asks about."""
    found = blind_desk.list_questions(viewpoint=viewpoint(context, purpose), by=officer(context))
    rows = [[str(one.row.pk), one.row.partner_id, one.row.state, one.row.case, _hits(one)] for one in found]
    say(
        [_data(one) for one in found],
        json_wanted=json_wanted,
        text=lambda: table(rows) or _("Nothing was asked blindly yet."),
    )


@blind_group.command()
@click.argument("number", type=click.UUID)
@purpose_option
@as_json
@click.pass_context
@answering
def show(context: click.Context, number: UUID, purpose: str, json_wanted: bool) -> None:
    """Show question NUMBER and what came of each subject."""
    found = blind_desk.show_question(number, viewpoint=viewpoint(context, purpose), by=officer(context))
    say(_data(found), json_wanted=json_wanted, text=lambda: _text(found))


@blind_group.command()
@click.argument("number", type=click.UUID)
@click.argument("place", type=click.IntRange(min=1))
@click.option("--crime-area", required=True, type=click.Choice([str(one) for one in CrimeArea]), help="The crime area.")
@click.option("--text", default="", help="What is asked, in your words.")
@purpose_option
@as_json
@click.pass_context
@answering
def request(
    context: click.Context, number: UUID, place: int, crime_area: str, text: str, purpose: str, json_wanted: bool
) -> None:
    """Draft and propose a request about subject PLACE of question NUMBER, which hit."""
    made = blind_desk.request_from_hit(
        number,
        place,
        crime_area=CrimeArea(crime_area),
        text=text,
        viewpoint=viewpoint(context, purpose),
        by=officer(context),
    )
    data = {"report": str(made.row.uid), "state": made.row.state, "missing": list(made.missing)}
    say(data, json_wanted=json_wanted, text=lambda: f"{made.row.uid}  {made.row.state}")


@blind_group.command()
@click.argument("entity")
@click.option("--end", is_flag=True, help="Let it be found again.")
@purpose_option
@as_json
@click.pass_context
@answering
def silent(context: click.Context, entity: str, end: bool, purpose: str, json_wanted: bool) -> None:
    """Keep ENTITY of ours (its id) out of what partners can hit; you learn first when one asks about it."""
    blind_desk.keep_silent(entity, silent=not end, viewpoint=viewpoint(context, purpose), by=officer(context))
    said = _("It is compared again.") if end else _("It is silent: partners have no hit, and you learn first.")
    say({"entity": entity, "silent": not end}, json_wanted=json_wanted, text=lambda: said)


@blind_group.command()
@click.option("--seen", metavar="PARTNER", default="", help="Say that this partner's alarms were seen to.")
@as_json
@click.pass_context
@answering
def alarms(context: click.Context, seen: str, json_wanted: bool) -> None:
    """Show where a partner's asking may be probing."""
    by = officer(context)
    if seen:
        many = blind_desk.see_alarms(seen, by=by)
        say({"seen": many}, json_wanted=json_wanted, text=lambda: _("%(many)s alarms were seen to.") % {"many": many})
        return
    found = [(row, Reason.from_json(row.reason)) for row in blind_desk.open_alarms(by=by)]
    data = [
        {"partner": row.partner_id, "at": instant(row.at), "code": why.code, "sentence": sentence_of_reason(why)}
        for row, why in found
    ]
    rows = [[one["at"], one["partner"], one["sentence"]] for one in data]
    say(data, json_wanted=json_wanted, text=lambda: table(rows) or _("There is no alarm."))


def _hits(one: blind_desk.Opened) -> str:
    return " · ".join(f"{part.label}: {_word(part.grade)}" for part in one.compared if part.kinds)


def _word(grade: str) -> str:
    words = {"ask": _("hit: ask"), "possible": _("possible hit"), "no-hit": _("no hit")}
    return words.get(grade, _("not answered yet"))


def _data(one: blind_desk.Opened) -> dict[str, Any]:
    row = one.row
    return {
        "question": str(row.pk),
        "partner": row.partner_id,
        "purpose": row.purpose,
        "case": row.case,
        "ground": row.ground,
        "state": row.state,
        "code": row.code,
        "automatic": row.automatic,
        "at": instant(row.at),
        "subjects": [
            {
                "label": part.label,
                "grade": part.grade,
                "kinds": list(part.kinds),
                "because": [{"code": why.code, "sentence": sentence_of_reason(why)} for why in part.because],
            }
            for part in one.compared
        ],
    }


def _text(one: blind_desk.Opened) -> str:
    lines = [f"{one.row.pk}  → {one.row.partner_id}  {one.row.state} {one.row.code}".rstrip()]
    for place, part in enumerate(one.compared, start=1):
        lines.append(f"  {place}. {part.label}: {_word(part.grade)}  {' '.join(part.kinds)}".rstrip())
        lines += [f"     – {sentence_of_reason(why)}" for why in part.because]
    return "\n".join(lines)
