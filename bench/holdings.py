"""Fill a node as a season of work would: reports of six nodes with everything that the services write beside them.

Invariant: every row is written by the services' own code, in their own batches; what is left out is the way over the
wire (sealing to us and opening), since the partners are played here with keys of their own. So names, search words,
keys of bodies, numbers of links and the log's leaves are those of a real node. The same seed gives the same words and
numbers; keys, salts and nonces are random as everywhere. `tests.counterpart` plays the partners.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from unittest import mock

from django.db import transaction

from amana.domain.report import Content, State
from amana.domain.times import cut
from amana.exchange.canonical import encode
from amana.exchange.envelope import message_hash
from amana.exchange.protocol import (
    Accepted,
    Body,
    CertificateBody,
    Effect,
    ReceiptBody,
    Step,
    Type,
    chain_hash,
    prepare,
    sign_answer,
)
from amana.exchange.protocol import Message as Wire
from amana.records.models import Agreement, Certificate, LogHead, Message, Partner, Receipt, Release, Report, User
from amana.services import receiving, releases
from amana.services.contents import store_new
from amana.services.delivery import note_answers, take_batch
from amana.services.journal import Act, many_entries, record, sign_head
from amana.services.lines import Line, lock_line
from amana.services.posting import Entry, Post, lock_partner, write_letter
from bench.invented import Inventor
from tests.counterpart import Counterpart

PARTNERS = {"washington": "US", "paris": "FR", "madrid": "ES", "berlin": "DE", "bamako": "ML"}
DAYS = 80  # keys of cards are valid for 90
AT_ONCE = 100


@dataclass
class Clock:
    """The time of the filling: it goes on by itself, a little with every look."""

    now: datetime

    def __call__(self) -> datetime:
        """The time now."""
        self.now += timedelta(milliseconds=3)
        return self.now

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let Django and the services take their time from here."""
        with mock.patch("django.utils.timezone.now", self):
            yield


@dataclass
class Holdings:
    """A node that is being filled: who writes and releases, who the partners are, and what was invented for it."""

    clock: Clock
    invent: Inventor
    author: User
    releaser: User
    partners: dict[str, Counterpart] = field(default_factory=dict)
    agreements: dict[str, Agreement] = field(default_factory=dict)

    def join(self) -> None:
        """Make the partners and their agreements, over real messages."""
        for name, country in PARTNERS.items():
            self.partners[name] = Counterpart.joined(name, country, head=self.releaser)
            self.agreements[name] = Agreement.objects.get(partner=name)

    def witnessed(self) -> None:
        """A witness has co-signed just now, so that reports may leave."""
        LogHead.objects.filter(pk=1).update(witnessed_at=self.clock())

    # What partners entrust to us.
    def receive(self, name: str, bodies: Sequence[tuple[Type, Body]]) -> list[Message]:
        """Take in messages of one partner as `services.receiving` does once it has opened and verified them."""
        partner, taken = self.partners[name], list[Message]()
        with transaction.atomic():
            line = lock_line(name)
            with many_entries():
                run: list[tuple[receiving.Arrived, Content]] = []
                for kind, body in bodies:
                    arrived = _arrived(partner, line, kind, body)
                    if (content := arrived.new_report) is not None:
                        run.append((arrived, content))
                        continue
                    self._apply(run)
                    answer = receiving.apply(arrived, at=arrived.wire.created)
                    assert answer.refusal is None, answer.refusal
                self._apply(run)
                line.partner.last_seen_at = self.clock()
                line.partner.save(update_fields=["in_seq", "in_hash", "last_seen_at"])
        return taken

    def _apply(self, run: list[tuple[receiving.Arrived, Content]]) -> None:
        for start in range(0, len(run), receiving.TOGETHER):
            part = run[start : start + receiving.TOGETHER]
            receiving._hold_run(part, at=part[-1][0].wire.created)
        run.clear()

    # What we write and entrust.
    def write(self, contents: Sequence[Content], state: State = State.DRAFT) -> list[Report]:
        """Write reports of ours as drafts, or as what waits for a second person."""
        with transaction.atomic():
            rows = store_new(contents, state, originator="rabat")
            Report.objects.filter(pk__in=[row.pk for row in rows]).update(author=self.author)
            with many_entries():
                for row, content in zip(rows, contents, strict=True):
                    subject = f"report:{row.uid}:{row.version}"
                    record(Act.COLLECTION, "report-drafted", subject, by=self.author.username, reason=str(content.kind))
                    if state == State.AWAITING_RELEASE:
                        self._propose(row, content, subject)
        return rows

    def _propose(self, row: Report, content: Content, subject: str) -> None:
        nodes = sorted(content.handling.releasable_to)
        Release.objects.bulk_create(
            Release(
                report=row,
                partner_id=node,
                agreement=self.agreements[node],
                preview_sha256=_preview_hash(content, node),
                proposed_by=self.author.username,
                proposed_at=self.clock(),
            )
            for node in nodes
        )
        record(
            Act.ALTERATION, "release-proposed", subject, by=self.author.username, reason="release",
            details=[("partners", " ".join(nodes))],
        )  # fmt: skip

    def release(self, contents: Sequence[Content]) -> list[Report]:
        """Write, propose and release reports of ours, and let their recipients receipt them."""
        rows = self.write(contents, State.AWAITING_RELEASE)
        self.witnessed()
        for one in releases.release_reports([row.uid for row in rows], by=self.releaser):
            assert one.refusal is None, one.refusal
        self.deliver()
        return rows

    def release_built_on(self, content: Content, sources: Iterable[Report]) -> Report:
        """The same for one report of ours that rests on others."""
        (row,) = self.write([content], State.AWAITING_RELEASE)
        row.built_on.set(sources)
        self.witnessed()
        releases.release_report(row.uid, by=self.releaser)
        self.deliver()
        return row

    def deliver(self) -> None:
        """Carry what waits: every partner receipts all that comes."""
        for name, there in self.partners.items():
            while taken := [row for row, _ in take_batch(name, batch=AT_ONCE, at=self.clock())]:
                now = cut(self.clock())
                accepted = (Accepted(str(row.pk), row.hash, False, 0, 1, "0" * 64, (), now) for row in taken)
                answers = [sign_answer(one, there.secrets.signing) for one in accepted]
                note_answers(Partner.objects.get(pk=name), taken, answers, at=now)

    def tell(self, rows: Sequence[Report], step: Step = Step.READ) -> None:
        """Tell originators that we opened their reports, as the page does when it was opened."""
        brought = Message.objects.filter(report__in=rows, direction=Message.Direction.IN, type=Type.REPORT)
        by_partner: dict[str, list[Message]] = {}
        for message in brought.select_related("report").order_by("log_index"):
            by_partner.setdefault(message.partner_id, []).append(message)
        for name, messages in by_partner.items():
            self._tell(name, messages, step)

    def _tell(self, name: str, messages: Sequence[Message], step: Step) -> None:
        with transaction.atomic():
            partner, outgoing, now = lock_partner(name), Post(), cut(self.clock())
            Receipt.objects.bulk_create(Receipt(message=one, step=step, at=now) for one in messages)
            with many_entries():
                for one in messages:
                    assert one.report is not None
                    subject = f"report:{one.report.uid}:{one.report.version}"
                    body = ReceiptBody(message=one.hash, step=step, at=now, note="")
                    letter = write_letter(partner, Type.RECEIPT, body, agreement="", at=now)
                    outgoing.take(
                        letter, Entry(Act.DISCLOSURE, f"receipt-{step}", subject, self.author.username, "receipt")
                    )
            outgoing.send()

    def told(self, rows: Sequence[Report], step: Step) -> None:
        """Let partners say how far reports of ours got with them."""
        went = Message.objects.filter(report__in=rows, direction=Message.Direction.OUT, type=Type.REPORT)
        by_partner: dict[str, list[tuple[Type, Body]]] = {}
        for node, digest in went.order_by("log_index").values_list("partner_id", "hash"):
            body = ReceiptBody(message=digest, step=step, at=cut(self.clock()), note="")
            by_partner.setdefault(node, []).append((Type.RECEIPT, body))
        for node, bodies in by_partner.items():
            self.receive(node, bodies)

    def certify(self) -> None:
        """Let partners confirm recalls of ours."""
        for one in Certificate.objects.filter(effect="", message__isnull=False).select_related("recall", "message"):
            assert one.message is not None
            body = CertificateBody(
                report=str(one.recall.report_uid), versions=tuple(one.recall.versions), recall=one.message.hash,
                effect=Effect.WITHDRAWN, at=cut(self.clock()), withdrawn_statements=50, key_destroyed=True,
                drafts_stopped=0, passed_on=(), log_index=7,
            )  # fmt: skip
            self.receive(one.partner_id, [(Type.CERTIFICATE, body)])

    def look(self, rows: Sequence[Report]) -> None:
        """Write the log entries of officers who opened these reports."""
        with transaction.atomic(), many_entries():
            for row in rows:
                record(
                    Act.CONSULTATION, "report-opened", f"report:{row.uid}:{row.version}", by=self.author.username,
                    reason="reading", details=[("purpose", "investigation"), ("case", "")],
                )  # fmt: skip

    def sign(self) -> None:
        """Grow the log's tree and sign its head."""
        sign_head(at=self.clock())


def begin(author: User, releaser: User, clock: Clock, *, seed: int = 1) -> Holdings:
    """A node that is about to be filled, its partners joined; the clock must be running."""
    made = Holdings(clock, Inventor(seed), author, releaser)
    made.join()
    return made


def _arrived(partner: Counterpart, line: Line, kind: Type, body: Body) -> receiving.Arrived:
    """The next message of a partner, signed by it, as it stands once it is opened and verified."""
    about_report = kind in (Type.REPORT, Type.RELAY)
    wire: Wire = partner.message(kind, body, agreement=None if about_report else "")
    jws = prepare(wire, partner.secrets.signing)
    digest = message_hash(jws)
    last = chain_hash(wire, digest)
    partner.seq, partner.prev = wire.seq, last
    line.advance(wire.seq, last)
    return receiving.Arrived(b"", line, wire, jws, digest, last)


def _preview_hash(content: Content, node: str) -> str:
    return hashlib.sha256(encode(content.for_recipient(node).to_json())).hexdigest()
