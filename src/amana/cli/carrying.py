"""Carrying messages as files, and reconciling with a partner, on the command line."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
from django.utils.translation import gettext as _

from amana.cli.answer import answering, as_json, officer, say, table
from amana.services import carrying, reconciling


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

    Messages are checked, logged and stored as if they had come over the line. With --answers their receipts and
    refusals are written for the way back; behind a diode leave it out. Taking in a file twice does nothing twice.
    """
    done = carrying.import_parcel(file, answers=answers, by=officer(context))
    words = (
        _("%(count)s messages of %(origin)s: %(taken)s taken in, %(refused)s refused.")
        if done.holds == "messages"
        else _("%(count)s answers of %(origin)s: %(taken)s receipts, %(refused)s refusals, %(known)s known before.")
    )
    say(asdict(done), json_wanted=json_wanted, text=lambda: words % asdict(done))


@click.command()
@click.argument("partner_node", metavar="PARTNER")
@click.option("--bodies", is_flag=True, help="Open every kept message on both sides too, so that damage is found.")
@as_json
@click.pass_context
@answering
def reconcile(context: click.Context, partner_node: str, bodies: bool, json_wanted: bool) -> None:
    """Prove with PARTNER that both nodes hold the same messages and recalls, and mend what differs.

    Both sides compare fingerprints of both directions, and only what differs is looked at; lost or damaged messages
    are sent again, and recalls that did not take effect do. In the end both sign what they hold. What could not be
    mended is listed with its code. Needs the line to PARTNER.
    """
    done = reconciling.reconcile(partner_node, bodies=bodies, by=officer(context))
    words = (
        _("%(sent)s messages sent and %(held)s held: both nodes agree, and both have signed it.")
        if done.agreed
        else _("%(sent)s messages sent and %(held)s held: the two nodes do not agree.")
    )
    counts = _("Differences: %(differences)s, sent again: %(mended)s, brought back: %(returned)s.")
    rows = [[one.side, str(one.seq), one.code] for one in done.left]
    say(
        asdict(done),
        json_wanted=json_wanted,
        text=lambda: "\n".join(filter(None, [words % asdict(done), counts % asdict(done), table(rows)])),
    )
