"""A relay: another node's signed message, passed on by a partner and proved again where it arrives.

Invariant: what is inside counts for what its own originator signed, never for what the relaying node says; and a
report comes only with the originator's consent to this very step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from amana.domain.errors import BadInput, NotAllowed, gettext_noop
from amana.domain.handling import Handling
from amana.domain.report import Content
from amana.domain.times import parse_instant
from amana.exchange.bodies import ReportBody, Type
from amana.exchange.consent import KeysOf, Onward, Token, never_revoked, verify_token
from amana.exchange.envelope import EnvelopeForm, message_hash, untrusted, verify
from amana.exchange.message import MESSAGE_TYPE, Message
from amana.exchange.onward_bodies import RelayBody, RestrictionBody

RELAYED = frozenset({Type.REPORT, Type.RECALL, Type.RESTRICTION, Type.CERTIFICATE})


class RelayType(BadInput):
    """Such a message is not relayed."""

    code = "relay-type"
    sentence = gettext_noop("Messages of this kind are not passed on by others.")


class RelayOrigin(NotAllowed):
    """A node relays its own message, or ours back to us."""

    code = "relay-origin"
    sentence = gettext_noop("A node passes on what a third node signed, not its own words and not ours.")


class RelayAddressed(NotAllowed):
    """A relayed message was addressed to this node itself."""

    code = "relay-addressed"
    sentence = gettext_noop("This message was addressed to this node itself; it counts only when it comes directly.")


class RelayRestriction(NotAllowed):
    """A restriction that comes with a report is not its originator's, or of another report."""

    code = "relay-restriction"
    sentence = gettext_noop("A restriction that came with the report is not its originator's, or of another report.")


class RelayKept(NotAllowed):
    """A report that is passed on holds a statement which its originator kept to fewer."""

    code = "relay-kept"
    sentence = gettext_noop(
        "A statement of this report is kept to those whom its originator named; it is not passed on."
    )


@dataclass(frozen=True, slots=True)
class Relayed:
    """What a relay proved: the originator's message, its hash and signed text, and for a report the consent.

    `restrictions` are those that came along, each proved to be the originator's and of this report.
    """

    message: Message
    jws: str
    sha256: str
    token: Token | None = None
    restrictions: tuple[str, ...] = ()
    narrowed: tuple[Handling, ...] = ()

    def content_for(self, recipient: str) -> Content:
        """The report as its recipient may use it: the originator's words, under what consent and restrictions leave."""
        assert isinstance(self.message.body, ReportBody)
        assert self.token is not None
        content = self.message.body.content
        handling = narrowed_by(content.handling, self.narrowed)
        purposes = handling.purposes & {self.token.purpose}
        return replace(content, handling=replace(handling, purposes=purposes, releasable_to=frozenset({recipient})))


def read_signed(jws: str, keys_of: KeysOf) -> Message:
    """A message of any node as it was signed, proved under that node's own keys at the time it signed.

    Raises OriginatorUnknown, and what `envelope.verify` and `Message.from_json` raise.
    """
    data = jws.encode("utf-8")
    outside = untrusted(data)
    origin, created = outside.get("origin"), outside.get("created")
    if not isinstance(origin, str) or not isinstance(created, str):
        raise EnvelopeForm
    return Message.from_json(verify(data, MESSAGE_TYPE, keys_of(origin, parse_instant(created))))


def read_relay(
    body: RelayBody,
    *,
    relayer: str,
    me: str,
    keys_of: KeysOf,
    now: datetime,
    revoked: Callable[[str], bool] = never_revoked,
) -> Relayed:
    """What a partner passed on, once everything about it is proved.

    1. A confirmed originator (OriginatorUnknown), its signature and form (envelope-*, canonical-*, protocol-*).
    2. A type that is relayed (RelayType). 3. Neither the relaying node's own nor ours (RelayOrigin). 4. Not addressed
    to us (RelayAddressed). And for a report: 5. no statement in it is kept to fewer (RelayKept), which no consent
    lifts; 6. each restriction is its originator's, of this report (RelayRestriction); 7. the consent to this step, for
    a purpose that the restrictions left (what `verify_token` raises).
    """
    message = read_signed(body.message, keys_of)
    if message.type not in RELAYED:
        raise RelayType
    if message.origin in (relayer, me):
        raise RelayOrigin
    if me in message.recipients:
        raise RelayAddressed
    digest = message_hash(body.message.encode("ascii"))
    if not isinstance(message.body, ReportBody):
        return Relayed(message, body.message, digest)
    if message.body.content.kept_in_part:
        raise RelayKept
    narrowed = tuple(_restriction(one, message.origin, message.body.content, keys_of) for one in body.restrictions)
    content = message.body.content
    purposes = narrowed_by(content.handling, narrowed).purposes
    step = Onward(message.origin, relayer, me, content.report, content.version, purposes)
    token = verify_token(body.token, step, keys_of=keys_of, now=now, revoked=revoked)
    return Relayed(message, body.message, digest, token, body.restrictions, narrowed)


def narrowed_by(handling: Handling, restrictions: Iterable[Handling]) -> Handling:
    """The marking under its originator's restrictions, which say nothing of releasability."""
    for one in restrictions:
        handling = handling.meet(replace(one, releasable_to=handling.releasable_to))
    return handling


def _restriction(jws: str, originator: str, content: Content, keys_of: KeysOf) -> Handling:
    message = read_signed(jws, keys_of)
    body = message.body
    if message.origin != originator or not isinstance(body, RestrictionBody) or body.handling is None:
        raise RelayRestriction
    if body.report != content.report or content.version not in body.versions:
        raise RelayRestriction
    return body.handling
