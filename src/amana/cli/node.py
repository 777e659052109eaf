"""Making, running, backing up and restoring a node."""

from __future__ import annotations

from pathlib import Path

import click
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from amana.cli.answer import answering, as_json, officer, say
from amana.cli.demo import play
from amana.cli.demo_codes import current_code
from amana.services import backup as backups
from amana.services import exercise, name_checks, name_index, names_aside, node, partners, restoring, running


@click.command()
@click.option("--agency", required=True, help="The agency's name, as partners will read it.")
@click.option("--country", required=True, metavar="CODE", help="Two letters, ISO 3166-1, such as MA.")
@click.option("--name", help="The node's name on the wire; made from agency and country where it is not given.")
@click.option("--exercise", is_flag=True, help="For exercises with fictional data only; the log's first entry says so.")
@as_json
@answering
def init(agency: str, country: str, name: str | None, exercise: bool, json_wanted: bool) -> None:
    """Make a node in the folder of --home: its keys, its card, its memory and its log.

    With AMANA_DATABASE_URL set, the memory is that PostgreSQL database; else SQLite in the folder. Ports and addresses
    that are set now are kept in node.env. Move keys/root.pem to a safe afterwards: only rotation needs it.
    """
    made = node.init_node(agency=agency, country=country, name=name, exercise=exercise)
    data = {
        "node": made.card.node,
        "agency": made.card.agency,
        "country": made.card.country,
        "home": str(settings.AMANA.home),
        "fingerprint": partners.own_fingerprint(),
    }
    say(
        data,
        json_wanted=json_wanted,
        text=lambda: (
            _(
                "The node %(node)s is made in %(home)s.\nIts fingerprint, to be read out to partners: %(fingerprint)s\n"
                "Next: amana user add NAME --role head --role operator"
            )
            % data
        ),
    )


_without = click.option(
    "--without-reconciliation",
    "without",
    default="",
    metavar="REASON",
    help="Open a restored node nevertheless; logged.",
)


@click.command()
@_without
@answering
def run(without: str) -> None:
    """Run the people's door, the partners' door and the worker, until Ctrl-C or SIGTERM stops them cleanly.

    A node that came back from a backup does not start before it was reconciled with every partner.
    """
    if without:
        restoring.open_without_reconciliation(without)
    scheme = "https" if settings.AMANA.web_certificate else "http"
    places = {
        "people": f"{scheme}://{settings.AMANA.host}:{settings.AMANA.port}/",
        "partners": node.partner_url(),
    }
    running.run_node(
        ready=lambda: click.echo(_("People: %(people)s  Partners: %(partners)s  Stop with Ctrl-C.") % places, err=True)
    )


_folder = click.option(
    "--folder", type=click.Path(path_type=Path), default=Path("var/demo"), show_default=True, help="Where it lives."
)


@click.group(invoke_without_command=True)
@_folder
@click.option("--story", is_flag=True, envvar="STORY", help="Play the story step by step in the terminal, then end.")
@click.pass_context
@answering
def demo(context: click.Context, folder: Path, story: bool) -> None:
    """Start two nodes, Rabat and Washington, with the fictional exercise ATLAS, and print what to look at.

    With STORY=1 or --story it plays the whole story instead: document in, suggestions, report, preview, second person,
    entrusted, receipt, recall, certificate, proof verified offline.
    """
    if context.invoked_subcommand is None:
        play(folder.absolute(), story=story, say=click.echo)


@demo.command("code")
@click.argument("name")
@_folder
@as_json
@answering
def demo_code(name: str, folder: Path, json_wanted: bool) -> None:
    """Print the code that the authenticator of NAME shows now, in a demo's folder and nowhere else.

    The demo keeps the secrets of its fictional people beside its nodes; of a real node's people nobody can make a code.
    """
    code, left = current_code(folder.absolute(), name)
    text = _("%(code)s  (good for %(left)s seconds)") % {"code": code, "left": left}
    say({"code": code, "seconds_left": left}, json_wanted=json_wanted, text=lambda: text)


@demo.command("enrol", hidden=True)
@click.argument("name")
@click.argument("secret")
@as_json
@answering
def demo_enrol(name: str, secret: str, json_wanted: bool) -> None:
    """Give an account of an exercise node an authenticator with this secret; the demo and the tests use it."""
    exercise.enrol(name, secret)
    say({"name": name}, json_wanted=json_wanted, text=lambda: name)


@click.command(hidden=True)
@answering
def names() -> None:
    """Compare waiting requests' names and rebuild the index where it is due; the worker starts this by itself."""
    while name_checks.compare_waiting_names(at=timezone.now()):
        pass
    if names_aside.index_is_due():
        name_index.rebuild_index()


@click.command()
@as_json
@answering
def index(json_wanted: bool) -> None:
    """Build the index of names anew from the database; the worker does it by itself where it has fallen behind.

    Nothing depends on it: what the index lacks is read before a search answers. A large memory is found faster.
    """
    many = name_index.rebuild_index()
    say({"names": many}, json_wanted=json_wanted, text=lambda: _("%(names)s names are in the index.") % {"names": many})


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_json
@click.pass_context
@answering
def backup(context: click.Context, file: Path, json_wanted: bool) -> None:
    """Write the whole node into FILE: memory, originals, keys. Keep it in a safe: it opens everything.

    Beside it, FILE.erased lists what was erased so far, without a word of it: keep the newest one for a restore.
    """
    size = backups.back_up(file, by=officer(context))
    say(
        {"file": str(file), "size": size},
        json_wanted=json_wanted,
        text=lambda: _("The backup is in %(file)s (%(size)s bytes).") % {"file": file, "size": size},
    )


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--erased",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The newest ledger of erasures: erased.ledger of the lost folder, or FILE.erased beside a later backup.",
)
@_without
@as_json
@answering
def restore(file: Path, erased: Path | None, without: str, json_wanted: bool) -> None:
    """Bring the node in FILE back into the folder of --home, which must hold no node.

    What was erased since the backup is erased again by the ledger, and what is due goes at once. Then reconcile with
    each partner (`amana reconcile PARTNER`): before that the node's doors stay shut and nothing is sent.
    """
    waiting = backups.restore(file, erased=erased, without_reconciliation=without)
    words = _("The node is back. Reconcile it first with: %(nodes)s.") if waiting else _("The node is back.")
    say(
        {"home": str(settings.AMANA.home), "reconcile_with": waiting},
        json_wanted=json_wanted,
        text=lambda: words % {"nodes": ", ".join(waiting)} if waiting else words,
    )
