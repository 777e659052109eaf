"""All tables of a node. One module a theme; rows only, the verbs are services."""

from __future__ import annotations

from amana.records.models.blind import (
    BlindAlarm,
    BlindFilterPiece,
    BlindQuestion,
    BlindRound,
    BlindScope,
    SilentSubject,
)
from amana.records.models.carrying import Erasure, Holdings, RosterChange
from amana.records.models.consents import (
    Consent,
    Flag,
    Forwarded,
    LegalHold,
    OnwardCertificate,
    PassedOn,
    Restriction,
    RestrictionCertificate,
    WaitingRelay,
)
from amana.records.models.documents import Document, OriginalFile, Suggestion
from amana.records.models.exchange import Certificate, Message, Outbox, Quarantine, Recall, Receipt, Release
from amana.records.models.inspection import (
    AccessFinding,
    AccessRequest,
    ContentOpening,
    DrawnEntry,
    Mandate,
    OversightOrder,
    SpotCheck,
)
from amana.records.models.judgements import Judgement, JudgementBasis
from amana.records.models.lists import ListPart, SubjectList
from amana.records.models.log import (
    Checkpoint,
    Cosignature,
    LogEntry,
    LogHead,
    LogNode,
    LogTally,
    Witness,
    WitnessedOrigin,
)
from amana.records.models.partners import Agreement, Partner
from amana.records.models.people import PeopleChange, User
from amana.records.models.reports import Dropped, Entity, EntityName, Report, ReportEntity, Statement
from amana.records.models.requests import CrossHit, Request, RequestAnswer

__all__ = [
    "AccessFinding",
    "AccessRequest",
    "Agreement",
    "BlindAlarm",
    "BlindFilterPiece",
    "BlindQuestion",
    "BlindRound",
    "BlindScope",
    "Certificate",
    "Checkpoint",
    "Consent",
    "ContentOpening",
    "Cosignature",
    "CrossHit",
    "Document",
    "DrawnEntry",
    "Dropped",
    "Entity",
    "EntityName",
    "Erasure",
    "Flag",
    "Forwarded",
    "Holdings",
    "Judgement",
    "JudgementBasis",
    "LegalHold",
    "ListPart",
    "LogEntry",
    "LogHead",
    "LogNode",
    "LogTally",
    "Mandate",
    "Message",
    "OnwardCertificate",
    "OriginalFile",
    "Outbox",
    "OversightOrder",
    "Partner",
    "PassedOn",
    "PeopleChange",
    "Quarantine",
    "Recall",
    "Receipt",
    "Release",
    "Report",
    "ReportEntity",
    "Request",
    "RequestAnswer",
    "Restriction",
    "RestrictionCertificate",
    "RosterChange",
    "SilentSubject",
    "SpotCheck",
    "Statement",
    "SubjectList",
    "Suggestion",
    "User",
    "WaitingRelay",
    "Witness",
    "WitnessedOrigin",
]
