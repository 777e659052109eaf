"""What an overseer does, on the command line: the log, spot checks, orders, retention, the register, mandates."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import click
from django.utils import timezone
from django.utils.translation import gettext as _

from amana.cli.answer import answering, as_json, officer, say, table
from amana.cli.oversight_access import access, mandate, open_
from amana.services import log_reading, orders, register, retention, spot_checks
from amana.services.log_reading import Wanted
from amana.services.people import User

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def oversight() -> None:
    """Oversee this node: look, draw at random, order, decide on access. All of it stands in the log.

    Nobody can switch it off, and whoever oversees has no other role on the node.
    """


for command in (access, mandate, open_):
    oversight.add_command(command)


def _day(given: datetime | None) -> date | None:
    return given.date() if given is not None else None


@oversight.command("log")
@click.option("--act", default="", help="An act, as “disclosure”.")
@click.option("--officer", "who", default="", metavar="NAME", help="Who did it.")
@click.option("--report", default="", metavar="NUMBER", help="A report's number, or its beginning.")
@click.option("--from", "first", type=_DAY, help="From this day on.")
@click.option("--to", "last", type=_DAY, help="Up to this day.")
@click.option("--before", type=click.IntRange(min=0), help="Entries before this number.")
@as_json
@click.pass_context
@answering
def log_(
    context: click.Context,
    act: str,
    who: str,
    report: str,
    first: datetime | None,
    last: datetime | None,
    before: int | None,
    json_wanted: bool,
) -> None:
    """Look into the log by act, officer, report and period, the newest first."""
    wanted = Wanted(act=act, officer=who, report=report, first=_day(first), last=_day(last))
    found = log_reading.find_entries(wanted, before=before, by=officer(context))
    data = {"before": found.before, "entries": [_event(entry.index, event) for entry, event in found.rows]}
    rows = [[str(entry.index), event.at, event.person, event.verb, event.subject] for entry, event in found.rows]
    say(data, json_wanted=json_wanted, text=lambda: table(rows) or _("Nothing in the log fits."))


def _event(index: int, event: Any) -> dict[str, Any]:
    return {
        "index": index,
        "act": event.act,
        "verb": event.verb,
        "person": event.person,
        "at": event.at,
        "reason": event.reason,
        "subject": event.subject,
        "details": dict(event.details),
    }


@oversight.command()
@click.argument("what", type=click.Choice(sorted(spot_checks.KINDS)))
@click.option("--many", type=click.IntRange(1, spot_checks.MOST), default=10, show_default=True, help="How many.")
@click.option("--number", required=True, help="A number of your own that nobody could know before.")
@as_json
@click.pass_context
@answering
def draw(context: click.Context, what: str, many: int, number: str, json_wanted: bool) -> None:
    """Draw entries of the log at random; seed and population stand in the log before you see them."""
    person = officer(context)
    made = spot_checks.draw_check(what, many, number, by=person)
    _show_check(made.pk, person, json_wanted)


@oversight.command()
@click.argument("number", type=int)
@as_json
@click.pass_context
@answering
def check(context: click.Context, number: int, json_wanted: bool) -> None:
    """Show the spot check NUMBER: what was drawn, what was found and answered."""
    _show_check(number, officer(context), json_wanted)


def _show_check(number: int, person: User, json_wanted: bool) -> None:
    found, drawn = spot_checks.show_check(number, by=person)
    data = {
        "check": found.pk,
        "what": found.what,
        "number": found.number,
        "size": found.size,
        "root": found.root,
        "seed": found.seed,
        "population": found.population,
        "drawn": [_drawn(one) for one in drawn],
    }
    rows = [
        [str(one.row.place), str(one.row.index), one.event.person, one.event.subject, one.row.finding or "?"]
        for one in drawn
        if one.event is not None
    ]
    say(data, json_wanted=json_wanted, text=lambda: f"{found.pk}  {found.seed}\n{table(rows)}")


def _drawn(one: spot_checks.Drawn) -> dict[str, Any]:
    return {
        "place": one.row.place,
        "entry": one.row.index,
        "event": _event(one.row.index, one.event) if one.event is not None else None,
        "finding": one.row.finding,
        "words": one.row.words,
        "asked": one.row.asked,
        "answer": one.row.answer,
    }


@oversight.command()
@click.argument("number", type=int)
@click.argument("place", type=int)
@click.argument("finding", type=click.Choice([str(one) for one in spot_checks.Finding]))
@click.option("--words", default="", help="Needed for a question or an objection.")
@as_json
@click.pass_context
@answering
def find(context: click.Context, number: int, place: int, finding: str, words: str, json_wanted: bool) -> None:
    """Record what was found in the drawn entry PLACE of the check NUMBER; a question goes to the officer."""
    row = spot_checks.give_finding(number, place, spot_checks.Finding(finding), words, by=officer(context))
    says = _("Recorded.")
    say({"finding": row.finding, "asked": row.asked}, json_wanted=json_wanted, text=lambda: says)


@oversight.command()
@as_json
@click.pass_context
@answering
def questions(context: click.Context, json_wanted: bool) -> None:
    """List the questions of overseers that you are to answer, with the numbers of their check and place."""
    found = spot_checks.questions_for(officer(context))
    data = [{"check": one.row.check_of_id, **_drawn(one)} for one in found]
    rows = [[str(one.row.check_of_id), str(one.row.place), one.row.words] for one in found]
    say(data, json_wanted=json_wanted, text=lambda: table(rows) or _("No overseer has a question for you."))


@oversight.command()
@click.argument("number", type=int)
@click.argument("place", type=int)
@click.argument("words")
@as_json
@click.pass_context
@answering
def answer(context: click.Context, number: int, place: int, words: str, json_wanted: bool) -> None:
    """Answer an overseer's question about an act of yours, in WORDS."""
    row = spot_checks.answer_question(number, place, words, by=officer(context))
    say({"answer": row.answer}, json_wanted=json_wanted, text=lambda: _("The overseer reads your answer."))


@oversight.command("order")
@click.argument("what", type=click.Choice([str(one) for one in orders.What]))
@click.option("--report", type=click.UUID, help="The number of the report.")
@click.option("--partner", default="", metavar="NODE", help="A stop of all disclosures to this partner.")
@click.option("--ground", required=True, type=click.Choice([str(one) for one in orders.Ground]), help="Legal ground.")
@click.option("--reason", required=True, help="Why; the officers concerned read it.")
@click.option("--addressee", required=True, help="To whom the order is given.")
@as_json
@click.pass_context
@answering
def order_(
    context: click.Context,
    what: str,
    report: UUID | None,
    partner: str,
    ground: str,
    reason: str,
    addressee: str,
    json_wanted: bool,
) -> None:
    """Order to restrict or erase a report, or to stop disclosures; in force at once.

    A stop without --report and --partner stops all disclosures of the node. Only an overseer lifts an order.
    """
    made = orders.give_order(
        orders.What(what),
        report=report,
        partner=partner,
        ground=orders.Ground(ground),
        reason=reason,
        addressee=addressee,
        by=officer(context),
    )
    words = _("Order %(number)s is in force; entry %(index)s of the log.")
    said = words % {"number": made.pk, "index": made.log_index}
    say(_order(made), json_wanted=json_wanted, text=lambda: said)


@oversight.command()
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Why.")
@as_json
@click.pass_context
@answering
def lift(context: click.Context, number: int, reason: str, json_wanted: bool) -> None:
    """Lift the order NUMBER; what a stop held back goes again."""
    made = orders.lift_order(number, reason=reason, by=officer(context))
    says = _("The order is lifted; what it held back goes again.")
    say(_order(made), json_wanted=json_wanted, text=lambda: says)


@oversight.command("orders")
@as_json
@click.pass_context
@answering
def orders_(context: click.Context, json_wanted: bool) -> None:
    """List all orders, the newest first."""
    found = orders.list_orders(by=officer(context))
    rows = [
        [
            str(one.pk),
            one.what,
            str(one.report_uid or one.partner_id or _("node")),
            "" if one.lifted_at else _("in force"),
        ]
        for one in found
    ]
    data = [_order(one) for one in found]
    say(data, json_wanted=json_wanted, text=lambda: table(rows) or _("No order was given yet."))


def _order(one: Any) -> dict[str, Any]:
    return {
        "number": one.pk,
        "what": one.what,
        "report": one.report_uid,
        "partner": one.partner_id,
        "ground": one.ground,
        "reason": one.reason,
        "addressee": one.addressee,
        "by": one.by,
        "at": one.at,
        "entry": one.log_index,
        "held_back": len(one.held_back),
        "lifted_at": one.lifted_at,
        "lifted_by": one.lifted_by,
    }


@oversight.command("retention")
@click.option("--days", type=click.IntRange(0, 3660), default=30, show_default=True, help="How far ahead.")
@as_json
@click.pass_context
@answering
def retention_(context: click.Context, days: int, json_wanted: bool) -> None:
    """List what reaches its day of erasure, and what is overdue; no content."""
    found = retention.list_due(days, by=officer(context))
    data = {
        "until": found.until,
        "counts": [dict(zip(("originator", "tlp", "due", "overdue"), one, strict=True)) for one in found.counts],
        "endless": found.endless,
        "reports": [
            {
                "report": one.uid,
                "version": one.version,
                "erase_by": one.erase_by,
                "overdue": one.overdue,
                "hold": one.hold,
            }
            for one in found.rows
        ],
    }
    rows = [[one, tlp, str(due), str(overdue)] for one, tlp, due, overdue in found.counts]
    say(data, json_wanted=json_wanted, text=lambda: table(rows) or _("Nothing reaches its day."))


@oversight.command("register")
@click.option("--from", "first", required=True, type=_DAY, help="First day.")
@click.option("--to", "last", type=_DAY, help="Last day; today where it is not given.")
@as_json
@click.pass_context
@answering
def register_(context: click.Context, first: datetime, last: datetime | None, json_wanted: bool) -> None:
    """Print the register of processing of a period as CSV, or as JSON with --json."""
    made = register.make_register(first.date(), _day(last) or timezone.localdate(), by=officer(context))
    say(made.to_json(), json_wanted=json_wanted, text=lambda: made.to_csv().rstrip())
