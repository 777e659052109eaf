"""One node's part in the races: real threads with connections of their own, round after round. Prints JSON.

Either a correction waits for its second person while its report is out, and a recall runs against the release
(`release`); or a report waits to be sent, and a recall runs against the worker that takes it (`worker`). Started in a
fresh node's surroundings; the partner is played by hand.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amana.config.settings")
django.setup()

from django.db import connection
from django.utils import timezone

from amana.domain.errors import AmanaError
from amana.exchange.protocol import RecallBody, ReportBody, VoidBody
from amana.records.models import Certificate, Outbox, Report
from amana.services import recalls, releases, reports
from amana.services.delivery import LEASE, take_batch
from amana.services.people import find_officer
from tests.counterpart import Counterpart
from tests.services.test_exchange import released

STAGGER_S = 0.004


def race(*runners: Callable[[], Any], ahead: int, by_s: float) -> list[Any]:
    """Run all at once, each in a thread, `ahead` first by so many seconds; gives what each returned or raised."""
    barrier = Barrier(len(runners))
    found: list[Any] = [None] * len(runners)

    def run(place: int, runner: Callable[[], Any]) -> None:
        barrier.wait()
        if place != ahead:
            time.sleep(by_s)
        try:
            found[place] = runner()
        except AmanaError as error:
            found[place] = error.code
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(runners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def against_the_release(partner: Counterpart, number: int) -> tuple[str, bool]:
    """A correction is let go while its report is recalled; (who was first, whether words went out afterwards)."""
    alice, omar = find_officer("alice"), find_officer("omar")
    row = released(alice, omar, "washington")
    partner.fetch()
    reports.correct_report(row.uid, reason="wrong name", by=alice)
    releases.propose_release(row.uid, by=alice)
    sent, _ = race(
        lambda: releases.release_report(row.uid, by=omar),
        lambda: recalls.recall_report(row.uid, reason="source withdrawn", by=omar),
        ahead=number % 2,
        by_s=STAGGER_S * (number % 5),
    )
    words = any(isinstance(message.body, ReportBody) for message in partner.fetch())
    left = set(Report.objects.filter(uid=row.uid).values_list("state", flat=True)) - {"recalled", "stopped"}
    return ("recall" if isinstance(sent, str) else "release"), words or bool(left)


def against_the_worker(partner: Counterpart, number: int) -> tuple[str, bool]:
    """A waiting report is taken to be sent while it is recalled; (who was first, whether the recall missed it).

    Words that were taken before the recall may be on their way; then the recall has to follow them, and when the row is
    taken again it is a void.
    """
    alice, omar = find_officer("alice"), find_officer("omar")
    row = released(alice, omar, "washington")
    taken, recall = race(
        lambda: take_batch("washington", batch=10, at=timezone.now()),
        lambda: recalls.recall_report(row.uid, reason="source withdrawn", by=omar),
        ahead=number % 2,
        by_s=STAGGER_S * (number % 5),
    )
    words = [partner.open(sealed) for _, sealed in taken]
    on_the_way = any(_says(message.body, row.uid) for message in words)
    Outbox.objects.filter(state=Outbox.State.SENDING).update(due_at=timezone.now() - LEASE)
    after = partner.fetch()
    said_again = any(_says(message.body, row.uid) for message in after)
    followed = any(isinstance(message.body, RecallBody) for message in (*words, *after))
    voided = any(isinstance(message.body, VoidBody) for message in after)
    never_sent = Certificate.objects.get(recall=recall).effect == recalls.NEVER_SENT
    missed = said_again or not voided or (on_the_way and (never_sent or not followed))
    return ("worker" if on_the_way else "recall"), missed


def _says(body: object, uid: UUID) -> bool:
    return isinstance(body, ReportBody) and body.content.report == str(uid)


RACES = {"release": against_the_release, "worker": against_the_worker}


def main(name: str, rounds: int) -> None:
    """Run the rounds and count."""
    partner = Counterpart.joined("washington", "US", head=find_officer("omar"))
    first: Counter[str] = Counter()
    sent_after = 0
    for number in range(rounds):
        winner, sent = RACES[name](partner, number)
        first[winner] += 1
        sent_after += sent
    print(json.dumps({"first": first, "sent_after": sent_after, "database": connection.vendor}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
