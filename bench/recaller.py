"""Rabat's side of the recall benchmark: entrusts many reports, then recalls some. Prints JSON."""

from __future__ import annotations

import json
import os
import sys
import time
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amana.config.settings")
django.setup()

from amana.records.models import Certificate, Outbox
from amana.services import recalls, releases
from amana.services.people import find_officer
from bench.sender import draft

PATIENCE_S = 600


def recalled(uid: UUID) -> float:
    """Seconds until the recall of one report is certified."""
    omar, start = find_officer("omar"), time.perf_counter()
    recall = recalls.recall_report(uid, reason="wrong person", by=omar)
    while Certificate.objects.filter(recall=recall, certified_at=None).exists():
        if time.perf_counter() - start > PATIENCE_S:
            raise TimeoutError("no certificate came")
        time.sleep(0.005)
    (certificate,) = Certificate.objects.filter(recall=recall)
    assert certificate.effect == "withdrawn", certificate.effect
    return time.perf_counter() - start


def main(reports: int, statements: int, count: int) -> None:
    """Measure and print."""
    omar = find_officer("omar")
    uids = []
    for number in range(reports):
        uids.append(draft(number, 1_000, statements=statements))
        releases.release_report(uids[-1], by=omar)
    while Outbox.objects.exclude(state=Outbox.State.DELIVERED).exists():
        time.sleep(0.05)
    found = sorted(recalled(uid) for uid in uids[:count])
    print(json.dumps({"p50": found[count // 2], "p95": found[int(count * 0.95)], "worst": found[-1]}))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
