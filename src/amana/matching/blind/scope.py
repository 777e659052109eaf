"""What a key, its filter and its tokens are for: one agreement, purpose, epoch, holder, and side of the comparison.

Invariant: nothing made in one scope can be compared with anything of another; two scopes never give the same tag.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from amana.domain.errors import BadInput, gettext_noop
from amana.domain.form import Form, Json
from amana.domain.handling import Purpose

_LAST_EPOCH = 2**31 - 1


class ScopeDiffers(BadInput):
    """A question, an answer or a filter is of another agreement, purpose, epoch or holder."""

    code = "blind-scope"
    sentence = gettext_noop(
        "The blind comparison is of another agreement, purpose, epoch or holder; ask anew in the present epoch."
    )


class Side(StrEnum):
    """What the tokens of a scope stand for: what its holder holds, or what it asks itself (for silent holdings)."""

    HOLDINGS = "holdings"
    QUESTIONS = "questions"


@dataclass(frozen=True, slots=True)
class Scope:
    """One key's reach. `epoch` counts from 0 within the agreement; a new one has a new key and a new filter."""

    agreement: str
    purpose: Purpose
    epoch: int
    holder: str
    side: Side = Side.HOLDINGS

    def tag(self) -> bytes:
        """The bytes that begin every token and name the key: each part with its length before it."""
        parts = (self.agreement, self.purpose, str(self.epoch), self.holder, self.side)
        return b"amana-blind-1" + b"".join(join(part.encode()) for part in parts)

    def canary(self) -> bytes:
        """The token that every filter of this scope holds, by which an asker sees that key and filter fit."""
        return self.tag() + join(b"canary")

    def check(self, other: Scope) -> None:
        """Refuse what is of another scope. Raises ScopeDiffers."""
        if self != other:
            raise ScopeDiffers

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {
            "agreement": self.agreement,
            "purpose": str(self.purpose),
            "epoch": self.epoch,
            "holder": self.holder,
            "side": str(self.side),
        }

    @classmethod
    def from_json(cls, data: object) -> Scope:
        """Read the form; raises BadInput."""
        with Form(data, "blind-scope") as form:
            return cls(
                agreement=form.text("agreement", most=36),
                purpose=form.choice("purpose", Purpose),
                epoch=form.number("epoch", most=_LAST_EPOCH),
                holder=form.text("holder", most=255),
                side=form.choice("side", Side),
            )


def join(data: bytes) -> bytes:
    """Bytes with their length before them, in four bytes, so that no two rows of parts read alike."""
    return len(data).to_bytes(4, "big") + data
