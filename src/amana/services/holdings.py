"""What this node says it sent to a partner and holds from it, number by number.

Invariant: how a message stands is computed from what its originator's messages ordered up to the same number, so that
both sides, asked about the same range, must come to the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from amana.domain.errors import AmanaError
from amana.domain.report import State
from amana.exchange.envelope import message_hash, unlock
from amana.exchange.holdings import UNCOUNTED, Head, Statement
from amana.exchange.identity import KeyCompromised
from amana.exchange.protocol import Type
from amana.exchange.reconcile import Force, Item, Tree
from amana.exchange.reconcile_talk import Side
from amana.records.models import Certificate, Message, Outbox, Partner, Quarantine
from amana.services.keys import own_node

_FORCE_HELD = {
    State.WITHDRAWN: Force.WITHDRAWN,
    State.SUPERSEDED: Force.SUPERSEDED,
    State.DOUBTED: Force.DOUBTED,
}


@dataclass(slots=True)
class _Sent:
    """A report that we sent: where, and until when it may be held."""

    seq: int
    hash: str
    version: int
    erase_by: date | None


def items_sent(partner: Partner, *, upto: int, at: datetime) -> list[Item]:
    """What we sent to a partner up to a number, as our own messages up to that number ordered it."""
    rows = Message.objects.filter(partner=partner, direction=Message.Direction.OUT, seq__lte=upto).order_by("seq")
    columns = ("seq", "hash", "type", "report__uid", "report__version", "report__erase_by")
    items: dict[int, Item] = {}
    reports: dict[object, list[_Sent]] = {}
    for seq, digest, kind, uid, version, erase_by, standing, state, void in rows.values_list(
        *columns, "report__state", "outbox__state", "outbox__void"
    ).iterator(chunk_size=5_000):
        items[seq] = Item(seq, digest)
        if state == Outbox.State.REFUSED:
            items[seq] = Item(seq, digest, Force.REFUSED)
        elif void or (kind == Type.RELAY and relay_ended(standing, erase_by, today=at.date())):
            items[seq] = Item(seq, digest, Force.WITHDRAWN, seq)
        elif kind == Type.REPORT and uid is not None:
            reports.setdefault(uid, []).append(_Sent(seq, digest, version, erase_by))
    recalls = _recalls(partner, upto)
    for uid, versions in reports.items():
        for item in _ended(versions, recalls.get(uid, []), today=at.date()):
            items[item.seq] = item
    return list(items.values())


def _recalls(partner: Partner, upto: int) -> dict[object, list[tuple[int, frozenset[int]]]]:
    """Recalls that we sent to the partner, by report: their number and the versions they name."""
    rows = Certificate.objects.filter(partner=partner, message__seq__lte=upto)
    found: dict[object, list[tuple[int, frozenset[int]]]] = {}
    for seq, uid, versions in rows.values_list("message__seq", "recall__report_uid", "recall__versions"):
        found.setdefault(uid, []).append((seq, frozenset(versions)))
    return found


def _ended(sent: list[_Sent], recalls: list[tuple[int, frozenset[int]]], *, today: date) -> Iterator[Item]:
    for one in sent:
        recalled = [seq for seq, versions in recalls if one.version in versions]
        newer = [other.seq for other in sent if other.version > one.version]
        if recalled:
            yield Item(one.seq, one.hash, Force.WITHDRAWN, min(recalled))
        elif newer:
            yield Item(one.seq, one.hash, Force.SUPERSEDED, min(newer))
        elif one.erase_by is not None and one.erase_by <= today:
            yield Item(one.seq, one.hash, Force.EXPIRED)


def items_held(partner: Partner, *, upto: int, at: datetime, bodies: bool = False) -> list[Item]:
    """What we hold from a partner up to a number; with `bodies`, each kept message is opened and its hash computed."""
    rows = Message.objects.filter(partner=partner, direction=Message.Direction.IN, seq__lte=upto).order_by("seq")
    refused = frozenset(
        Quarantine.objects.filter(partner=partner, outgoing=False)
        .exclude(code=KeyCompromised.code)
        .values_list("message_id_text", flat=True)
    )
    columns = ["pk", "seq", "hash", "type", "report__state", "report__erase_by"]
    kept = ["body", "body_key"] if bodies else []
    items = []
    for number, seq, digest, kind, state, erase_by, *body in rows.values_list(*columns, *kept).iterator(5_000):
        force = Force.REFUSED if str(number) in refused else _force_held(kind, state, erase_by, today=at.date())
        if body and force is not Force.REFUSED and kind != Type.VOID and _damaged(digest, *body):
            force = Force.BROKEN
        items.append(Item(seq, digest, force))
    return items


def _force_held(kind: str, state: str | None, erase_by: date | None, *, today: date) -> Force:
    if kind == Type.VOID:
        return Force.WITHDRAWN
    if kind == Type.RELAY and relay_ended(state, erase_by, today=today):
        return Force.WITHDRAWN
    if kind != Type.REPORT:
        return Force.IN_FORCE
    if state is None:
        return Force.BROKEN
    if erase_by is not None and erase_by <= today:
        return Force.EXPIRED
    return _FORCE_HELD.get(State(state), Force.IN_FORCE)


def relay_ended(state: str | None, erase_by: date | None, *, today: date) -> bool:
    """Whether what a relay brought has ended: its originator's orders reach both sides, each by its own way."""
    return state not in (None, State.HELD, State.DOUBTED) or (erase_by is not None and erase_by <= today)


def _damaged(digest: str, body: bytes | None, key: bytes | None) -> bool:
    """Whether a kept message no longer opens to what was signed; one whose key was destroyed is not damaged."""
    if key is None or body is None:
        return False
    try:
        return message_hash(unlock(bytes(key), bytes(body))) != digest
    except AmanaError:
        return True


def items_of(partner: Partner, side: Side, *, upto: int, at: datetime, bodies: bool = False) -> list[Item]:
    """One direction's items."""
    if side is Side.SENT:
        return items_sent(partner, upto=upto, at=at)
    return items_held(partner, upto=upto, at=at, bodies=bodies)


def statement(partner: Partner, *, sent: Head, held: Head, at: datetime) -> Statement:
    """What we say about both directions."""
    return Statement(own_node(), partner.node, at, sent, held)


def heads(partner: Partner, *, at: datetime) -> Statement:
    """Where both directions stand now, without fingerprints."""
    sent, held = Head(partner.out_seq, partner.out_hash), Head(partner.in_seq, partner.in_hash)
    return statement(partner, sent=sent, held=held, at=at)


def head_at(partner: Partner, side: Side, seq: int, tree: Tree | None = None) -> Head:
    """Where one direction stood at a number, with the tree's fingerprint where it is given."""
    last = (partner.out_seq, partner.out_hash) if side is Side.SENT else (partner.in_seq, partner.in_hash)
    digest = last[1] if seq == last[0] else _hash_at(partner, side, seq)
    return Head(seq, digest, tree.root if tree is not None else UNCOUNTED)


def _hash_at(partner: Partner, side: Side, seq: int) -> str:
    direction = Message.Direction.OUT if side is Side.SENT else Message.Direction.IN
    rows = Message.objects.filter(partner=partner, direction=direction, seq=seq).values_list("hash", flat=True)
    return rows.first() or UNCOUNTED
