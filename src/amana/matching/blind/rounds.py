"""The two messages of a round: rows of blinded elements go, rows of evaluated ones and a proof come back.

Invariant: a question has one of the fixed sizes and an answer is as long as any other to a question of that size, so
that neither shows how much was asked or found. In JSON, bytes are base64 (RFC 4648, section 4); the largest round is
some 175 KB.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error
from dataclasses import dataclass

from amana.domain.form import Form, Json
from amana.matching.blind.group import WIDTH
from amana.matching.blind.scope import Scope
from amana.matching.blind.voprf import PROOF

SIZES = (64, 512, 4096)
_ROUND = 32
_LONGEST = 4 * SIZES[-1] * WIDTH // 3 + 4


def _bytes(form: Form, field: str) -> bytes:
    text = form.text(field, most=_LONGEST)
    try:
        data = b64decode(text, validate=True)
    except (Error, ValueError) as error:
        raise form.wrong(field) from error
    if b64encode(data).decode() != text:
        raise form.wrong(field)
    return data


def _rows(form: Form, field: str) -> bytes:
    data = _bytes(form, field)
    if len(data) not in {size * WIDTH for size in SIZES}:
        raise form.wrong(field)
    return data


def _round(form: Form) -> str:
    text = form.text("round", most=_ROUND)
    if len(text) != _ROUND or not set(text) <= set("0123456789abcdef"):
        raise form.wrong("round")
    return text


@dataclass(frozen=True, slots=True)
class Ask:
    """A question: `round` names it (32 hexadecimal digits), `elements` are its rows."""

    scope: Scope
    round: str
    elements: bytes

    @property
    def size(self) -> int:
        """How many elements the holder evaluates for it; this is what the budget counts."""
        return len(self.elements) // WIDTH

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {"scope": self.scope.to_json(), "round": self.round, "elements": b64encode(self.elements).decode()}

    @classmethod
    def from_json(cls, data: object) -> Ask:
        """Read the form; raises BadInput. The elements are checked when they are evaluated."""
        with Form(data, "blind-ask") as form:
            return cls(form.part("scope", Scope.from_json), _round(form), _rows(form, "elements"))


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows evaluated under the scope's key, with the proof; `version` is the filter that they are looked up in."""

    scope: Scope
    round: str
    version: int
    evaluated: bytes
    proof: bytes

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {
            "scope": self.scope.to_json(),
            "round": self.round,
            "version": self.version,
            "evaluated": b64encode(self.evaluated).decode(),
            "proof": b64encode(self.proof).decode(),
        }

    @classmethod
    def from_json(cls, data: object) -> Answer:
        """Read the form; raises BadInput. The proof is checked when the answer is read."""
        with Form(data, "blind-answer") as form:
            scope, name = form.part("scope", Scope.from_json), _round(form)
            version, evaluated, proof = form.number("version", least=1), _rows(form, "evaluated"), _bytes(form, "proof")
            if len(proof) != PROOF:
                raise form.wrong("proof")
            return cls(scope, name, version, evaluated, proof)
