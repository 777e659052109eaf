"""Control of what was entrusted, on the command line: consents, passing on, late restrictions, legal holds, flags."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import click
from django.utils.translation import gettext as _

from amana.cli.answer import answering, as_json, officer, say, table, viewpoint
from amana.cli.documents import purpose_option
from amana.cli.reports import report
from amana.domain.handling import Code, Handling, Purpose, Tlp
from amana.domain.times import parse_day
from amana.services import consent_answers, consents, holds, onward, products, reports, restrictions


@click.group()
def consent() -> None:
    """Ask an originator whether its report may go on to a third node, and answer such questions."""


def as_data(one: Any) -> dict[str, Any]:
    """A question of consent as the command line shows it."""
    names = ("state", "originator", "holder", "recipient", "version", "purpose", "reason", "answer")
    times = ("asked_at", "decided_at", "expires_at", "used_at")
    shown = {name: getattr(one, name) for name in (*names, *times)}
    return {"consent": str(one.pk), "report": str(one.report_uid), **shown}


def _tell(one: Any, json_wanted: bool) -> None:
    data = as_data(one)
    say(data, json_wanted=json_wanted, text=lambda: table([[name, str(data[name] or "–")] for name in data]))


@consent.command()
@click.argument("number", type=click.UUID)
@click.option("--to", "recipient", required=True, metavar="NODE", help="The third node that is to get it.")
@click.option("--reason", required=True, help="Why it needs it; the originator reads this.")
@purpose_option
@as_json
@click.pass_context
@answering
def ask(context: click.Context, number: UUID, recipient: str, reason: str, purpose: str, json_wanted: bool) -> None:
    """Ask the originator of held report NUMBER whether it may go on to a node, for a purpose."""
    made = consents.ask_consent(number, recipient, Purpose(purpose), reason=reason, by=officer(context))
    _tell(made, json_wanted)


@consent.command("list")
@as_json
@click.pass_context
@answering
def list_(context: click.Context, json_wanted: bool) -> None:
    """List what was asked, here and of us, newest first."""
    rows = consents.list_consents(by=officer(context))
    lines = [
        [str(one.pk)[:8], one.state, f"{one.originator} → {one.holder} → {one.recipient}", one.purpose, one.reason[:60]]
        for one in rows
    ]
    say(
        [as_data(one) for one in rows],
        json_wanted=json_wanted,
        text=lambda: table(lines) or _("There is nothing here yet."),
    )


@consent.command()
@click.argument("number")
@as_json
@click.pass_context
@answering
def show(context: click.Context, number: str, json_wanted: bool) -> None:
    """Show consent NUMBER (or its beginning): who asks, for what, and the answer."""
    _tell(consents.find_consent(number, by=officer(context)), json_wanted)


@consent.command()
@click.argument("number")
@click.option("--grant/--refuse", required=True, help="Whether the step may be taken.")
@click.option("--reason", required=True, help="Why, in words: that it serves the purpose and nothing else.")
@click.option("--until", metavar="DAY", help="The last day of the consent; at the latest the report's erasure day.")
@as_json
@click.pass_context
@answering
def answer(context: click.Context, number: str, grant: bool, reason: str, until: str | None, json_wanted: bool) -> None:
    """Grant or refuse the step that was asked for under NUMBER; granting signs a token for exactly this step."""
    by = officer(context)
    found = consents.find_consent(number, by=by)
    day = parse_day(until) if until else None
    _tell(consent_answers.answer_consent(found.pk, grant=grant, reason=reason, until=day, by=by), json_wanted)


@consent.command()
@click.argument("number")
@click.option("--reason", required=True, help="Why; the holder and the recipient read it.")
@as_json
@click.pass_context
@answering
def revoke(context: click.Context, number: str, reason: str, json_wanted: bool) -> None:
    """Take granted consent NUMBER back: who got the report by it withdraws it, and certifies."""
    by = officer(context)
    found = consents.find_consent(number, by=by)
    restrictions.revoke_consent(found.pk, reason=reason, by=by)
    _tell(consents.find_consent(str(found.pk), by=by), json_wanted)


@report.command("pass-on")
@click.argument("number", type=click.UUID)
@click.option("--to", "recipient", required=True, metavar="NODE", help="The node for which consent was granted.")
@click.option("--preview", is_flag=True, help="Only show what it would hold.")
@as_json
@click.pass_context
@answering
def pass_on(context: click.Context, number: UUID, recipient: str, preview: bool, json_wanted: bool) -> None:
    """Propose that held report NUMBER goes on, under its originator's consent; `report release` lets it go.

    What goes is the originator's own signed message, byte for byte.
    """
    by = officer(context)
    shown = onward.preview_onward(number, recipient, by=by)
    if not preview:
        onward.propose_onward(number, recipient, by=by)
    data = {
        "report": str(number),
        "partner": shown.partner,
        "sha256": shown.sha256,
        "allowed": shown.decision.allowed,
        "because": [{"code": why.code, "sentence": str(why)} for why in shown.decision.because],
        "content": shown.content.to_json(),
        "proposed": not preview,
    }
    words = shown.data.decode() if preview else _("The step waits for a second person.")
    say(data, json_wanted=json_wanted, text=lambda: words)


@report.command()
@click.argument("number", type=click.UUID)
@click.option("--reason", required=True, help="Why; the holders and the overseer read it.")
@click.option("--tlp", type=click.Choice([str(one) for one in Tlp]), help="A stricter marking.")
@click.option("--code", "codes", multiple=True, type=click.Choice([str(one) for one in Code]), help="A code more.")
@click.option(
    "--for", "purposes", multiple=True, type=click.Choice([str(one) for one in Purpose]), help="Only for this purpose."
)
@click.option("--caveat", "caveats", multiple=True, help="A caveat more, in words.")
@click.option("--erase-by", metavar="DAY", help="Erase earlier.")
@purpose_option
@as_json
@click.pass_context
@answering
def restrict(context: click.Context, /, number: UUID, json_wanted: bool, **given: Any) -> None:
    """Narrow the marking of released report NUMBER at every holder; each certifies. It never widens."""
    shown = reports.show_report(number, viewpoint=viewpoint(context, given["purpose"]), reason="restriction")
    handling = Handling.from_json(shown.row.handling)
    changes: dict[str, Any] = {
        "codes": handling.codes | frozenset(map(Code, given["codes"])),
        "caveats": handling.caveats | frozenset(given["caveats"]),
    }
    if given["tlp"]:
        changes["tlp"] = Tlp(given["tlp"])
    if given["purposes"]:
        changes["purposes"] = frozenset(map(Purpose, given["purposes"]))
    if given["erase_by"]:
        changes["erase_by"] = parse_day(given["erase_by"])
    made = restrictions.restrict_report(
        number, replace(handling, **changes), reason=given["reason"], by=officer(context)
    )
    say(
        {"report": str(number), "restriction": str(made.pk), "versions": made.versions},
        json_wanted=json_wanted,
        text=lambda: _("Restricted; `amana report show` tells which holders have confirmed."),
    )


@report.command()
@click.argument("number", type=click.UUID)
@click.option("--reason", required=True, help="The law or order on which it is kept; its originator reads it.")
@as_json
@click.pass_context
@answering
def hold(context: click.Context, number: UUID, reason: str, json_wanted: bool) -> None:
    """Lay a legal hold on held report NUMBER: a recall takes it out of use, its locked message stays."""
    made = holds.hold_report(number, reason=reason, by=officer(context))
    data = {"report": str(number), "version": made.report.version, "reason": made.reason, "at": made.at}
    say(data, json_wanted=json_wanted, text=lambda: _("The legal hold is laid."))


@report.command()
@click.argument("number", type=click.UUID)
@click.option("--reason", required=True, help="Why it ends.")
@as_json
@click.pass_context
@answering
def unhold(context: click.Context, number: UUID, reason: str, json_wanted: bool) -> None:
    """Lift the legal hold on report NUMBER; what was recalled meanwhile is destroyed now."""
    made = holds.lift_hold(number, reason=reason, by=officer(context))
    data = {"report": str(number), "version": made.report.version, "lifted_at": made.lifted_at}
    say(data, json_wanted=json_wanted, text=lambda: _("The legal hold is lifted."))


@report.command()
@click.argument("number", type=click.UUID)
@click.option("--flag", type=int, required=True, help="The flag's number, as `report show` gives it.")
@as_json
@click.pass_context
@answering
def seen(context: click.Context, number: UUID, flag: int, json_wanted: bool) -> None:
    """Say that you have seen what happened to a thing on which report NUMBER rests."""
    products.see_flag(flag, report=number, by=officer(context))
    say({"report": str(number), "flag": flag}, json_wanted=json_wanted, text=lambda: _("Noted."))
