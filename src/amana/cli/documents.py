"""Documents on the command line: taking in, suggestions, accepting."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import click
from django.utils.translation import gettext as _

from amana.cli.answer import answering, as_json, exit_code_of, officer, say, sentence_of, table, viewpoint
from amana.domain.errors import AmanaError, BadInput, gettext_noop
from amana.domain.handling import Purpose, Tlp
from amana.services import documents

purpose_option = click.option(
    "--purpose",
    type=click.Choice([str(one) for one in Purpose]),
    default=str(Purpose.INVESTIGATION),
    show_default=True,
    help="For what you look; it stands in the log.",
)


class PositionsMalformed(BadInput):
    """A list of positions does not read like 1,4,5."""

    code = "cli-positions"
    sentence = gettext_noop("Name suggestions by their numbers, such as 1,4,5, or write “all”.")


def positions(text: str) -> tuple[bool, list[int]]:
    """Whether all are meant, and which numbers otherwise; raises PositionsMalformed."""
    if text == "all":
        return True, []
    if not all(part.strip().isdigit() for part in text.split(",")):
        raise PositionsMalformed
    return False, [int(part) for part in text.split(",")]


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--accept", metavar="all|1,4,5", help="Accept these suggestions at once.")
@click.option(
    "--tlp",
    type=click.Choice([str(one) for one in Tlp]),
    default=str(Tlp.AMBER_STRICT),
    show_default=True,
    help="The document's marking.",
)
@purpose_option
@as_json
@click.pass_context
@answering
def intake(
    context: click.Context, files: tuple[Path, ...], accept: str | None, tlp: str, purpose: str, json_wanted: bool
) -> None:
    """Read FILES (text, Markdown, HTML, e-mail, PDF, DOCX) and suggest what they say.

    With --as the documents are kept and their suggestions wait for your decision; without it they are only read and
    shown. Nothing becomes a statement before a person accepts it. A file that cannot be read safely is refused with
    its code, the others go on, and the exit code is 3.
    """
    read = [_read(context, file, accept, tlp, purpose) for file in files]
    data = {
        "files": [{key: value for key, value in one.items() if key != "suggestions"} for one in read],
        "suggestions": [suggestion for one in read for suggestion in one["suggestions"]],
    }
    say(data, json_wanted=json_wanted, text=lambda: "\n\n".join(map(_as_text, read)))
    worst = max(one["exit"] for one in read)
    if worst:
        raise SystemExit(worst)


def _read(context: click.Context, file: Path, accept: str | None, tlp: str, purpose: str) -> dict[str, Any]:
    try:
        data = file.read_bytes()
        if context.find_root().obj:
            return _keep(context, file, data, accept, tlp, purpose)
        reading = documents.read_file(data, filename=file.name)
    except AmanaError as error:
        problem = {"code": error.code, "sentence": sentence_of(error)}
        return {"file": str(file), "error": problem, "suggestions": [], "exit": exit_code_of(error)}
    return {
        "file": str(file),
        "document": None,
        "sha256": reading.extracted.sha256,
        "media_type": reading.extracted.media_type,
        "language": reading.language,
        "characters": len(reading.extracted.text),
        "warnings": list(reading.extracted.warnings),
        "exit": 0,
        "suggestions": [
            _suggestion(one, number, "open", file) for number, one in enumerate(reading.suggestions, start=1)
        ],
    }


def _keep(
    context: click.Context, file: Path, data: bytes, accept: str | None, tlp: str, purpose: str
) -> dict[str, Any]:
    by = officer(context)
    document = documents.take_in(data, filename=file.name, viewpoint=viewpoint(context, purpose), tlp=Tlp(tlp), by=by)
    if accept is not None:
        everything, chosen = positions(accept)
        documents.decide_suggestions(document, accept=chosen, everything=everything, by=by)
    return {**document_data(document), "file": str(file), "exit": 0}


def document_data(document: Any) -> dict[str, Any]:
    """A document and its suggestions, for machines."""
    name = Path(document.original.filename)
    return {
        "file": document.original.filename,
        "document": str(document.pk),
        "title": document.title,
        "sha256": document.original_id,
        "media_type": document.original.media_type,
        "language": document.language,
        "characters": len(document.text),
        "warnings": document.warnings,
        "suggestions": [_suggestion(one, one.position, one.state, name) for one in document.suggestions.all()],
    }


def _suggestion(one: Any, number: int, state: str, file: Path) -> dict[str, Any]:
    return {
        "number": number,
        "kind": str(one.kind),
        "value": one.value,
        "role": one.role,
        "place": {"start": one.start, "end": one.end},
        "text": one.text,
        "schema": one.schema,
        "properties": [list(pair) for pair in one.properties],
        "reason": one.reason,
        "known": one.known or None,
        "state": state,
        "file": str(file),
    }


def _decided(state: str) -> str:
    return {"accepted": _("accepted"), "rejected": _("rejected")}.get(state, "")


def _as_text(one: dict[str, Any]) -> str:
    if "error" in one:
        return f"{one['file']}\n  {one['error']['code']}: {one['error']['sentence']}"
    head = f"{one['file']}  [{one['language']}]  {one['media_type']}"
    kept = (
        _("kept as document %(number)s") % {"number": one["document"]}
        if one["document"]
        else _("only read, not kept (name an officer with --as)")
    )
    rows = [
        [
            str(item["number"]),
            item["kind"],
            item["value"],
            item["role"],
            f"{item['place']['start']}–{item['place']['end']}",
            " ".join(filter(None, (_decided(item["state"]), item["known"] and _("known here")))),
        ]
        for item in one["suggestions"]
    ]
    warned = [f"  ! {warning}" for warning in one["warnings"]]
    return "\n".join([head, f"  {kept}", *warned, table(rows)])


@click.group()
def document() -> None:
    """Documents that were taken in, and the decisions on their suggestions."""


@document.command("list")
@purpose_option
@as_json
@click.pass_context
@answering
def list_(context: click.Context, purpose: str, json_wanted: bool) -> None:
    """List documents, newest first."""
    found = documents.list_documents(viewpoint=viewpoint(context, purpose))
    rows = [[str(one.pk), one.language, one.title] for one in found]
    data = [{"document": str(one.pk), "language": one.language, "title": one.title} for one in found]
    say(data, json_wanted=json_wanted, text=lambda: table(rows) or _("No document was taken in yet."))


@document.command()
@click.argument("number", type=click.UUID)
@purpose_option
@as_json
@click.pass_context
@answering
def show(context: click.Context, number: UUID, purpose: str, json_wanted: bool) -> None:
    """Show document NUMBER with its suggestions and their places in the text."""
    found = document_data(documents.show_document(number, viewpoint=viewpoint(context, purpose)))
    say(found, json_wanted=json_wanted, text=lambda: _as_text(found))


@document.command()
@click.argument("number", type=click.UUID)
@click.option("--accept", metavar="all|1,4,5", help="Accept these suggestions.")
@click.option("--reject", metavar="2,3", help="Reject these suggestions.")
@purpose_option
@as_json
@click.pass_context
@answering
def decide(
    context: click.Context, number: UUID, accept: str | None, reject: str | None, purpose: str, json_wanted: bool
) -> None:
    """Accept or reject suggestions of document NUMBER, singly or all."""
    found = documents.show_document(number, viewpoint=viewpoint(context, purpose))
    everything, accepted = positions(accept) if accept else (False, [])
    _all, rejected = positions(reject) if reject else (False, [])
    changed = documents.decide_suggestions(
        found, accept=accepted, reject=rejected, everything=everything, by=officer(context)
    )
    say(
        {"document": str(number), "changed": changed},
        json_wanted=json_wanted,
        text=lambda: _("%(changed)s suggestions decided.") % {"changed": changed},
    )
