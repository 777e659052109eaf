"""Taking in what a partner passes on: proved as its originator signed it, then treated as what it is.

Invariant: nothing counts because the relaying node says so. A report needs its originator's consent to this step and
our agreement with the node that brings it; an order of the originator needs neither, for it only takes back.
"""

from __future__ import annotations

from datetime import datetime

from amana.domain.errors import Conflict, gettext_noop
from amana.domain.report import ReportIncomplete, State
from amana.exchange.protocol import (
    CertificateBody,
    RecallBody,
    RelayBody,
    Relayed,
    RestrictionBody,
    Token,
    read_relay,
)
from amana.records.models import Agreement, Consent, Erasure, Partner, Report
from amana.services.agreements import NotPermittedHere, terms_of
from amana.services.certificates import note_certificate
from amana.services.chain import Lock, Order, keys_of
from amana.services.consents import ConsentTaken, is_revoked
from amana.services.contents import store
from amana.services.holding import IN_USE
from amana.services.keys import own_node
from amana.services.recalls import erase_held, withdraw
from amana.services.restrictions import take_restriction


class RelayEnded(Conflict):
    """This version was taken back, replaced or erased here before."""

    code = "relay-ended"
    sentence = gettext_noop("This version was taken back or replaced here before; it does not come back by a third.")


def prove_relay(partner: Partner, body: RelayBody, *, at: datetime) -> Relayed:
    """What a partner passed on, proved; raises what `read_relay` raises."""
    return read_relay(body, relayer=partner.node, me=own_node(), keys_of=keys_of, now=at, revoked=is_revoked)


def hold_relayed(
    partner: Partner, agreement: Agreement, named: str, body: RelayBody, relayed: Relayed, *, at: datetime
) -> Report:
    """Keep a report that a partner passed on with consent, under what consent and restrictions leave of its marking.

    `named` is the agreement that the message names. What is held already stays as it is, never wider. Raises
    NotPermittedHere, ReportIncomplete, RelayEnded, ConsentTaken.
    """
    content, originator = relayed.content_for(own_node()), relayed.message.origin
    decision = terms_of(agreement).permits(content, recipient=own_node(), at=at)
    if str(agreement.pk) != named or not decision.allowed:
        raise NotPermittedHere(because=" ".join(map(str, decision.because)))
    missing = content.missing()
    if missing:
        raise ReportIncomplete(missing=", ".join(missing))
    assert relayed.token is not None
    _keep_consent(relayed.token, body.token, at=at)
    rows = Report.objects.select_for_update(no_key=True).filter(originator=originator, uid=content.report)
    known = {row.version: row for row in rows.order_by("version")}
    same = known.get(content.version)
    if same is not None and same.state == State.HELD:
        return same
    erased = Erasure.objects.filter(originator=originator, uid=content.report, version__gte=content.version)
    if same is not None or any(version > content.version for version in known) or erased.exists():
        raise RelayEnded
    erase_held([row for row in known.values() if row.state in IN_USE], State.SUPERSEDED, reason="correction")
    row = Report(state=State.HELD, via=partner.node, restrictions=list(relayed.restrictions))
    return store(content, row, originator=originator)


def _keep_consent(token: Token, jws: str, *, at: datetime) -> None:
    kept, _ = Consent.objects.get_or_create(
        pk=token.id,
        defaults={
            "originator": token.originator,
            "holder": token.holder,
            "recipient": token.recipient,
            "report_uid": token.report,
            "version": token.version,
            "purpose": token.purpose,
            "state": Consent.State.GRANTED,
            "asked_at": token.granted,
            "decided_by": f"node:{token.originator}",
            "decided_at": token.granted,
            "expires_at": token.expires,
            "used_at": at,
            "token": jws,
        },
    )
    if kept.token != jws:
        raise ConsentTaken


def obey_relay(partner: Partner, relayed: Relayed, *, at: datetime, lock: Lock) -> None:
    """Let an order or certificate that a partner passed on take effect; a report was kept before."""
    message = relayed.message
    order = Order(message.origin, partner, relayed.jws, relayed.sha256, message.created)
    match message.body:
        case RecallBody():
            withdraw(order, message.body, at=at, lock=lock)
        case RestrictionBody():
            take_restriction(order, message.body, at=at, lock=lock)
        case CertificateBody():
            note_certificate(partner, message.body, relayed.jws, origin=message.origin, at=at, lock=lock)
        case _:
            pass
