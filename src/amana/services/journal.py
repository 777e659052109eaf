"""The node's log as the services write it: no entry, no action.

Invariant: an entry is written in the transaction of the act it records, so neither exists without the other. The tree
over the entries (RFC 6962) is grown by `settle`, at the latest before a checkpoint is signed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from secrets import token_bytes

from django.db import connection, transaction
from django.utils import timezone

from amana.domain.errors import Unavailable, gettext_noop
from amana.domain.times import instant
from amana.oversight.checkpoint import Checkpoint as Head
from amana.oversight.checkpoint import sign as sign_checkpoint
from amana.oversight.log import Act, Event, commit, event_bytes
from amana.oversight.merkle import grow, leaf_hash, root
from amana.records.models import Checkpoint, LogEntry, LogHead, LogNode
from amana.services.keys import log_key, log_origin, secrets

_SHIFT = 48

__all__ = ["Act", "TreeNodes", "many_entries", "record", "settle", "sign_head", "undone_together"]


class LogClosed(Unavailable):
    """An entry was asked for outside a transaction, or the log is not there."""

    code = "log-closed"
    sentence = gettext_noop("The node's log cannot be written, so nothing was done.")


class TreeNodes:
    """The stored complete subtrees, as the tree's functions want to read them."""

    def get_many(self, keys: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """The hashes of many, with one query; raises KeyError for one that is not stored."""
        places = {(level << _SHIFT) + index: (level, index) for level, index in keys}
        rows = LogNode.objects.filter(place__in=list(places)).values_list("place", "hash")
        found = {places[place]: bytes(digest) for place, digest in rows}
        for key in keys:
            if key not in found:
                raise KeyError(key)
        return found


def record(
    act: Act,
    verb: str,
    subject: str,
    *,
    by: str,
    reason: str,
    details: Sequence[tuple[str, str]] = (),
    at: datetime | None = None,
) -> int:
    """Write one entry into the log, in the caller's transaction; returns its number.

    `subject` and `details` hold ids, codes and counts, never names or text of a report. Raises LogClosed outside of a
    transaction or where the node has no log yet.
    """
    if not connection.in_atomic_block:
        raise LogClosed
    event = _event(act, verb, subject, by=by, reason=reason, details=details, at=at)
    salt, written = token_bytes(32), event_bytes(event)
    pages = _open_pages.get()
    index = pages.next_index() if pages is not None else _take_numbers(1)
    entry = LogEntry(index=index, commitment=commit(written, salt), salt=salt, event=written.decode())
    if pages is not None:
        pages.entries.append(entry)
    else:
        entry.save(force_insert=True)
    return index


def _event(
    act: Act, verb: str, subject: str, *, by: str, reason: str, details: Sequence[tuple[str, str]], at: datetime | None
) -> Event:
    return Event(
        act=act,
        verb=verb,
        person=by,
        at=instant(at or timezone.now()),
        reason=reason,
        subject=subject,
        details=tuple(details),
    )


def _take_numbers(count: int) -> int:
    """Take the next numbers of the log, whose head is locked until the transaction ends; returns the first."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE records_loghead SET size = size + %s WHERE id = 1 RETURNING size", [count])
        row = cursor.fetchone()
    if row is None:
        raise LogClosed
    return int(row[0]) - count


class _Pages:
    """Entries that are kept together and written at once, in the transaction of the acts they record."""

    def __init__(self) -> None:
        self.first = _take_numbers(0)
        self.entries: list[LogEntry] = []

    def next_index(self) -> int:
        return self.first + len(self.entries)


_open_pages: ContextVar[_Pages | None] = ContextVar("pages", default=None)


@contextmanager
def many_entries() -> Iterator[None]:
    """Write the entries of many acts at once, at the end of the block; needs a transaction around it.

    The log's head is locked from the start, so that the numbers given out hold.
    """
    pages = _Pages()
    token = _open_pages.set(pages)
    try:
        yield
        if _take_numbers(len(pages.entries)) != pages.first:
            raise LogClosed
        LogEntry.objects.bulk_create(pages.entries, batch_size=200)
    finally:
        _open_pages.reset(token)


@contextmanager
def undone_together() -> Iterator[None]:
    """A savepoint: when the block raises, its rows and its kept entries are undone together."""
    pages = _open_pages.get()
    kept = len(pages.entries) if pages is not None else 0
    try:
        with transaction.atomic():
            yield
    except BaseException:
        if pages is not None:
            del pages.entries[kept:]
        raise


def settle() -> tuple[int, bytes]:
    """Grow the stored tree over all entries; returns the tree's size and root. Needs a transaction."""
    head = LogHead.objects.select_for_update(no_key=True).get(pk=1)
    nodes = TreeNodes()
    if head.settled < head.size:
        rows = LogEntry.objects.filter(index__gte=head.settled, index__lt=head.size).order_by("index")
        leaves = [leaf_hash(bytes(commitment)) for commitment in rows.values_list("commitment", flat=True)]
        if len(leaves) != head.size - head.settled:
            raise LogClosed
        grown = grow(head.settled, leaves, nodes)
        LogNode.objects.bulk_create(
            [LogNode(place=(level << _SHIFT) + index, hash=digest) for level, index, digest in grown], batch_size=500
        )
        LogHead.objects.filter(pk=1).update(settled=head.size)
    return head.size, root(head.size, nodes)


def sign_head(*, at: datetime) -> Checkpoint | None:
    """Sign a checkpoint over all entries, unless the newest already covers them; None for an empty log."""
    with transaction.atomic():
        size, tree_root = settle()
        if size == 0:
            return None
        existing = Checkpoint.objects.filter(size=size).first()
        if existing is not None:
            return existing
        note = sign_checkpoint(Head(log_origin(), size, tree_root), log_key(), secrets().checkpoint.sign)
        return Checkpoint.objects.create(size=size, root=tree_root.hex(), note=note, at=at)
