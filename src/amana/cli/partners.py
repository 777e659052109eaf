"""Partners and agreements on the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from django.utils.translation import gettext as _

from amana.cli.answer import answering, as_json, officer, say, table
from amana.domain.handling import Purpose, Tlp
from amana.domain.vocabulary import CrimeArea
from amana.services import agreements, partners, roster, rotation
from amana.services.terms import read_terms, usual_terms


@click.group()
def partner() -> None:
    """Get to know another node: exchange cards, compare fingerprints by voice, list partners."""


@partner.command()
@click.option("--fingerprint", "only_fingerprint", is_flag=True, help="Print only the fingerprint, to read it out.")
@as_json
@answering
def card(only_fingerprint: bool, json_wanted: bool) -> None:
    """Print this node's card, to be handed to a partner: `amana partner card > rabat.card`."""
    data = {"card": partners.show_card(), "fingerprint": partners.own_fingerprint()}
    say(
        data,
        json_wanted=json_wanted,
        text=lambda: data["fingerprint"] if only_fingerprint else data["card"],
    )


@partner.command("add")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@as_json
@click.pass_context
@answering
def add_(context: click.Context, file: Path, json_wanted: bool) -> None:
    """Take in a partner's card from FILE (- for standard input); another officer confirms it.

    A new partner is only introduced: nothing goes to it and nothing comes from it. Another officer asks the partner for
    the fingerprint by another way than the card came, and gives it to `amana partner confirm`. The next card of a known
    partner is brought and confirmed the same way, where it did not come by itself.
    """
    text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8", errors="replace")
    made = roster.introduce_partner(text, by=officer(context))
    words = _("The card of %(node)s (%(agency)s) is here. Another officer compares this fingerprint: %(fingerprint)s")
    say(
        _partner(made),
        json_wanted=json_wanted,
        text=lambda: words % {"node": made.node, "agency": made.agency, "fingerprint": made.fingerprint},
    )


@partner.command()
@click.argument("node")
@click.argument("fingerprint")
@as_json
@click.pass_context
@answering
def confirm(context: click.Context, node: str, fingerprint: str, json_wanted: bool) -> None:
    """Confirm the card of NODE with the FINGERPRINT that its people read out; never by whoever brought the card."""
    made = roster.confirm_partner(node, fingerprint, by=officer(context))
    say(_partner(made), json_wanted=json_wanted, text=lambda: _("%(node)s is confirmed.") % {"node": made.node})


_reason = click.option("--reason", default="", help="Why; the second person and the overseer read it.")
_confirm = click.option("--confirm", "confirming", is_flag=True, help="Confirm what another officer proposed.")


@partner.command()
@click.argument("node")
@_reason
@_confirm
@as_json
@click.pass_context
@answering
def suspend(context: click.Context, node: str, reason: str, confirming: bool, json_wanted: bool) -> None:
    """Propose that nothing more goes to NODE or comes from it; another officer types it again with --confirm."""
    _change_state(context, node, roster.What.SUSPEND, reason, confirming, json_wanted)


@partner.command()
@click.argument("node")
@_reason
@_confirm
@as_json
@click.pass_context
@answering
def resume(context: click.Context, node: str, reason: str, confirming: bool, json_wanted: bool) -> None:
    """Propose to go on with the suspended NODE; another officer types it again with --confirm."""
    _change_state(context, node, roster.What.RESUME, reason, confirming, json_wanted)


def _change_state(
    context: click.Context, node: str, what: roster.What, reason: str, confirming: bool, json_wanted: bool
) -> None:
    if confirming:
        made = roster.confirm_state(node, what, by=officer(context))
        words = _("%(node)s is %(state)s now.") % {"node": node, "state": made.state}
        say(_partner(made), json_wanted=json_wanted, text=lambda: words)
        return
    change = roster.propose_state(node, what, reason=reason, by=officer(context))
    say(_change(change), json_wanted=json_wanted, text=lambda: _("Proposed; another officer must confirm it."))


@partner.command()
@click.argument("node")
@as_json
@click.pass_context
@answering
def reconfirm(context: click.Context, node: str, json_wanted: bool) -> None:
    """Sign and send again to NODE what a compromised key of ours signed; look through it first.

    NODE keeps such reports out of use until they come again under the new key.
    """
    count = rotation.reconfirm(node, by=officer(context))
    say(
        {"node": node, "count": count},
        json_wanted=json_wanted,
        text=lambda: _("%(count)s messages are signed again and on their way.") % {"count": count},
    )


@partner.command()
@as_json
@answering
def changes(json_wanted: bool) -> None:
    """List the changes of the roster and of our own keys that wait for a second person."""
    found = roster.list_changes()
    rows = [[one.node, one.what, one.proposed_by, one.reason] for one in found]
    say(
        [_change(one) for one in found],
        json_wanted=json_wanted,
        text=lambda: table(rows) or _("No change waits for a second person."),
    )


@partner.command()
@click.argument("node")
@as_json
@click.pass_context
@answering
def decline(context: click.Context, node: str, json_wanted: bool) -> None:
    """Drop the change of NODE that waits for a second person."""
    change = roster.decline_change(node, by=officer(context))
    say(_change(change), json_wanted=json_wanted, text=lambda: _("The change is dropped."))


def _change(one: Any) -> dict[str, Any]:
    return {
        "node": one.node,
        "change": one.what,
        "reason": one.reason,
        "since": one.since,
        "state": one.state,
        "proposed_by": one.proposed_by,
        "proposed_at": one.proposed_at,
    }


@partner.command("list")
@as_json
@answering
def list_(json_wanted: bool) -> None:
    """List the partners this node knows.

    The last column says how many messages wait for each, and how many of these were handed over as a file.
    """
    found = partners.list_partners()
    rows = [
        [one.node, one.agency, one.country, one.state, one.fingerprint, f"{data['waiting']}/{data['unanswered']}"]
        for one, data in ((one, _partner(one)) for one in found)
    ]
    say(
        [_partner(one) for one in found],
        json_wanted=json_wanted,
        text=lambda: table(rows) or _("This node knows no partner yet."),
    )


def _partner(one: Any) -> dict[str, Any]:
    return {
        "node": one.node,
        "agency": one.agency,
        "country": one.country,
        "state": one.state,
        "fingerprint": one.fingerprint,
        "serial": one.serial,
        "url": one.url,
        "last_seen_at": one.last_seen_at,
        "waiting": getattr(one, "waiting", 0),
        "unanswered": getattr(one, "unanswered", 0),
        "restored_at": one.restored_at,
        "common_version": one.node not in partners.unreadable_partners(),
    }


@click.group()
def agreement() -> None:
    """Sign terms with a partner. Without an agreement in force nothing leaves."""


@agreement.command()
@click.argument("partner_node", metavar="PARTNER")
@click.option("--terms", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Terms as a JSON file.")
@click.option(
    "--purpose",
    "purposes",
    multiple=True,
    type=click.Choice([str(one) for one in Purpose]),
    help="A purpose; default all.",
)
@click.option(
    "--crime-area",
    "areas",
    multiple=True,
    type=click.Choice([str(one) for one in CrimeArea]),
    help="A crime area; default all.",
)
@click.option(
    "--strictest",
    type=click.Choice([str(one) for one in Tlp]),
    default=str(Tlp.AMBER_STRICT),
    help="The strictest marking that is covered.",
)
@click.option(
    "--retention-days",
    type=click.IntRange(1, 3653),
    default=1095,
    show_default=True,
    help="How long at most it is held.",
)
@click.option(
    "--valid-days",
    type=click.IntRange(1, 3653),
    default=1095,
    show_default=True,
    help="How long the agreement is valid.",
)
@click.option("--overseer", "overseers", multiple=True, help="An overseer's name, written into the terms.")
@as_json
@click.pass_context
@answering
def propose(
    context: click.Context,
    partner_node: str,
    terms: Path | None,
    purposes: tuple[str, ...],
    areas: tuple[str, ...],
    strictest: str,
    retention_days: int,
    valid_days: int,
    overseers: tuple[str, ...],
    json_wanted: bool,
) -> None:
    """Sign terms and send them to PARTNER for counter-signature.

    Give the terms as a JSON file, or in options; purposes and crime areas default to all.
    """
    made_terms = (
        read_terms(terms.read_bytes())
        if terms is not None
        else usual_terms(
            partner_node,
            purposes=frozenset(map(Purpose, purposes)) or frozenset(Purpose),
            crime_areas=frozenset(map(CrimeArea, areas)) or frozenset(CrimeArea),
            strictest=Tlp(strictest),
            retention_days=retention_days,
            valid_days=valid_days,
            overseers=overseers,
        )
    )
    made = agreements.propose_agreement(made_terms, partner=partner_node, by=officer(context))
    say(
        _agreement(made),
        json_wanted=json_wanted,
        text=lambda: (
            _("Agreement %(number)s is signed and on its way to %(node)s.") % {"number": made.id, "node": partner_node}
        ),
    )


@agreement.command()
@click.argument("number")
@as_json
@click.pass_context
@answering
def accept(context: click.Context, number: str, json_wanted: bool) -> None:
    """Counter-sign the agreement NUMBER (its beginning is enough); it is in force from then on."""
    made = agreements.accept_agreement(agreements.find_agreement(number).pk, by=officer(context))
    say(
        _agreement(made),
        json_wanted=json_wanted,
        text=lambda: _("Agreement %(number)s is in force.") % {"number": made.id},
    )


@agreement.command()
@click.argument("number", required=False)
@as_json
@answering
def show(number: str | None, json_wanted: bool) -> None:
    """Show the agreement NUMBER with its terms, or list all."""
    if number is None:
        found = agreements.list_agreements()
        rows = [[str(one.id), one.partner_id, one.state, _awaited(one)] for one in found]
        say(
            [_agreement(one) for one in found],
            json_wanted=json_wanted,
            text=lambda: table(rows) or _("There is no agreement yet."),
        )
        return
    one = agreements.find_agreement(number)
    data = _agreement(one)
    say(data, json_wanted=json_wanted, text=lambda: table([[key, str(value)] for key, value in data.items()]))


def _awaited(one: Any) -> str:
    node = agreements.awaits(one)
    return _("waits for the signature of %(node)s") % {"node": node} if node else ""


def _agreement(one: Any) -> dict[str, Any]:
    return {
        "id": one.id,
        "partner": one.partner_id,
        "state": one.state,
        "proposed_here": one.proposed_here,
        "awaits": agreements.awaits(one),
        "proposed_at": one.proposed_at,
        "in_force_at": one.in_force_at,
        "terms": agreements.terms_of(one).to_json(),
    }
