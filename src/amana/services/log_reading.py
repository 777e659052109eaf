"""Reading the log as an overseer does: by act, officer, report and period, and one entry with all that proves it.

Invariant: a look into the log stands in the log; what is read is what was committed to, nothing is computed beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from amana.domain.times import parse_instant
from amana.exchange.protocol import Type
from amana.oversight.log import Event
from amana.oversight.merkle import inclusion_proof, leaf_hash
from amana.records.models import Checkpoint, LogEntry, Message, User
from amana.services.journal import Act, TreeNodes, record
from amana.services.log_proofs import event_of, find_entry, prove_entry, write_log_bundle
from amana.services.rights import Deed, require

AT_ONCE = 500
CLOCKS_APART = timedelta(days=1)  # more than two nodes' clocks may differ, so that no entry is missed
MOST_READ = 50_000  # entries that one look reads at most, whatever it asks for


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an overseer looks for; what is empty does not narrow. `report` is a report's number or its beginning."""

    act: str = ""
    officer: str = ""
    report: str = ""
    first: date | None = None
    last: date | None = None

    def fits(self, event: Event) -> bool:
        """Whether an event is what is looked for."""
        day = timezone.localdate(parse_instant(event.at))
        return (
            self.act in ("", event.act)
            and self.officer in ("", event.person)
            and (not self.report or event.subject.startswith(f"report:{self.report.strip().lower()}"))
            and (self.first is None or self.first <= day)
            and (self.last is None or day <= self.last)
        )


@dataclass(frozen=True, slots=True)
class Found:
    """Entries, the newest first, and before which number one goes on looking; None at the log's beginning."""

    rows: tuple[tuple[LogEntry, Event], ...]
    before: int | None


@dataclass(frozen=True, slots=True)
class Proved:
    """One entry with what proves it: its leaf, the path to the root, the checkpoint and who co-signed it."""

    entry: LogEntry
    event: Event | None
    leaf: str
    path: tuple[str, ...]
    checkpoint: Checkpoint | None
    witnesses: tuple[tuple[str, datetime], ...]


def find_entries(wanted: Wanted, *, before: int | None = None, most: int = 100, by: User) -> Found:
    """Entries that fit, the newest first; the look stands in the log."""
    require(by, Deed.OVERSEE)
    with transaction.atomic():
        asked = [("act", wanted.act), ("officer", wanted.officer), ("report", wanted.report)]
        days = [("from", str(wanted.first or "")), ("to", str(wanted.last or ""))]
        details = [pair for pair in asked + days if pair[1]]
        record(Act.CONSULTATION, "log-read", "log", by=by.username, reason="oversight", details=details)
    rows: list[tuple[LogEntry, Event]] = []
    for read, (entry, event) in enumerate(_events(_candidates(wanted, before)), start=1):
        if wanted.fits(event):
            rows.append((entry, event))
        if len(rows) == most or read == MOST_READ:
            return Found(tuple(rows), entry.index)
    return Found(tuple(rows), None)


def _candidates(wanted: Wanted, before: int | None) -> QuerySet[LogEntry]:
    """Rows that may fit, narrowed by what the database can find in the written events, and by checkpoints' times."""
    rows = LogEntry.objects.filter(event__isnull=False)
    if before is not None:
        rows = rows.filter(index__lt=before)
    for name, value in (("act", wanted.act), ("person", wanted.officer)):
        if value:
            rows = rows.filter(event__contains=f'"{name}":{json.dumps(value, ensure_ascii=False)}')
    if wanted.report:
        rows = rows.filter(event__contains=f'"subject":"report:{wanted.report.strip().lower()}')
    return rows.filter(_within(wanted.first, wanted.last)).order_by("-index")[:MOST_READ]


def arrival_of(message: Message) -> datetime | None:
    """When the log says that a received report first arrived here; None where no entry says it any more."""
    wire = f'"subject":{json.dumps(f"message:{message.pk}")}'
    since = timezone.localdate(message.created_at) - CLOCKS_APART
    rows = LogEntry.objects.filter(_within(since, None), event__contains=wire).order_by("index")
    came = (event for _, event in _events(rows) if event.verb == f"{Type.REPORT}-received")
    return next((parse_instant(event.at) for event in came), None)


def _within(first: date | None, last: date | None) -> Q:
    begin, end = numbers_between(first, last)
    return Q(index__gte=begin) & (Q(index__lt=end) if end is not None else Q())


def numbers_between(first: date | None, last: date | None) -> tuple[int, int | None]:
    """Between which numbers the entries of these days lie, by the times of the checkpoints around them.

    The second is the first that lies behind them, None where there is none yet.
    """
    sizes, begin, end = Checkpoint.objects.values_list("size", flat=True), None, None
    if first is not None:
        begin = sizes.filter(at__lt=_midnight(first)).order_by("-size").first()
    if last is not None:
        end = sizes.filter(at__gt=_midnight(last, time.max)).order_by("size").first()
    return begin or 0, end


def _midnight(day: date, hour: time = time.min) -> datetime:
    return timezone.make_aware(datetime.combine(day, hour))


def _events(rows: QuerySet[LogEntry]) -> Iterator[tuple[LogEntry, Event]]:
    for entry in rows.iterator(chunk_size=AT_ONCE):
        event = event_of(entry)
        if event is not None:
            yield entry, event


def show_entry(index: int, *, by: User) -> Proved:
    """One entry with its proof under the newest witnessed checkpoint that covers it; the look stands in the log.

    Without such a checkpoint it has no proof yet. Raises EntryUnknown.
    """
    require(by, Deed.OVERSEE)
    entry = find_entry(index)
    with transaction.atomic():
        record(Act.CONSULTATION, "log-entry-opened", f"log:{index}", by=by.username, reason="oversight")
    rows = Checkpoint.objects.filter(size__gt=index)
    head = rows.filter(cosignatures__isnull=False).order_by("-size").first() or rows.order_by("-size").first()
    path = tuple(one.hex() for one in inclusion_proof(index, head.size, TreeNodes())) if head is not None else ()
    signed = head.cosignatures.order_by("witness_id").values_list("witness_id", "at") if head is not None else ()
    return Proved(entry, event_of(entry), leaf_hash(bytes(entry.commitment)).hex(), path, head, tuple(signed))


def proof_file(index: int, *, by: User) -> bytes:
    """The proof of one entry as `amana log verify` takes it; raises EntryUnknown."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "proof.json"
        prove_entry(index, path, by=by)
        return path.read_bytes()


def bundle_file(*, by: User) -> bytes:
    """The whole log as `amana log verify` takes it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log.bundle"
        write_log_bundle(path, by=by)
        return path.read_bytes()
