"""Working together on the command line: cases, meetings, tasks, and the expertise shelf."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import click
from django.utils import timezone
from django.utils.translation import gettext as _

from amana.cli.answer import answering, as_json, officer, say, table, viewpoint
from amana.cli.documents import purpose_option
from amana.cli.marking import marked, marking_of
from amana.domain.errors import BadInput, gettext_noop
from amana.domain.handling import Handling, Purpose
from amana.domain.joint import Shelf, Task
from amana.domain.times import parse_day
from amana.domain.vocabulary import CrimeArea
from amana.services import cases, expertise, meetings, reports, tasks


class ActionMalformed(BadInput):
    """An action does not read like NODE:PERSON:DAY:WHAT."""

    code = "cli-action"
    sentence = gettext_noop("Write an action as NODE:PERSON:DAY:WHAT, such as rabat:Omar:2026-12-01:Send manifests.")


class StartMalformed(BadInput):
    """A time does not read like 2026-09-24T10:00."""

    code = "cli-time"
    sentence = gettext_noop("Write a time as 2026-09-24T10:00; it is read in the node's time zone.")


@click.group()
def case() -> None:
    """Work on a case together: each node keeps a sheet, and the case is the sum of the sheets you may see."""


@case.command("open")
@marked
@click.option("--join", type=click.UUID, help="Begin your sheet in this case, which a partner opened.")
@click.option("--from-report", type=click.UUID, help="Begin with this report or request, under its marking.")
@purpose_option
@as_json
@click.pass_context
@answering
def open_(context: click.Context, /, json_wanted: bool, **given: Any) -> None:
    """Open a case, or join one: a draft sheet, to be released like every report.

    Other nodes see of a report in the case only what was released to them, and else a stub.
    """
    by = officer(context)
    if given["from_report"]:
        row = cases.case_from_report(given["from_report"], by=by)
    else:
        name = given["title"] or _("Case")
        row = cases.open_case(name, **_frame(given), case=given["join"], by=by)
    _say_draft(row, json_wanted, case=row.details["case"] if row.details else "")


@case.command("list")
@purpose_option
@as_json
@click.pass_context
@answering
def list_cases(context: click.Context, purpose: str, json_wanted: bool) -> None:
    """List the cases of which you may see a sheet."""
    found = cases.list_cases(viewpoint=viewpoint(context, purpose))
    data = [{"case": str(one.id), "name": one.name, "closed": one.closed, "nodes": one.nodes} for one in found]
    lines = [[str(one.id), ", ".join(one.nodes), one.name] for one in found]
    say(data, json_wanted=json_wanted, text=lambda: table(lines) or _("There is nothing here yet."))


@case.command("show")
@click.argument("number", type=click.UUID)
@purpose_option
@as_json
@click.pass_context
@answering
def show_case(context: click.Context, number: UUID, purpose: str, json_wanted: bool) -> None:
    """Show case NUMBER: whose sheets, which reports (or stubs), which tasks."""
    found = cases.show_case(number, viewpoint=viewpoint(context, purpose))
    data = {
        "case": str(found.id),
        "name": found.name,
        "closed": found.closed,
        "sheets": [
            {"node": one.row.originator, "report": str(one.row.uid), "state": one.row.state} for one in found.sheets
        ],
        "reports": [
            {
                "originator": one.member.originator,
                "report": one.member.report,
                "brought_by": one.brought_by,
                "title": one.row.title if one.row else None,
                "kind": one.row.kind if one.row else None,
            }
            for one in found.members
        ],
        "tasks": [task.to_json() for sheet in found.sheets for task in sheet.details.tasks],
    }
    say(data, json_wanted=json_wanted, text=lambda: _case_text(found))


def _nodes(found: cases.CaseSeen) -> list[str]:
    return sorted({one.row.originator for one in found.sheets})


def _case_text(found: cases.CaseSeen) -> str:
    lines = [f"{found.id}  {found.name}  ({', '.join(_nodes(found))})"]
    for one in found.members:
        title = one.row.title if one.row else _("(a stub: it was not released to you)")
        lines.append(f"  {one.member.originator}  {one.member.report}  {title}")
    lines += [_task_line(task) for sheet in found.sheets for task in sheet.details.tasks]
    return "\n".join(lines)


def _task_line(task: Task) -> str:
    return f"  [{'x' if task.done else ' '}] {task.due}  {task.node}: {task.person}  {task.what}  {task.id}"


@case.command("add")
@click.argument("number", type=click.UUID)
@click.argument("report", type=click.UUID)
@as_json
@click.pass_context
@answering
def add(context: click.Context, number: UUID, report: UUID, json_wanted: bool) -> None:
    """Bring REPORT into your sheet of case NUMBER, by its number only; its content leaves by its own release."""
    _say_draft(cases.add_report(number, report, by=officer(context)), json_wanted, case=str(number))


@case.command("task")
@click.argument("number", type=click.UUID)
@click.argument("what")
@click.option("--node", required=True, help="Which node owes it.")
@click.option("--person", required=True, help="Who there.")
@click.option("--due", required=True, metavar="DAY", help="By which day.")
@as_json
@click.pass_context
@answering
def task(context: click.Context, number: UUID, what: str, node: str, person: str, due: str, json_wanted: bool) -> None:
    """Put a task on your sheet of case NUMBER; the node that owes it sees it once the sheet is released to it."""
    row = cases.add_task(number, what, node=node, person=person, due=parse_day(due), by=officer(context))
    _say_draft(row, json_wanted, case=str(number))


@case.command("close")
@click.argument("number", type=click.UUID)
@as_json
@click.pass_context
@answering
def close(context: click.Context, number: UUID, json_wanted: bool) -> None:
    """Close case NUMBER on your sheet."""
    _say_draft(cases.close_case(number, by=officer(context)), json_wanted, case=str(number))


@click.group()
def meeting() -> None:
    """Keep the record of a meeting, and draft a communiqué from it."""


@meeting.command("new")
@marked
@click.option("--place", required=True, help="Where.")
@click.option("--starts", required=True, metavar="TIME", help="When, such as 2026-09-24T10:00.")
@click.option("--agenda", multiple=True, help="A point of the agenda; give it again for more.")
@click.option("--participant", "participants", multiple=True, help="Who took part, by office.")
@click.option("--decision", "decisions", multiple=True, help="What was decided.")
@click.option("--action", "actions", multiple=True, metavar="NODE:PERSON:DAY:WHAT", help="Who does what by when.")
@click.option("--text", default="", help="Anything else, in words.")
@click.option("--language", default="en", show_default=True, help="The language of the text.")
@purpose_option
@as_json
@click.pass_context
@answering
def new_meeting(context: click.Context, /, json_wanted: bool, **given: Any) -> None:
    """Write the record of a meeting as a draft; its actions stand on both desks until they are done."""
    try:
        starts = timezone.make_aware(datetime.fromisoformat(given["starts"]))
    except ValueError as error:
        raise StartMalformed from error
    row = meetings.draft_meeting(
        given["title"] or given["place"],
        place=given["place"],
        starts=starts,
        agenda=given["agenda"],
        participants=given["participants"],
        decisions=given["decisions"],
        actions=[_action(one) for one in given["actions"]],
        text=given["text"],
        language=given["language"],
        **_frame(given),
        by=officer(context),
    )
    _say_draft(row, json_wanted)


def _action(text: str) -> Task:
    node, person, day, what = (*text.split(":", 3), "", "", "", "")[:4]
    if not what:
        raise ActionMalformed
    return meetings.action(what, node=node, person=person, due=parse_day(day))


@meeting.command("communique")
@click.argument("number", type=click.UUID)
@click.option("--language", type=click.Choice(["en", "de", "fr", "ar"]), default="en", help="In which language.")
@as_json
@click.pass_context
@answering
def communique(context: click.Context, number: UUID, language: str, json_wanted: bool) -> None:
    """Draft a communiqué from meeting record NUMBER, to be changed, marked and released like every report."""
    row = meetings.draft_communique(number, language=language, by=officer(context))
    _say_draft(row, json_wanted, title=row.title, content=row.text)


@click.group("task")
def tasks_group() -> None:
    """See what is to be done, and say that it is done."""


@tasks_group.command("list")
@click.option("--ours", is_flag=True, help="Only what this node owes.")
@purpose_option
@as_json
@click.pass_context
@answering
def list_tasks(context: click.Context, ours: bool, purpose: str, json_wanted: bool) -> None:
    """List the actions of meetings and tasks of cases that are not done, the earliest first."""
    found = [one for one in tasks.open_tasks(viewpoint=viewpoint(context, purpose)) if one.ours or not ours]
    data = [{**one.task.to_json(), "report": str(one.row.uid), "ours": one.ours} for one in found]
    text = "\n".join(f"{_task_line(one.task)}  ({one.row.uid})" for one in found)
    say(data, json_wanted=json_wanted, text=lambda: text or _("There is nothing here yet."))


@tasks_group.command("done")
@click.argument("report", type=click.UUID)
@click.argument("number")
@click.option("--note", default="", help="A word to whoever set it.")
@as_json
@click.pass_context
@answering
def done(context: click.Context, report: UUID, number: str, note: str, json_wanted: bool) -> None:
    """Draft the notice that task NUMBER of REPORT, which this node owes, is done."""
    _say_draft(tasks.tell_done(report, number, note=note, by=officer(context)), json_wanted)


@click.group("expertise")
def expertise_group() -> None:
    """The shelf of lessons, methods, experts and training."""


@expertise_group.command("add")
@marked
@click.option(
    "--shelf", type=click.Choice([str(one) for one in Shelf]), default="lesson", show_default=True, help="What."
)
@click.option("--topic", "topics", multiple=True, help="A word to find it by.")
@click.option("--contact", default="", help="The office to ask; an expert needs one.")
@click.option("--text", default="", help="The lesson, in words.")
@click.option("--language", default="en", show_default=True, help="The language of the text.")
@purpose_option
@as_json
@click.pass_context
@answering
def add_lesson(context: click.Context, /, json_wanted: bool, **given: Any) -> None:
    """Write something for the shelf as a draft."""
    row = expertise.draft_lesson(
        given["title"] or "",
        given["text"],
        shelf=Shelf(given["shelf"]),
        topics=given["topics"],
        contact=given["contact"],
        language=given["language"],
        **_frame(given),
        by=officer(context),
    )
    _say_draft(row, json_wanted)


@expertise_group.command("search")
@click.argument("words", nargs=-1)
@click.option("--shelf", type=click.Choice([str(one) for one in Shelf]), help="Only this part of the shelf.")
@purpose_option
@as_json
@click.pass_context
@answering
def search(context: click.Context, words: tuple[str, ...], shelf: str | None, purpose: str, json_wanted: bool) -> None:
    """Find on the shelf; a crime area named in any of our languages finds what is filed under it in any other."""
    chosen = Shelf(shelf) if shelf else None
    found = expertise.search_shelf(" ".join(words), shelf=chosen, viewpoint=viewpoint(context, purpose))
    data = [
        {"report": str(one.row.uid), "originator": one.row.originator, "title": one.row.title, **one.lesson.to_json()}
        for one in found
    ]
    lines = [[str(one.row.uid), one.row.originator, str(one.lesson.shelf), one.row.title] for one in found]
    say(data, json_wanted=json_wanted, text=lambda: table(lines) or _("There is nothing here yet."))


def _frame(given: dict[str, Any]) -> dict[str, Any]:
    """Marking and crime areas, as the options say."""
    born: Handling = reports.born_restricted(purposes={Purpose(given["purpose"])}, today=timezone.localdate())
    return {"handling": marking_of(born, given), "crime_areas": frozenset(map(CrimeArea, given["areas"]))}


def _say_draft(row: Any, json_wanted: bool, **more: str) -> None:
    data = {"report": str(row.uid), "version": row.version, "state": row.state, **more}
    text = _("A draft is written: %(report)s. Propose it for release when it is complete.") % {"report": row.uid}
    say(data, json_wanted=json_wanted, text=lambda: "\n".join([text, *more.values()]))
