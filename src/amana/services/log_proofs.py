"""Proving the log to somebody outside: one entry, a whole bundle, the state of its witnesses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from amana.domain.errors import NotFound, gettext_noop
from amana.oversight.bundle import BundleReport, Leaf, Proof, verify_any, write_bundle, write_proof
from amana.oversight.checkpoint import NoteUnsigned, add_cosignature, decode_vkey, encode_vkey, verify
from amana.oversight.log import Event, event_bytes, event_from_json
from amana.oversight.merkle import inclusion_proof
from amana.records.models import Checkpoint, LogEntry, LogHead, User, Witness
from amana.services.journal import Act, TreeNodes, record, sign_head
from amana.services.keys import log_key
from amana.services.rights import Deed, require
from amana.services.witnesses import WITNESS_WITHIN, witnessed_since


class EntryUnknown(NotFound):
    """The log has no entry of that number."""

    code = "log-entry-unknown"
    sentence = gettext_noop("The log has no entry of this number.")


class EntryNotWitnessed(NotFound):
    """A witness has seen no head of the log that covers the entry."""

    code = "log-entry-not-witnessed"
    sentence = gettext_noop("“%(witness)s” has co-signed no checkpoint that covers entry %(index)s yet.")


@dataclass(frozen=True, slots=True)
class LogState:
    """The log at a glance: entries, newest checkpoint, witnesses with what they last saw."""

    size: int
    checkpoint: Checkpoint | None
    witnesses: tuple[Witness, ...]
    witnessed_since: datetime | None


def log_state() -> LogState:
    """How the log stands; holds no content."""
    head = LogHead.objects.get(pk=1)
    newest = Checkpoint.objects.order_by("-size").first()
    return LogState(head.size, newest, tuple(Witness.objects.order_by("name")), witnessed_since())


def log_vkey() -> str:
    """The key under which anybody checks this node's checkpoints."""
    return encode_vkey(log_key().name, log_key().public)


def list_entries(*, by: User, before: int | None = None, most: int = 100) -> list[LogEntry]:
    """Entries, newest first, for who oversees; the look stands in the log."""
    require(by, Deed.OVERSEE)
    with transaction.atomic():
        record(Act.CONSULTATION, "log-read", "log", by=by.username, reason="oversight")
    rows = LogEntry.objects.order_by("-index")
    return list((rows.filter(index__lt=before) if before is not None else rows)[:most])


def event_of(entry: LogEntry) -> Event | None:
    """What an entry says, None where it was erased."""
    return event_from_json(json.loads(entry.event)) if entry.event is not None else None


def disclosures_stopped(state: LogState, *, at: datetime) -> bool:
    """Whether nothing may leave because no witness has co-signed for too long."""
    return state.witnessed_since is not None and at - state.witnessed_since > WITNESS_WITHIN


def signed_note(checkpoint: Checkpoint) -> str:
    """A checkpoint with all its co-signatures."""
    note = checkpoint.note
    for cosignature in checkpoint.cosignatures.order_by("witness_id"):
        note = add_cosignature(note, cosignature.line)
    return note


def write_log_bundle(path: Path, *, by: User) -> int:
    """Write the whole log as a bundle that is verified without this node; returns the number of entries."""
    require(by, Deed.OVERSEE)
    with transaction.atomic():
        record(Act.DISCLOSURE, "log-exported", "log", by=by.username, reason="oversight")
    head = sign_head(at=timezone.now())
    assert head is not None
    witnessed = Checkpoint.objects.filter(cosignatures__isnull=False, size__lt=head.size).distinct().order_by("size")
    earlier = map(signed_note, filter(_under_todays_key, witnessed))
    write_bundle(path, checkpoint=signed_note(head), leaves=_leaves(head.size), earlier=earlier)
    return head.size


def find_entry(index: int) -> LogEntry:
    """The entry of that number; raises EntryUnknown."""
    entry = LogEntry.objects.filter(pk=index).first()
    if entry is None:
        raise EntryUnknown
    return entry


def prove_entry(index: int, path: Path, *, witness: str = "", by: User) -> Proof:
    """Write the proof that one entry is in the log, under the newest witnessed checkpoint that covers it.

    With `witness`, the newest that this one has co-signed. Where none is witnessed yet, under a fresh one. Raises
    EntryUnknown, EntryNotWitnessed.
    """
    require(by, Deed.OVERSEE)
    entry = find_entry(index)
    rows = Checkpoint.objects.filter(size__gt=index, cosignatures__isnull=False)
    head = (rows.filter(cosignatures__witness=witness) if witness else rows).order_by("-size").first()
    if witness and (head is None or not _under_todays_key(head)):
        raise EntryNotWitnessed(witness=witness, index=index)
    with transaction.atomic():
        record(Act.DISCLOSURE, "proof-exported", f"log:{index}", by=by.username, reason="oversight")
    if head is None or not _under_todays_key(head):
        head = sign_head(at=timezone.now())
    assert head is not None
    proof = Proof(
        index=index,
        leaf=_leaf(entry),
        path=tuple(inclusion_proof(index, head.size, TreeNodes())),
        checkpoint=signed_note(head),
    )
    write_proof(path, proof)
    return proof


def _under_todays_key(checkpoint: Checkpoint) -> bool:
    """Whether the log's key of now signed it; after a change of that key, the verifier is given only the new one."""
    try:
        verify(checkpoint.note, log_key())
    except NoteUnsigned:
        return False
    return True


def verify_file(path: Path, *, origin_vkey: str, witness_vkeys: tuple[str, ...] = ()) -> BundleReport:
    """Check an exported bundle without any node. Raises the engine's named errors."""
    return verify_any(path, origin=decode_vkey(origin_vkey), witnesses=[decode_vkey(one) for one in witness_vkeys])


def as_data(report: BundleReport) -> dict[str, Any]:
    """What was verified, for people and machines."""
    return {
        "origin": report.head.origin,
        "size": report.head.size,
        "root": report.head.root.hex(),
        "entries": report.entries,
        "erased": report.erased,
        "witnesses": {name: at.isoformat() for name, at in report.witnesses},
        "first_at": report.first_at,
        "last_at": report.last_at,
        "event": json.loads(event_bytes(report.event)) if report.event is not None else None,
    }


def _leaf(entry: LogEntry) -> Leaf:
    return Leaf(
        commitment=bytes(entry.commitment),
        salt=bytes(entry.salt) if entry.salt is not None else None,
        event=entry.event.encode() if entry.event is not None else None,
    )


def _leaves(size: int) -> Iterator[Leaf]:
    for entry in LogEntry.objects.filter(index__lt=size).order_by("index").iterator(chunk_size=5000):
        yield _leaf(entry)
