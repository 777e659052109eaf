"""What two nodes say to each other while they reconcile: one question and one answer at a time, each one packet.

Invariant: a packet is a canonical JSON object followed by parts of bytes; each question names its step, and every list
in it is bounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from amana.domain.errors import BadInput, gettext_noop
from amana.domain.form import Form, Json
from amana.exchange.canonical import decode, encode
from amana.exchange.carry import pack, unpack
from amana.exchange.fields import hash_field, id_field
from amana.exchange.reconcile import MOST_PLACES

MOST_SEQS = 500
MOST_BYTES = 8 * 1_048_576


class QuestionMalformed(BadInput):
    """A packet of the reconciliation is none."""

    code = "reconcile-question"
    sentence = gettext_noop("This is not a question of the reconciliation that this node knows.")


class Side(StrEnum):
    """One direction of a link, as the answering node sees it."""

    SENT = "sent"
    HELD = "held"


class Step(StrEnum):
    """What is asked: heads, fingerprints, items, messages again, to take them again, what was lost, the last word."""

    OPEN = "open"
    FINGERPRINTS = "fingerprints"
    ITEMS = "items"
    AGAIN = "again"
    TAKE = "take"
    RETURN = "return"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Question:
    """One question; the fields that its step does not need are empty."""

    step: Step
    side: Side = Side.SENT
    level: int = 0
    places: tuple[int, ...] = ()
    statement: str = ""
    parts: tuple[bytes, ...] = ()

    def to_bytes(self) -> bytes:
        """The packet."""
        head: dict[str, Json] = {
            "step": str(self.step),
            "side": str(self.side),
            "level": self.level,
            "places": list(self.places),
            "statement": self.statement,
        }
        return pack([encode(head), *self.parts])


def read_question(data: bytes) -> Question:
    """Read a packet; raises QuestionMalformed, CarryMalformed, CarryTooLarge."""
    parts = unpack(data, most_total=MOST_BYTES)
    try:
        with Form(decode(parts[0]) if parts else None, "question") as form:
            return Question(
                step=form.choice("step", Step),
                side=form.choice("side", Side),
                level=form.number("level", most=64),
                places=form.list_of("places", lambda one: _number(form, one), most=MOST_PLACES),
                statement=form.text("statement", most=10_000),
                parts=tuple(parts[1:]),
            )
    except BadInput as error:
        raise QuestionMalformed from error


def _number(form: Form, one: object) -> int:
    if not isinstance(one, int) or isinstance(one, bool) or one < 0:
        raise form.wrong("places")
    return one


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: a signed statement, JSON rows, or parts of bytes, as the step wants."""

    statement: str = ""
    rows: tuple[Json, ...] = ()
    parts: tuple[bytes, ...] = ()

    def to_bytes(self) -> bytes:
        """The packet."""
        return pack([encode({"statement": self.statement, "rows": list(self.rows)}), *self.parts])


def read_reply(data: bytes) -> Reply:
    """Read a packet; raises QuestionMalformed, CarryMalformed, CarryTooLarge."""
    parts = unpack(data, most_total=2 * MOST_BYTES)
    head = decode(parts[0]) if parts else None
    if not isinstance(head, dict) or set(head) != {"statement", "rows"}:
        raise QuestionMalformed
    statement, rows = head["statement"], head["rows"]
    if not isinstance(statement, str) or not isinstance(rows, list):
        raise QuestionMalformed
    return Reply(statement, tuple(rows), tuple(parts[1:]))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands on its link, whether or not its words are still there."""

    seq: int
    id: str
    hash: str
    prev: str
    type: str

    def to_json(self) -> dict[str, Json]:
        """The form that is exchanged."""
        return {"seq": self.seq, "id": self.id, "hash": self.hash, "prev": self.prev, "type": self.type}

    @classmethod
    def from_json(cls, data: object) -> Place:
        """Read the form; raises BadInput."""
        with Form(data, "place") as form:
            return cls(
                seq=form.number("seq", least=1),
                id=id_field(form, "id"),
                hash=hash_field(form, "hash"),
                prev=hash_field(form, "prev"),
                type=form.text("type", most=24),
            )


def chunks(numbers: Sequence[int], most: int = MOST_SEQS) -> list[tuple[int, ...]]:
    """Numbers in lists that one question may hold."""
    return [tuple(numbers[at : at + most]) for at in range(0, len(numbers), most)]
