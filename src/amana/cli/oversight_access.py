"""Requests for access by data subjects, mandates to open content, and opening it, on the command line."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import click
from django.utils.translation import gettext as _

from amana.cli.answer import answering, as_json, officer, say, table
from amana.services import access_requests, mandates

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_reason = click.option("--reason", required=True, help="Why; it stands in the log.")


@click.group()
def access() -> None:
    """Requests for access by data subjects: record, search, decide. No refusal tells whether anything is held."""


def _request(one: Any) -> dict[str, Any]:
    return {
        "number": one.pk,
        "name": one.name,
        "born": one.born,
        "identity": one.identity,
        "asked_on": one.asked_on,
        "due": one.due,
        "extended": bool(one.extended_for),
        "searched_at": one.searched_at,
        "outcome": one.outcome,
        "ground": one.ground,
    }


@access.command("record")
@click.argument("name")
@click.option("--born", default="", metavar="DAY", help="The birth date, YYYY-MM-DD, if known.")
@click.option("--on", "asked_on", required=True, type=_DAY, help="The day on which it was received.")
@click.option("--identity", required=True, help="How the identity was checked.")
@as_json
@click.pass_context
@answering
def record_(context: click.Context, name: str, born: str, asked_on: datetime, identity: str, json_wanted: bool) -> None:
    """Record that NAME asks for access; it is due a month after it was received."""
    day = asked_on.date()
    made = access_requests.record_access(name=name, born=born, identity=identity, asked_on=day, by=officer(context))
    said = _("Recorded as number %(number)s; it is due on %(day)s.") % {"number": made.pk, "day": made.due}
    say(_request(made), json_wanted=json_wanted, text=lambda: said)


@access.command("list")
@as_json
@click.pass_context
@answering
def list_(context: click.Context, json_wanted: bool) -> None:
    """List the requests for access, the open ones first, by their deadline."""
    found = access_requests.list_access(by=officer(context))
    rows = [[str(one.pk), one.due.isoformat(), one.outcome or _("open"), one.name] for one in found]
    data = [_request(one) for one in found]
    say(data, json_wanted=json_wanted, text=lambda: table(rows) or _("Nobody has asked yet."))


@access.command()
@click.argument("number", type=int)
@as_json
@click.pass_context
@answering
def show(context: click.Context, number: int, json_wanted: bool) -> None:
    """Show the request NUMBER with what the search found, and what the originators say."""
    row, findings = access_requests.show_access(number, by=officer(context))
    found = [
        {
            "report": one.report_uid,
            "version": one.version,
            "originator": one.originator,
            "likeness": one.likeness,
            "notice": one.notice,
            "notice_state": state,
            "consented": one.consented,
        }
        for one, state in findings
    ]
    rows = [[str(one.report_uid), one.originator, str(one.likeness), state] for one, state in findings]
    text = f"{row.pk}  {row.due}  {row.outcome}\n{table(rows)}"
    say(_request(row) | {"findings": found}, json_wanted=json_wanted, text=lambda: text)


@access.command()
@click.argument("number", type=int)
@as_json
@click.pass_context
@answering
def search(context: click.Context, number: int, json_wanted: bool) -> None:
    """Search the holdings for who asks, under your mandate."""
    person = officer(context)
    access_requests.search_access(number, by=person)
    _row, findings = access_requests.show_access(number, by=person)
    data = [{"report": one.report_uid, "originator": one.originator, "likeness": one.likeness} for one, _ in findings]
    rows = [[str(one.report_uid), one.originator, str(one.likeness)] for one, _state in findings]
    nothing = _("Nothing that is held is like this person.")
    say(data, json_wanted=json_wanted, text=lambda: table(rows) or nothing)


@access.command()
@click.argument("number", type=int)
@_reason
@as_json
@click.pass_context
@answering
def extend(context: click.Context, number: int, reason: str, json_wanted: bool) -> None:
    """Extend the deadline of the request NUMBER, once, by a month."""
    row = access_requests.extend_access(number, reason=reason, by=officer(context))
    said = _("Extended; it is due on %(day)s.") % {"day": row.due}
    say(_request(row), json_wanted=json_wanted, text=lambda: said)


@access.command()
@click.argument("number", type=int)
@click.argument("report", type=click.UUID)
@click.option("--title", required=True, help="The notice's title.")
@click.option("--text", required=True, help="What the originator reads.")
@click.option("--in", "language", default="en", show_default=True, help="The language of the notice.")
@as_json
@click.pass_context
@answering
def ask(
    context: click.Context, number: int, report: UUID, title: str, text: str, language: str, json_wanted: bool
) -> None:
    """Draft the notice that asks the originator of REPORT whether it may be told; an officer who writes does this."""
    made = access_requests.ask_originator(
        number, report, title=title, text=text, language=language, by=officer(context)
    )
    said = _("The notice is drafted. It goes out when a second person has released it.")
    say({"notice": made.uid}, json_wanted=json_wanted, text=lambda: said)


@access.command("note")
@click.argument("number", type=int)
@click.argument("report", type=click.UUID)
@click.option("--agreed/--not-agreed", required=True, help="What the originator answered.")
@_reason
@as_json
@click.pass_context
@answering
def note_(context: click.Context, number: int, report: UUID, agreed: bool, reason: str, json_wanted: bool) -> None:
    """Note what the originator of REPORT answered to the notice."""
    row = access_requests.note_originator(number, report, consented=agreed, words=reason, by=officer(context))
    say({"consented": row.consented}, json_wanted=json_wanted, text=lambda: _("Recorded."))


@access.command()
@click.argument("number", type=int)
@click.argument("outcome", type=click.Choice([str(one) for one in access_requests.Outcome]))
@click.option("--ground", type=click.Choice([str(one) for one in access_requests.Ground]), help="Of a refusal.")
@_reason
@as_json
@click.pass_context
@answering
def decide(
    context: click.Context, number: int, outcome: str, ground: str | None, reason: str, json_wanted: bool
) -> None:
    """Decide the request NUMBER: given, partly, or refused on one ground of the list."""
    row = access_requests.decide_access(
        number,
        access_requests.Outcome(outcome),
        ground=access_requests.Ground(ground) if ground else None,
        reason=reason,
        by=officer(context),
    )
    say(_request(row), json_wanted=json_wanted, text=lambda: _("Decided."))


@click.group()
def mandate() -> None:
    """Mandates of overseers to open content: proposed by one officer, confirmed by another."""


@mandate.command("propose")
@click.argument("name")
@click.option("--ground", required=True, help="The legal ground.")
@click.option("--until", required=True, type=_DAY, help="The last day.")
@as_json
@click.pass_context
@answering
def propose_(context: click.Context, name: str, ground: str, until: datetime, json_wanted: bool) -> None:
    """Propose that the overseer NAME may open content for given checks until a day."""
    made = mandates.propose_mandate(name, ground=ground, until=until.date(), by=officer(context))
    said = _("Proposed as number %(number)s; another officer must confirm it.") % {"number": made.pk}
    say({"number": made.pk}, json_wanted=json_wanted, text=lambda: said)


@mandate.command("confirm")
@click.argument("number", type=int)
@as_json
@click.pass_context
@answering
def confirm_(context: click.Context, number: int, json_wanted: bool) -> None:
    """Confirm the mandate NUMBER that another officer proposed."""
    made = mandates.confirm_mandate(number, by=officer(context))
    say(
        {"officer": made.officer, "until": made.until},
        json_wanted=json_wanted,
        text=lambda: _("The mandate is in force."),
    )


@mandate.command("list")
@as_json
@click.pass_context
@answering
def mandates_(context: click.Context, json_wanted: bool) -> None:
    """List all mandates, and what was opened under them."""
    person = officer(context)
    found, opened = mandates.list_mandates(by=person), mandates.list_openings(by=person)
    data = {
        "mandates": [
            {"number": one.pk, "officer": one.officer, "until": one.until, "confirmed_by": one.confirmed_by}
            for one in found
        ],
        "openings": [{"report": one.report_uid, "by": one.by, "at": one.at} for one in opened],
    }
    rows = [[str(one.pk), one.officer, one.until.isoformat(), one.confirmed_by or "?"] for one in found]
    say(data, json_wanted=json_wanted, text=lambda: table(rows) or _("No overseer may open content."))


@click.command("open")
@click.argument("report", type=click.UUID)
@click.option("--check", type=int, help="The spot check that drew it.")
@click.option("--access", "access_number", type=int, help="The request for access that found it.")
@as_json
@click.pass_context
@answering
def open_(
    context: click.Context, report: UUID, check: int | None, access_number: int | None, json_wanted: bool
) -> None:
    """Open the content of REPORT for a check or a request for access, under your mandate."""
    shown = mandates.open_content(report, check=check, access=access_number, by=officer(context))
    content = shown.content
    data = {"report": report, "state": shown.row.state, "content": content.to_json() if content is not None else None}
    words = f"{content.title}\n\n{content.text}" if content is not None else _("The content is gone")
    say(data, json_wanted=json_wanted, text=lambda: words)
