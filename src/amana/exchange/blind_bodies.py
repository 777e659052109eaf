"""The three messages of a blind comparison: a piece of a filter, a question of blinded elements, and its answer.

Invariant: none of them holds anything that its receiver can read of a subject: elements are uniformly random, and a
filter is outputs of a function whose key stays with its holder. What they mean is `amana.matching.blind`'s; here is how
they travel, inside the same signed and sealed message as all else. Bytes are base64 (RFC 4648, section 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from amana.domain.form import Form, Json
from amana.domain.report import LAST_VERSION

PIECE = 480 * 1024  # bytes of a filter in one message, which is at most 1 MiB
_LONGEST_PIECE = 4 * PIECE // 3 + 4
_LONGEST_ROWS = 200_000
_ROUND = 32


def _object(data: object) -> Mapping[str, Json]:
    with Form(data, "blind-scope") as form:
        return {
            "agreement": form.text("agreement", most=36),
            "purpose": form.text("purpose", most=40),
            "epoch": form.number("epoch"),
            "holder": form.text("holder", most=40),
            "side": form.text("side", most=20),
        }


@dataclass(frozen=True, slots=True)
class BlindFilterBody:
    """Piece `part` (from 0) of `parts` of one version of a holder's filter for a scope."""

    scope: Mapping[str, Json]
    version: int
    part: int
    parts: int
    data: str

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {
            "scope": self.scope,
            "version": self.version,
            "part": self.part,
            "parts": self.parts,
            "data": self.data,
        }

    @classmethod
    def from_json(cls, data: object) -> BlindFilterBody:
        """Read the form; raises BadInput."""
        with Form(data, "blind-filter body") as form:
            body = cls(
                scope=form.part("scope", _object),
                version=form.number("version", least=1, most=LAST_VERSION),
                part=form.number("part", most=9_999),
                parts=form.number("parts", least=1, most=10_000),
                data=form.text("data", most=_LONGEST_PIECE),
            )
            if body.part >= body.parts:
                raise form.wrong("part")
            return body


@dataclass(frozen=True, slots=True)
class BlindAskBody:
    """One round: rows of blinded elements, with the case and the legal ground for asking. The scope has the purpose."""

    scope: Mapping[str, Json]
    round: str
    elements: str
    case: str
    ground: str

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {
            "scope": self.scope,
            "round": self.round,
            "elements": self.elements,
            "case": self.case,
            "ground": self.ground,
        }

    @classmethod
    def from_json(cls, data: object) -> BlindAskBody:
        """Read the form; raises BadInput. Case and ground are words; without them there is no round."""
        with Form(data, "blind-ask body") as form:
            body = cls(
                scope=form.part("scope", _object),
                round=form.text("round", most=_ROUND),
                elements=form.text("elements", most=_LONGEST_ROWS),
                case=form.text("case", most=200),
                ground=form.text("ground", most=2_000),
            )
            for field in ("round", "case", "ground"):
                if not getattr(body, field).strip():
                    raise form.wrong(field)
            return body


@dataclass(frozen=True, slots=True)
class BlindAnswerBody:
    """The evaluated rows of one round with their proof, or the code of why there are none (then all else is empty)."""

    scope: Mapping[str, Json]
    round: str
    version: int
    evaluated: str
    proof: str
    refused: str = ""

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {
            "scope": self.scope,
            "round": self.round,
            "version": self.version,
            "evaluated": self.evaluated,
            "proof": self.proof,
            "refused": self.refused,
        }

    @classmethod
    def from_json(cls, data: object) -> BlindAnswerBody:
        """Read the form; raises BadInput."""
        with Form(data, "blind-answer body") as form:
            body = cls(
                scope=form.part("scope", _object),
                round=form.text("round", most=_ROUND),
                version=form.number("version", most=LAST_VERSION),
                evaluated=form.text("evaluated", most=_LONGEST_ROWS),
                proof=form.text("proof", most=200),
                refused=form.text("refused", most=60),
            )
            if body.refused and (body.evaluated or body.proof or body.version):
                raise form.wrong("refused")
            return body
