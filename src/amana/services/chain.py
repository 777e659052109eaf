"""The chain along which something goes from its originator through holders: orders travel down it, certificates up.

Invariant: an originator's order (recall, restriction) is forwarded in the transaction that obeys it, as its originator
signed it, to every partner to whom the thing went from here; where a link waits to be reconciled after a restore, order
and certificate are kept and go as soon as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from amana.domain.errors import AmanaError
from amana.exchange.envelope import KeyOf, unlock, untrusted
from amana.exchange.identity import signing_key_then
from amana.exchange.protocol import OriginatorUnknown, RelayBody, Type
from amana.records.models import Forwarded, Message, Outbox, Partner, Release, Report, WaitingRelay
from amana.services.journal import Act
from amana.services.keys import card_of, own_node
from amana.services.posting import PartnerUnknown, post, require_open

Lock = Callable[[str], Partner]


@dataclass(frozen=True, slots=True)
class Order:
    """An originator's signed recall or restriction as it came here, directly or through a partner.

    `upstream` is the partner that brought it and gets our certificate; `sha256` names the originator's signed text,
    `signed` is when it was signed.
    """

    originator: str
    upstream: Partner
    jws: str
    sha256: str
    signed: datetime

    @property
    def direct(self) -> bool:
        """Whether the originator itself brought it."""
        return self.upstream.node == self.originator


def lock_any(node: str) -> Partner:
    """A partner, its row locked, whatever its state: what waits for a suspended one goes when it is heard again.

    Raises PartnerUnknown, LinkNotReconciled.
    """
    partner = Partner.objects.select_for_update(no_key=True).filter(pk=node).first()
    if partner is None:
        raise PartnerUnknown(node=node)
    require_open(partner)
    return partner


def keys_of(node: str, signed: datetime) -> KeyOf:
    """The keys with which a confirmed partner may have signed at that time; raises OriginatorUnknown."""
    partner = Partner.objects.filter(pk=node, state=Partner.State.CONFIRMED).first()
    if partner is None:
        raise OriginatorUnknown(node=node)
    card, now = card_of(partner.card), timezone.now()
    return lambda kid: signing_key_then(card, kid, signed=signed, now=now)


def neighbours(nodes: Iterable[str]) -> set[str]:
    """Partners that an order or certificate of these nodes may concern; whoever takes a batch in locks them all first.

    To them went what came from these nodes, or what was built on it; or it came from them.
    """
    names = set(nodes)
    sides = Q(partner__in=names) | Q(report__originator__in=names) | Q(report__via__in=names)
    onward = Release.objects.filter(sides, passed_on__isnull=False)
    found = {name for row in onward.values_list("partner_id", "report__originator", "report__via") for name in row}
    built = Release.objects.filter(report__built_on__originator__in=names)
    return (found | set(built.values_list("partner_id", flat=True))) - {"", own_node()}


def signed_message(row: Report) -> str | None:
    """The originator's own signed text of a held report, whoever brought it; None where its key is destroyed."""
    brought = Message.objects.filter(
        report=row, direction=Message.Direction.IN, type__in=[Type.REPORT, Type.RELAY], body_key__isnull=False
    )
    message = brought.order_by("-log_index").first()  # what was signed last: an earlier key may have been stolen
    if message is None or message.body is None or message.body_key is None:
        return None
    jws = unlock(bytes(message.body_key), bytes(message.body))
    return (signed_inside(jws) if message.type == Type.RELAY else jws).decode("ascii")


def signed_inside(relay: bytes) -> bytes:
    """The originator's own signed text in a message that was verified when it came."""
    return RelayBody.from_json(untrusted(relay)["body"]).message.encode("ascii")


def stop_waiting(partner: Partner, rows: Sequence[Report]) -> bool:
    """Void what waits to carry these reports to a partner, whose row is locked; True where some of it may have left."""
    waiting = Outbox.objects.filter(
        partner=partner, message__report__in=rows, state__in=[Outbox.State.QUEUED, Outbox.State.SENDING]
    )
    tried = waiting.filter(attempts__gt=0).exists()
    waiting.update(void=True)
    sent = Message.objects.filter(partner=partner, report__in=rows, direction=Message.Direction.OUT, outbox__void=False)
    return tried or sent.exists()


@dataclass(frozen=True, slots=True)
class Forwarding:
    """To whom an order was passed on, and, in words for its originator, to whom it could not be and why."""

    passed: tuple[str, ...] = ()
    failed: str = ""


def forward_down(
    order: Order, rows: Sequence[Report], *, takes_back: bool, only: str = "", at: datetime, lock: Lock
) -> Forwarding:
    """Pass an order to every partner to whom these reports went from here.

    With `takes_back`, what still waits is voided, and who never got it is not troubled; `only` names one partner. That
    one of them cannot be reached does not keep the order from the others, nor from taking effect here.
    """
    if not rows:
        return Forwarding()
    went = Release.objects.filter(report__in=rows, state=Release.State.RELEASED, passed_on__isnull=False)
    nodes = set(went.values_list("partner_id", flat=True))
    passed, failed = [], []
    for node in sorted(nodes & {only} if only else nodes):
        partner = lock(node)
        if takes_back and not stop_waiting(partner, rows):
            continue
        forwarded = Forwarded(
            sha256=order.sha256,
            originator=order.originator,
            report_uid=rows[0].uid,
            upstream=order.upstream.node,
            partner=partner,
        )
        try:
            _send_or_keep(forwarded, partner, order.jws, at=at)
        except AmanaError as error:
            failed.append(f"{node}: {error.code}")
            continue
        passed.append(node)
    return Forwarding(tuple(passed), ", ".join(failed))


def pass_up(forwarded: Forwarded, certificate: str, *, at: datetime, lock: Lock) -> None:
    """Relay a certificate from down the chain towards the originator whose order it answers."""
    _send_or_keep(forwarded, lock(forwarded.upstream), certificate, at=at)


def relay_waiting(*, at: datetime) -> int:
    """Send on what waited for links that are reconciled by now; returns how many. What cannot go yet still waits."""
    done = 0
    ready = WaitingRelay.objects.filter(partner__restored_at__isnull=True).order_by("pk")
    for key, node in list(ready.values_list("pk", "partner_id")):
        with suppress(AmanaError), transaction.atomic():
            partner = lock_any(node)
            row = WaitingRelay.objects.select_related("forwarded").filter(pk=key).first()
            if row is not None:
                row.delete()
                _relay(row.forwarded, partner, row.jws, at=at)
                done += 1
    return done


def _send_or_keep(forwarded: Forwarded, partner: Partner, jws: str, *, at: datetime) -> None:
    """Relay an order or a certificate, or keep it where the link waits to be reconciled."""
    if partner.restored_at is None:
        _relay(forwarded, partner, jws, at=at)
        return
    forwarded.save()
    WaitingRelay.objects.create(forwarded=forwarded, partner=partner, jws=jws, since=at)


def _relay(forwarded: Forwarded, partner: Partner, jws: str, *, at: datetime) -> None:
    """Post an order to the partner it is forwarded to, or a certificate to the partner that brought the order."""
    down = partner.node == forwarded.partner_id
    message = post(
        partner,
        Type.RELAY,
        RelayBody(jws),
        agreement="",
        act=Act.DISCLOSURE,
        verb="order-forwarded" if down else "certificate-forwarded",
        subject=f"report:{forwarded.report_uid}",
        by=f"node:{own_node()}",
        reason="chain",
        at=at,
    )
    if down:
        forwarded.message = message
        forwarded.save()
