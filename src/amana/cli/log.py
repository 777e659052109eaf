"""The node's log on the command line: looking, proving, exporting, and verifying without a node."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from django.utils import timezone
from django.utils.translation import gettext as _

from amana.cli.answer import answering, as_json, officer, say, table
from amana.services import log_proofs, witnesses


@click.group()
def log() -> None:
    """Look at the node's log, prove it to an overseer, and verify such proofs without any node."""


@log.command()
@as_json
@answering
def state(json_wanted: bool) -> None:
    """Show how many entries the log has, its newest checkpoint and its witnesses."""
    found = log_proofs.log_state()
    data = {
        "entries": found.size,
        "vkey": log_proofs.log_vkey(),
        "checkpoint": log_proofs.signed_note(found.checkpoint) if found.checkpoint else None,
        "witnessed_since": found.witnessed_since,
        "witnesses": [
            {"name": one.name, "vkey": one.vkey, "size": one.size, "seen_at": one.seen_at, "problem": one.problem}
            for one in found.witnesses
        ],
    }
    rows = [[one.name, str(one.size), one.problem or "ok"] for one in found.witnesses]
    say(
        data,
        json_wanted=json_wanted,
        text=lambda: "\n".join(
            [f"{found.size}  {data['vkey']}", str(data["checkpoint"] or ""), table(rows) or _("No witness yet.")]
        ),
    )


@log.command()
@click.argument("index", type=click.IntRange(min=0))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--witness", default="", metavar="NAME", help="Under the newest checkpoint that this witness co-signed.")
@as_json
@click.pass_context
@answering
def prove(context: click.Context, index: int, file: Path, witness: str, json_wanted: bool) -> None:
    """Write the proof that entry INDEX stands in the log into FILE; `amana log verify FILE` checks it anywhere.

    It is under the newest checkpoint that any witness co-signed; whoever checks it may trust one of them only.
    """
    proof = log_proofs.prove_entry(index, file, witness=witness, by=officer(context))
    say(
        {"index": index, "file": str(file), "steps": len(proof.path)},
        json_wanted=json_wanted,
        text=lambda: _("The proof of entry %(index)s is in %(file)s.") % {"index": index, "file": file},
    )


@log.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_json
@click.pass_context
@answering
def bundle(context: click.Context, file: Path, json_wanted: bool) -> None:
    """Write the whole log with its newest checkpoint and co-signatures into FILE, to be verified without this node."""
    entries = log_proofs.write_log_bundle(file, by=officer(context))
    say(
        {"file": str(file), "entries": entries},
        json_wanted=json_wanted,
        text=lambda: _("%(entries)s entries are in %(file)s.") % {"entries": entries, "file": file},
    )


@log.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", "origin", required=True, help="The log's verifier key (`amana log state` prints it).")
@click.option("--witness", "witness_keys", multiple=True, help="A witness's verifier key; all named must have signed.")
@as_json
@answering
def verify(file: Path, origin: str, witness_keys: tuple[str, ...], json_wanted: bool) -> None:
    """Verify a bundle or a proof offline, without the node, its database or a network.

    Exit code 0 means that every entry, the tree, the checkpoint and the named witnesses' signatures are in order; any
    other names what is not.
    """
    found = log_proofs.verify_file(file, origin_vkey=origin, witness_vkeys=witness_keys)
    data = log_proofs.as_data(found)
    say(data, json_wanted=json_wanted, text=lambda: _in_words(data))


def _in_words(data: dict[str, Any]) -> str:
    lines = [_("In order: the signed checkpoint of %(origin)s over %(size)s entries, and the tree under it.") % data]
    lines.append(_("Checked here: %(entries)s entries, from %(first_at)s to %(last_at)s.") % data)
    if data["erased"]:
        lines.append(_("Erased, with their commitment still in the tree: %(erased)s.") % data)
    for name in data["witnesses"] or ():
        lines.append(_("Co-signed by %(name)s.") % {"name": name})
    if not data["witnesses"]:
        lines.append(_("No witness was named (--witness); an end that was cut off would not show."))
    event = data["event"]
    if event:
        lines.append(" ".join((event["at"], event["person"], event["verb"], event["subject"], f"({event['reason']})")))
    lines.append(f"root {data['root']}")
    return "\n".join(lines)


@log.group()
def witness() -> None:
    """Overseers who co-sign this node's checkpoints with a key of their own."""


@witness.command("add")
@click.argument("vkey")
@as_json
@click.pass_context
@answering
def add_witness(context: click.Context, vkey: str, json_wanted: bool) -> None:
    """Enrol an overseer by the verifier key VKEY."""
    made = witnesses.add_overseer(vkey, by=officer(context))
    say(
        {"name": made.name}, json_wanted=json_wanted, text=lambda: _("%(name)s is a witness now.") % {"name": made.name}
    )


@witness.command("key")
@click.argument("name")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_json
@answering
def make_key(name: str, file: Path, json_wanted: bool) -> None:
    """Make an overseer's key pair NAME; the private part goes into FILE, the verifier key is printed. Needs no node."""
    vkey = witnesses.make_overseer_key(name, file)
    say({"name": name, "vkey": vkey}, json_wanted=json_wanted, text=lambda: vkey)


@witness.command("sign")
@click.argument("bundle_file", metavar="BUNDLE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key-file", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Your private key."
)
@click.option("--key", "origin", required=True, help="The log's verifier key.")
@click.option("--seen", type=click.Path(dir_okay=False, path_type=Path), help="Keeps the last checkpoint you signed.")
@as_json
@answering
def sign_bundle(bundle_file: Path, key_file: Path, origin: str, seen: Path | None, json_wanted: bool) -> None:
    """Verify a whole BUNDLE as the overseer and print the co-signature line for its checkpoint. Needs no node.

    With --seen the log must also continue everything that you signed before, and the file remembers this one.
    """
    made = witnesses.cosign_bundle(bundle_file, key_file=key_file, origin_vkey=origin, seen=seen, at=timezone.now())
    data = {"name": made.name, "size": made.size, "line": made.line}
    say(data, json_wanted=json_wanted, text=lambda: f"{made.name} {made.size} '{made.line}'")


@witness.command("note")
@click.argument("name")
@click.argument("size", type=click.IntRange(min=1))
@click.argument("line")
@as_json
@answering
def note(name: str, size: int, line: str, json_wanted: bool) -> None:
    """Keep the co-signature LINE that the witness NAME gave under the checkpoint of SIZE entries."""
    witnesses.note_cosignature(name, size, line, at=timezone.now())
    say({"name": name, "size": size}, json_wanted=json_wanted, text=lambda: _("The co-signature is kept."))
