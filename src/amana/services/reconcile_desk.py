"""Answering a partner's questions while it reconciles with this node.

Invariant: every answer is about the caller's own link, over the range that both named when they began; the trees of
that range are kept for one link at a time and built anew by each beginning.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from django.db import transaction
from django.utils import timezone

from amana.domain.errors import Conflict, gettext_noop
from amana.exchange.holdings import Statement, read_statement, sign_statement
from amana.exchange.identity import signing_key_at
from amana.exchange.reconcile import Item, Tree
from amana.exchange.reconcile_talk import MOST_BYTES, MOST_SEQS, Question, Reply, Side, Step, read_question
from amana.records.models import Holdings, Partner
from amana.services.holdings import head_at, heads, items_of, statement
from amana.services.journal import Act, record
from amana.services.keys import card_of, secrets
from amana.services.mending import queue_again, sealed_again, take_again
from amana.services.returning import give_back

FORGOTTEN_AFTER = timedelta(minutes=10)


class NotBegun(Conflict):
    """A question comes before the reconciliation was begun, or long after."""

    code = "reconcile-not-begun"
    sentence = gettext_noop("The other node does not remember this reconciliation; begin again.")


class StatementForeign(Conflict):
    """A statement speaks of another link, or was not made now."""

    code = "reconcile-statement"
    sentence = gettext_noop("The statement of holdings is about another link or another time.")


@dataclass(slots=True)
class Range:
    """One direction up to the number that both sides have reached: its items and their tree, made when first asked."""

    partner: Partner
    side: Side
    upto: int
    at: datetime
    bodies: bool = False
    _items: dict[int, Item] = field(default_factory=dict)
    _tree: Tree | None = None

    @property
    def tree(self) -> Tree:
        """The tree over the range."""
        if self._tree is None:
            found = items_of(self.partner, self.side, upto=self.upto, at=self.at, bodies=self.bodies)
            self._items = {item.seq: item for item in found}
            self._tree = Tree(found, self.upto)
        return self._tree

    def item(self, seq: int) -> Item | None:
        """The item at a number, None where there is none."""
        return self._items.get(seq) if self.tree is not None else None


def ranges_of(partner: Partner, ours: Statement, theirs: Statement, *, at: datetime, bodies: bool) -> dict[Side, Range]:
    """Both directions, each up to the lower of the two heads."""
    upto = {Side.SENT: min(ours.sent.seq, theirs.held.seq), Side.HELD: min(ours.held.seq, theirs.sent.seq)}
    return {side: Range(partner, side, seq, at, bodies) for side, seq in upto.items()}


def final_statement(partner: Partner, ranges: dict[Side, Range], *, at: datetime) -> Statement:
    """What we say in the end about both ranges, their fingerprints counted anew."""
    fresh = {side: Range(partner, side, one.upto, one.at) for side, one in ranges.items()}
    sent = head_at(partner, Side.SENT, fresh[Side.SENT].upto, fresh[Side.SENT].tree)
    held = head_at(partner, Side.HELD, fresh[Side.HELD].upto, fresh[Side.HELD].tree)
    return statement(partner, sent=sent, held=held, at=at)


def read_partners(partner: Partner, jws: str, *, at: datetime) -> Statement:
    """A partner's statement about its link with us, made now. Raises StatementForeign and what verifying raises."""
    card = card_of(partner.card)
    found = read_statement(jws, lambda kid: signing_key_at(card, kid, at))
    if found.node != partner.node or found.partner != secrets().card.node or abs(found.at - at) > FORGOTTEN_AFTER:
        raise StatementForeign
    return found


@transaction.atomic
def keep_holdings(partner: Partner, ours: str, theirs: str, *, agreed: bool, left: list[dict[str, object]]) -> Holdings:
    """Keep what both sides signed, and say in the log whether they agree."""
    now = timezone.now()
    record(
        Act.ADMINISTRATION,
        "holdings-agreed" if agreed else "holdings-differ",
        f"partner:{partner.node}",
        by=f"node:{partner.node}",
        reason="reconcile",
        details=[("left", str(len(left)))],
        at=now,
    )
    return Holdings.objects.create(partner=partner, at=now, agreed=agreed, ours=ours, theirs=theirs, left=left)


_begun: dict[str, dict[Side, Range]] = {}
_lock = Lock()


def answer_question(data: bytes, *, node: str, at: datetime | None = None) -> bytes:
    """Answer one question of a confirmed partner. Raises NotBegun, StatementForeign and what reading raises."""
    now = at or timezone.now()
    question = read_question(data)
    partner = Partner.objects.get(pk=node, state=Partner.State.CONFIRMED)
    answers: dict[Step, Callable[[], Reply]] = {
        Step.OPEN: lambda: _open(partner, question, at=now),
        Step.FINGERPRINTS: lambda: _fingerprints(partner, question),
        Step.ITEMS: lambda: _items(partner, question),
        Step.AGAIN: lambda: _again(partner, question, at=now),
        Step.TAKE: lambda: Reply(rows=tuple(take_again(question.parts[:MOST_SEQS], node=node, at=now))),
        Step.RETURN: lambda: _return(partner, question, at=now),
        Step.CLOSE: lambda: _close(partner, question, at=now),
    }
    return answers[question.step]().to_bytes()


def _range(partner: Partner, side: Side) -> Range:
    with _lock:
        ranges = _begun.get(partner.node)
    if ranges is None or timezone.now() - ranges[side].at > FORGOTTEN_AFTER:
        raise NotBegun
    return ranges[side]


def _open(partner: Partner, question: Question, *, at: datetime) -> Reply:
    theirs, ours = read_partners(partner, question.statement, at=at), heads(partner, at=at)
    bodies = bool(question.level)
    with _lock:
        _begun[partner.node] = ranges_of(partner, ours, theirs, at=at, bodies=bodies)
    if theirs.held.seq < ours.sent.seq:
        queue_again(partner, after=theirs.held.seq, at=at)
    return Reply(statement=sign_statement(ours, secrets().signing))


def _fingerprints(partner: Partner, question: Question) -> Reply:
    tree = _range(partner, question.side).tree
    if question.level == 0:
        return Reply(rows=(tree.root,))
    return Reply(parts=(tree.shorts_below(question.level, question.places),))


def _items(partner: Partner, question: Question) -> Reply:
    found = _range(partner, question.side)
    items = [found.item(seq) for seq in question.places[:MOST_SEQS]]
    return Reply(rows=tuple(item.to_json() for item in items if item is not None))


def _again(partner: Partner, question: Question, *, at: datetime) -> Reply:
    parts: list[bytes] = []
    room = MOST_BYTES
    for sealed in sealed_again(partner, question.places[:MOST_SEQS], upto=partner.out_seq, at=at):
        room -= len(sealed)
        if parts and room < 0:
            break
        parts.append(sealed)
    return Reply(parts=tuple(parts))


def _return(partner: Partner, question: Question, *, at: datetime) -> Reply:
    (after,) = question.places or (0,)
    places, parts = give_back(partner, after=after, most=MOST_SEQS, at=at)
    kept, room = 0, MOST_BYTES
    for part in parts:
        room -= len(part)
        if kept and room < 0:
            break
        kept += 1
    return Reply(rows=tuple(place.to_json() for place in places[:kept]), parts=tuple(parts[:kept]))


def _close(partner: Partner, question: Question, *, at: datetime) -> Reply:
    theirs = read_partners(partner, question.statement, at=at)
    ranges = {side: _range(partner, side) for side in Side}
    ours = final_statement(partner, ranges, at=at)
    signed = sign_statement(ours, secrets().signing)
    keep_holdings(partner, signed, question.statement, agreed=ours.agrees_with(theirs), left=[])
    with _lock:
        _begun.pop(partner.node, None)
    return Reply(statement=signed)
