"""The immediate answer to a delivered message: a signed receipt or a signed refusal.

Invariant: a receipt is signed only after the receiver's transaction has committed; a refusal carries a stable code and
one sentence. Both are compact JWS of the type `amana-receipt+json`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from amana.domain.form import Form, Json
from amana.domain.times import instant, parse_instant
from amana.exchange.envelope import KeyOf, sign, verify
from amana.exchange.fields import hash_field, id_field, is_hash
from amana.exchange.keys import SigningKey

ANSWER_TYPE = "amana-receipt+json"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message is kept: its id and hash, its entry in the receiver's log, and the inclusion proof (hex) to a root."""

    message: str
    sha256: str
    duplicate: bool
    log_index: int
    tree_size: int
    root: str
    proof: tuple[str, ...]
    at: datetime

    def to_json(self) -> dict[str, Json]:
        """The form that is signed."""
        return {
            "answer": "accepted",
            "message": self.message,
            "sha256": self.sha256,
            "duplicate": self.duplicate,
            "log_index": self.log_index,
            "tree_size": self.tree_size,
            "root": self.root,
            "proof": list(self.proof),
            "at": instant(self.at),
        }

    @classmethod
    def from_json(cls, data: object) -> Accepted:
        """Read the form; raises BadInput."""
        with Form(data, "receipt") as form:
            if form.text("answer") != "accepted":
                raise form.wrong("answer")
            accepted = cls(
                message=id_field(form, "message"),
                sha256=hash_field(form, "sha256"),
                duplicate=form.flag("duplicate"),
                log_index=form.number("log_index"),
                tree_size=form.number("tree_size", least=1),
                root=hash_field(form, "root"),
                proof=form.texts("proof", most=64),
                at=parse_instant(form.text("at", most=40)),
            )
            if accepted.log_index >= accepted.tree_size or not all(map(is_hash, accepted.proof)):
                raise form.wrong("proof")
            return accepted


@dataclass(frozen=True, slots=True)
class Refused:
    """A message was not taken: why, and the number expected next on the link (0 where the link is unknown).

    `message` is the id outside of the seal, empty where not even that could be read; `sha256` is the message's hash, or
    that of the sealed bytes where the seal did not open.
    """

    message: str
    sha256: str
    code: str
    sentence: str
    at: datetime
    expected: int = 0

    def to_json(self) -> dict[str, Json]:
        """The form that is signed."""
        return {
            "answer": "refused",
            "message": self.message,
            "sha256": self.sha256,
            "code": self.code,
            "sentence": self.sentence,
            "at": instant(self.at),
            "expected": self.expected,
        }

    @classmethod
    def from_json(cls, data: object) -> Refused:
        """Read the form; raises BadInput."""
        with Form(data, "refusal") as form:
            if form.text("answer") != "refused":
                raise form.wrong("answer")
            return cls(
                message=form.text("message", most=36),
                sha256=hash_field(form, "sha256"),
                code=form.text("code", most=80),
                sentence=form.text("sentence", most=2_000),
                at=parse_instant(form.text("at", most=40)),
                expected=form.number("expected"),
            )


Answer = Accepted | Refused


def sign_answer(answer: Answer, key: SigningKey) -> bytes:
    """Sign a receipt or refusal as a compact JWS."""
    return sign(answer.to_json(), key, ANSWER_TYPE)


def read_answer(jws: bytes, key_of: KeyOf) -> Answer:
    """The partner's receipt or refusal; raises what `envelope.verify` raises, and BadInput for its form."""
    payload = verify(jws, ANSWER_TYPE, key_of)
    return Refused.from_json(payload) if payload.get("answer") == "refused" else Accepted.from_json(payload)
