"""Accounts of people on this node."""

from __future__ import annotations

from typing import Any

import click
from django.utils.translation import gettext as _

from amana.cli.answer import answering, as_json, officer, say, table
from amana.domain.handling import Tlp
from amana.domain.viewpoint import Role
from amana.services import accounts
from amana.services.people import add_officer, list_officers, one_time_password, who_adds


@click.group()
def user() -> None:
    """Give people accounts on this node, change and close them, and list them.

    Roles: author, releasing-officer, analyst, port-officer, head, overseer, operator. One person may have several;
    whoever writes or proposes a report cannot release it.
    """


@user.command()
@click.argument("name")
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice([str(role) for role in Role]), help="A role."
)
@click.option(
    "--clearance",
    type=click.Choice([str(tlp) for tlp in Tlp]),
    default=str(Tlp.AMBER_STRICT),
    show_default=True,
    help="The strictest marking they read; new documents and reports are TLP:AMBER+STRICT.",
)
@click.option("--full-name", default="", help="The name as colleagues say it.")
@click.option("--desk", default="", help="The desk the person works at.")
@click.option("--password", default="", help="For the first sign-in only; made and printed where it is not given.")
@click.option("--reason", default="account", show_default=True, help="Why; it stands in the log.")
@as_json
@click.pass_context
@answering
def add(
    context: click.Context,
    name: str,
    roles: tuple[str, ...],
    clearance: str,
    full_name: str,
    desk: str,
    password: str,
    reason: str,
    json_wanted: bool,
) -> None:
    """Give NAME an account.

    On a new node this needs no `--as`, until somebody is its operator; from then on only an operator may, and the log
    names who it was. An account of the operator's rank or above stays closed until another officer confirms it (`amana
    user confirm`). At the first sign-in its owner chooses another password and sets up a second factor.
    """
    wanted: dict[str, Any] = {
        "roles": [Role(role) for role in roles],
        "clearance": Tlp(clearance),
        "desk": desk,
        "full_name": full_name,
    }
    by = who_adds(context.find_root().obj)
    if by is None:
        given = password or one_time_password()
        made = add_officer(name=name, password=given, password_once=True, reason=reason, by="operator", **wanted)
        outcome = accounts.Outcome(made, password="" if password else given)
    else:
        outcome = accounts.open_account(name, password=password, reason=reason, by=by, **wanted)
    _say_outcome(outcome, _("%(name)s has an account now."), json_wanted=json_wanted)


def _say_outcome(outcome: accounts.Outcome, words: str, *, json_wanted: bool) -> None:
    """Say what became of an act, and print a one-time password if one was made."""
    officer_, waiting = outcome.officer, outcome.waiting
    data = {
        "name": officer_.username,
        "roles": officer_.roles,
        "clearance": officer_.clearance,
        "open": officer_.is_active,
        "waits_for_second_person": waiting.pk if waiting else None,
        "password": outcome.password or None,
    }
    said = {"name": officer_.username, "roles": ", ".join(officer_.roles), "clearance": officer_.clearance}
    lines = [words % said]
    if waiting is not None:
        lines = [_("It waits for a second person: amana --as NAME user confirm %(number)s") % {"number": waiting.pk}]
    if outcome.password:
        lines.append(_("One-time password, shown this once: %(password)s") % {"password": outcome.password})
    say(data, json_wanted=json_wanted, text=lambda: "\n".join(lines))


@user.command("list")
@as_json
@click.pass_context
@answering
def list_(context: click.Context, json_wanted: bool) -> None:
    """List the accounts of this node."""
    by = officer(context) if context.find_root().obj else None
    people = list_officers(by=by)
    data = [
        {
            "name": one.username,
            "full_name": one.first_name,
            "roles": one.roles,
            "clearance": one.clearance,
            "open": one.is_active,
            "one_time_password": one.password_once,
        }
        for one in people
    ]
    rows = [
        [one.username, one.first_name, ", ".join(one.roles), one.clearance, "" if one.is_active else _("closed")]
        for one in people
    ]
    say(data, json_wanted=json_wanted, text=lambda: table(rows) or _("Nobody has an account on this node yet."))


_reason = click.option("--reason", required=True, help="Why; it stands in the log.")


@user.command()
@click.argument("name")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice([str(role) for role in Role]),
    help="A role; all are named anew.",
)
@click.option("--clearance", type=click.Choice([str(tlp) for tlp in Tlp]), help="The strictest marking they read.")
@click.option("--desk", help="The desk the person works at.")
@_reason
@as_json
@click.pass_context
@answering
def change(
    context: click.Context,
    name: str,
    roles: tuple[str, ...],
    clearance: str | None,
    desk: str | None,
    reason: str,
    json_wanted: bool,
) -> None:
    """Give the account NAME other roles, another clearance or desk; what is not named stays.

    It holds from this moment, and the account's sessions end. The last operator and the last overseer of a node keep
    their role until somebody else has it. Accounts of the operator's rank or above wait for a second person.
    """
    outcome = accounts.change_account(
        name,
        roles=[Role(role) for role in roles] or None,
        clearance=Tlp(clearance) if clearance else None,
        desk=desk,
        reason=reason,
        by=officer(context),
    )
    words = _("%(name)s now has the roles %(roles)s and reads up to %(clearance)s.")
    _say_outcome(outcome, words, json_wanted=json_wanted)


@user.command()
@click.argument("name")
@_reason
@as_json
@click.pass_context
@answering
def close(context: click.Context, name: str, reason: str, json_wanted: bool) -> None:
    """Close the account NAME: from this moment nobody signs in or acts under it. Its name stays taken."""
    outcome = accounts.close_account(name, reason=reason, by=officer(context))
    _say_outcome(outcome, _("The account of %(name)s is closed."), json_wanted=json_wanted)


@user.command()
@click.argument("name")
@_reason
@as_json
@click.pass_context
@answering
def reopen(context: click.Context, name: str, reason: str, json_wanted: bool) -> None:
    """Open the closed account NAME again, with the roles and the clearance that it had."""
    outcome = accounts.reopen_account(name, reason=reason, by=officer(context))
    _say_outcome(outcome, _("The account of %(name)s is open again."), json_wanted=json_wanted)


@user.command()
@click.argument("name")
@click.option("--password", default="", help="For one sign-in only; made and printed where it is not given.")
@_reason
@as_json
@click.pass_context
@answering
def password(context: click.Context, name: str, password: str, reason: str, json_wanted: bool) -> None:
    """Give the account NAME a password for one sign-in; whoever is signed in under it is signed out.

    Its owner chooses another at that sign-in. The second factor stays as it is.
    """
    outcome = accounts.replace_password(name, password, reason=reason, by=officer(context))
    words = _("%(name)s has a new password and is signed out everywhere.")
    _say_outcome(outcome, words, json_wanted=json_wanted)


@user.command("factors")
@click.argument("name")
@as_json
@click.pass_context
@answering
def show_factors(context: click.Context, name: str, json_wanted: bool) -> None:
    """Show what second factors NAME has set up. No code and no secret can be shown, by nobody and of nobody."""
    found = accounts.show_factors(name, by=officer(context))
    data = [{"kind": one.kind, "since": one.since, "used_at": one.used_at, "codes_left": one.left} for one in found]
    rows = [
        [one.kind, f"{one.since:%Y-%m-%d %H:%M}", f"{one.used_at:%Y-%m-%d %H:%M}" if one.used_at else "–"]
        for one in found
    ]
    none = _("No second factor; the next sign-in sets one up.")
    say(data, json_wanted=json_wanted, text=lambda: table(rows) or none)


@user.command("reset-factor")
@click.argument("name")
@_reason
@as_json
@click.pass_context
@answering
def reset_factor(context: click.Context, name: str, reason: str, json_wanted: bool) -> None:
    """Take away the second factors and recovery codes of NAME; the next sign-in sets up new ones.

    Make sure first that it is this person who asks. Their sessions end.
    """
    outcome = accounts.reset_factors(name, reason=reason, by=officer(context))
    _say_outcome(outcome, _("The second factors of %(name)s are taken away."), json_wanted=json_wanted)


@user.command("sessions")
@click.argument("name")
@as_json
@click.pass_context
@answering
def show_sessions(context: click.Context, name: str, json_wanted: bool) -> None:
    """Show where NAME is signed in: device, address, since when, last seen."""
    seats = accounts.show_sessions(name, by=officer(context))
    data = [
        {"number": one.number, "device": one.device, "address": one.address, "since": one.since, "seen": one.seen_at}
        for one in seats
    ]
    rows = [
        [str(one.number), one.device or "–", one.address, f"{one.since:%Y-%m-%d %H:%M}", f"{one.seen_at:%H:%M}"]
        for one in seats
    ]
    say(data, json_wanted=json_wanted, text=lambda: table(rows) or _("Not signed in anywhere."))


@user.command("end-sessions")
@click.argument("name")
@click.option("--session", type=int, help="Only this one, by its number in `amana user sessions`.")
@_reason
@as_json
@click.pass_context
@answering
def end_sessions(context: click.Context, name: str, session: int | None, reason: str, json_wanted: bool) -> None:
    """Sign NAME out everywhere at once, or out of one session."""
    outcome = accounts.end_account_sessions(name, session=session, reason=reason, by=officer(context))
    _say_outcome(outcome, _("The sessions of %(name)s have ended."), json_wanted=json_wanted)


@user.command("changes")
@as_json
@click.pass_context
@answering
def changes(context: click.Context, json_wanted: bool) -> None:
    """List changes of accounts that wait for a second person."""
    found = accounts.list_waiting(by=officer(context))
    data = [
        {
            "number": one.pk,
            "name": one.officer.username,
            "what": one.what,
            "roles": one.roles,
            "clearance": one.clearance or None,
            "reason": one.reason,
            "proposed_by": one.proposed_by,
        }
        for one in found
    ]
    rows = [[str(one.pk), one.officer.username, one.what, one.proposed_by, one.reason] for one in found]
    say(data, json_wanted=json_wanted, text=lambda: table(rows) or _("Nothing waits for a second person."))


@user.command("confirm")
@click.argument("number", type=int)
@as_json
@click.pass_context
@answering
def confirm(context: click.Context, number: int, json_wanted: bool) -> None:
    """Carry out the change NUMBER, which another officer proposed. An operator, a head or an overseer may."""
    outcome = accounts.confirm_change(number, by=officer(context))
    _say_outcome(outcome, _("Done for %(name)s, as it was proposed."), json_wanted=json_wanted)


@user.command("decline")
@click.argument("number", type=int)
@as_json
@click.pass_context
@answering
def decline(context: click.Context, number: int, json_wanted: bool) -> None:
    """Drop the change NUMBER; whoever proposed it may drop it too."""
    dropped = accounts.decline_account_change(number, by=officer(context))
    says = _("The proposal is dropped; nothing was changed.")
    say({"number": dropped.pk, "state": dropped.state}, json_wanted=json_wanted, text=lambda: says)
