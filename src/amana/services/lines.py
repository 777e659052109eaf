"""The lines of partners whose messages are taken in together: locked once, looked up once.

Invariant: all partners that a batch may concern are locked by name before its first message is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from amana.domain.errors import Conflict, gettext_noop
from amana.domain.form import is_id
from amana.exchange.envelope import Outer
from amana.records.models import Agreement, Message, Partner, Quarantine
from amana.services.agreements import agreement_in_force
from amana.services.chain import lock_any, neighbours
from amana.services.posting import PartnerNotConfirmed, PartnerUnknown, lock_partners


class IdTaken(Conflict):
    """Another message has this id."""

    code = "receive-id-taken"
    sentence = gettext_noop("Another message has this id already; each message needs one of its own.")


@dataclass(slots=True)
class Line:
    """A partner whose row is locked for this batch, and what was looked up or kept for it meanwhile.

    `locked` are the rows of all partners that the batch may concern, this one among them; `ids` those of its messages
    that another message had before; `refused` those that came before their turn, earlier or in this batch, and lie in
    quarantine.
    """

    partner: Partner
    locked: dict[str, Partner]
    ids: set[str]
    refused: set[str] = field(default_factory=set)
    agreement: Agreement | None = None
    hashes: dict[int, str] = field(default_factory=dict)

    def lock(self, node: str) -> Partner:
        """The one row of a partner in this transaction, locked."""
        if node not in self.locked:
            self.locked[node] = lock_any(node)
        return self.locked[node]

    def undo(self) -> None:
        """Read again where the links stand, after what was queued for them was undone."""
        for partner in self.locked.values():
            partner.refresh_from_db(fields=["out_seq", "out_hash"])

    def in_force(self, *, at: datetime) -> Agreement:
        """The agreement in force, looked up once a batch. Raises NoAgreement."""
        self.agreement = self.agreement or agreement_in_force(self.partner, at=at)
        return self.agreement

    def hash_of(self, seq: int) -> str | None:
        """The chain hash kept for a number of the link."""
        if seq in self.hashes:
            return self.hashes[seq]
        rows = Message.objects.filter(partner=self.partner, direction=Message.Direction.IN, seq=seq)
        return rows.values_list("hash", flat=True).first()

    def claim(self, number: str) -> None:
        """Take a message's id, which no other message may have. Raises IdTaken."""
        if number in self.ids:
            raise IdTaken
        self.ids.add(number)

    def advance(self, seq: int, last: str) -> None:
        """Move the link by one message, whatever becomes of its effect."""
        self.partner.in_seq, self.partner.in_hash = seq, last
        self.hashes[seq] = last


def lock_lines(outers: Sequence[Outer]) -> dict[str, Line]:
    """The origins whose links are open, locked with all that their orders may concern.

    Open is a link with a confirmed partner that does not wait to be reconciled after a restore.
    """
    origins = {outer.origin for outer in outers}
    locked = lock_partners(origins | neighbours(origins))
    numbers = [outer.id for outer in outers]
    ids, refused = _known(numbers), _refused_before(numbers)
    return {
        node: Line(locked[node], locked, ids, refused) for node in sorted(origins & set(locked)) if _open(locked[node])
    }


def _open(partner: Partner) -> bool:
    return partner.state == Partner.State.CONFIRMED and partner.restored_at is None


def lock_line(node: str, numbers: Iterable[str] = ()) -> Line:
    """The line of one confirmed partner for messages that come again, open or waiting to be reconciled.

    `numbers` are the ids of messages that were never taken in. Raises PartnerUnknown, PartnerNotConfirmed.
    """
    locked = lock_partners({node} | neighbours([node]))
    partner = locked.get(node)
    if partner is None:
        raise PartnerUnknown(node=node)
    if partner.state != Partner.State.CONFIRMED:
        raise PartnerNotConfirmed(node=node)
    return Line(partner, locked, _known(numbers))


def _refused_before(numbers: Sequence[str]) -> set[str]:
    rows = Quarantine.objects.filter(message_id_text__in=numbers, outgoing=False)
    return set(rows.values_list("message_id_text", flat=True))


def _known(numbers: Iterable[str]) -> set[str]:
    rows = Message.objects.filter(pk__in=[number for number in numbers if is_id(number)])
    return {str(number) for number in rows.values_list("pk", flat=True)}
