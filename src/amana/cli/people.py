"""Accounts of people on this node."""

from __future__ import annotations

import click
from django.utils.translation import gettext as _

from amana.cli.answer import answering, as_json, officer, say, table
from amana.domain.handling import Tlp
from amana.domain.viewpoint import Role
from amana.services import accounts
from amana.services.people import add_officer, list_officers, who_adds


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
@click.option(
    "--password", prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for where it is not given."
)
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
    json_wanted: bool,
) -> None:
    """Give NAME an account.

    On a new node this needs no `--as`, until somebody is its operator; from then on only an operator may, and the log
    names who it was.
    """
    made = add_officer(
        name=name,
        password=password,
        roles=[Role(role) for role in roles],
        clearance=Tlp(clearance),
        desk=desk,
        full_name=full_name,
        by=who_adds(context.find_root().obj),
    )
    data = {"name": made.username, "roles": made.roles, "clearance": made.clearance}
    say(data, json_wanted=json_wanted, text=lambda: _("%(name)s has an account now.") % {"name": made.username})


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
@_reason
@as_json
@click.pass_context
@answering
def change(
    context: click.Context, name: str, roles: tuple[str, ...], clearance: str | None, reason: str, json_wanted: bool
) -> None:
    """Give the account NAME other roles, or another clearance; what is not named stays.

    It holds from this moment, for whoever is signed in too. The last operator and the last overseer of a node keep
    their role until somebody else has it.
    """
    changed = accounts.change_account(
        name,
        roles=[Role(role) for role in roles] or None,
        clearance=Tlp(clearance) if clearance else None,
        reason=reason,
        by=officer(context),
    )
    data = {"name": changed.username, "roles": changed.roles, "clearance": changed.clearance}
    says = _("%(name)s now has the roles %(roles)s and reads up to %(clearance)s.")
    words = {"name": changed.username, "roles": ", ".join(changed.roles), "clearance": changed.clearance}
    say(data, json_wanted=json_wanted, text=lambda: says % words)


@user.command()
@click.argument("name")
@_reason
@as_json
@click.pass_context
@answering
def close(context: click.Context, name: str, reason: str, json_wanted: bool) -> None:
    """Close the account NAME: from this moment nobody signs in or acts under it. Its name stays taken."""
    closed = accounts.close_account(name, reason=reason, by=officer(context))
    data = {"name": closed.username, "open": False}
    says = _("The account of %(name)s is closed.")
    say(data, json_wanted=json_wanted, text=lambda: says % {"name": closed.username})


@user.command()
@click.argument("name")
@_reason
@as_json
@click.pass_context
@answering
def reopen(context: click.Context, name: str, reason: str, json_wanted: bool) -> None:
    """Open the closed account NAME again, with the roles and the clearance that it had."""
    opened = accounts.reopen_account(name, reason=reason, by=officer(context))
    data = {"name": opened.username, "open": True}
    says = _("The account of %(name)s is open again.")
    say(data, json_wanted=json_wanted, text=lambda: says % {"name": opened.username})


@user.command()
@click.argument("name")
@click.option(
    "--password", prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for where it is not given."
)
@_reason
@as_json
@click.pass_context
@answering
def password(context: click.Context, name: str, password: str, reason: str, json_wanted: bool) -> None:
    """Give the account NAME a new password; whoever is signed in under it is signed out."""
    made = accounts.replace_password(name, password, reason=reason, by=officer(context))
    says = _("%(name)s has a new password.")
    say({"name": made.username}, json_wanted=json_wanted, text=lambda: says % {"name": made.username})
