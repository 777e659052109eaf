"""The node's own keys on the command line: new ones, and what to do when one was stolen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click
from django.utils.translation import gettext as _

from amana.cli.answer import answering, as_json, officer, say
from amana.services import rotation

_reason = click.option("--reason", default="", help="Why; the second person and the overseer read it.")
_confirm = click.option("--confirm", "confirming", is_flag=True, help="Confirm what another officer proposed.")


@click.group()
def node() -> None:
    """Give the node new keys. Needs keys/root.pem and keys/tls-ca.pem back in their place, and two officers."""


@node.command()
@click.option("--checkpoint", is_flag=True, help="A new key for the log too; tell it to overseers afterwards.")
@_reason
@_confirm
@as_json
@click.pass_context
@answering
def rotate(context: click.Context, checkpoint: bool, reason: str, confirming: bool, json_wanted: bool) -> None:
    """Take new keys to sign and to seal, and a new certificate, under the same root.

    One officer proposes, another types it with --confirm. Partners learn the new card by a message; what was sealed to
    the old key still opens. Signing keys last 90 days at most.
    """
    if confirming:
        _confirmed(context, json_wanted)
        return
    change = rotation.propose_rotation(reason=reason, checkpoint=checkpoint, by=officer(context))
    _proposed(change, json_wanted)


@node.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]), help="In UTC.")
@_reason
@_confirm
@as_json
@click.pass_context
@answering
def compromised(
    context: click.Context, since: datetime | None, reason: str, confirming: bool, json_wanted: bool
) -> None:
    """Say that the signing key is compromised since a time, and take new keys.

    Partners put out of use what that key signed, unless a witness saw it before that time. Afterwards a releasing
    officer looks through it and sends it again with `amana partner reconfirm NODE`.
    """
    if confirming:
        _confirmed(context, json_wanted)
        return
    if since is None:
        raise click.UsageError(_("Give --since, or --confirm."))
    change = rotation.propose_compromised(since.replace(tzinfo=UTC), reason=reason, by=officer(context))
    _proposed(change, json_wanted)


def _proposed(change: Any, json_wanted: bool) -> None:
    say(
        {"change": change.what, "since": change.since, "proposed_by": change.proposed_by},
        json_wanted=json_wanted,
        text=lambda: _("Proposed; another officer must confirm it."),
    )


def _confirmed(context: click.Context, json_wanted: bool) -> None:
    card = rotation.confirm_rotation(by=officer(context))
    say(
        {"node": card.node, "serial": card.serial},
        json_wanted=json_wanted,
        text=lambda: (
            _("New keys are in use; card %(serial)s is on its way to every partner.") % {"serial": card.serial}
        ),
    )
