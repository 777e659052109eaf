"""What must hold after every death and recovery: nothing lost, nothing twice, nothing unlogged, and the node works."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.utils import timezone

from amana.domain.report import State
from amana.exchange.envelope import unlock
from amana.exchange.protocol import ReportBody, Step, Type
from amana.oversight.log import commit
from amana.oversight.merkle import MemoryNodes, grow, leaf_hash, root
from amana.records.models import (
    Checkpoint,
    Entity,
    LogEntry,
    LogHead,
    Message,
    Outbox,
    Partner,
    Quarantine,
    Receipt,
    Report,
    Statement,
)
from amana.services import receipts
from amana.services.agreements import agreement_in_force
from amana.services.journal import settle
from tests.faults.crash_world import House

# Acts that nobody may find twice about the same thing, whatever was broken off and done again.
ONCE = frozenset(
    {
        "report-drafted", "release-proposed", "report-released", "report-recalled", "report-withdrawn",
        "retention-ended", "recall-sent", "recall-certified", "agreement-proposed", "agreement-accepted",
        "agreement-received", "agreement-in-force", "report-received", "recall-received", "receipt-received",
        "certificate-received", "void-received", "message-refused", "refused-by-partner", "consent-granted",
        "consent-answered", "consent-request-received", "consent-received",
    }
)  # fmt: skip
Event = dict[str, Any]


def broken(house: House) -> list[str]:
    """Every invariant that does not hold, in words; empty where all do."""
    events = _events()
    checks = (_log(), _link_out(events), _link_in(house, events), _with_bob(house), _once(events), _reports(events))
    return [problem for check in checks for problem in check]


def _events() -> list[Event]:
    return [json.loads(event) for event in LogEntry.objects.order_by("index").values_list("event", flat=True) if event]


def _log() -> Iterator[str]:
    """Numbers without gaps, every entry opens, the stored tree is the tree of the entries, each head a part of it."""
    rows = list(LogEntry.objects.order_by("index"))
    if [row.index for row in rows] != list(range(LogHead.objects.get().size)):
        yield "the log has a gap, or its head says another number"
    if any(commit((row.event or "").encode(), bytes(row.salt or b"")) != bytes(row.commitment) for row in rows):
        yield "an entry of the log does not open"
    leaves, nodes, done = [leaf_hash(bytes(row.commitment)) for row in rows], MemoryNodes(), 0
    for head in [*Checkpoint.objects.order_by("size")]:
        nodes.add(grow(done, leaves[done : head.size], nodes))
        done = head.size
        if root(done, nodes).hex() != head.root:
            yield f"the checkpoint over {done} is not of this log"
    nodes.add(grow(done, leaves[done:], nodes))
    if settle() != (len(leaves), root(len(leaves), nodes)):
        yield "the stored tree is not that of the entries"


def _chained(rows: list[Message], last: tuple[int, str], way: str) -> Iterator[str]:
    """Numbers from 1 without gaps, each naming the one before, the link standing at the last."""
    if [row.seq for row in rows] != list(range(1, len(rows) + 1)):
        yield f"numbers {way} have gaps"
    hashes = ["0" * 64, *(row.hash for row in rows)]
    if any(row.prev != before for row, before in zip(rows, hashes, strict=False)):
        yield f"the chain {way} is broken"
    if (len(rows), hashes[-1]) != last:
        yield f"the link {way} stands elsewhere than its last message"


def _link_out(events: list[Event]) -> Iterator[str]:
    partner = Partner.objects.get(pk="washington")
    rows = list(Message.objects.filter(direction="out").order_by("seq"))
    yield from _chained(rows, (partner.out_seq, partner.out_hash), "out")
    if Outbox.objects.filter(state__in=[Outbox.State.QUEUED, Outbox.State.SENDING]).exists():
        yield "something still waits to be carried"
    if Outbox.objects.count() != len(rows):
        yield "a message has no row in the outbox"
    for row in rows:
        if str(row.id) not in str(events[row.log_index]):
            yield f"the {row.type} numbered {row.seq} went unlogged"
    receipted = Counter(Receipt.objects.filter(step=Step.RECEIVED).values_list("message__seq", flat=True))
    delivered = Outbox.objects.filter(state=Outbox.State.DELIVERED).values_list("seq", flat=True)
    if receipted != Counter(delivered):
        yield "receipts and deliveries differ"
    logged = [dict(event["details"])["seqs"].split() for event in events if event["verb"] == "messages-delivered"]
    if Counter(map(int, chain.from_iterable(logged))) != receipted:
        yield "a receipt is unlogged, or logged twice"


def _link_in(house: House, events: list[Event]) -> Iterator[str]:
    partner = Partner.objects.get(pk="washington")
    rows = list(Message.objects.filter(direction="in").order_by("seq"))
    yield from _chained(rows, (partner.in_seq, partner.in_hash), "in")
    refused = set(Quarantine.objects.filter(outgoing=False).values_list("message_id_text", flat=True))
    for row in rows:
        event = events[row.log_index]
        verb = "message-refused" if str(row.id) in refused else f"{row.type}-received"
        if event["verb"] not in (verb, f"{verb}-again") or event["subject"] != f"message:{row.id}":
            yield f"the {row.type} numbered {row.seq} came in unlogged"
        if (row.type == "report") and str(row.id) not in refused and row.report is None:
            yield "a report that was taken in is not there"


def _with_bob(house: House) -> Iterator[str]:
    """Both sides hold the same: what we acknowledged is here, what he acknowledged was ours, each once."""
    here = {str(row.id): row for row in Message.objects.filter(direction="in")}
    for answer in house.bob.all("answer"):
        if answer["id"] not in here or (here[answer["id"]].hash != answer["hash"] and not answer["code"]):
            yield "a message that was acknowledged is not here"
    if {line["id"] for line in house.bob.all("sent")} != {line["id"] for line in house.bob.all("answer")}:
        yield "a message of Bob's was never answered"
    base, got = house.bob.all("base")[0], [(line["seq"], line["hash"]) for line in house.bob.all("got")]
    ours = Message.objects.filter(direction="out", seq__gt=base["in_seq"]).order_by("seq")
    if got != list(ours.values_list("seq", "hash")):
        yield "Bob does not hold exactly what was sent"


def _once(events: list[Event]) -> Iterator[str]:
    acts = Counter(
        (event["verb"], event["subject"], dict(event["details"]).get("partner"))
        for event in events
        if event["verb"] in ONCE
    )
    yield from (f"{verb} is in the log {count} times" for (verb, _, _), count in acts.items() if count > 1)


def _reports(events: list[Event]) -> Iterator[str]:
    """What is there is whole and has its entry; what has ended left nothing."""
    said = {
        (event["verb"], subject)
        for event in events
        for subject in (event["subject"], event["subject"].rsplit(":", 1)[0])
    }
    for row in Report.objects.all():
        number, version = f"report:{row.uid}", f"report:{row.uid}:{row.version}"
        if row.author_id is not None and row.version == 1 and ("report-drafted", version) not in said:
            yield "a draft is unlogged"
        if row.state in (State.RELEASED, State.RECALLED) and ("report-released", version) not in said:
            yield "a release is unlogged"
        if row.state == State.AWAITING_RELEASE and ("release-proposed", version) not in said:
            yield "a proposal is unlogged"
        if row.state == State.RECALLED and ("report-recalled", number) not in said:
            yield "a recall is unlogged"
        reasons = {("report-withdrawn", number), ("retention-ended", version), ("report-erased-again", version)}
        if row.state == State.WITHDRAWN and not reasons & said:
            yield "a withdrawal is unlogged"
        ended = row.state in (State.WITHDRAWN, State.STOPPED, State.SUPERSEDED) and row.author_id is None
        if ended and (row.text or row.title or row.statements.exists() or row.names.exists()):
            yield "an ended report left words behind"
        if row.state in (State.HELD, State.DRAFT, State.RELEASED) and row.statements.count() != 1:
            yield "a report is not whole"
        for message in row.messages.filter(direction="in"):
            if (message.body_key is None) != (row.state != State.HELD):
                yield "a message's key is there after its end, or gone before"
            elif message.body_key is not None:
                unlock(bytes(message.body_key), bytes(message.body or b""))
    if Statement.objects.exclude(
        report__state__in=[State.HELD, State.DRAFT, State.AWAITING_RELEASE, State.RELEASED, State.RECALLED]
    ).exists():
        yield "a statement belongs to nothing in force"
    if Entity.objects.filter(report_links__isnull=True).exists():
        yield "an entity belongs to no report"


def works(house: House) -> Iterator[str]:
    """The node takes in a report and tells that it was read, which Bob will verify under the card it shows him."""
    house.bob.push()
    agreement = agreement_in_force(house.partner(), at=timezone.now())
    body = ReportBody(house.content("after"))
    house.bob.say("a report after the death", Type.REPORT, body, agreement=str(agreement.pk))
    house.bob.push()
    row = Report.objects.filter(originator="washington", uid=house.ids["after"]).first()
    if row is None:
        yield "the node takes nothing in any more"
        return
    receipts.tell_step(row, Step.READ, by=house.alice)
    if not Message.objects.filter(direction="out", type="receipt").exists():
        yield "the node says nothing any more"
