"""The order of messages on one link: numbers, never timestamps, and each message names the hash of the one before.

Invariant: the receiver's `Link` moves by exactly one message at a time, and a number has one hash in the chain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from amana.domain.errors import Conflict, gettext_noop
from amana.exchange.bodies import VoidBody
from amana.exchange.message import ZEROS, Frame, Message


class Placed(StrEnum):
    """What a message is to the link."""

    NEW = "new"
    DUPLICATE = "duplicate"


class Gap(Conflict):
    """A message came before one that it follows; `expected` is the number to send next."""

    code = "protocol-gap"
    sentence = gettext_noop("A message is missing on the way: number %(expected)s is expected next.")

    def __init__(self, *, expected: int) -> None:
        super().__init__(expected=expected)
        self.expected = expected


class ChainBroken(Conflict):
    """A number was given to two messages, or a message does not follow the last one."""

    code = "protocol-chain"
    sentence = gettext_noop("Number %(seq)s does not follow what was received before; both nodes should reconcile.")


@dataclass(frozen=True, slots=True)
class Link:
    """Where one direction of a link stands: the number expected next, and the chain's last hash."""

    next_seq: int = 1
    last_hash: str = ZEROS

    def after(self, message: Message, message_hash: str) -> Link:
        """The link once this new message is kept."""
        return Link(self.next_seq + 1, chain_hash(message, message_hash))


def chain_hash(message: Message | Frame, message_hash: str) -> str:
    """The hash that the next message's `prev` names: a void stands in for the message that it voids."""
    if isinstance(message, Message) and isinstance(message.body, VoidBody):
        return message.body.voids
    return message_hash


def nothing_seen(seq: int) -> str | None:
    """The answer of a receiver that remembers no earlier number."""
    return None


def place(
    message: Message | Frame, message_hash: str, link: Link, seen: Callable[[int], str | None] = nothing_seen
) -> Placed:
    """Say whether a message is new on its link or was received before.

    `seen` gives the chain hash kept for an earlier number. A message and its void share a number and a chain hash, so
    the later of the two is a duplicate. Raises Gap for a number too high, ChainBroken where the number belongs to
    another message or `prev` does not name the one before.
    """
    if message.seq > link.next_seq:
        raise Gap(expected=link.next_seq)
    if message.seq == link.next_seq:
        if message.prev != link.last_hash:
            raise ChainBroken(seq=message.seq)
        return Placed.NEW
    kept = link.last_hash if message.seq == link.next_seq - 1 else seen(message.seq)
    if kept != chain_hash(message, message_hash):
        raise ChainBroken(seq=message.seq)
    return Placed.DUPLICATE
