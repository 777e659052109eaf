"""Rabat's side of the test through the proxy: releases many reports, waits until all are receipted. Prints JSON."""

from __future__ import annotations

import json
import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amana.config.settings")
django.setup()

from amana.records.models import Outbox, Receipt
from amana.services.people import find_officer
from amana.services.receipts import Step
from amana.services.releases import release_report
from bench.sender import draft

PATIENCE_S = 1_500


def main(count: int) -> None:
    """Release that many reports in order, and see them receipted."""
    omar = find_officer("omar")
    before = Receipt.objects.filter(step=Step.RECEIVED).count()
    for number in range(count):
        release_report(draft(number, 1_000), by=omar)
    deadline = time.monotonic() + PATIENCE_S
    while Outbox.objects.exclude(state=Outbox.State.DELIVERED).exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    states = {state: Outbox.objects.filter(state=state).count() for state in Outbox.State.values}
    receipts = Receipt.objects.filter(step=Step.RECEIVED).count() - before
    attempts = sum(Outbox.objects.values_list("attempts", flat=True))
    print(json.dumps({"states": states, "receipts": receipts, "attempts": attempts}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
