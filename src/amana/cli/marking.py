"""Options of marking on the command line, and the marking of single statements."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import click

from amana.cli.answer import answering, as_json, officer
from amana.cli.documents import purpose_option
from amana.cli.shown_report import say_report
from amana.domain.errors import BadInput, gettext_noop
from amana.domain.handling import Code, Handling, Portion, Purpose, Tlp
from amana.domain.times import parse_day
from amana.domain.vocabulary import Category, CrimeArea
from amana.services import drafting, reports


class CategoryMalformed(BadInput):
    """A category does not read like NAME=suspect."""

    code = "cli-category"
    sentence = gettext_noop("Write a category as NAME=suspect, with a name or number that the report holds.")


marking_options = (
    click.option("--tlp", type=click.Choice([str(one) for one in Tlp]), help="Marking; new reports: TLP:AMBER+STRICT."),
    click.option("--code", "codes", multiple=True, type=click.Choice([str(one) for one in Code]), help="H0 to H3."),
    click.option("--to", "recipients", multiple=True, metavar="NODE", help="Releasable to this node."),
    click.option("--for", "purposes", multiple=True, type=click.Choice([str(one) for one in Purpose]), help="Purpose."),
    click.option("--caveat", "caveats", multiple=True, help="A caveat in words; H3 needs one."),
    click.option("--erase-by", metavar="DAY", help="Erase on this day, such as 2027-09-24."),
    click.option(
        "--crime-area", "areas", multiple=True, type=click.Choice([str(one) for one in CrimeArea]), help="Crime area."
    ),
    click.option("--title", help="The title."),
)
category_option = click.option(
    "--category", "categories", multiple=True, metavar="NAME=CATEGORY", help="What a person is here."
)


def marked(function: Any) -> Any:
    """Add the options of marking, which `new` and `edit` share."""
    for option in reversed((*marking_options, category_option)):
        function = option(function)
    return function


def marking_of(handling: Handling, given: dict[str, Any]) -> Handling:
    """The marking with what the options change."""
    changes: dict[str, Any] = {}
    if given["tlp"]:
        changes["tlp"] = Tlp(given["tlp"])
    if given["codes"]:
        changes["codes"] = frozenset(map(Code, given["codes"]))
    if given["recipients"]:
        changes["releasable_to"] = frozenset(given["recipients"])
    if given["purposes"]:
        changes["purposes"] = frozenset(map(Purpose, given["purposes"]))
    if given["caveats"]:
        changes["caveats"] = frozenset(given["caveats"])
    if given["erase_by"]:
        changes["erase_by"] = parse_day(given["erase_by"])
    return replace(handling, **changes)


def categories_of(uid: UUID, given: tuple[str, ...], by: Any) -> list[tuple[str, Category]]:
    """Whom each option means, before anything is changed."""
    meant = []
    for one in given:
        name, found, category = one.rpartition("=")
        if not found or category not in set(Category):
            raise CategoryMalformed
        meant.append((reports.person_called(uid, name, by=by), Category(category)))
    return meant


def give_categories(uid: UUID, meant: list[tuple[str, Category]], by: Any) -> None:
    """Give people the categories that the options say."""
    for person, category in meant:
        reports.give_category(uid, person, category, by=by)


@click.command()
@click.argument("number", type=click.UUID)
@click.argument("statement")
@click.option("--only", "nodes", multiple=True, metavar="NODE", help="Only this recipient of the report receives it.")
@click.option("--stays", is_flag=True, help="Nobody receives it.")
@click.option("--code", "codes", multiple=True, type=click.Choice([str(one) for one in Code]), help="H0 to H3.")
@click.option("--caveat", "caveats", multiple=True, help="A caveat in words; H3 needs one.")
@purpose_option
@as_json
@click.pass_context
@answering
def mark(context: click.Context, /, number: UUID, statement: str, json_wanted: bool, **given: Any) -> None:
    """Give STATEMENT of draft NUMBER a handling of its own, narrower than the report's; without options take it away.

    Recipients who do not receive it find a gap in the text where it stands. `amana report show --json` tells the
    statements' numbers.
    """
    portion = Portion(
        codes=frozenset(map(Code, given["codes"])),
        caveats=frozenset(given["caveats"]),
        releasable_to=frozenset(() if given["stays"] else given["nodes"]) if given["stays"] or given["nodes"] else None,
    )
    drafting.mark_statement(number, statement, portion, by=officer(context))
    say_report(context, number, given["purpose"], json_wanted)
