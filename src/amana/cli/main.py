"""The command line: its root, its exit codes, and the commands of the themes."""

from __future__ import annotations

import click
from django.utils.translation import activate

from amana import __version__
from amana.cli.blind import blind_group
from amana.cli.carrying import export, import_, reconcile
from amana.cli.control import consent
from amana.cli.documents import document, intake
from amana.cli.entity import entity
from amana.cli.joint import case, expertise_group, meeting, tasks_group
from amana.cli.keys import node
from amana.cli.letters import letter
from amana.cli.lists import list_group
from amana.cli.log import log
from amana.cli.marking import mark
from amana.cli.matching import match
from amana.cli.node import backup, demo, index, init, names, restore, run
from amana.cli.oversight import oversight
from amana.cli.partners import agreement, partner
from amana.cli.people import user
from amana.cli.reports import inbox, report
from amana.cli.requests import request
from amana.cli.shell import shell


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="amana")
@click.option(
    "--home", metavar="FOLDER", envvar="AMANA_HOME", help="The node's folder; AMANA_HOME sets it too. Default ~/.amana."
)
@click.option("--as", "officer", metavar="NAME", default="", help="As whom you act; AMANA_OFFICER sets it too.")
@click.option("--language", type=click.Choice(["en", "de", "fr", "ar"]), help="The language of the answers.")
@click.pass_context
def cli(context: click.Context, home: str | None, officer: str, language: str | None) -> None:
    """Amana: what one agency entrusts to another stays its originator's.

    A node lives in one folder. Make one with `amana init`, give people accounts with `amana user add`, exchange cards
    with a partner, sign an agreement, and run the node with `amana run`.

    \b
    Exit codes: 0 done · 1 a fault in Amana · 2 wrong usage · 3 the input is not in order · 4 not allowed ·
    5 not found · 6 it changed meanwhile · 7 not possible right now. Every error has a stable code (docs/errors.md).
    """
    from django.conf import settings

    activate(language or settings.AMANA.language)
    context.obj = officer or settings.AMANA.officer


for command in (
    init, run, demo, intake, document, report, request, inbox, match, entity, blind_group, list_group, consent, case,
    meeting, tasks_group, expertise_group, partner, agreement, log, user, index, names, backup, restore, shell,
    export, import_, reconcile, node, oversight,
):  # fmt: skip
    cli.add_command(command)
report.add_command(letter)
report.add_command(mark)
