"""All tables of a node. One module a theme; rows only, the verbs are services."""

from __future__ import annotations

from amana.records.models.carrying import Erasure, Holdings, RosterChange
from amana.records.models.documents import Document, OriginalFile, Suggestion
from amana.records.models.exchange import Certificate, Message, Outbox, Quarantine, Recall, Receipt, Release
from amana.records.models.log import Checkpoint, Cosignature, LogEntry, LogHead, LogNode, Witness, WitnessedOrigin
from amana.records.models.partners import Agreement, Partner
from amana.records.models.people import User
from amana.records.models.reports import Entity, EntityName, Report, ReportEntity, Statement

__all__ = [
    "Agreement",
    "Certificate",
    "Checkpoint",
    "Cosignature",
    "Document",
    "Entity",
    "EntityName",
    "Erasure",
    "Holdings",
    "LogEntry",
    "LogHead",
    "LogNode",
    "Message",
    "OriginalFile",
    "Outbox",
    "Partner",
    "Quarantine",
    "Recall",
    "Receipt",
    "Release",
    "Report",
    "ReportEntity",
    "RosterChange",
    "Statement",
    "Suggestion",
    "User",
    "Witness",
    "WitnessedOrigin",
]
