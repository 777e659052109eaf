"""Carrying messages as files, and reconciling with a partner, on the command line."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
from django.utils.translation import gettext as _

from amana.cli.answer import answering, as_json, officer, say
from amana.services import carrying


@click.command("export")
@click.argument("partner_node", metavar="PARTNER")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_json
@click.pass_context
@answering
def export(context: click.Context, partner_node: str, file: Path, json_wanted: bool) -> None:
    """Write what waits for PARTNER into FILE, sealed as it would go over the line.

    Nothing is taken away from the line: whichever way is first counts, and the partner drops what it has. The messages
    wait until their signed answers are back: take those in with `amana import`. Behind a diode none ever come; then the
    list of partners shows what was handed over and not answered.
    """
    done = carrying.export_parcel(partner_node, file, by=officer(context))
    say(
        {"file": str(file), **asdict(done)},
        json_wanted=json_wanted,
        text=lambda: (
            _("%(count)s messages for %(node)s are in %(file)s; %(left)s did not fit.")
            % {"count": done.count, "node": partner_node, "file": file, "left": done.left}
        ),
    )


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--answers", type=click.Path(dir_okay=False, path_type=Path), help="Where our signed answers to messages go."
)
@as_json
@click.pass_context
@answering
def import_(context: click.Context, file: Path, answers: Path | None, json_wanted: bool) -> None:
    """Take in FILE: messages that a partner exported, or its answers to messages of ours.

    Messages are checked, logged and stored as if they had come over the line. With --answers their receipts and refusals
    are written for the way back; behind a diode leave it out. Taking in a file twice does nothing twice.
    """
    done = carrying.import_parcel(file, answers=answers, by=officer(context))
    words = (
        _("%(count)s messages of %(origin)s: %(taken)s taken in, %(refused)s refused.")
        if done.holds == "messages"
        else _("%(count)s answers of %(origin)s: %(taken)s receipts, %(refused)s refusals, %(known)s known before.")
    )
    say(asdict(done), json_wanted=json_wanted, text=lambda: words % asdict(done))
