"""Many at once is the same as one by one: releasing many reports, and receiving a batch with bad ones in it."""

from __future__ import annotations

import json
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amana.domain.agreement import AgreementState
from amana.domain.handling import Tlp
from amana.domain.report import Content, State
from amana.domain.statement import Entity
from amana.domain.times import cut
from amana.exchange.protocol import Accepted, Answer, Message, RecallBody, Refused, ReportBody, Type
from amana.records.models import (
    Agreement,
    EntityName,
    LogEntry,
    LogHead,
    Outbox,
    Partner,
    Quarantine,
    Release,
    Report,
    ReportEntity,
    Statement,
    User,
)
from amana.records.models import Entity as EntityRow
from amana.records.models import Message as MessageRow
from amana.services import receiving, releases
from amana.services.journal import Act
from amana.services.posting import Entry, Post, lock_partner, write_letter
from tests.counterpart import Counterpart
from tests.services.test_exchange import drafted

SPLIT = 8  # on SQLite a statement takes some 1,000 values, so that the rows of many need a few more


def proposed(alice: User, *to: str) -> UUID:
    row = drafted(alice, *to)
    releases.propose_release(row.uid, by=alice)
    return row.uid


# Releasing.
def test_many_reports_go_in_the_order_given_without_a_gap(
    alice: User, omar: User, washington: Counterpart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releases, "TOGETHER", 2)
    before = Partner.objects.get(pk="washington").out_seq
    uids = [proposed(alice, "washington") for _ in range(5)][::-1]
    outcomes = releases.release_reports(uids, by=omar)
    assert [one.report for one in outcomes] == uids
    messages = [message for one in outcomes for message in one.messages]
    assert [message.seq for message in messages] == list(range(before + 1, before + 6))
    assert [message.log_index for message in messages] == sorted(message.log_index for message in messages)
    fetched = washington.fetch()
    assert [one.body.content.report for one in fetched if isinstance(one.body, ReportBody)] == list(map(str, uids))
    partner = Partner.objects.get(pk="washington")
    assert (partner.out_seq, partner.out_hash) == (messages[-1].seq, messages[-1].hash)
    for message in messages:
        event = json.loads(LogEntry.objects.get(pk=message.log_index).event or "")
        assert (event["verb"], event["person"]) == ("report-released", "omar")
        assert ["message", str(message.pk)] in event["details"]


def test_one_bad_report_among_many_waits_on_and_the_others_go(alice: User, omar: User, washington: Counterpart) -> None:
    paris = Counterpart.joined("paris", "FR", head=omar)
    good = [proposed(alice, "washington", "paris") for _ in range(2)]
    changed, own, unknown = proposed(alice, "washington"), drafted(omar, "washington").uid, uuid4()
    Report.objects.filter(uid=changed).update(title="Something else")
    releases.propose_release(own, by=omar)
    draft = drafted(alice, "washington").uid
    outcomes = releases.release_reports([good[0], changed, own, unknown, draft, good[1]], by=omar)
    codes = [one.refusal.code if one.refusal else "" for one in outcomes]
    assert codes == [
        "",
        "release-preview-changed",
        "release-second-person",
        "report-unknown",
        "release-not-proposed",
        "",
    ]
    assert (washington.waiting(), paris.waiting()) == (2, 2)
    states = dict(Report.objects.values_list("uid", "state"))
    assert [states[uid] for uid in good] == [State.RELEASED] * 2
    assert (states[changed], states[own], states[draft]) == (
        State.AWAITING_RELEASE,
        State.AWAITING_RELEASE,
        State.DRAFT,
    )
    assert Release.objects.filter(state=Release.State.PROPOSED).count() == 2
    assert [one.body.content.report for one in washington.fetch() if isinstance(one.body, ReportBody)] == [
        str(uid) for uid in good
    ]


def test_a_report_refused_for_one_recipient_goes_to_none(alice: User, omar: User, washington: Counterpart) -> None:
    Counterpart.joined("paris", "FR", head=omar)
    both, one = proposed(alice, "washington", "paris"), proposed(alice, "paris")
    Agreement.objects.filter(partner_id="washington").update(state=AgreementState.PROPOSED)
    refused, went = releases.release_reports([both, one], by=omar)
    assert refused.refusal is not None
    assert refused.refusal.code == "agreement-none"
    assert [message.partner_id for message in went.messages] == ["paris"]
    assert washington.waiting() == 0


def test_a_report_named_twice_goes_once(alice: User, omar: User, washington: Counterpart) -> None:
    uid = proposed(alice, "washington")
    (outcome,) = releases.release_reports([uid, uid], by=omar)
    assert len(outcome.messages) == 1
    assert releases.release_reports([], by=omar) == []


def test_a_failure_in_the_middle_loses_only_its_own_transaction(
    alice: User, omar: User, washington: Counterpart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releases, "TOGETHER", 1)
    uids = [proposed(alice, "washington") for _ in range(3)]
    real = Post.send

    def failing(self: Post) -> None:
        if Outbox.objects.filter(state="queued").count() == 1:
            raise RuntimeError
        real(self)

    with monkeypatch.context() as patch:
        patch.setattr(Post, "send", failing)
        with pytest.raises(RuntimeError):
            releases.release_reports(uids, by=omar)
    assert washington.waiting() == 1
    assert LogHead.objects.get().size == LogEntry.objects.count()
    again = releases.release_reports(uids, by=omar)
    assert [one.refusal.code if one.refusal else "" for one in again] == ["release-not-proposed", "", ""]
    numbers = [one.seq for one in washington.fetch()]
    assert numbers == list(range(numbers[0], numbers[0] + 3))


def test_a_letter_has_one_number(omar: User, washington: Counterpart) -> None:
    entry = Entry(Act.DISCLOSURE, "recall-sent", "report:x", "omar", "why")
    with transaction.atomic():
        partner = lock_partner("washington")
        body = RecallBody(str(uuid4()), (1,), "why")
        first, second = (
            write_letter(partner, Type.RECALL, body, agreement="", at=cut(timezone.now())) for _ in range(2)
        )
        outgoing = Post()
        outgoing.take(first, entry)
        with pytest.raises(ValueError, match="another number"):
            outgoing.take(second, entry)


def test_ten_times_as_many_reports_take_no_more_statements(alice: User, omar: User, washington: Counterpart) -> None:
    few, many = [[proposed(alice, "washington") for _ in range(count)] for count in (3, 30)]
    with CaptureQueriesContext(connection) as first:
        releases.release_reports(few, by=omar)
    with CaptureQueriesContext(connection) as second:
        releases.release_reports(many, by=omar)
    assert len(second) <= len(first) + SPLIT
    small, large = (_batch(washington, [GOOD] * count) for count in (3, 30))
    with CaptureQueriesContext(connection) as first:
        washington.send_bytes(small)
    with CaptureQueriesContext(connection) as second:
        washington.send_bytes(large)
    assert len(second) <= len(first) + SPLIT


# Receiving.
GOOD, TOO_STRICT, UNCATEGORISED, CORRECTION, RECALL, AGAIN, SAME_ENTITY = range(7)


def _batch(washington: Counterpart, kinds: list[int]) -> list[bytes]:
    """Sealed messages of these kinds, each the next on the link."""
    rows: list[bytes] = []
    contents: list[Content] = []

    def add(message: Message) -> None:
        data, digest = washington.sealed(message)
        washington.seq, washington.prev = message.seq, digest
        rows.append(data)

    for number, kind in enumerate(kinds):
        content = washington.content(entities=(Entity(f"e{number}", "Vessel"),), statements=(), title=f"No. {number}")
        if kind == SAME_ENTITY:
            content = washington.content(title=f"No. {number}")
        if kind == TOO_STRICT:
            content = replace(content, handling=replace(content.handling, tlp=Tlp.RED))
        if kind == UNCATEGORISED:
            content = replace(content, entities=(Entity("p", "Person"),))
        if kind == CORRECTION and contents:
            content = replace(content, report=contents[-1].report, version=contents[-1].version + 1)
        if kind == AGAIN and rows:
            rows.append(rows[number // 2])
        elif kind == RECALL and contents:
            body = RecallBody(contents[-1].report, (contents[-1].version,), "why")
            add(washington.message(Type.RECALL, body, agreement=""))
        else:
            add(washington.report(content))
            contents.append(content)
    return rows


def _state() -> object:
    """All that a batch leaves behind, without what chance gives (keys, salts, numbers of rows)."""
    events = [json.loads(event or "") for event in LogEntry.objects.order_by("index").values_list("event", flat=True)]
    for event in events:
        event.pop("at")
        # What we send back has ids and hashes of its own.
        event["details"] = [pair for pair in event["details"] if event["verb"] != "certificate-sent"]
    return (
        events,
        list(Partner.objects.values_list("in_seq", "in_hash", "out_seq")),
        list(Report.objects.order_by("uid", "version").values_list("uid", "version", "state", "title", "folded")),
        sorted(EntityRow.objects.values_list("uid", "schema", "caption")),
        sorted(ReportEntity.objects.values_list("report__uid", "entity__uid", "category", "position")),
        sorted(Statement.objects.values_list("report__uid", "uid", "value", "entity__uid", "position")),
        sorted(EntityName.objects.values_list("report__uid", "entity__uid", "folded")),
        list(
            MessageRow.objects.filter(direction="in")
            .order_by("seq")
            .values_list("seq", "hash", "report__uid", "log_index")
        ),
        list(Quarantine.objects.order_by("pk").values_list("code", "sha256", "sentence")),
    )


def _without_proof(answer: Answer) -> object:
    if isinstance(answer, Accepted):
        return answer.message, answer.sha256, answer.duplicate, answer.log_index
    return answer.message, answer.sha256, answer.code, answer.sentence, answer.expected


class _Undo(Exception):
    pass


def _received(washington: Counterpart, rows: list[bytes], *, size: int) -> tuple[list[object], object]:
    """Answers and state after these rows came in requests of that size; undone afterwards."""
    found: tuple[list[object], object] | None = None
    try:
        with transaction.atomic():
            answers = [
                answer
                for place in range(0, len(rows), size)
                for answer in washington.send_bytes(rows[place : place + size])
            ]
            found = [_without_proof(answer) for answer in answers], _state()
            raise _Undo
    except _Undo:
        assert found is not None
        return found


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(kinds=st.lists(st.sampled_from(range(7)), min_size=1, max_size=9))
def test_a_batch_leaves_what_its_messages_leave_one_by_one(washington: Counterpart, kinds: list[int]) -> None:
    seq, prev = washington.seq, washington.prev
    rows = _batch(washington, kinds)
    assert _received(washington, rows, size=len(rows)) == _received(washington, rows, size=1)
    washington.seq, washington.prev = seq, prev


def test_a_refused_message_in_the_middle_changes_nothing_for_the_others(
    washington: Counterpart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "TOGETHER", 3)
    answers = washington.send_bytes(_batch(washington, [GOOD, GOOD, TOO_STRICT, GOOD, GOOD, GOOD, GOOD]))
    assert [isinstance(one, Refused) for one in answers] == [False, False, True, False, False, False, False]
    assert Report.objects.filter(originator="washington").count() == 6
    indexes = [LogEntry.objects.get(pk=one.log_index) for one in answers if isinstance(one, Accepted)]
    assert [json.loads(entry.event or "")["verb"] for entry in indexes] == ["report-received"] * 6
    assert Quarantine.objects.get().code == "receive-not-permitted"
