"""Requests on the command line: asking a partner, answering one, clocks and figures."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from django.utils import timezone
from django.utils.translation import gettext as _

from amana.cli.answer import answering, as_json, officer, say, table, viewpoint
from amana.cli.documents import purpose_option
from amana.cli.marking import CategoryMalformed, marking_of, marking_options
from amana.cli.request_answers import asked_json, drafted, figures_json, figures_text, opened_json, opened_text
from amana.domain.errors import BadInput, gettext_noop
from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Code, Purpose, Tlp
from amana.domain.request import LONGEST_EXTENSION_HOURS, Access, Question, RefusalGround, Urgency
from amana.domain.times import parse_day, parse_instant
from amana.domain.vocabulary import Category, CrimeArea
from amana.services import receipts, request_figures, requests
from amana.services.reports import born_restricted
from amana.services.standings import clock_in_words
from amana.services.subjects import name_subjects, take_from_reports

USUAL_PERIOD = timedelta(days=365)


class ThingMalformed(BadInput):
    """A thing that is asked about does not read like Phone:number=+212…."""

    code = "cli-thing"
    sentence = gettext_noop("Write a thing as KIND:PROPERTY=VALUE, such as Container:containerCode=CSQU3054383.")


@click.group()
def request() -> None:
    """Ask partners, and answer what they ask, each under its clock.

    A request may be urgent for one of four admitted reasons only. From its receipt by the partner on it is to be
    answered within 8 hours (urgent, directly accessible), 3 days (urgent) or 7 days, or as the agreement says; both
    desks see the same clock. It ends with a full or partial reply, a refusal on one ground of a closed list, or its
    withdrawal (`amana report recall`). Asking back does not stop the clock; a judicial authorisation does (`extend`).

    Requests and answers are reports: each command here writes a draft and proposes it in the same step when nothing is
    missing; then a second person looks at `amana report preview` and lets it go with `amana report release`.

    \b
    Exit codes: 0 done · 2 wrong usage · 3 something is missing or malformed, such as urgency without its reason ·
    4 your role, the marking or the agreement forbids it · 5 no such request that you may see ·
    6 the request has ended, or nobody waits for this answer · 7 not possible right now.
    """


at_option = click.option(
    "--at", metavar="INSTANT", help="As it stands at this time, such as 2026-09-24T14:02:00.000Z; now if not given."
)
text_options = (
    click.option("--text", default="", help="The words, in place."),
    click.option(
        "--text-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The words, as a file."
    ),
    click.option("--language", default="en", show_default=True, help="The language of the words."),
)
answer_options = (
    *text_options,
    click.option("--title", default="", help="The title; the request's where it is not given."),
    click.option("--tlp", type=click.Choice([str(one) for one in Tlp]), help="Marking; else the strictest involved."),
    click.option("--code", "codes", multiple=True, type=click.Choice([str(one) for one in Code]), help="H0 to H3."),
    click.option("--caveat", "caveats", multiple=True, help="A caveat in words; H3 needs one."),
    click.option("--erase-by", metavar="DAY", help="Erase on this day; else with the first of what it rests on."),
    purpose_option,
    as_json,
)


def asking(function: Any) -> Any:
    """Add the options of words and marking."""
    for option in reversed((*marking_options, *text_options)):
        function = option(function)
    return function


def answered(function: Any) -> Any:
    """Add the options that all answers share."""
    for option in reversed(answer_options):
        function = option(function)
    return function


@request.command()
@asking
@click.option("--grounds", default="", help="Why the partner is believed to hold it. Needed before it may leave.")
@click.option(
    "--urgency",
    type=click.Choice([str(one) for one in Urgency]),
    default=str(Urgency.NONE),
    show_default=True,
    help="The admitted reason of urgency.",
)
@click.option("--urgency-reason", default="", help="Why that reason applies here, in words.")
@click.option(
    "--access",
    type=click.Choice([str(one) for one in Access]),
    default=str(Access.DIRECT),
    show_default=True,
    help="How the partner reaches what is asked; an urgent request has 8 hours or 3 days by it.",
)
@click.option("--person", "people", multiple=True, metavar="NAME=CATEGORY", help="A person asked about.")
@click.option("--thing", "things", multiple=True, metavar="KIND:PROPERTY=VALUE", help="A thing asked about.")
@click.option(
    "--report", "sources", multiple=True, type=click.UUID, help="Ask about the entities of this report of ours."
)
@purpose_option
@as_json
@click.pass_context
@answering
def new(context: click.Context, /, json_wanted: bool, **given: Any) -> None:
    """Ask one or several partners (--to NODE), and propose it to a second person in the same step when complete.

    What is asked stands in --text. Of whom and what: --person "Karim Belkadi=suspect", --thing
    Phone:number=+212661234567 (kinds and properties of FollowTheMoney), or --report for the entities of a report of
    ours. Urgency without an admitted reason, in words, is refused here. Where something is missing, the draft stays and
    is told.
    """
    by, today = officer(context), timezone.localdate()
    question = Question(
        grounds=given["grounds"],
        urgency=Urgency(given["urgency"]),
        urgency_reason=given["urgency_reason"],
        access=Access(given["access"]),
    )
    grade = Evaluation(Source.UNKNOWN, Information.UNKNOWN, today)
    entities, statements = name_subjects(
        [_person(one) for one in given["people"]],
        [_thing(one) for one in given["things"]],
        evaluation=grade,
    )
    look = viewpoint(context, given["purpose"])
    made = requests.ask_partners(
        title=given["title"] or "",
        text=_words(given),
        language=given["language"],
        question=question,
        evaluation=grade,
        handling=marking_of(born_restricted(purposes={Purpose(given["purpose"])}, today=today), given),
        crime_areas=frozenset(map(CrimeArea, given["areas"])),
        entities=entities,
        statements=statements,
        taken=take_from_reports(given["sources"], viewpoint=look, reason="request"),
        by=by,
    )
    drafted(made, json_wanted=json_wanted)


@request.command()
@click.argument("number", type=click.UUID)
@at_option
@purpose_option
@as_json
@click.pass_context
@answering
def show(context: click.Context, number: UUID, at: str | None, purpose: str, json_wanted: bool) -> None:
    """Show request NUMBER: the question, the clock, the answers, and what our own holdings say to it.

    A partner's request was compared with what this node holds when it came in: names by their folded words, numbers
    exactly. A hit is a lead, and only those in reports that you may read are shown. The asker learns that it was read.
    An answer's time is what its sender signed; beside it stands when it arrived here.
    """
    opened = requests.open_request(number, at=_parsed(at), viewpoint=viewpoint(context, purpose))
    if opened.shown.row.state == "held":
        receipts.tell_step(opened.shown.row, receipts.Step.READ, by=officer(context))
    say(opened_json(opened), json_wanted=json_wanted, text=lambda: opened_text(opened))


@request.command("list")
@click.option("--ours/--theirs", default=None, help="Only what this node asks, or only what it is asked.")
@click.option("--waiting", is_flag=True, help="Only those whose next step is ours.")
@at_option
@purpose_option
@as_json
@click.pass_context
@answering
def list_(
    context: click.Context, ours: bool | None, waiting: bool, at: str | None, purpose: str, json_wanted: bool
) -> None:
    """List requests that were sent or received, those that run out first at the head, ended ones last.

    ← is asked of us, → we ask. Drafts and proposals stand in `amana report list`.
    """
    look = viewpoint(context, purpose)
    stood = requests.list_requests(ours=ours, waiting=waiting, at=_parsed(at), viewpoint=look)
    found = requests.read_with_answers(stood, viewpoint=look)
    rows = [
        [
            str(one.row.uid),
            ("→ " if one.row.ours else "← ") + one.row.partner_id,
            one.standing.state,
            one.pace,
            clock_in_words(one),
            one.row.report.title,
        ]
        for one in found
    ]
    say(
        [asked_json(one) for one in found],
        json_wanted=json_wanted,
        text=lambda: table(rows) or _("There is nothing here yet."),
    )


@request.command()
@click.argument("number", type=click.UUID)
@click.option("--full/--partial", default=True, show_default=True, help="Whether all that is asked is answered.")
@click.option(
    "--report", "sources", multiple=True, type=click.UUID, help="Answer with the statements of this report of ours."
)
@answered
@click.pass_context
@answering
def reply(context: click.Context, /, number: UUID, json_wanted: bool, **given: Any) -> None:
    """Answer a partner's request NUMBER in words (--text), with statements of our reports (--report), or both.

    The answer is bound to the request by its hash and marked by the strictest of what it rests on. Of minors, victims
    and witnesses no content leaves: such an answer is refused here (4).
    """
    made = requests.reply_to_request(
        number,
        _answer_words(given),
        full=given["full"],
        sources=given["sources"],
        viewpoint=viewpoint(context, given["purpose"]),
        by=officer(context),
    )
    drafted(made, json_wanted=json_wanted)


@request.command()
@click.argument("number", type=click.UUID)
@click.option("--ground", required=True, type=click.Choice([str(one) for one in RefusalGround]), help="The one ground.")
@answered
@click.pass_context
@answering
def refuse(context: click.Context, /, number: UUID, json_wanted: bool, **given: Any) -> None:
    """Refuse a partner's request NUMBER on one ground of the closed list that the agreement admits.

    Say in --text what the partner may know of it.
    """
    made = requests.refuse_request(
        number,
        RefusalGround(given["ground"]),
        _answer_words(given),
        viewpoint=viewpoint(context, given["purpose"]),
        by=officer(context),
    )
    drafted(made, json_wanted=json_wanted)


@request.command()
@click.argument("number", type=click.UUID)
@click.option("--to", "partner", default="", metavar="NODE", help="Which partner, where several asked back.")
@answered
@click.pass_context
@answering
def clarify(context: click.Context, /, number: UUID, json_wanted: bool, **given: Any) -> None:
    """Ask the asker of request NUMBER what is meant or, where the request is ours, say it to the one who asked back.

    The clock goes on.
    """
    made = requests.clarify_request(
        number,
        _answer_words(given),
        partner=given["partner"],
        viewpoint=viewpoint(context, given["purpose"]),
        by=officer(context),
    )
    drafted(made, json_wanted=json_wanted)


@request.command()
@click.argument("number", type=click.UUID)
@click.option(
    "--hours", required=True, type=click.IntRange(1, LONGEST_EXTENSION_HOURS), help="How long the clock stops."
)
@answered
@click.pass_context
@answering
def extend(context: click.Context, /, number: UUID, json_wanted: bool, **given: Any) -> None:
    """Give notice that a judicial authorisation stops the clock of request NUMBER; say in --text which and why.

    Nothing else stops a clock, and once it has run out nothing does (6).
    """
    made = requests.extend_request(
        number,
        given["hours"],
        _answer_words(given),
        viewpoint=viewpoint(context, given["purpose"]),
        by=officer(context),
    )
    drafted(made, json_wanted=json_wanted)


@request.command()
@click.option("--from", "first", metavar="DAY", help="The first day; a year ago where it is not given.")
@click.option("--to", "last", metavar="DAY", help="The last day; today where it is not given.")
@click.option("--partner", default="", metavar="NODE", help="Only this partner.")
@purpose_option
@as_json
@click.pass_context
@answering
def figures(
    context: click.Context, first: str | None, last: str | None, partner: str, purpose: str, json_wanted: bool
) -> None:
    """Count by partner what was asked, answered in time, late, open, refused and on which ground, and the balance.

    Requests are counted by the day they were made, and only those you may see for this purpose. The balance counts
    reports other than requests that were sent and received; usefulness is the feedback of each side on the other's.
    """
    until = parse_day(last) if last else timezone.localdate()
    since = parse_day(first) if first else until - USUAL_PERIOD
    found = request_figures.count_requests(since, until, partner=partner, viewpoint=viewpoint(context, purpose))
    data = {"from": since, "to": until, "partners": [figures_json(one) for one in found]}
    say(data, json_wanted=json_wanted, text=lambda: figures_text(found) or _("There is nothing here yet."))


def _parsed(at: str | None) -> datetime | None:
    return parse_instant(at) if at else None


def _person(given: str) -> tuple[str, Category]:
    name, found, category = given.rpartition("=")
    if not found or not name.strip() or category not in set(Category):
        raise CategoryMalformed
    return name.strip(), Category(category)


def _thing(given: str) -> tuple[str, str, str]:
    kind, found, value = given.partition("=")
    schema, colon, name = kind.partition(":")
    if not (found and colon and value.strip()):
        raise ThingMalformed
    return schema.strip(), name.strip(), value.strip()


def _words(given: dict[str, Any]) -> str:
    return str(given["text_file"].read_text(encoding="utf-8") if given["text_file"] else given["text"])


def _answer_words(given: dict[str, Any]) -> requests.Words:
    marking = {
        "tlp": Tlp(given["tlp"]) if given["tlp"] else None,
        "codes": frozenset(map(Code, given["codes"])),
        "caveats": frozenset(given["caveats"]),
        "erase_by": parse_day(given["erase_by"]) if given["erase_by"] else None,
    }
    return requests.Words(
        text=_words(given),
        title=given["title"],
        language=given["language"],
        marking={name: value for name, value in marking.items() if value},
    )
