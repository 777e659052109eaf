"""Consent: the originator's signed permission for one onward step, by one holder, to one node, for one purpose.

Invariant: nothing of another's goes on without a token that `verify_token` lets through, and both ends of the step ask
it. A token covers the version it names and the originator's later corrections. Compact JWS of type
`amana-consent+json` over canonical JSON (RFC 7515, RFC 8785).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from amana.domain.errors import NotAllowed, NotFound, gettext_noop
from amana.domain.form import Form, Json
from amana.domain.handling import Purpose
from amana.domain.report import LAST_VERSION
from amana.domain.times import instant, parse_instant
from amana.exchange.envelope import EnvelopeForm, KeyOf, sign, untrusted, verify
from amana.exchange.fields import BodyChanged, id_field
from amana.exchange.keys import SigningKey

CONSENT_TYPE = "amana-consent+json"

# The keys of a node at the time of a signature; raises OriginatorUnknown for a node that nobody here has confirmed.
KeysOf = Callable[[str, datetime], KeyOf]


class OriginatorUnknown(NotFound):
    """The node whose signature counts is no confirmed partner here."""

    code = "relay-originator-unknown"
    sentence = gettext_noop("This comes from “%(node)s”, whose card nobody has compared here; its word proves nothing.")


class ConsentMissing(NotAllowed):
    """There is no consent for this step."""

    code = "consent-missing"
    sentence = gettext_noop("There is no consent of “%(node)s” for this step; ask its originator first.")


class ConsentOfAnother(NotAllowed):
    """A consent is signed by another than the report's originator."""

    code = "consent-originator"
    sentence = gettext_noop("The consent is not that of the report's originator.")


class ConsentHolder(NotAllowed):
    """A consent was given to another holder."""

    code = "consent-holder"
    sentence = gettext_noop("The consent was given to another node than the one that passes this on.")


class ConsentRecipient(NotAllowed):
    """A consent names another recipient."""

    code = "consent-recipient"
    sentence = gettext_noop("The consent names another recipient.")


class ConsentReport(NotAllowed):
    """A consent was given for another report, or for later versions only."""

    code = "consent-report"
    sentence = gettext_noop("The consent was given for another report, or only for later versions of this one.")


class ConsentPurpose(NotAllowed):
    """A consent is for a purpose that the report may not be used for."""

    code = "consent-purpose"
    sentence = gettext_noop("The consent is for a purpose that the report's marking does not allow.")


class ConsentExpired(NotAllowed):
    """A consent has ended."""

    code = "consent-expired"
    sentence = gettext_noop("The consent has expired; ask the originator again.")


class ConsentRevoked(NotAllowed):
    """A consent was taken back."""

    code = "consent-revoked"
    sentence = gettext_noop("The originator has revoked this consent.")


@dataclass(frozen=True, slots=True)
class Token:
    """One permission: `holder` may pass `report`, from `version` on, to `recipient` for `purpose` until `expires`."""

    id: str
    originator: str
    holder: str
    recipient: str
    report: str
    version: int
    purpose: Purpose
    granted: datetime
    expires: datetime

    def to_json(self) -> dict[str, Json]:
        """The form that is signed."""
        return {
            "id": self.id,
            "originator": self.originator,
            "holder": self.holder,
            "recipient": self.recipient,
            "report": self.report,
            "version": self.version,
            "purpose": str(self.purpose),
            "granted": instant(self.granted),
            "expires": instant(self.expires),
        }

    @classmethod
    def from_json(cls, data: object) -> Token:
        """Read the form; raises BadInput."""
        with Form(data, "consent") as form:
            return cls(
                id=id_field(form, "id"),
                originator=form.text("originator", most=40),
                holder=form.text("holder", most=40),
                recipient=form.text("recipient", most=40),
                report=id_field(form, "report"),
                version=form.number("version", least=1, most=LAST_VERSION),
                purpose=form.choice("purpose", Purpose),
                granted=parse_instant(form.text("granted", most=40)),
                expires=parse_instant(form.text("expires", most=40)),
            )


@dataclass(frozen=True, slots=True)
class Onward:
    """One step that somebody wants to take: whose report, in which version, usable for what, from whom to whom."""

    originator: str
    holder: str
    recipient: str
    report: str
    version: int
    purposes: frozenset[Purpose]


def sign_token(token: Token, key: SigningKey) -> str:
    """The originator's signature under a consent: a compact JWS that anybody with its card can verify."""
    return sign(token.to_json(), key, CONSENT_TYPE).decode("ascii")


def read_token(jws: str, originator: str, keys_of: KeysOf) -> Token:
    """A consent whose signature is the originator's, at the time it was granted, and whose form is exact.

    Raises OriginatorUnknown, what `envelope.verify` raises, and BadInput.
    """
    data = jws.encode("utf-8")
    granted = untrusted(data).get("granted")
    if not isinstance(granted, str):
        raise EnvelopeForm
    payload = verify(data, CONSENT_TYPE, keys_of(originator, parse_instant(granted)))
    token = Token.from_json(payload)
    if token.to_json() != payload:
        raise BodyChanged
    return token


def never_revoked(_consent: str) -> bool:
    """The answer of a node that no revocation has reached."""
    return False


def verify_token(
    jws: str, step: Onward, *, keys_of: KeysOf, now: datetime, revoked: Callable[[str], bool] = never_revoked
) -> Token:
    """The consent, once it is proved that it permits exactly this step.

    Its signature is looked up among the originator's keys and nowhere else. 1. There is one (ConsentMissing).
    2. Signature and form (envelope-*, canonical-*, BadInput). 3. It is the originator's (ConsentOfAnother). 4. The
    holder is the one who passes on (ConsentHolder). 5. The recipient is the one named (ConsentRecipient). 6. This
    report, in the version named or a later one (ConsentReport). 7. Its purpose is one the marking allows
    (ConsentPurpose). 8. It has not expired (ConsentExpired). 9. `revoked` does not know its number (ConsentRevoked).
    """
    if not jws:
        raise ConsentMissing(node=step.originator)
    token = read_token(jws, step.originator, keys_of)
    if token.originator != step.originator:
        raise ConsentOfAnother
    if token.holder != step.holder:
        raise ConsentHolder
    if token.recipient != step.recipient:
        raise ConsentRecipient
    if token.report != step.report or step.version < token.version:
        raise ConsentReport
    if token.purpose not in step.purposes:
        raise ConsentPurpose
    if now >= token.expires:
        raise ConsentExpired
    if revoked(token.id):
        raise ConsentRevoked
    return token
