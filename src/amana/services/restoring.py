"""After a backup was brought back: what was erased stays erased, and every link is reconciled before it carries again.

Invariant: a restored node opens no door and sends nothing on a link whose partner may know more than it does, until
both have agreed on what they hold, or an operator says why not.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from amana.domain.errors import BadInput, Unavailable, gettext_noop
from amana.domain.report import State
from amana.records.models import Erasure, Partner, Report
from amana.services.chain import relay_waiting
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.ledger import Line, when
from amana.services.recalls import erase_held

ENDED = (State.WITHDRAWN, State.RECALLED, State.STOPPED)


class NodeRestored(Unavailable):
    """The node came back from a backup and was not reconciled with all partners yet."""

    code = "node-restored"
    sentence = gettext_noop(
        "This node came back from a backup; reconcile it with %(nodes)s first, by `amana reconcile PARTNER`."
    )


class RestoreReasonMissing(BadInput):
    """Opening a restored node without reconciling needs a reason."""

    code = "restore-reason"
    sentence = gettext_noop("Say why the node opens without being reconciled; the log keeps it.")


@transaction.atomic
def apply_ledger(lines: Iterable[Line], *, at: datetime) -> int:
    """Erase again what the ledger says was erased; returns how many versions had come back."""
    count = 0
    for line in lines:
        Erasure.objects.get_or_create(
            originator=line.originator,
            uid=line.uid,
            version=line.version,
            defaults={"state": line.state, "at": when(line)},
        )
        rows = Report.objects.select_for_update(no_key=True).filter(
            originator=line.originator, uid=line.uid, version=line.version
        )
        row = rows.exclude(state__in=[*ENDED, line.state]).first()
        if row is None:
            continue
        erase_held([row], State(line.state), reason="restore")
        record(
            Act.ERASURE,
            "report-erased-again",
            f"report:{line.uid}:{line.version}",
            by=f"node:{own_node()}",
            reason="restore",
            details=[("erased-first", line.at)],
            at=at,
        )
        count += 1
    return count


@transaction.atomic
def mark_restored(*, at: datetime) -> list[str]:
    """Close every link until it is reconciled; returns the partners' names."""
    Partner.objects.filter(state=Partner.State.CONFIRMED).update(restored_at=at)
    waiting = waiting_links()
    record(
        Act.ADMINISTRATION,
        "node-restored",
        "node",
        by="operator",
        reason="restore",
        details=[("links", " ".join(waiting))],
        at=at,
    )
    return waiting


def waiting_links() -> list[str]:
    """Partners with whom this node must be reconciled before its doors open."""
    rows = Partner.objects.filter(restored_at__isnull=False, state=Partner.State.CONFIRMED).order_by("node")
    return list(rows.values_list("node", flat=True))


def require_reconciled() -> None:
    """Go on only where no link waits to be reconciled; raises NodeRestored."""
    waiting = waiting_links()
    if waiting:
        raise NodeRestored(nodes=", ".join(waiting))


@transaction.atomic
def open_without_reconciliation(reason: str) -> list[str]:
    """Open all links of a restored node although they were not reconciled; the log keeps why. Returns which.

    Raises RestoreReasonMissing.
    """
    if not reason.strip():
        raise RestoreReasonMissing
    waiting = waiting_links()
    if waiting:
        Partner.objects.filter(node__in=waiting).update(restored_at=None)
        record(
            Act.ADMINISTRATION,
            "opened-without-reconciliation",
            "node",
            by="operator",
            reason=reason,
            details=[("links", " ".join(waiting))],
            at=timezone.now(),
        )
        relay_waiting(at=timezone.now())
    return waiting


def wipe_free_space() -> None:
    """Write the database anew, so that no page of it still holds what was erased. Not inside a transaction."""
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM FULL")
        return
    connection.close()
    with closing(sqlite3.connect(Path(str(settings.DATABASES["default"]["NAME"])))) as base:
        base.execute("PRAGMA secure_delete=ON")
        base.execute("VACUUM")
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
