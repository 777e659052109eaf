"""All that one report's page tells about control: consents, who holds it down the chain, restrictions, holds, flags.

Invariant: of another node's holding only what was signed is shown: its receipt, its holder's word that it used a
consent, its effect certificate; where nothing was signed yet, it stands as silent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from amana.exchange.protocol import Type
from amana.records.models import Consent, Flag, LegalHold, Message, Outbox, Recall, Release, Report, Restriction, User
from amana.services.certificates import Branch, branches_of
from amana.services.consents import consents_about
from amana.services.holds import hold_on
from amana.services.keys import own_node
from amana.services.products import flags_of
from amana.services.recalls import NEVER_SENT
from amana.services.restrictions import restriction_tree
from amana.services.rights import Deed, require

SILENT, HELD, WAITING, REFUSED = "silent", "holds-it", "on-its-way", "refused-it"
_DELIVERY = {Outbox.State.DELIVERED: HELD, Outbox.State.REFUSED: REFUSED}


@dataclass(frozen=True, slots=True)
class Holder:
    """One node in the live tree: a stable word for where it stands, since when, and to whom it passed the report."""

    node: str
    state: str
    since: datetime | None
    below: tuple[Holder, ...] = ()


@dataclass(frozen=True, slots=True)
class Control:
    """What is known here about the control of one report; `onward` are the decisions to pass another's report on.

    `usable` are the consents under which this version can still be proposed to go on.
    """

    consents: tuple[Consent, ...]
    holders: tuple[Holder, ...]
    restrictions: tuple[tuple[Restriction, list[Branch]], ...]
    onward: tuple[Release, ...]
    flags: tuple[Flag, ...]
    hold: LegalHold | None
    usable: tuple[Consent, ...] = ()


def control_of(row: Report, *, by: User) -> Control:
    """Everything about the control of a report that this officer has opened."""
    require(by, Deed.READ)
    ours = row.originator == own_node()
    onward = Release.objects.filter(report__uid=row.uid, report__originator=row.originator, passed_on__isnull=False)
    consents = tuple(one for one in consents_about(row.uid, by=by) if one.originator == row.originator)
    taken = onward.filter(report=row, state__in=[Release.State.PROPOSED, Release.State.RELEASED])
    gone = set(taken.values_list("partner_id", flat=True))
    return Control(
        consents=consents,
        holders=tuple(holders_of(row.uid)) if ours else (),
        restrictions=tuple(restriction_tree(row.uid, by=by)) if ours else (),
        onward=tuple(
            onward.exclude(state=Release.State.PROPOSED)
            .select_related("report", "passed_on__consent")
            .order_by("partner_id", "report__version")
        ),
        flags=tuple(flags_of(row)),
        hold=hold_on(row),
        usable=tuple(
            one
            for one in consents
            if one.holder == own_node() and one.state == Consent.State.GRANTED and one.recipient not in gone
        ),
    )


def holders_of(uid: UUID) -> list[Holder]:
    """The live tree of a report of ours: each node to which we sent it, and below it those to whom it passed it on."""
    went = Message.objects.filter(
        report__uid=uid, report__originator=own_node(), direction=Message.Direction.OUT, type=Type.REPORT
    )
    went = went.select_related("outbox").defer("body", "sealed", "body_key")
    newest = {message.partner_id: message for message in went.order_by("log_index")}
    recall = Recall.objects.filter(report_uid=uid).order_by("-at").first()
    branches = branches_of(recall.certificates.all()) if recall is not None else []
    recalled = {branch.partner: branch for branch in branches}
    used = list(
        Consent.objects.filter(originator=own_node(), report_uid=uid, used_at__isnull=False).order_by("recipient")
    )
    return [_direct(newest[node], recalled.get(node), used, _ended(uid, used)) for node in sorted(newest)]


def _direct(
    message: Message, branch: Branch | None, used: list[Consent], ended: dict[UUID, tuple[str, datetime | None]]
) -> Holder:
    node = message.partner_id
    below = _below(node, used, branch.below if branch else None, ended, frozenset({own_node(), node}))
    if branch is not None:
        return Holder(node, branch.effect or SILENT, branch.certified_at, below)
    if message.outbox.void:
        return Holder(node, NEVER_SENT, None, below)
    return Holder(node, _DELIVERY.get(Outbox.State(message.outbox.state), WAITING), message.outbox.sent_at, below)


def _below(
    node: str,
    used: list[Consent],
    branches: Iterable[Branch] | None,
    ended: dict[UUID, tuple[str, datetime | None]],
    above: frozenset[str],
) -> tuple[Holder, ...]:
    recalled = {branch.partner: branch for branch in branches or ()}
    found = {}
    for consent in used:
        if consent.holder != node or consent.recipient in above:
            continue
        branch = recalled.get(consent.recipient)
        state, since = HELD, consent.used_at
        if branch is not None:
            state, since = branch.effect or SILENT, branch.certified_at
        elif consent.state == Consent.State.REVOKED:
            state, since = ended.get(consent.pk, (SILENT, None))
        under = _below(consent.recipient, used, branch.below if branch else None, ended, above | {consent.recipient})
        found[consent.recipient] = Holder(consent.recipient, state, since, under)
    for name, branch in recalled.items():
        if name not in found and name not in above:
            under = _below(name, used, branch.below, ended, above | {name})
            found[name] = Holder(name, branch.effect or SILENT, branch.certified_at, under)
    return tuple(found[name] for name in sorted(found))


def _ended(uid: UUID, used: list[Consent]) -> dict[UUID, tuple[str, datetime | None]]:
    """What the recipients of revoked consents certified: the word and when; by the consent's number."""
    found: dict[UUID, tuple[str, datetime | None]] = {}
    numbers = {consent.pk for consent in used}
    for made in Restriction.objects.filter(report_uid=uid, consent__isnull=False):
        for branch in branches_of(made.certificates.all()):
            if made.consent_id is None or made.consent_id not in numbers or not branch.effect:
                continue
            word, when = NEVER_SENT, branch.certified_at
            for one in branch.below:
                word, when = one.effect or SILENT, one.certified_at
            found[made.consent_id] = (word, when)
    return found
