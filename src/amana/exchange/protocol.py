"""The exchange protocol, version 1, in one place: messages, bodies, their order on a link, and answers to them.

Invariant: what is named here is all that the services need to speak to a partner; each part lives in its own module.
"""

from __future__ import annotations

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
from amana.exchange.receipts import Accepted, Answer, Refused, read_answer, sign_answer
from amana.exchange.terms import AcceptanceBody, ProposalBody, TermsDiffer, sign_terms, terms_hash, verify_terms

__all__ = [
    "VERSION",
    "ZEROS",
    "AcceptanceBody",
    "Accepted",
    "AgreementMissing",
    "Answer",
    "Body",
    "BodyChanged",
    "CardBody",
    "CertificateBody",
    "ChainBroken",
    "Effect",
    "EnvelopeVersion",
    "Frame",
    "Gap",
    "Link",
    "Message",
    "MessageExpired",
    "MessageForged",
    "MessageFromFuture",
    "MessageNotForUs",
    "Outer",
    "Placed",
    "ProposalBody",
    "RecallBody",
    "ReceiptBody",
    "Refused",
    "ReportBody",
    "Step",
    "TermsDiffer",
    "Type",
    "TypeUnknown",
    "VoidBody",
    "chain_hash",
    "message_hash",
    "place",
    "prepare",
    "read_answer",
    "read_frame",
    "read_message",
    "sign_answer",
    "sign_terms",
    "terms_hash",
    "verify_terms",
]
