"""The parts of the reconciliation benchmark that run inside a node. Prints JSON."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amana.config.settings")
django.setup()

from django.db import transaction
from django.utils import timezone

from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Handling, Purpose
from amana.domain.report import Content, Kind, State
from amana.domain.vocabulary import CrimeArea
from amana.exchange.carry import pack, unpack
from amana.exchange.envelope import lock, message_hash, unlock, untrusted
from amana.exchange.protocol import Message as Wire
from amana.exchange.protocol import ReportBody, Type, prepare
from amana.records.models import Message, Outbox, Partner, Report
from amana.services.agreements import agreement_in_force
from amana.services.contents import handling_columns
from amana.services.keys import own_node, secrets
from amana.services.mending import sealed_again
from amana.services.people import find_officer
from amana.services.posting import EXPIRES_AFTER
from amana.services.reconciling import reconcile

PAGE = 2_000


def content_of(number: int, node: str, *, at: datetime) -> Content:
    """A small report."""
    return Content(
        report=str(uuid4()),
        version=1,
        kind=Kind.INFORMATION,
        title=f"Report {number}",
        language="en",
        text="The lorry left the yard at dawn. " * 12,
        crime_areas=frozenset({CrimeArea.DRUG_TRAFFICKING}),
        handling=Handling(
            releasable_to=frozenset({node}),
            purposes=frozenset({Purpose.INVESTIGATION}),
            erase_by=(at + timedelta(days=300)).date(),
        ),
        evaluation=Evaluation(Source.B, Information.CORROBORATED, at.date()),
        entities=(),
        statements=(),
        originals=(),
        written=at,
    )


def signed(partner: Partner, count: int, *, at: datetime) -> Iterator[tuple[Wire, bytes]]:
    """The next messages to a partner, really signed and chained."""
    agreement, key = str(agreement_in_force(partner, at=at).pk), secrets().signing
    seq, prev = partner.out_seq, partner.out_hash
    for number in range(count):
        seq += 1
        wire = Wire(
            ver=1,
            type=Type.REPORT,
            id=str(uuid4()),
            origin=own_node(),
            recipients=(partner.node,),
            seq=seq,
            prev=prev,
            created=at,
            expires=at + EXPIRES_AFTER,
            agreement=agreement,
            body=ReportBody(content_of(number, partner.node, at=at)),
        )
        jws = prepare(wire, key)
        prev = message_hash(jws)
        yield wire, jws


def keep(partner: Partner, page: list[tuple[Wire, bytes]], direction: str) -> None:
    """Store a page of messages and the bare rows of their reports, in one transaction."""
    state = State.RELEASED if direction == Message.Direction.OUT else State.HELD
    reports, messages = [], []
    for wire, jws in page:
        assert isinstance(wire.body, ReportBody)
        content, (key, body) = wire.body.content, lock(jws)
        report = Report(
            uid=content.report,
            originator=wire.origin,
            kind=content.kind,
            state=state,
            title=content.title,
            language="en",
            text=content.text,
            crime_areas=sorted(content.crime_areas),
            evaluation=content.evaluation.to_json(),
            written=content.written,
            **handling_columns(content.handling),
        )
        reports.append(report)
        messages.append(
            Message(
                id=wire.id,
                partner=partner,
                direction=direction,
                seq=wire.seq,
                prev=wire.prev,
                hash=message_hash(jws),
                type=wire.type,
                report=report,
                created_at=wire.created,
                body=body,
                body_key=key,
                log_index=0,
            )
        )
    with transaction.atomic():
        Report.objects.bulk_create(reports, batch_size=500)
        Message.objects.bulk_create(messages, batch_size=500)
        last = messages[-1]
        if direction == Message.Direction.OUT:
            done = Outbox.State.DELIVERED
            Outbox.objects.bulk_create(
                [
                    Outbox(message=one, partner=partner, seq=one.seq, state=done, due_at=last.created_at)
                    for one in messages
                ],
                batch_size=500,
            )
            Partner.objects.filter(pk=partner.pk).update(out_seq=last.seq, out_hash=last.hash)
        else:
            Partner.objects.filter(pk=partner.pk).update(in_seq=last.seq, in_hash=last.hash)


def fill(path: Path, count: int) -> dict[str, object]:
    """Rabat's side: sign, store as sent and receipted, and write the signed messages into a file for the other side."""
    partner = Partner.objects.get(pk="washington")
    now = timezone.now()
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    page: list[tuple[Wire, bytes]] = []
    with path.open("wb") as file:
        for pair in signed(partner, count, at=now):
            page.append(pair)
            if len(page) == PAGE:
                write_page(file.write, partner, page)
                page = []
        if page:
            write_page(file.write, partner, page)
    return {"count": count}


def write_page(write: object, partner: Partner, page: list[tuple[Wire, bytes]]) -> None:
    """Store a page and write it, its length first."""
    keep(partner, page, Message.Direction.OUT)
    packet = pack([jws for _, jws in page])
    assert callable(write)
    write(len(packet).to_bytes(8, "big") + packet)


def take(path: Path) -> dict[str, object]:
    """Washington's side: store the same messages as received."""
    partner = Partner.objects.get(pk="rabat")
    with path.open("rb") as file:
        while head := file.read(8):
            jws = unpack(file.read(int.from_bytes(head, "big")))
            keep(partner, [(Wire.from_json(untrusted(one)), one) for one in jws], Message.Direction.IN)
    return {"held": Message.objects.filter(direction="in").count()}


def lose(count: int) -> dict[str, object]:
    """What a damaged disk does: messages are gone with their reports, spread over the whole link."""
    rows = Message.objects.filter(direction="in", type="report").order_by("seq")
    total = rows.count()
    step = total // count if count else total
    seqs = [one + 7 for one in range(0, total, step)][:count] if count else []
    lost = list(Message.objects.filter(direction="in", seq__in=seqs))
    with transaction.atomic():
        Report.objects.filter(pk__in=[row.report_id for row in lost]).delete()
        Message.objects.filter(pk__in=[row.pk for row in lost]).delete()
    return {"lost": len(lost)}


def measure() -> dict[str, object]:
    """Reconcile with Washington and time it; then what sending all again would take."""
    started = time.perf_counter()
    done = reconcile("washington", by=find_officer("rachid"))
    seconds = time.perf_counter() - started
    partner = Partner.objects.get(pk="washington")
    sample = list(range(max(1, partner.out_seq - 999), partner.out_seq + 1))
    started = time.perf_counter()
    parts = sealed_again(partner, sample, upto=0, at=timezone.now())
    each = (time.perf_counter() - started) / len(parts)
    sampled = Message.objects.filter(direction="out", seq__in=sample)
    overhead = sum(map(len, parts)) - sum(len(_jws(one)) for one in sampled)
    bodies = Message.objects.filter(direction="out").values_list("body", flat=True).iterator(2_000)
    whole = sum(len(body) - 28 for body in bodies if body is not None)  # nonce and tag of the lock
    return {
        "agreed": done.agreed,
        "mended": done.mended,
        "seconds": seconds,
        "bytes": done.bytes_out + done.bytes_in,
        "questions": done.questions,
        "left": [one.as_data() for one in done.left],
        "all": whole + overhead * partner.out_seq // len(parts),
        "all_seconds": each * partner.out_seq,
    }


def _jws(row: Message) -> bytes:
    assert row.body is not None
    assert row.body_key is not None
    return unlock(bytes(row.body_key), bytes(row.body))


def main(what: str, *arguments: str) -> None:
    """Do one part and print what came of it."""
    if what == "fill":
        found = fill(Path(arguments[0]), int(arguments[1]))
    elif what == "take":
        found = take(Path(arguments[0]))
    elif what == "lose":
        found = lose(int(arguments[0]))
    else:
        found = measure()
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
