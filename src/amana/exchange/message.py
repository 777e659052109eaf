"""A message: what one node signs and entrusts to another, numbered on the link between the two.

Invariant: `read_message` returns only what the origin's key signed for this node, and keeps it as it was signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from amana.domain.errors import BadInput, NotAllowed, gettext_noop
from amana.domain.form import Form, Json, is_id
from amana.domain.times import instant, parse_instant
from amana.exchange.bodies import BODIES, Body, Type
from amana.exchange.envelope import VERSION, EnvelopeVersion, KeyOf, Outer, sign, verify
from amana.exchange.fields import hash_field, id_field
from amana.exchange.keys import SigningKey

MESSAGE_TYPE = "amana-message+json"
ZEROS = "0" * 64
AHEAD = timedelta(minutes=5)
_UNDER_AGREEMENT = frozenset({Type.REPORT, Type.BLIND_FILTER, Type.BLIND_ASK, Type.BLIND_ANSWER})
_MAKE_AGREEMENTS = frozenset({Type.PROPOSAL, Type.ACCEPTANCE})


class MessageForged(NotAllowed):
    """What the seal says outside differs from what was signed inside."""

    code = "protocol-outer-differs"
    sentence = gettext_noop(
        "The outside of the message differs from what its origin signed; it was repacked on the way."
    )


class MessageNotForUs(NotAllowed):
    """A message is addressed to others."""

    code = "protocol-not-recipient"
    sentence = gettext_noop("The message is not addressed to this node; whoever passed it on was not asked to.")


class MessageExpired(NotAllowed):
    """A message came after its time."""

    code = "protocol-expired"
    sentence = gettext_noop("The message expired before it arrived; its originator may send it anew.")


class MessageFromFuture(NotAllowed):
    """A message was made later than now."""

    code = "protocol-future"
    sentence = gettext_noop("The message was made more than five minutes after now; one of the two clocks is wrong.")


class TypeUnknown(BadInput):
    """A message is of a type that this node does not know."""

    code = "protocol-type"
    sentence = gettext_noop("The message is of a type that this node does not know; upgrade it to read this.")


class AgreementMissing(NotAllowed):
    """A report comes under no agreement."""

    code = "protocol-agreement-missing"
    sentence = gettext_noop("The report names no agreement; without one nothing is accepted.")


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `seq` counts from 1 on the link, `prev` is the hash of the message before it (zeros for the first).

    `created` and `expires` are aware times to the millisecond; a report names its `agreement`. The other types
    may leave it empty: a recall binds even when the agreement has ended.
    """

    ver: int
    type: Type
    id: str
    origin: str
    recipients: tuple[str, ...]
    seq: int
    prev: str
    created: datetime
    expires: datetime
    agreement: str
    body: Body

    def to_json(self) -> dict[str, Json]:
        """The form that is signed."""
        return {
            "ver": self.ver,
            "type": str(self.type),
            "id": self.id,
            "origin": self.origin,
            "recipients": list(self.recipients),
            "seq": self.seq,
            "prev": self.prev,
            "created": instant(self.created),
            "expires": instant(self.expires),
            "agreement": self.agreement,
            "body": self.body.to_json(),
        }

    @classmethod
    def from_json(cls, data: object) -> Message:
        """Read the form; raises EnvelopeVersion, TypeUnknown, AgreementMissing and BadInput."""
        with Form(data, "message") as form:
            version = form.number("ver")
            if version != VERSION:
                raise EnvelopeVersion
            kind = _type(form)
            message = cls(
                ver=version,
                type=kind,
                id=id_field(form, "id"),
                origin=form.text("origin", most=40),
                recipients=_recipients(form),
                seq=form.number("seq", least=1),
                prev=hash_field(form, "prev"),
                created=parse_instant(form.text("created", most=40)),
                expires=parse_instant(form.text("expires", most=40)),
                agreement=_agreement(form, kind),
                body=form.part("body", BODIES[kind][1]),
            )
            if message.expires <= message.created:
                raise form.wrong("expires")
            return message


@dataclass(frozen=True, slots=True)
class Frame:
    """A message whose place is known and whose body is not understood here, as from a node of a later version."""

    type: str
    id: str
    origin: str
    recipients: tuple[str, ...]
    seq: int
    prev: str
    created: datetime
    expires: datetime

    @classmethod
    def of(cls, payload: dict[str, Json]) -> Frame:
        """Take the frame out of a payload, whatever else it holds; raises BadInput."""
        names = ("type", "id", "origin", "recipients", "seq", "prev", "created", "expires")
        with Form({name: payload[name] for name in names if name in payload}, "message") as form:
            return cls(
                type=form.text("type", most=100),
                id=id_field(form, "id"),
                origin=form.text("origin", most=40),
                recipients=_recipients(form),
                seq=form.number("seq", least=1),
                prev=hash_field(form, "prev"),
                created=parse_instant(form.text("created", most=40)),
                expires=parse_instant(form.text("expires", most=40)),
            )


def _type(form: Form) -> Type:
    name = form.text("type", most=100)
    try:
        return Type(name)
    except ValueError as error:
        raise TypeUnknown from error


def _recipients(form: Form) -> tuple[str, ...]:
    names = form.texts("recipients", most=100)
    if not names or len(set(names)) != len(names):
        raise form.wrong("recipients")
    return names


def _agreement(form: Form, kind: Type) -> str:
    name = form.text("agreement", most=36)
    if not name and kind in _UNDER_AGREEMENT:
        raise AgreementMissing
    if name and (kind in _MAKE_AGREEMENTS or not is_id(name)):
        raise form.wrong("agreement")
    return name


def prepare(message: Message, key: SigningKey) -> bytes:
    """Sign a message; raises ValueError for a body of another type than the message's."""
    if not isinstance(message.body, BODIES[message.type][0]):
        raise ValueError("the body does not fit the message's type")
    return sign(message.to_json(), key, MESSAGE_TYPE)


def read_message(jws: bytes, *, key_of: KeyOf, me: str, outer: Outer, now: datetime) -> Message:
    """The message that a partner entrusted to this node, once everything about it is proved.

    `key_of` looks among the keys of the partner that `outer` names as origin, and nowhere else. 1. Signature and
    canonical form (envelope-*, canonical-*). 2. A version we know (EnvelopeVersion). 3. A type we know (TypeUnknown).
    4. An agreement named (AgreementMissing). 5. The body's form (BadInput). 6. Id, origin and recipient as outside
    (MessageForged). 7. This node is a recipient (MessageNotForUs). 8. Not expired (MessageExpired). 9. Not made more
    than five minutes after now (MessageFromFuture).
    """
    message = Message.from_json(verify(jws, MESSAGE_TYPE, key_of))
    _check(message, me=me, outer=outer, now=now)
    return message


def read_frame(jws: bytes, *, key_of: KeyOf, me: str, outer: Outer, now: datetime) -> Frame:
    """The frame of a message that `read_message` does not understand, proved by all that `read_message` checks but 2–5.

    So that a message of an unknown type takes its number, is refused with a reason, and does not stop what follows.
    """
    frame = Frame.of(verify(jws, MESSAGE_TYPE, key_of))
    _check(frame, me=me, outer=outer, now=now)
    return frame


def _check(message: Message | Frame, *, me: str, outer: Outer, now: datetime) -> None:
    if (message.id, message.origin) != (outer.id, outer.origin):
        raise MessageForged
    if outer.recipient != me or me not in message.recipients:
        raise MessageNotForUs
    if now >= message.expires:
        raise MessageExpired
    if message.created > now + AHEAD:
        raise MessageFromFuture
