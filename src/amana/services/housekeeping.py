"""What the node does by itself: carry, checkpoint, ask witnesses, erase. Each round is safe to break off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from amana.domain.report import State
from amana.records.models import LogHead, Outbox, Partner, Report
from amana.services.blind_scopes import destroy_ended_keys
from amana.services.blind_working import work_blindly
from amana.services.chain import relay_waiting
from amana.services.contents import close_report
from amana.services.delivery import OPEN, client_for, deliver_due
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.ledger import sync_ledger
from amana.services.log_tally import tally_log
from amana.services.planning import gather_statistics
from amana.services.recalls import destroy_keys, erase_held
from amana.services.remains import clear_remains, newest_erasure
from amana.services.sessions import forget_ended_sessions
from amana.services.witnesses import ask_witnesses, witnesses_behind

log = structlog.get_logger()

CHECKPOINT_AFTER = timedelta(seconds=2)
ASK_AGAIN_AFTER = timedelta(minutes=1)
ERASE_EVERY = timedelta(minutes=1)
GATHER_EVERY = timedelta(hours=1)
TALLIED = 100  # blocks of the log that are counted at a time
ERASABLE = [state for state in State if state not in (State.RECALLED, State.WITHDRAWN, State.STOPPED)]


@dataclass(slots=True)
class Rounds:
    """When the worker last did what it does not do every round."""

    checkpoint_at: datetime | None = None
    checkpoint_size: int = 0
    erased_at: datetime | None = None
    cleared: int = -1  # the newest erasure whose remains were cleared
    gathered_at: datetime | None = None


def work_once(rounds: Rounds, *, at: datetime | None = None) -> bool:
    """Do one round of everything that is due; True where something was carried."""
    now = at or timezone.now()
    delivered = deliver_due(batch=settings.AMANA.batch, at=now)
    _checkpoint_if_due(rounds, at=now)
    if rounds.erased_at is None or now - rounds.erased_at >= ERASE_EVERY:
        erase_due(at=now)
        destroy_ended_keys(at=now)
        sync_ledger()
        relay_waiting(at=now)
        forget_ended_sessions(at=now)
        tally_log(most=TALLIED)
        rounds.erased_at = now
    _clear_if_due(rounds)
    if rounds.gathered_at is None or now - rounds.gathered_at >= GATHER_EVERY:
        gather_statistics()
        rounds.gathered_at = now
    work_blindly(at=now)
    return any(one.receipted or one.refused for one in delivered.values())


def _checkpoint_if_due(rounds: Rounds, *, at: datetime) -> None:
    """Sign a head over what is new; ask a witness that missed the newest head again, though nothing is new."""
    size = LogHead.objects.values_list("size", flat=True).get(pk=1)
    waited = at - rounds.checkpoint_at if rounds.checkpoint_at is not None else ASK_AGAIN_AFTER
    grown = size > rounds.checkpoint_size and waited >= CHECKPOINT_AFTER
    if grown or (waited >= ASK_AGAIN_AFTER and witnesses_behind(size)):
        ask_witnesses(client_for, at=at)
        rounds.checkpoint_at, rounds.checkpoint_size = at, size


def _clear_if_due(rounds: Rounds) -> None:
    """Let what was erased since the last time leave the database's files too."""
    newest = newest_erasure()
    if newest > rounds.cleared and clear_remains():
        rounds.cleared = newest


def erase_due(*, at: datetime) -> int:
    """Erase every report whose erasure day has come; returns how many."""
    due = Report.objects.filter(erase_by__lte=at.date(), state__in=ERASABLE).order_by("pk").values_list("pk", flat=True)
    for key in list(due):
        _erase(key, at=at)
    return len(due)


@transaction.atomic
def _erase(key: int, *, at: datetime) -> None:
    row = Report.objects.select_for_update(no_key=True).filter(pk=key, state__in=ERASABLE).first()
    if row is None:
        return
    _send_no_more(row)
    record(
        Act.ERASURE,
        "retention-ended",
        f"report:{row.uid}:{row.version}",
        by=f"node:{own_node()}",
        reason="retention",
        at=at,
    )
    if row.originator == own_node():
        close_report(row, State.STOPPED, reason="retention")
        destroy_keys([row])
    else:
        erase_held([row], State.WITHDRAWN, reason="retention")


def _send_no_more(row: Report) -> None:
    """What still waits of a report whose time has ended goes as a void, under the locks of its partners' links."""
    waiting = Outbox.objects.filter(message__report=row, state__in=OPEN)
    list(Partner.objects.select_for_update(no_key=True).filter(pk__in=waiting.values("partner_id")).order_by("node"))
    waiting.update(void=True)
