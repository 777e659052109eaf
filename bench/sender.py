"""Rabat's side of the exchange benchmark: drafts, then releases and delivers as fast as it can. Prints JSON."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import time
from datetime import timedelta
from uuid import UUID

import django
import stamina

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amana.config.settings")
django.setup()

from django.utils import timezone

from amana.cli.demo_nodes import free_port
from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Handling, Purpose, Tlp
from amana.domain.statement import Entity, Nature, Statement
from amana.domain.vocabulary import Category, CrimeArea
from amana.exchange.client import PartnerClient
from amana.exchange.identity import client_context
from amana.records.models import Outbox, Receipt
from amana.services import releases, reports
from amana.services.keys import keys_folder
from amana.services.people import find_officer

BATCH = 50


def draft(number: int, size: int, *, statements: int = 1) -> UUID:
    """A proposed report whose text and frame take about `size` bytes, with that many statements."""
    alice = find_officer("alice")
    today = timezone.now().date()
    grade = Evaluation(Source.B, Information.CORROBORATED, today)
    row = reports.draft_report(
        title=f"Report {number}",
        text=("The lorry left the yard at dawn. " * (size // 33 + 1))[: max(0, size - 900)],
        language="en",
        evaluation=grade,
        handling=Handling(
            tlp=Tlp.AMBER,
            releasable_to=frozenset({"washington"}),
            purposes=frozenset({Purpose.INVESTIGATION}),
            erase_by=today + timedelta(days=300),
        ),
        crime_areas=frozenset({CrimeArea.DRUG_TRAFFICKING}),
        entities=[Entity(f"e{number}", "Person", Category.SUSPECT)],
        statements=[
            Statement(f"s{one}", f"e{number}", "Person", "name", f"Karim Belkadi {number} {one}", Nature.FACT, grade)
            for one in range(statements)
        ],
        by=alice,
    )
    releases.propose_release(row.uid, by=alice)
    return row.uid


def send_all(uids: list[UUID]) -> float:
    """Release all; seconds until the node's own worker has carried them and kept the last receipt."""
    omar = find_officer("omar")
    started = time.perf_counter()
    releases.release_reports(uids, by=omar)
    while Outbox.objects.exclude(state=Outbox.State.DELIVERED).exists():
        time.sleep(0.05)  # asking more often takes a good part of a core from what is measured
    return time.perf_counter() - started


def one_by_one(uids: list[UUID]) -> list[float]:
    """Milliseconds from release to kept receipt, each message alone, sorted."""
    omar, found = find_officer("omar"), []
    for uid in uids:
        start = time.perf_counter()
        (message,) = releases.release_report(uid, by=omar)
        while not Receipt.objects.filter(message=message).exists():
            time.sleep(0.001)
        found.append((time.perf_counter() - start) * 1000)
    return sorted(found)


def floor(rows: list[bytes], batch: int) -> float:
    """Messages a second that the bare server takes: the same bytes, one committed row each."""
    port = free_port(8690)
    url = f"https://127.0.0.1:{port}"
    environment = os.environ | {"FLOOR_PORT": str(port)}
    command = [sys.executable, "-m", "gunicorn", "-c", "python:bench.floor", "bench.floor:application"]
    server = subprocess.Popen(command, env=environment)
    try:
        own = ssl.PEM_cert_to_DER_cert((keys_folder() / "tls-ca.crt").read_text())
        client = PartnerClient(url, client_context(keys_folder(), own), timeout=30)
        _until_open(client)
        started = time.perf_counter()
        for place in range(0, len(rows), batch):
            client.deliver(rows[place : place + batch])
        return len(rows) / (time.perf_counter() - started)
    finally:
        server.terminate()
        server.wait(timeout=20)


def _until_open(client: PartnerClient) -> None:
    for _attempt in range(100):
        try:
            client.deliver([b"x"])
        except Exception:
            time.sleep(0.1)
        else:
            return


def main(count: int, size: int) -> None:
    """Measure and print."""
    stamina.instrumentation.set_on_retry_hooks(())  # the floor takes a moment to open
    uids = [draft(number, size) for number in range(count + 100)]
    sealed = _sealed_size(uids[0])
    latencies = one_by_one(uids[:100])
    whole = send_all(uids[100:])
    same_bytes = [os.urandom(sealed)] * count
    floors = [floor(same_bytes, batch) for batch in (1, BATCH)]
    found = {
        "rate": count / whole,
        "sealed": sealed,
        "p50": latencies[50],
        "p95": latencies[95],
        "floor": floors[0],
        "floor_batches": floors[1],
    }
    print(json.dumps(found))


def _sealed_size(uid: UUID) -> int:
    """About how many bytes the report's message has on the wire: base64 of its JWS, HPKE and the outer line."""
    (preview,) = releases.preview_release(uid, by=find_officer("omar"))
    return int((len(preview.data) + 500) * 4 / 3) + 1_500


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
