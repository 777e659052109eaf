"""Rabat's side of the chain benchmark: entrusts reports, and later recalls each. Prints JSON."""

from __future__ import annotations

import json
import os
import sys
import time
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amana.config.settings")
django.setup()

from amana.records.models import Certificate, OnwardCertificate, Outbox
from amana.services import recalls, releases
from amana.services.people import find_officer
from bench.sender import draft

PATIENCE_S = 120


def entrust(count: int) -> list[str]:
    """Draft, propose and release reports for Washington, and wait until it has receipted all."""
    omar, uids = find_officer("omar"), []
    for number in range(count):
        uids.append(draft(number, 1_000))
        releases.release_report(uids[-1], by=omar)
    while Outbox.objects.exclude(state=Outbox.State.DELIVERED).exists():
        time.sleep(0.05)
    return list(map(str, uids))


def recalled(uid: UUID) -> tuple[float, float]:
    """Seconds until the holder's certificate is kept, and until that of the node further down is."""
    omar, start, first = find_officer("omar"), time.perf_counter(), 0.0
    recall = recalls.recall_report(uid, reason="wrong person", by=omar)
    below = OnwardCertificate.objects.filter(recall__recall=recall, effect="withdrawn")
    while not below.exists():
        if not first and Certificate.objects.filter(recall=recall, effect="withdrawn").exists():
            first = time.perf_counter() - start
        if time.perf_counter() - start > PATIENCE_S:
            raise TimeoutError("the tree was not completed")
        time.sleep(0.005)
    last = time.perf_counter() - start
    return first or last, last


def ranks(found: list[float]) -> dict[str, float]:
    """The middle, the 95th of 100, and the worst."""
    found = sorted(found)
    return {"p50": found[len(found) // 2], "p95": found[int(len(found) * 0.95)], "worst": found[-1]}


def main(what: str, *given: str) -> None:
    """Do one of the two and print its figures."""
    if what == "entrust":
        print(json.dumps({"reports": entrust(int(given[0]))}))
        return
    found = [recalled(UUID(uid)) for uid in given]
    print(json.dumps({"holder": ranks([a for a, _ in found]), "onward holder": ranks([b for _, b in found])}))


if __name__ == "__main__":
    main(*sys.argv[1:])
