"""Public lists of subjects on the command line."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from django.utils import timezone
from django.utils.translation import gettext as _

from amana.cli.answer import answering, as_json, officer, say, table
from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Purpose, Tlp
from amana.domain.times import instant
from amana.domain.vocabulary import Category
from amana.services.lists import Differences, Marking, drafts_of, import_list, list_lists


@click.group("list")
def list_group() -> None:
    """Public lists of subjects, such as sanctions lists: taken in, brought up to date, matched like all holdings."""


@list_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", required=True, help="What the list is called here; the same name brings it up to date.")
@click.option(
    "--category",
    required=True,
    type=click.Choice([str(one) for one in Category if one is not Category.UNKNOWN]),
    help="What its people are: nobody is compared without a category.",
)
@click.option(
    "--source", type=click.Choice([str(one) for one in Source]), default="B", show_default=True, help="Source."
)
@click.option(
    "--information", type=click.Choice([str(one) for one in Information]), default="3", show_default=True, help="Grade."
)
@click.option(
    "--tlp", type=click.Choice([str(one) for one in Tlp]), default=str(Tlp.GREEN), show_default=True, help="Marking."
)
@click.option(
    "--use",
    "purposes",
    multiple=True,
    type=click.Choice([str(one) for one in Purpose]),
    help="Purpose; none means any.",
)
@as_json
@click.pass_context
@answering
def import_(
    context: click.Context,
    file: Path,
    name: str,
    category: str,
    source: str,
    information: str,
    tlp: str,
    purposes: tuple[str, ...],
    json_wanted: bool,
) -> None:
    """Take in FILE: FollowTheMoney JSON lines, the UN's consolidated list in XML, or OFAC's SDN list in XML.

    The entries lie in drafts, two hundred in each. The next edition under the same name writes only what differs. A
    broken-off import is simply begun again.
    """
    grade = Evaluation(Source(source), Information(information), timezone.localdate())
    marking = Marking(Category(category), grade, Tlp(tlp), frozenset(map(Purpose, purposes)))
    with click.progressbar(length=1, label=_("Taking in"), file=sys.stderr) as bar:

        def progress(done: int, whole: int) -> None:
            bar.length = whole
            bar.update(done - bar.pos)

        found = import_list(file.read_bytes(), name=name, marking=marking, progress=progress, by=officer(context))
    say(_data(found), json_wanted=json_wanted, text=lambda: _text(found))


def _data(found: Differences) -> dict[str, int]:
    return {
        "entries": found.entries,
        "came": found.came,
        "went": found.went,
        "changed": found.changed,
        "left_out": found.left_out,
    }


def _text(found: Differences) -> str:
    return _(
        "%(entries)s entries: %(came)s came, %(went)s went, %(changed)s changed; "
        "%(left_out)s values did not fit and were left out."
    ) % _data(found)


@list_group.command("show")
@as_json
@click.pass_context
@answering
def show(context: click.Context, json_wanted: bool) -> None:
    """Show the lists that were taken in, and the numbers of their drafts."""
    found = list_lists(by=officer(context))
    data = [
        {
            "name": row.name,
            "entries": row.entries,
            "sha256": row.sha256,
            "imported_at": instant(row.imported_at),
            "reports": [str(uid) for uid in drafts_of(row)],
        }
        for row in found
    ]
    rows = [[row.name, str(row.entries), instant(row.imported_at), row.sha256[:16]] for row in found]
    say(data, json_wanted=json_wanted, text=lambda: table(rows) or _("No list was taken in yet."))
