"""Reports on the command line: writing, grading, previewing, releasing, recalling, correcting, and the inbox."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from django.utils import timezone
from django.utils.translation import gettext as _

from amana.cli.answer import (
    answering,
    as_json,
    error_as_data,
    exit_code_of,
    officer,
    say,
    sentence_of,
    table,
    viewpoint,
)
from amana.cli.documents import purpose_option
from amana.cli.marking import categories_of, give_categories, marked, marking_of
from amana.cli.shown_report import say_report
from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Purpose
from amana.domain.report import Kind
from amana.domain.times import parse_day
from amana.domain.vocabulary import CrimeArea
from amana.services import documents, onward, recalls, receipts, releases, reports


@click.group()
def report() -> None:
    """Write, grade, preview, release, pass on, restrict, recall and correct reports."""


@report.command()
@marked
@click.option("--document", type=click.UUID, help="Draw it from this document and its accepted suggestions.")
@click.option("--text-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The report's text.")
@click.option("--text", default="", help="The report's text, in place.")
@click.option("--ftm", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="FollowTheMoney JSON lines.")
@click.option("--language", default="en", show_default=True, help="The language of the text.")
@click.option(
    "--kind",
    type=click.Choice([str(one) for one in Kind]),
    default=str(Kind.INFORMATION),
    show_default=True,
    help="The kind of report.",
)
@click.option(
    "--source",
    type=click.Choice([str(one) for one in Source]),
    default="X",
    show_default=True,
    help="How reliable the source is.",
)
@click.option(
    "--information",
    type=click.Choice([str(one) for one in Information]),
    default="4",
    show_default=True,
    help="How it is known.",
)
@click.option("--as-of", metavar="DAY", help="The day the grade is given for; today where it is not given.")
@purpose_option
@as_json
@click.pass_context
@answering
def new(context: click.Context, /, json_wanted: bool, **given: Any) -> None:
    """Write a draft, from a document, a text, or FollowTheMoney lines. Nothing of it leaves before its release.

    Grades follow the 4x4 system: source A B C X, information 1 2 3 4; unknown is X and 4.
    """
    by = officer(context)
    day = parse_day(given["as_of"]) if given["as_of"] else timezone.localdate()
    evaluation = Evaluation(Source(given["source"]), Information(given["information"]), day)
    today = timezone.localdate()
    handling = marking_of(reports.born_restricted(purposes={Purpose(given["purpose"])}, today=today), given)
    common: dict[str, Any] = {
        "evaluation": evaluation,
        "handling": handling,
        "crime_areas": frozenset(map(CrimeArea, given["areas"])),
        "kind": Kind(given["kind"]),
        "by": by,
    }
    if given["document"]:
        found = documents.show_document(given["document"], viewpoint=viewpoint(context, given["purpose"]))
        row = documents.draft_from_document(found, title=given["title"] or "", **common)
    else:
        lines = given["ftm"].read_bytes().splitlines() if given["ftm"] else []
        entities, statements = reports.read_ftm(lines, evaluation=evaluation)
        text = given["text_file"].read_text(encoding="utf-8") if given["text_file"] else given["text"]
        row = reports.draft_report(
            title=given["title"] or "",
            text=text,
            language=given["language"],
            entities=entities,
            statements=statements,
            **common,
        )
    give_categories(row.uid, categories_of(row.uid, given["categories"], by), by)
    say_report(context, row.uid, given["purpose"], json_wanted)


@report.command()
@click.argument("number", type=click.UUID)
@marked
@purpose_option
@as_json
@click.pass_context
@answering
def edit(context: click.Context, /, number: UUID, json_wanted: bool, **given: Any) -> None:
    """Change the marking, title, crime areas or people's categories of a draft."""
    by = officer(context)
    shown = reports.show_report(number, viewpoint=viewpoint(context, given["purpose"]))
    if shown.content is None:
        raise reports.ReportNotDraft
    changes: dict[str, Any] = {"handling": marking_of(shown.content.handling, given)}
    if given["title"]:
        changes["title"] = given["title"]
    if given["areas"]:
        changes["crime_areas"] = frozenset(map(CrimeArea, given["areas"]))
    categories = categories_of(number, given["categories"], by)
    reports.change_draft(number, by=by, **changes)
    give_categories(number, categories, by)
    say_report(context, number, given["purpose"], json_wanted)


@report.command()
@click.argument("number", type=click.UUID)
@click.option("--version", type=int, help="An older version; the newest where it is not given.")
@click.option("--ftm", is_flag=True, help="Hand the entities on as FollowTheMoney JSON lines.")
@purpose_option
@as_json
@click.pass_context
@answering
def show(context: click.Context, number: UUID, version: int | None, ftm: bool, purpose: str, json_wanted: bool) -> None:
    """Show report NUMBER: words, statements, grades, marking, ladders and recalls. The reading stands in the log."""
    if ftm:
        look = viewpoint(context, purpose)
        shown = reports.show_report(number, version=version, viewpoint=look, reason="export")
        for line in reports.export_ftm(shown, viewpoint=look):
            click.echo(line.decode(), nl=False)
        return
    say_report(context, number, purpose, json_wanted, version=version)


@report.command("list")
@click.option("--search", "words", default="", help="Only reports that hold all these words.")
@purpose_option
@as_json
@click.pass_context
@answering
def list_(context: click.Context, words: str, purpose: str, json_wanted: bool) -> None:
    """List reports, newest first."""
    _list(reports.list_reports(viewpoint=viewpoint(context, purpose), words=words), json_wanted)


@click.command()
@purpose_option
@as_json
@click.pass_context
@answering
def inbox(context: click.Context, purpose: str, json_wanted: bool) -> None:
    """List what partners entrusted to this node, newest first."""
    _list(reports.list_reports(viewpoint=viewpoint(context, purpose), received=True), json_wanted)


@report.command()
@click.argument("number", type=click.UUID)
@click.option("--to", "recipients", multiple=True, metavar="NODE", help="Only this recipient.")
@as_json
@click.pass_context
@answering
def preview(context: click.Context, number: UUID, recipients: tuple[str, ...], json_wanted: bool) -> None:
    """Show for each recipient exactly what it would hold, and what the agreement objects to."""
    found = releases.preview_release(number, recipients=recipients or None, by=officer(context))
    data = [
        {
            "partner": one.partner,
            "agreement": str(one.agreement),
            "sha256": one.sha256,
            "allowed": one.decision.allowed,
            "because": [{"code": why.code, "sentence": str(why)} for why in one.decision.because],
            "content": one.content.to_json(),
        }
        for one in found
    ]
    text = "\n\n".join(
        f"→ {one.partner}  sha256 {one.sha256}\n{one.data.decode()}\n"
        + "\n".join(f"  ! {why}" for why in one.decision.because)
        for one in found
    )
    say(data, json_wanted=json_wanted, text=lambda: text or _("The report is releasable to nobody yet (--to NODE)."))


@report.command()
@click.argument("number", type=click.UUID)
@click.option("--to", "recipients", multiple=True, metavar="NODE", help="Only these recipients of the marking.")
@as_json
@click.pass_context
@answering
def propose(context: click.Context, number: UUID, recipients: tuple[str, ...], json_wanted: bool) -> None:
    """Hand a draft to a second person for release."""
    row = releases.propose_release(number, recipients=recipients or None, by=officer(context))
    say(
        {"report": str(row.uid), "version": row.version, "state": row.state},
        json_wanted=json_wanted,
        text=lambda: _("The report waits for a second person."),
    )


@report.command()
@click.argument("numbers", type=click.UUID, nargs=-1, required=True, metavar="NUMBER [NUMBER]...")
@click.option("--reason", default="release", show_default=True, help="Why; it stands in the log.")
@click.option("--decline", is_flag=True, help="Send one report back to its author instead.")
@as_json
@click.pass_context
@answering
def release(context: click.Context, numbers: tuple[UUID, ...], reason: str, decline: bool, json_wanted: bool) -> None:
    """Let proposed reports go, as the second person: whoever wrote or proposed one cannot.

    A partner's report that was proposed to be passed on goes in the same way.

    They go in the order given. Of many, a report that is refused waits on and is named with its code, and the others
    go; the exit code is then that of the first refusal, and 0 where all went. In JSON one report is an object, many are
    a list with an object each, and "error" in it where it was refused.
    """
    by = officer(context)
    if decline:
        if len(numbers) > 1:
            raise click.UsageError(_("Decline one report at a time: each goes back with a reason of its own."))
        turn_down = onward.decline_onward if onward.waits(numbers[0]) else releases.decline_release
        row = turn_down(numbers[0], reason=reason, by=by)
        say({"report": str(row.uid), "state": row.state}, json_wanted=json_wanted, text=lambda: _("It went back."))
        return
    outcomes = onward.release_all(numbers, reason=reason, by=by)
    if len(numbers) == 1:
        (only,) = outcomes
        if only.refusal is not None:
            raise only.refusal
        say(_entrusted(only.report, only.messages), json_wanted=json_wanted, text=lambda: _entrusted_to(only.messages))
        return
    say(
        [
            {"report": str(one.report), "error": error_as_data(one.refusal)}
            if one.refusal
            else _entrusted(one.report, one.messages)
            for one in outcomes
        ],
        json_wanted=json_wanted,
        text=lambda: table(
            [
                [str(one.report), f"{one.refusal.code}: {sentence_of(one.refusal)}"]
                if one.refusal
                else [str(one.report), _entrusted_to(one.messages)]
                for one in outcomes
            ]
        ),
    )
    first = next((one.refusal for one in outcomes if one.refusal is not None), None)
    if first is not None:
        raise SystemExit(exit_code_of(first))


@report.command()
@click.argument("number", type=click.UUID)
@click.option("--reason", required=True, help="Why; the holders and the overseer read it.")
@as_json
@click.pass_context
@answering
def recall(context: click.Context, number: UUID, reason: str, json_wanted: bool) -> None:
    """Recall report NUMBER from every holder; each answers with an effect certificate."""
    made = recalls.recall_report(number, reason=reason, by=officer(context))
    say(
        {"report": str(number), "recall": str(made.pk), "versions": made.versions},
        json_wanted=json_wanted,
        text=lambda: _("Recalled; `amana report show` tells which holders have confirmed."),
    )


@report.command()
@click.argument("number", type=click.UUID)
@click.option("--reason", required=True, help="What is wrong with the present version.")
@purpose_option
@as_json
@click.pass_context
@answering
def correct(context: click.Context, number: UUID, reason: str, purpose: str, json_wanted: bool) -> None:
    """Begin a new version of report NUMBER as a draft; its release replaces the old one at every holder."""
    reports.correct_report(number, reason=reason, by=officer(context))
    say_report(context, number, purpose, json_wanted)


@report.command()
@click.argument("number", type=click.UUID)
@click.option("--step", required=True, type=click.Choice(receipts.TELLABLE), help="How far it got here.")
@click.option("--note", default="", help="A word to the originator.")
@purpose_option
@as_json
@click.pass_context
@answering
def tell(context: click.Context, number: UUID, step: str, note: str, purpose: str, json_wanted: bool) -> None:
    """Tell the originator of a held report how far it got here: read, taken up, useful or not."""
    shown = reports.show_report(number, viewpoint=viewpoint(context, purpose))
    told = receipts.tell_step(shown.row, receipts.Step(step), note=note, by=officer(context))
    say(
        {"report": str(number), "step": step, "told": told},
        json_wanted=json_wanted,
        text=lambda: _("The originator is told.") if told else _("The originator was told this before."),
    )


def _entrusted(number: UUID, messages: Sequence[Any]) -> dict[str, Any]:
    partners = [one.partner_id for one in messages]
    return {"report": str(number), "entrusted_to": partners, "messages": [str(one.pk) for one in messages]}


def _entrusted_to(messages: Sequence[Any]) -> str:
    return _("Entrusted to %(partners)s.") % {"partners": ", ".join(one.partner_id for one in messages)}


def _list(rows: list[Any], json_wanted: bool) -> None:
    data = [
        {
            "report": str(row.uid),
            "version": row.version,
            "originator": row.originator,
            "kind": row.kind,
            "state": row.state,
            "title": row.title,
            "written": row.written,
        }
        for row in rows
    ]
    lines = [[str(row.uid), f"v{row.version}", row.originator, row.state, row.title] for row in rows]
    say(data, json_wanted=json_wanted, text=lambda: table(lines) or _("There is nothing here yet."))
