"""How two nodes make an agreement: terms offered, and the same terms signed by both.

Invariant: an agreement in force is two signatures over the same canonical terms, each of which anybody who holds the
signer's card can verify, without the nodes and without the messages that carried them.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from amana.domain.agreement import Terms
from amana.domain.errors import BadInput, gettext_noop
from amana.domain.form import Form, Json
from amana.exchange.canonical import encode
from amana.exchange.envelope import KeyOf, sign, verify
from amana.exchange.fields import BodyChanged, id_field
from amana.exchange.keys import SigningKey

TERMS_TYPE = "amana-terms+json"


class TermsDiffer(BadInput):
    """A party signed other terms than those on the table."""

    code = "protocol-terms-differ"
    sentence = gettext_noop("The partner signed other terms than those proposed; nothing is in force.")


@dataclass(frozen=True, slots=True)
class ProposalBody:
    """Terms offered, with the proposer's signature over them (a JWS that anybody can verify)."""

    terms: Terms
    signature: str

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {"terms": self.terms.to_json(), "signature": self.signature}

    @classmethod
    def from_json(cls, data: object) -> ProposalBody:
        """Read the form; raises BadInput, and BodyChanged where the terms would be kept otherwise than signed."""
        with Form(data, "proposal body") as form:
            body = cls(terms=form.part("terms", Terms.from_json), signature=form.text("signature", most=100_000))
        if body.to_json() != data:
            raise BodyChanged
        return body


@dataclass(frozen=True, slots=True)
class AcceptanceBody:
    """The counter-signature: the agreement's id, and the accepter's own signature over the same terms (a JWS)."""

    agreement: str
    signature: str

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {"agreement": self.agreement, "signature": self.signature}

    @classmethod
    def from_json(cls, data: object) -> AcceptanceBody:
        """Read the form; raises BadInput."""
        with Form(data, "acceptance body") as form:
            return cls(agreement=id_field(form, "agreement"), signature=form.text("signature", most=100_000))


def terms_hash(terms: Terms) -> str:
    """The name of terms: SHA-256 over their canonical form, in hex."""
    return sha256(encode(terms.to_json())).hexdigest()


def sign_terms(terms: Terms, key: SigningKey) -> str:
    """One party's signature over the terms: a compact JWS that anybody with that party's card can verify."""
    return sign(terms.to_json(), key, TERMS_TYPE).decode("ascii")


def verify_terms(jws: str | bytes, key_of: KeyOf, *, expected: Terms | None = None) -> Terms:
    """The terms that a party signed, which must be the expected ones where those are given.

    Raises what `envelope.verify` raises, BadInput for terms out of order, and TermsDiffer.
    """
    data = jws.encode("utf-8") if isinstance(jws, str) else jws
    payload = verify(data, TERMS_TYPE, key_of)
    terms = Terms.from_json(payload)
    if terms.to_json() != payload:
        raise BodyChanged
    if expected is not None and terms != expected:
        raise TermsDiffer
    return terms
