"""A statement of holdings: what a node says, signed, about both directions of one link.

Invariant: two statements agree exactly when what each sent is what the other holds, to the last number, hash and
fingerprint; whoever has both, and both cards, can prove it without the nodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from amana.domain.form import Form, Json
from amana.domain.times import instant, parse_instant
from amana.exchange.envelope import KeyOf, sign, verify
from amana.exchange.fields import hash_field
from amana.exchange.keys import SigningKey

HOLDINGS_TYPE = "amana-holdings+json"
UNCOUNTED = "0" * 64


@dataclass(frozen=True, slots=True)
class Head:
    """Where one direction stands: the last number, the chain's hash there, and the fingerprint of all up to it.

    Before the fingerprints are counted, `root` is zeros.
    """

    seq: int
    hash: str
    root: str = UNCOUNTED

    def to_json(self) -> dict[str, Json]:
        """The form that is signed."""
        return {"seq": self.seq, "hash": self.hash, "root": self.root}

    @classmethod
    def from_json(cls, data: object) -> Head:
        """Read the form; raises BadInput."""
        with Form(data, "head") as form:
            return cls(seq=form.number("seq"), hash=hash_field(form, "hash"), root=hash_field(form, "root"))


@dataclass(frozen=True, slots=True)
class Statement:
    """What `node` says it sent to `partner` and holds from it."""

    node: str
    partner: str
    at: datetime
    sent: Head
    held: Head

    def to_json(self) -> dict[str, Json]:
        """The form that is signed."""
        return {
            "node": self.node,
            "partner": self.partner,
            "at": instant(self.at),
            "sent": self.sent.to_json(),
            "held": self.held.to_json(),
        }

    @classmethod
    def from_json(cls, data: object) -> Statement:
        """Read the form; raises BadInput."""
        with Form(data, "holdings") as form:
            return cls(
                node=form.text("node", most=40),
                partner=form.text("partner", most=40),
                at=parse_instant(form.text("at", most=40)),
                sent=form.part("sent", Head.from_json),
                held=form.part("held", Head.from_json),
            )

    def agrees_with(self, other: Statement) -> bool:
        """Whether both hold the same: each one's sent is the other's held."""
        names = (self.node, self.partner) == (other.partner, other.node)
        return names and self.sent == other.held and self.held == other.sent


def sign_statement(statement: Statement, key: SigningKey) -> str:
    """Sign a statement as a compact JWS."""
    return sign(statement.to_json(), key, HOLDINGS_TYPE).decode("ascii")


def read_statement(jws: str, key_of: KeyOf) -> Statement:
    """A partner's statement; raises what `envelope.verify` raises, and BadInput for its form."""
    return Statement.from_json(verify(jws.encode(), HOLDINGS_TYPE, key_of))
