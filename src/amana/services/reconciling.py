"""Reconciling with a partner: both sides say what they hold, differences are found, mended, and agreed on, signed.

Invariant: what both agree on in the end is proved by two signatures over the same fingerprints; what could not be
mended is shown with a code, and nothing is forced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from amana.domain.errors import Conflict, gettext_noop
from amana.exchange.client import PartnerClient
from amana.exchange.holdings import Head, Statement, sign_statement
from amana.exchange.reconcile import HOLDER_ENDED, NOT_MENDED, Advice, Item, Remedy, advise, differing
from amana.exchange.reconcile_talk import MOST_SEQS, Place, Question, Reply, Side, Step, chunks, read_reply
from amana.records.models import Partner, User
from amana.services.chain import relay_waiting
from amana.services.delivery import client_for
from amana.services.holdings import heads
from amana.services.journal import Act, record
from amana.services.keys import secrets
from amana.services.mending import queue_again, sealed_again, take_again
from amana.services.posting import PartnerNotConfirmed, PartnerUnknown
from amana.services.reconcile_desk import Range, final_statement, keep_holdings, ranges_of, read_partners
from amana.services.remembering import remember_rest
from amana.services.returning import take_back, take_lost
from amana.services.rights import Deed, require

PASSES = 5
PARTNER_BEHIND = "reconcile-partner-behind"
_OTHER = {Side.SENT: Side.HELD, Side.HELD: Side.SENT}


class TalkBroken(Conflict):
    """The partner answered a question of the reconciliation with something else."""

    code = "reconcile-talk"
    sentence = gettext_noop("The partner's answer does not fit the question; nothing of it was used.")


@dataclass(frozen=True, slots=True)
class Left:
    """A difference that was not mended: in which direction, at which number (0: the whole direction), and why."""

    side: str
    seq: int
    code: str

    def as_data(self) -> dict[str, object]:
        """The form that is kept."""
        return {"side": self.side, "seq": self.seq, "code": self.code}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a reconciliation came to: numbers compared, differences found and mended, what is left, bytes both ways."""

    partner: str
    agreed: bool
    sent: int
    held: int
    differences: int
    mended: int
    returned: int
    left: tuple[Left, ...]
    bytes_out: int
    bytes_in: int
    questions: int


@dataclass(slots=True)
class Talk:
    """One reconciliation's questions to the partner, counted."""

    client: PartnerClient
    bytes_out: int = 0
    bytes_in: int = 0
    questions: int = 0

    def ask(self, question: Question) -> Reply:
        """Ask, count and read. Raises what the client raises, QuestionMalformed."""
        packet = question.to_bytes()
        answer = self.client.reconcile(packet)
        self.bytes_out += len(packet)
        self.bytes_in += len(answer)
        self.questions += 1
        return read_reply(answer)


@dataclass(slots=True)
class _Round:
    """What the passes found so far."""

    passes: int = 0
    differences: int = 0
    mended: int = 0
    returned: int = 0
    left: list[Left] = field(default_factory=list)


def reconcile(node: str, *, bodies: bool = False, by: User) -> Outcome:
    """Compare both directions with a partner, mend what differs, and sign what both then hold.

    With `bodies`, every message that is kept is opened on both sides, so that damage is found too. Raises
    PartnerUnknown, PartnerNotConfirmed, and what the line raises.
    """
    require(by, Deed.CARRY)
    partner = _confirmed(node)
    talk, found = Talk(client_for(partner)), _Round()
    for _pass in range(PASSES):
        partner.refresh_from_db()
        now = timezone.now()
        ours, theirs = _open(talk, partner, bodies=bodies, at=now)
        if _fetch_lost(talk, partner, ours, theirs, found, at=now):
            continue
        ranges = ranges_of(partner, ours, theirs, at=now, bodies=bodies)
        if not _mend_both(talk, partner, ranges, found, at=now):
            break
    return _close(talk, partner, ranges, found, by=by)


def _confirmed(node: str) -> Partner:
    partner = Partner.objects.filter(pk=node).first()
    if partner is None:
        raise PartnerUnknown(node=node)
    if partner.state != Partner.State.CONFIRMED:
        raise PartnerNotConfirmed(node=node)
    return partner


def _open(talk: Talk, partner: Partner, *, bodies: bool, at: datetime) -> tuple[Statement, Statement]:
    ours = heads(partner, at=at)
    signed = sign_statement(ours, secrets().signing)
    reply = talk.ask(Question(Step.OPEN, level=int(bodies), statement=signed))
    return ours, read_partners(partner, reply.statement, at=timezone.now())


def _fetch_lost(
    talk: Talk, partner: Partner, ours: Statement, theirs: Statement, found: _Round, *, at: datetime
) -> bool:
    """Where this node or the partner lost the end of a direction, bring it back; True where ours was behind."""
    if ours.sent.seq < theirs.held.seq:
        found.returned += _ask_back(talk, partner, ours.sent.seq, theirs.held, at=at)
        return True
    if ours.held.seq < theirs.sent.seq and partner.restored_at is not None:
        found.returned += _ask_lost(talk, partner, ours.held.seq, theirs.sent, found, at=at)
        return True
    if theirs.held.seq < ours.sent.seq:
        queue_again(partner, after=theirs.held.seq, at=at)
    return False


def _ask_back(talk: Talk, partner: Partner, after: int, head: Head, *, at: datetime) -> int:
    places: list[Place] = []
    parts: list[bytes] = []
    while after < head.seq:
        reply = talk.ask(Question(Step.RETURN, places=(after,)))
        if not reply.rows or len(reply.rows) != len(reply.parts):
            raise TalkBroken
        places += map(Place.from_json, reply.rows)
        parts += reply.parts
        after += len(reply.rows)
    return take_back(partner.node, places, parts, head=head, at=at)


def _ask_lost(talk: Talk, partner: Partner, after: int, head: Head, found: _Round, *, at: datetime) -> int:
    parts = _ask_again(talk, list(range(after + 1, head.seq + 1)))
    taken, refused = take_lost(partner.node, parts, head=head, at=at)
    found.left += [Left(Side.HELD, 0, NOT_MENDED)] * bool(refused)
    return taken


def _ask_again(talk: Talk, seqs: Sequence[int]) -> list[bytes]:
    """These messages of the partner's, in this order, as often as it needs to be asked."""
    parts: list[bytes] = []
    while len(parts) < len(seqs):
        reply = talk.ask(Question(Step.AGAIN, places=tuple(seqs[len(parts) : len(parts) + MOST_SEQS])))
        if not reply.parts:
            raise TalkBroken
        parts += reply.parts
    return parts


def _mend_both(talk: Talk, partner: Partner, ranges: dict[Side, Range], found: _Round, *, at: datetime) -> int:
    """Compare both directions and mend; returns how many messages went again and took effect."""
    found.left, found.passes = [], found.passes + 1
    mended = 0
    for side in Side:
        advice = _compare(talk, ranges[side])
        found.differences += len(advice) if found.passes == 1 else 0
        found.left += [Left(side, one.seq, one.code) for one in advice if one.remedy is Remedy.NONE]
        seqs = sorted({one.seq for one in advice if one.remedy is Remedy.AGAIN}, reverse=True)
        mend = _mend_theirs if side is Side.SENT else _mend_ours
        codes = mend(talk, partner, seqs, at=at)
        found.left += [Left(side, seq, code) for seq, code in zip(seqs, codes, strict=True) if code]
        mended += sum(not code for code in codes)
    found.mended += mended
    return mended


def _compare(talk: Talk, mine: Range) -> list[Advice]:
    """What to do about each number at which the two sides differ."""
    side = _OTHER[mine.side]
    if talk.ask(Question(Step.FINGERPRINTS, side)).rows == (mine.tree.root,):
        return []

    def ask(level: int, places: Sequence[int]) -> bytes:
        return b"".join(talk.ask(Question(Step.FINGERPRINTS, side, level, tuple(places))).parts)

    seqs = differing(mine.tree, ask)
    theirs: dict[int, Item] = {}
    for some in chunks(seqs):
        items = map(Item.from_json, talk.ask(Question(Step.ITEMS, side, places=some)).rows)
        theirs |= {item.seq: item for item in items}
    if mine.side is Side.SENT:
        return [advise(seq, mine.item(seq), theirs.get(seq)) for seq in seqs]
    return [advise(seq, theirs.get(seq), mine.item(seq)) for seq in seqs]


def _mend_theirs(talk: Talk, partner: Partner, seqs: Sequence[int], *, at: datetime) -> list[str]:
    """Send messages of ours again, the highest number first; the partner's code for each, empty where it took it."""
    codes: list[str] = []
    for some in chunks(seqs, most=100):
        parts = sealed_again(partner, some, upto=partner.out_seq, at=at)
        rows = talk.ask(Question(Step.TAKE, parts=tuple(parts))).rows
        if len(rows) != len(some):
            raise TalkBroken
        codes += map(str, rows)
    return codes


def _mend_ours(talk: Talk, partner: Partner, seqs: Sequence[int], *, at: datetime) -> list[str]:
    """Take messages of the partner's again, the highest number first."""
    return take_again(_ask_again(talk, seqs), node=partner.node, at=at)


def _close(talk: Talk, partner: Partner, ranges: dict[Side, Range], found: _Round, *, by: User) -> Outcome:
    """Sign what we hold now, have the partner sign what it holds, and keep both."""
    partner.refresh_from_db()
    ours = final_statement(partner, ranges, at=timezone.now())
    signed = sign_statement(ours, secrets().signing)
    reply = talk.ask(Question(Step.CLOSE, statement=signed))
    theirs = read_partners(partner, reply.statement, at=timezone.now())
    agreed = ours.agrees_with(theirs)
    behind = theirs.sent.seq < ours.held.seq
    found.left += [Left(Side.HELD, 0, PARTNER_BEHIND)] * behind
    keep_holdings(partner, signed, reply.statement, agreed=agreed, left=[one.as_data() for one in found.left])
    if agreed or (found.left and all(one.code == HOLDER_ENDED for one in found.left)):
        _reconciled(partner, by=by)
    return Outcome(
        partner=partner.node,
        agreed=agreed,
        sent=ours.sent.seq,
        held=ours.held.seq,
        differences=found.differences,
        mended=found.mended,
        returned=found.returned,
        left=tuple(found.left),
        bytes_out=talk.bytes_out,
        bytes_in=talk.bytes_in,
        questions=talk.questions,
    )


@transaction.atomic
def _reconciled(partner: Partner, *, by: User) -> None:
    """After a restore, the link is open again."""
    if Partner.objects.filter(pk=partner.pk, restored_at__isnull=False).update(restored_at=None):
        remember_rest()
        relay_waiting(at=timezone.now())
        record(Act.ADMINISTRATION, "link-reconciled", f"partner:{partner.node}", by=by.username, reason="restored")
