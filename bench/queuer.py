"""Rabat's side of the catch-up benchmark: queues many reports by the real service, or waits for the last receipt."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amana.config.settings")
django.setup()

from django.db import transaction
from django.utils import timezone

from amana.domain.report import State
from amana.exchange.protocol import ReportBody, Type
from amana.records.models import Outbox, Report
from amana.services.agreements import agreement_in_force
from amana.services.contents import store
from amana.services.journal import Act
from amana.services.keys import own_node
from amana.services.posting import lock_partner, post
from bench.reconciler import content_of

PAGE, PATIENCE_S = 200, 1_800


def fill(count: int) -> dict[str, object]:
    """Queue that many reports, a page a transaction; nothing of them is carried while the partner is away."""
    for start in range(0, count, PAGE):
        with transaction.atomic():
            partner, now = lock_partner("washington"), timezone.now()
            now = now.replace(microsecond=now.microsecond // 1000 * 1000)
            agreement = str(agreement_in_force(partner, at=now).pk)
            for number in range(start, min(start + PAGE, count)):
                content = content_of(number, "washington", at=now)
                row = store(content, Report(state=State.RELEASED), originator=own_node())
                post(
                    partner,
                    Type.REPORT,
                    ReportBody(content),
                    agreement=agreement,
                    act=Act.DISCLOSURE,
                    verb="report-released",
                    subject=f"report:{row.uid}:1",
                    by="omar",
                    reason="bench",
                    report=row,
                    at=now,
                )
    return {"queued": Outbox.objects.exclude(state=Outbox.State.DELIVERED).count()}


def hold() -> dict[str, object]:
    """Let nothing go before `wait` begins, so that all of it is timed."""
    waiting = Outbox.objects.exclude(state=Outbox.State.DELIVERED)
    while True:
        waiting.update(due_at=timezone.now() + timedelta(hours=1))
        if not waiting.filter(state=Outbox.State.SENDING).exists():
            return {"held": waiting.count()}
        time.sleep(0.2)


def wait() -> dict[str, object]:
    """Seconds from letting all go until nothing waits any more."""
    started = time.perf_counter()
    Outbox.objects.filter(state=Outbox.State.QUEUED).update(due_at=timezone.now())
    while Outbox.objects.exclude(state=Outbox.State.DELIVERED).exists():
        if time.perf_counter() - started > PATIENCE_S:
            raise TimeoutError("not caught up")
        time.sleep(0.05)
    return {"seconds": time.perf_counter() - started}


if __name__ == "__main__":
    acts = {"fill": lambda: fill(int(sys.argv[2])), "hold": hold, "wait": wait}
    print(json.dumps(acts[sys.argv[1]]()))
