"""The immediate answer to a delivered message: a signed receipt or a signed refusal.

Invariant: a receipt is signed only after the receiver's transaction has committed; a refusal carries a stable code and
one sentence. Both are compact JWS of the type `amana-receipt+json`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from amana.domain.errors import AmanaError
from amana.domain.form import Form, Json
from amana.domain.times import instant, parse_instant
from amana.exchange.bodies import hash_field, is_hash
from amana.exchange.envelope import KeyOf, sign, verify
from amana.exchange.keys import SigningKey

ANSWER_TYPE = "amana-receipt+json"


class Status(StrEnum):
    """What became of a delivered message."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The message of this hash is kept: its entry in the receiver's log, with the inclusion proof (hex) to a root."""

    message: str
    status: Status
    log_index: int
    tree_size: int
    root: str
    proof: tuple[str, ...]
    at: datetime

    def to_json(self) -> dict[str, Json]:
        """The form that is signed."""
        return {
            "answer": "receipt",
            "message": self.message,
            "status": str(self.status),
            "log_index": self.log_index,
            "tree_size": self.tree_size,
            "root": self.root,
            "proof": list(self.proof),
            "at": instant(self.at),
        }

    @classmethod
    def from_json(cls, data: object) -> Receipt:
        """Read the form; raises BadInput."""
        with Form(data, "receipt") as form:
            if form.text("answer") != "receipt":
                raise form.wrong("answer")
            receipt = cls(
                message=hash_field(form, "message"),
                status=form.choice("status", Status),
                log_index=form.number("log_index"),
                tree_size=form.number("tree_size", least=1),
                root=hash_field(form, "root"),
                proof=form.texts("proof", most=64),
                at=parse_instant(form.text("at", most=40)),
            )
            if receipt.log_index >= receipt.tree_size or not all(map(is_hash, receipt.proof)):
                raise form.wrong("proof")
            return receipt


@dataclass(frozen=True, slots=True)
class Refusal:
    """The message was not taken: why, and for a gap the number expected next.

    `message` is its hash, or its outer id where it did not open, or the SHA-256 of the sealed bytes where not even that
    could be read.
    """

    message: str
    code: str
    sentence: str
    at: datetime
    expected: int | None = None

    @classmethod
    def because(cls, error: AmanaError, *, message: str, at: datetime) -> Refusal:
        """The refusal that an error asks for."""
        expected = getattr(error, "expected", None)
        return cls(message, error.code, str(error), at, expected if isinstance(expected, int) else None)

    def to_json(self) -> dict[str, Json]:
        """The form that is signed."""
        return {
            "answer": "refusal",
            "message": self.message,
            "code": self.code,
            "sentence": self.sentence,
            "at": instant(self.at),
            "expected": self.expected,
        }

    @classmethod
    def from_json(cls, data: object) -> Refusal:
        """Read the form; raises BadInput."""
        with Form(data, "refusal") as form:
            if form.text("answer") != "refusal":
                raise form.wrong("answer")
            return cls(
                message=form.text("message", most=64),
                code=form.text("code", most=80),
                sentence=form.text("sentence", most=1_000),
                at=parse_instant(form.text("at", most=40)),
                expected=form.maybe_part("expected", _number),
            )


def _number(data: object) -> int:
    with Form({"expected": data}, "refusal") as form:
        return form.number("expected", least=1)


Answer = Receipt | Refusal


def sign_answer(answer: Answer, key: SigningKey) -> bytes:
    """Sign a receipt or refusal as a compact JWS."""
    return sign(answer.to_json(), key, ANSWER_TYPE)


def read_answer(jws: bytes, key_of: KeyOf) -> Answer:
    """The partner's receipt or refusal; raises what `envelope.verify` raises, and BadInput for its form."""
    payload = verify(jws, ANSWER_TYPE, key_of)
    return Refusal.from_json(payload) if payload.get("answer") == "refusal" else Receipt.from_json(payload)
