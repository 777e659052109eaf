"""Rabat's side of the exchange benchmark: drafts, then releases and delivers as fast as it can. Prints JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amana.config.settings")
django.setup()

from django.conf import settings
from django.utils import timezone

from amana.cli.demo_nodes import free_port
from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Handling, Purpose, Tlp
from amana.domain.statement import Entity, Nature, Statement
from amana.domain.vocabulary import Category, CrimeArea
from amana.exchange.client import PartnerClient
from amana.exchange.identity import client_context
from amana.records.models import Message, Outbox, Partner
from amana.services import releases, reports
from amana.services.delivery import deliver_to
from amana.services.keys import keys_folder
from amana.services.people import find_officer

BATCH = 50


def draft(number: int, size: int) -> str:
    """A proposed report whose content is about `size` bytes."""
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
        statements=[Statement("s1", f"e{number}", "Person", "name", f"Karim Belkadi {number}", Nature.FACT, grade)],
        by=alice,
    )
    releases.propose_release(row.uid, by=alice)
    return str(row.uid)


def send_all(uids: list[str]) -> tuple[float, list[float]]:
    """Release all, delivering beside it; seconds until the last receipt was kept, and each message's milliseconds."""
    omar = find_officer("omar")
    began: dict[str, float] = {}
    took: list[float] = []
    done = threading.Event()

    def deliver() -> None:
        while not (done.is_set() and not Outbox.objects.exclude(state="delivered").exists()):
            result = deliver_to("washington", batch=BATCH, at=timezone.now())
            if not result.receipted:
                assert not result.problem, result
                time.sleep(0.002)

    started = time.perf_counter()
    carrier = threading.Thread(target=deliver)
    carrier.start()
    for uid in uids:
        began[uid] = time.perf_counter()
        releases.release_report(uid, by=omar)
    done.set()
    carrier.join()
    whole = time.perf_counter() - started
    return whole, took


def one_by_one(uids: list[str]) -> list[float]:
    """Milliseconds from release to kept receipt, each message alone."""
    omar, found = find_officer("omar"), []
    for uid in uids:
        start = time.perf_counter()
        releases.release_report(uid, by=omar)
        assert deliver_to("washington", batch=1, at=timezone.now()).receipted == 1
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
        partner = Partner.objects.get(pk="washington")
        own = (keys_folder() / "tls-ca.crt").read_bytes()
        del partner
        client = PartnerClient(url, client_context(keys_folder(), _der(own)), timeout=30)
        _until_open(client)
        started = time.perf_counter()
        for place in range(0, len(rows), batch):
            client.deliver(rows[place : place + batch])
        return len(rows) / (time.perf_counter() - started)
    finally:
        server.terminate()
        server.wait(timeout=20)


def _der(pem: bytes) -> bytes:
    import ssl

    return ssl.PEM_cert_to_DER_cert(pem.decode())


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
    settings.DEBUG = False
    uids = [draft(number, size) for number in range(count + 100)]
    rows = []
    latencies = one_by_one(uids[:100])
    whole, _ = send_all(uids[100:])
    del rows
    sample = Message.objects.filter(type="report").order_by("-seq").first()
    assert sample is not None
    bytes_each = os.urandom(_sealed_size(size))
    floors = [floor([bytes_each] * count, batch) for batch in (1, BATCH)]
    print(
        json.dumps(
            {
                "rate": count / whole,
                "p50": latencies[50],
                "p95": latencies[95],
                "floor": floors[0],
                "floor_batches": floors[1],
            }
        )
    )


def _sealed_size(size: int) -> int:
    """About how many bytes a sealed message of that content has: base64 of the JWS, HPKE and the outer line."""
    return int(size * 4 / 3) + 2_200


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
