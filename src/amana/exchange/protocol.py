"""The exchange protocol, version 1, in one place: messages, bodies, their order on a link, and answers to them.

Invariant: what is named here is all that the services need to speak to a partner; each part lives in its own module.
"""

from __future__ import annotations

from amana.exchange.blind_bodies import PIECE, BlindAnswerBody, BlindAskBody, BlindFilterBody
from amana.exchange.bodies import (
    Body,
    CardBody,
    CertificateBody,
    Effect,
    RecallBody,
    ReceiptBody,
    ReportBody,
    Step,
    Type,
    VoidBody,
)
from amana.exchange.consent import KeysOf, Onward, OriginatorUnknown, Token, read_token, sign_token, verify_token
from amana.exchange.envelope import VERSION, EnvelopeVersion, Outer, message_hash
from amana.exchange.fields import BodyChanged
from amana.exchange.link import ChainBroken, Gap, Link, Placed, chain_hash, place
from amana.exchange.message import (
    ZEROS,
    AgreementMissing,
    Frame,
    Message,
    MessageExpired,
    MessageForged,
    MessageFromFuture,
    MessageNotForUs,
    TypeUnknown,
    prepare,
    read_frame,
    read_message,
)
from amana.exchange.onward_bodies import ConsentBody, ConsentRequestBody, RelayBody, RestrictionBody
from amana.exchange.receipts import Accepted, Answer, Refused, read_answer, sign_answer
from amana.exchange.relay import Relayed, narrowed_by, read_relay, read_signed
from amana.exchange.terms import AcceptanceBody, ProposalBody, TermsDiffer, sign_terms, terms_hash, verify_terms

__all__ = [
    "PIECE",
    "VERSION",
    "ZEROS",
    "AcceptanceBody",
    "Accepted",
    "AgreementMissing",
    "Answer",
    "BlindAnswerBody",
    "BlindAskBody",
    "BlindFilterBody",
    "Body",
    "BodyChanged",
    "CardBody",
    "CertificateBody",
    "ChainBroken",
    "ConsentBody",
    "ConsentRequestBody",
    "Effect",
    "EnvelopeVersion",
    "Frame",
    "Gap",
    "KeysOf",
    "Link",
    "Message",
    "MessageExpired",
    "MessageForged",
    "MessageFromFuture",
    "MessageNotForUs",
    "Onward",
    "OriginatorUnknown",
    "Outer",
    "Placed",
    "ProposalBody",
    "RecallBody",
    "ReceiptBody",
    "Refused",
    "RelayBody",
    "Relayed",
    "ReportBody",
    "RestrictionBody",
    "Step",
    "TermsDiffer",
    "Token",
    "Type",
    "TypeUnknown",
    "VoidBody",
    "chain_hash",
    "message_hash",
    "narrowed_by",
    "place",
    "prepare",
    "read_answer",
    "read_frame",
    "read_message",
    "read_relay",
    "read_signed",
    "read_token",
    "sign_answer",
    "sign_terms",
    "sign_token",
    "terms_hash",
    "verify_terms",
    "verify_token",
]
