"""What a message says: one typed body for each type of message.

Invariant: a body read from the wire is written back to the same form, field by field; unknown fields are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from amana.domain.form import Form, Json, is_id
from amana.domain.report import Content
from amana.domain.times import instant, parse_instant
from amana.exchange.blind_bodies import BlindAnswerBody, BlindAskBody, BlindFilterBody
from amana.exchange.card import LARGEST_CARD
from amana.exchange.fields import BodyChanged, hash_field, id_field, is_hash, versions_field
from amana.exchange.onward_bodies import ConsentBody, ConsentRequestBody, RelayBody, RestrictionBody
from amana.exchange.terms import AcceptanceBody, ProposalBody


class Type(StrEnum):
    """The types of message."""

    REPORT = "report"
    RECALL = "recall"
    VOID = "void"
    RECEIPT = "receipt"
    CERTIFICATE = "certificate"
    PROPOSAL = "agreement-proposal"
    ACCEPTANCE = "agreement-acceptance"
    BLIND_FILTER = "blind-filter"
    BLIND_ASK = "blind-ask"
    BLIND_ANSWER = "blind-answer"
    CONSENT_REQUEST = "consent-request"
    CONSENT = "consent"
    RESTRICTION = "restriction"
    RELAY = "relay"
    CARD = "card"


class Step(StrEnum):
    """How far a partner got with a message; what comes before (queued, sent) the sender knows alone."""

    RECEIVED = "received"
    READ = "read"
    TAKEN_UP = "taken-up"
    PASSED_ON = "passed-on"  # told to the originator; the note is the consent's number
    USEFUL = "feedback-useful"
    LED_TO = "feedback-led-to"
    NO_VALUE = "feedback-no-value"


class Effect(StrEnum):
    """What a recall or a restriction did at a holder."""

    WITHDRAWN = "withdrawn"
    RESTRICTED = "restricted"
    STEP_ENDED = "step-ended"  # a consent was revoked: nothing more goes on, what did was followed
    NOT_HELD = "not-held"
    LEGAL_HOLD = "kept-legal-hold"


@dataclass(frozen=True, slots=True)
class ReportBody:
    """One version of a report, exactly as its recipient reads it."""

    content: Content

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {"content": self.content.to_json()}

    @classmethod
    def from_json(cls, data: object) -> ReportBody:
        """Read the form; raises BadInput, and BodyChanged where the content would be kept otherwise than signed."""
        with Form(data, "report body") as form:
            body = cls(content=form.part("content", Content.from_json))
            if not is_id(body.content.report):
                raise form.wrong("content")
        if body.to_json() != data:
            raise BodyChanged
        return body


@dataclass(frozen=True, slots=True)
class RecallBody:
    """The originator takes exact versions of a report back; versions ascend."""

    report: str
    versions: tuple[int, ...]
    reason: str

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {"report": self.report, "versions": list(self.versions), "reason": self.reason}

    @classmethod
    def from_json(cls, data: object) -> RecallBody:
        """Read the form; raises BadInput."""
        with Form(data, "recall body") as form:
            return cls(
                report=id_field(form, "report"), versions=versions_field(form), reason=form.text("reason", most=10_000)
            )


@dataclass(frozen=True, slots=True)
class VoidBody:
    """A message was recalled before it was sent: this takes over its number, and `voids` is its hash."""

    voids: str

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {"voids": self.voids}

    @classmethod
    def from_json(cls, data: object) -> VoidBody:
        """Read the form; raises BadInput."""
        with Form(data, "void body") as form:
            return cls(voids=hash_field(form, "voids"))


@dataclass(frozen=True, slots=True)
class ReceiptBody:
    """How far the holder got with one message, by its hash; `note` is for people."""

    message: str
    step: Step
    at: datetime
    note: str = ""

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {"message": self.message, "step": str(self.step), "at": instant(self.at), "note": self.note}

    @classmethod
    def from_json(cls, data: object) -> ReceiptBody:
        """Read the form; raises BadInput."""
        with Form(data, "receipt body") as form:
            return cls(
                message=hash_field(form, "message"),
                step=form.choice("step", Step),
                at=parse_instant(form.text("at", most=40)),
                note=form.text("note", most=10_000),
            )


@dataclass(frozen=True, slots=True)
class CertificateBody:
    """What a recall or restriction (by the hash of its message) did here; log fields place the act in the holder's log.

    `passed_on` names the nodes to which the holder forwarded it; `products_flagged` counts what it had built on the
    report and let go already.
    """

    report: str
    versions: tuple[int, ...]
    recall: str
    effect: Effect
    at: datetime
    withdrawn_statements: int
    key_destroyed: bool
    drafts_stopped: int
    passed_on: tuple[str, ...]
    log_index: int
    log_size: int = 0
    log_root: str = ""
    reason: str = ""
    products_flagged: int = 0

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {
            "report": self.report,
            "versions": list(self.versions),
            "recall": self.recall,
            "effect": str(self.effect),
            "at": instant(self.at),
            "withdrawn_statements": self.withdrawn_statements,
            "key_destroyed": self.key_destroyed,
            "drafts_stopped": self.drafts_stopped,
            "passed_on": list(self.passed_on),
            "log_index": self.log_index,
            "log_size": self.log_size,
            "log_root": self.log_root,
            "reason": self.reason,
            "products_flagged": self.products_flagged,
        }

    @classmethod
    def from_json(cls, data: object) -> CertificateBody:
        """Read the form; raises BadInput. Whoever keeps something says why."""
        with Form(data, "certificate body") as form:
            body = cls(
                report=id_field(form, "report"),
                versions=versions_field(form),
                recall=hash_field(form, "recall"),
                effect=form.choice("effect", Effect),
                at=parse_instant(form.text("at", most=40)),
                withdrawn_statements=form.number("withdrawn_statements"),
                key_destroyed=form.flag("key_destroyed"),
                drafts_stopped=form.number("drafts_stopped"),
                passed_on=form.texts("passed_on", most=1_000),
                log_index=form.number("log_index"),
                log_size=form.number("log_size"),
                log_root=form.text("log_root", most=64),
                reason=form.text("reason", most=10_000),
                products_flagged=form.number("products_flagged"),
            )
            if body.log_root and not is_hash(body.log_root):
                raise form.wrong("log_root")
            if body.effect is Effect.LEGAL_HOLD and not body.reason.strip():
                raise form.wrong("reason")
            return body


@dataclass(frozen=True, slots=True)
class CardBody:
    """The next card of the node that sends it: a JWS of its root key, which proves itself."""

    card: str

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {"card": self.card}

    @classmethod
    def from_json(cls, data: object) -> CardBody:
        """Read the form; raises BadInput. Only `read_card` proves the card."""
        with Form(data, "card body") as form:
            return cls(card=form.text("card", most=LARGEST_CARD))


BlindBody = BlindFilterBody | BlindAskBody | BlindAnswerBody
Body = (
    ReportBody
    | RecallBody
    | VoidBody
    | ReceiptBody
    | CertificateBody
    | ProposalBody
    | AcceptanceBody
    | ConsentRequestBody
    | ConsentBody
    | RestrictionBody
    | RelayBody
    | CardBody
    | BlindBody
)

BODIES: dict[Type, tuple[type[Body], Callable[[object], Body]]] = {
    Type.REPORT: (ReportBody, ReportBody.from_json),
    Type.RECALL: (RecallBody, RecallBody.from_json),
    Type.VOID: (VoidBody, VoidBody.from_json),
    Type.RECEIPT: (ReceiptBody, ReceiptBody.from_json),
    Type.CERTIFICATE: (CertificateBody, CertificateBody.from_json),
    Type.PROPOSAL: (ProposalBody, ProposalBody.from_json),
    Type.ACCEPTANCE: (AcceptanceBody, AcceptanceBody.from_json),
    Type.BLIND_FILTER: (BlindFilterBody, BlindFilterBody.from_json),
    Type.BLIND_ASK: (BlindAskBody, BlindAskBody.from_json),
    Type.BLIND_ANSWER: (BlindAnswerBody, BlindAnswerBody.from_json),
    Type.CONSENT_REQUEST: (ConsentRequestBody, ConsentRequestBody.from_json),
    Type.CONSENT: (ConsentBody, ConsentBody.from_json),
    Type.RESTRICTION: (RestrictionBody, RestrictionBody.from_json),
    Type.RELAY: (RelayBody, RelayBody.from_json),
    Type.CARD: (CardBody, CardBody.from_json),
}
