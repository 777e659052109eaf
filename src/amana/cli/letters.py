"""The letter of transmission on the command line."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import click
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amana.cli.answer import answering, as_json, say, viewpoint
from amana.cli.documents import purpose_option
from amana.services import letters, reports


@click.command()
@click.argument("number", type=click.UUID)
@click.option("--to", "partner", required=True, metavar="NODE", help="The recipient.")
@click.option(
    "--language",
    required=True,
    type=click.Choice(letters.LANGUAGES),
    help="The recipient's language, beside that of the answers (`amana --language`).",
)
@click.option("--version", type=int, help="An older version; the newest where it is not given.")
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; an existing one is left as it is.",
)
@purpose_option
@as_json
@click.pass_context
@answering
def letter(
    context: click.Context,
    number: UUID,
    partner: str,
    language: str,
    version: int | None,
    out: Path,
    purpose: str,
    json_wanted: bool,
) -> None:
    """Write the letter of transmission of released report NUMBER to one recipient, as a PDF in two languages.

    It holds the report's text and statements, so it is to be handled under the report's marking. It stands in the log.
    """
    look = viewpoint(context, purpose)
    if out.exists():
        raise click.UsageError(_("This file exists already: %(file)s") % {"file": out.name})
    shown = reports.show_report(number, version=version, viewpoint=look, reason="letter")
    own = (get_language() or "en")[:2]
    data = letters.write_transmission(shown, partner, own=own, theirs=language, viewpoint=look)
    with out.open("xb") as file:
        out.chmod(0o600)
        file.write(data)
    say(
        {"report": str(number), "version": shown.row.version, "to": partner, "file": str(out), "bytes": len(data)},
        json_wanted=json_wanted,
        text=lambda: _("The letter is written; handle it under the report's marking."),
    )
