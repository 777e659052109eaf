"""The answering side of a reconciliation: a partner compares, and what this node lost or missed is mended or shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from amana.domain.errors import AmanaError
from amana.domain.report import Content, Kind, State
from amana.domain.request import Outcome, RequestState
from amana.domain.times import cut
from amana.exchange.envelope import message_hash, unlock
from amana.exchange.holdings import UNCOUNTED, Head, Statement, read_statement, sign_statement
from amana.exchange.identity import signing_key_at
from amana.exchange.protocol import Accepted, Message, RecallBody, ReportBody, Type, VoidBody, chain_hash
from amana.exchange.reconcile import Advice, Force, Item, Remedy, Tree, advise, differing
from amana.exchange.reconcile_talk import Question, Reply, Side, Step, read_reply
from amana.records.models import Erasure, Holdings, LogEntry, Partner, Report, User
from amana.records.models import Message as MessageRow
from amana.services import recalls, reports, requests
from amana.services.keys import own_card
from amana.services.people import viewpoint_of
from amana.services.reconcile_desk import NotBegun, StatementForeign, answer_question
from tests.counterpart import Counterpart
from tests.services import asking
from tests.services.asking import QUESTION
from tests.services.test_consents import relayed
from tests.services.test_exchange import released


@dataclass
class Washington:
    """Bob's node as the one that asks: it keeps what it sent, and knows what should stand where."""

    partner: Counterpart
    sent: dict[int, Message]
    items: dict[int, Item]

    @classmethod
    def with_link(cls, partner: Counterpart) -> Washington:
        """Everything that the partner sent so far counts as in force."""
        rows = MessageRow.objects.filter(partner_id=partner.node, direction="in")
        return cls(partner, {}, {row.seq: Item(row.seq, row.hash) for row in rows})

    def send(self, *messages: Message) -> None:
        for message in messages:
            (answer,) = self.partner.send(message)
            assert isinstance(answer, Accepted), answer
            digest = message_hash(self.jws(message))
            self.sent[message.seq] = message
            self.items[message.seq] = Item(message.seq, chain_hash(message, digest))

    def jws(self, message: Message) -> bytes:
        from amana.exchange.protocol import prepare

        return prepare(message, self.partner.secrets.signing)

    def ask(self, step: Step, *, node: str = "washington", **more: object) -> Reply:
        question = Question(step, **more)  # type: ignore[arg-type]
        return read_reply(answer_question(question.to_bytes(), node=node))

    def statement(self, root: str = UNCOUNTED, **changes: object) -> str:
        """Bob's word on the link; what Rabat sent he takes over from Rabat's word, if he has heard it."""
        row = Partner.objects.get(pk="washington")
        held = Head(row.out_seq, row.out_hash)
        made = Statement(
            "washington", "rabat", cut(timezone.now()), Head(self.partner.seq, self.partner.prev, root), held
        )
        return sign_statement(replace(made, **changes), self.partner.secrets.signing)  # type: ignore[arg-type]

    def compare(self) -> list[Advice]:
        """Open, and find what to do about what differs."""
        self.ask(Step.OPEN, statement=self.statement())
        tree = Tree(self.items.values(), self.partner.seq)

        def fingerprints(level: int, places: Sequence[int]) -> bytes:
            return b"".join(self.ask(Step.FINGERPRINTS, side=Side.HELD, level=level, places=tuple(places)).parts)

        seqs = differing(tree, fingerprints)
        rows = self.ask(Step.ITEMS, side=Side.HELD, places=tuple(seqs)).rows
        theirs = {one.seq: one for one in map(Item.from_json, rows)}
        return [advise(seq, self.items.get(seq), theirs.get(seq)) for seq in seqs]

    def again(self, *seqs: int) -> list[str]:
        """Send these messages again; Rabat's codes."""
        parts = tuple(self.partner.sealed(self.sent[seq])[0] for seq in seqs)
        return [str(code) for code in self.ask(Step.TAKE, parts=parts).rows]


@pytest.fixture
def bob(washington: Counterpart) -> Washington:
    return Washington.with_link(washington)


def a_report(bob: Washington, **changes: object) -> Message:
    return bob.partner.report(bob.partner.content(**changes))


def lose(seq: int) -> None:
    """What a damaged disk may do: the message and its report are gone."""
    row = MessageRow.objects.get(partner_id="washington", direction="in", seq=seq)
    assert row.report is not None
    row.report.delete()
    row.delete()


def test_two_nodes_that_hold_the_same_agree_with_one_question_about_fingerprints(bob: Washington) -> None:
    bob.send(a_report(bob))
    bob.send(a_report(bob))
    assert bob.compare() == []
    root = Tree(bob.items.values(), bob.partner.seq).root
    ours = read_statement(
        bob.ask(Step.CLOSE, statement=bob.statement(root)).statement,
        lambda kid: signing_key_at(own_card(), kid, timezone.now()),
    )
    assert ours.held == Head(bob.partner.seq, bob.partner.prev, root)
    kept = Holdings.objects.get()
    assert read_statement(kept.ours, lambda kid: signing_key_at(own_card(), kid, timezone.now())) == ours


def test_a_lost_message_is_found_sent_again_and_takes_its_own_place(alice: User, bob: Washington) -> None:
    for _ in range(3):
        bob.send(a_report(bob))
    before = MessageRow.objects.get(seq=3, direction="in")
    lose(3)
    assert bob.compare() == [Advice(Remedy.AGAIN, 3)]
    assert bob.again(3) == [""]
    assert bob.compare() == []
    after = MessageRow.objects.get(seq=3, direction="in")
    assert (after.hash, after.prev, after.pk) == (before.hash, before.prev, before.pk)
    assert after.body is not None
    assert after.body_key is not None
    assert message_hash(unlock(bytes(after.body_key), bytes(after.body))) == after.hash
    assert len(reports.list_reports(viewpoint=viewpoint_of(alice), words="belkadi")) == 3


def asked(bob: Washington) -> tuple[int, Content]:
    """Bob's request: the number of its message, and its content."""
    message = a_report(bob, kind=Kind.REQUEST, details=QUESTION)
    bob.send(message)
    assert isinstance(message.body, ReportBody)
    return message.seq, message.body.content


def replied(content: Content, bob: Washington, alice: User, omar: User) -> Report:
    """Alice's full reply to a request, let go by Omar and taken in by Bob's node."""
    made = requests.reply_to_request(
        UUID(content.report), asking.WORDS, full=True, viewpoint=asking.look(alice), by=alice
    )
    reply = asking.released(made, omar)
    bob.partner.fetch()
    return reply


def test_a_lost_request_that_was_answered_is_not_open_again_when_it_comes_again(
    alice: User, omar: User, bob: Washington
) -> None:
    seq, content = asked(bob)
    reply = replied(content, bob, alice, omar)
    before = asking.stood(content.report)
    lose(seq)
    assert bob.again(seq) == [""]
    after = asking.stood(content.report)
    assert after.standing.state is before.standing.state is RequestState.ANSWERED
    assert (after.standing.due, after.standing.ended_at) == (before.standing.due, before.standing.ended_at)
    assert [one.report_id for one in after.answers] == [reply.pk]


def test_what_was_asked_back_and_clarified_comes_back_with_the_request(
    alice: User, omar: User, bob: Washington
) -> None:
    seq, content = asked(bob)
    seen = asking.look(alice)
    back = requests.clarify_request(UUID(content.report), asking.WORDS, viewpoint=seen, by=alice)
    asking.released(back, omar)
    bob.partner.fetch()
    bob.send(bob.partner.report(asking.reply_of(bob.partner, content, Outcome.CLARIFIED)))
    before = asking.stood(content.report)
    lose(seq)
    assert bob.again(seq) == [""]
    after = asking.stood(content.report)
    assert [one.outcome for one in before.answers] == [Outcome.CLARIFICATION, Outcome.CLARIFIED]
    assert [one.outcome for one in after.answers] == [one.outcome for one in before.answers]
    assert (after.standing, after.waits_for_us) == (before.standing, before.waits_for_us)


def test_an_answer_that_was_taken_back_does_not_count_when_its_request_comes_again(
    alice: User, omar: User, bob: Washington
) -> None:
    seq, content = asked(bob)
    reply = replied(content, bob, alice, omar)
    recalls.recall_report(reply.uid, reason="wrong man", by=omar)
    assert asking.stood(content.report).standing.state is RequestState.OPEN
    lose(seq)
    assert bob.again(seq) == [""]
    assert asking.stood(content.report).standing.state is RequestState.OPEN


def test_several_lost_in_a_row_are_mended_from_the_head_downwards(bob: Washington) -> None:
    for _ in range(4):
        bob.send(a_report(bob))
    for seq in (3, 4, 5):
        lose(seq)
    assert [one.seq for one in bob.compare()] == [3, 4, 5]
    assert bob.again(3)[0] == "reconcile-fork"  # nothing pins number 3 while 4 is lost
    assert bob.again(5, 4, 3) == ["", "", ""]
    assert bob.compare() == []


def test_what_was_not_altered_at_its_origin_cannot_be_slipped_in(bob: Washington) -> None:
    bob.send(a_report(bob))
    bob.send(a_report(bob))
    lose(2)
    forged = replace(bob.sent[2], created=bob.sent[2].created - timedelta(seconds=1))
    (code,) = bob.ask(Step.TAKE, parts=(bob.partner.sealed(forged)[0],)).rows
    assert code == "reconcile-fork"
    assert not MessageRow.objects.filter(seq=2, direction="in").exists()


def test_a_message_that_was_never_received_comes_by_delivery_only(bob: Washington) -> None:
    bob.send(a_report(bob))
    new = a_report(bob)
    (code,) = bob.ask(Step.TAKE, parts=(bob.partner.sealed(new)[0],)).rows
    assert code == "reconcile-not-lost"


def test_a_damaged_body_is_found_when_bodies_are_opened_and_mended(bob: Washington) -> None:
    bob.send(a_report(bob))
    MessageRow.objects.filter(seq=2, direction="in").update(body=b"damaged by a disk")
    assert bob.compare() == []
    bob.ask(Step.OPEN, statement=bob.statement(), level=1)
    (row,) = bob.ask(Step.ITEMS, side=Side.HELD, places=(2,)).rows
    assert Item.from_json(row).force is Force.BROKEN
    assert bob.again(2) == [""]
    bob.ask(Step.OPEN, statement=bob.statement(), level=1)
    (row,) = bob.ask(Step.ITEMS, side=Side.HELD, places=(2,)).rows
    assert Item.from_json(row).force is Force.IN_FORCE


def test_a_recall_that_did_not_take_effect_does_when_it_comes_again(alice: User, bob: Washington) -> None:
    report = a_report(bob)
    bob.send(report)
    uid = report.body.content.report  # type: ignore[union-attr]
    lost = {**Report.objects.filter(originator="washington").values().get()}
    recall = bob.partner.message(Type.RECALL, RecallBody(uid, (1,), "withdrawn"), agreement="")
    bob.send(recall)
    bob.items[2] = replace(bob.items[2], force=Force.WITHDRAWN, by=3)
    assert bob.compare() == []
    Erasure.objects.all().delete()  # as a disk that forgot what it did
    lost.pop("id")
    Report.objects.filter(originator="washington").update(**lost)
    assert reports.list_reports(viewpoint=viewpoint_of(alice), words="belkadi")
    assert bob.compare() == [Advice(Remedy.AGAIN, 3)]
    assert bob.again(3) == [""]
    assert bob.compare() == []
    assert not reports.list_reports(viewpoint=viewpoint_of(alice), words="belkadi")


def test_what_was_erased_does_not_come_back_when_its_message_does(bob: Washington) -> None:
    report = a_report(bob)
    bob.send(report)
    uid = report.body.content.report  # type: ignore[union-attr]
    bob.send(bob.partner.message(Type.RECALL, RecallBody(uid, (1,), "withdrawn"), agreement=""))
    lose(2)
    assert bob.again(2) == [""]
    row = MessageRow.objects.get(seq=2, direction="in")
    assert (row.type, row.body, row.body_key) == ("void", None, None)
    assert not Report.objects.filter(state=State.HELD).exists()


def test_the_void_of_a_lost_report_fills_its_place(bob: Washington) -> None:
    bob.send(a_report(bob))
    bob.send(a_report(bob))
    lose(2)
    void = replace(bob.sent[2], type=Type.VOID, body=VoidBody(bob.items[2].hash), agreement="")
    (code,) = bob.ask(Step.TAKE, parts=(bob.partner.sealed(void)[0],)).rows
    assert code == ""
    assert MessageRow.objects.get(seq=2, direction="in").hash == bob.items[2].hash


@pytest.fixture
def paris(node: object, omar: User) -> Counterpart:
    return Counterpart.joined("paris", "FR", head=omar)


def test_a_lost_report_that_was_passed_on_is_mended_in_its_originators_name(
    bob: Washington, paris: Counterpart
) -> None:
    content, report, token = relayed(bob.partner, paris)
    bob.send(bob.partner.relay(report, token, agreement=bob.partner.agreement))
    bob.send(a_report(bob))
    before = MessageRow.objects.get(partner_id="washington", seq=2, direction="in")
    lose(2)
    assert bob.compare() == [Advice(Remedy.AGAIN, 2)]
    assert bob.again(2) == [""]
    assert bob.compare() == []
    row = Report.objects.get(uid=content.report)
    assert (row.originator, row.via, row.state) == ("paris", "washington", State.HELD)
    after = MessageRow.objects.get(partner_id="washington", seq=2, direction="in")
    assert (after.hash, after.type, after.report) == (before.hash, "relay", row)


def test_a_relayed_recall_that_was_lost_takes_its_effect_when_it_comes_again(
    bob: Washington, paris: Counterpart
) -> None:
    content, report, token = relayed(bob.partner, paris)
    bob.send(bob.partner.relay(report, token, agreement=bob.partner.agreement))
    lost = {**Report.objects.filter(originator="paris").values().get()}
    recall = paris.ordered(Type.RECALL, RecallBody(content.report, (1,), "withdrawn"), "washington")
    bob.send(bob.partner.relay(recall))
    assert Report.objects.get(originator="paris").state == State.WITHDRAWN
    Erasure.objects.all().delete()  # as a disk that forgot what it did
    lost.pop("id")
    Report.objects.filter(originator="paris").update(**lost)
    MessageRow.objects.filter(partner_id="washington", seq=3, direction="in").delete()
    assert bob.again(3) == [""]
    assert Report.objects.get(originator="paris").state == State.WITHDRAWN


def test_what_the_holder_ended_by_itself_is_shown_and_not_forced(bob: Washington) -> None:
    bob.send(a_report(bob))
    row = Report.objects.get(originator="washington")
    recalls.erase_held([row], State.WITHDRAWN, reason="order of the overseer")
    assert bob.compare() == [Advice(Remedy.NONE, 2, "reconcile-holder-ended")]


def test_our_own_messages_are_given_again_and_ended_ones_as_voids(
    alice: User, omar: User, washington: Counterpart
) -> None:
    kept, gone = released(alice, omar, "washington"), released(alice, omar, "washington")
    washington.fetch()
    recalls.recall_report(gone.uid, reason="wrong person", by=omar)
    washington.fetch()
    bob = Washington.with_link(washington)
    bob.ask(Step.OPEN, statement=bob.statement())
    first, second = bob.ask(Step.AGAIN, places=(2, 3)).parts
    again, void = washington.open(first), washington.open(second)
    assert again.body.content.report == str(kept.uid)  # type: ignore[union-attr]
    assert isinstance(void.body, VoidBody)
    assert void.body.voids == MessageRow.objects.get(seq=3, direction="out").hash


def test_a_node_that_lost_what_it_sent_gets_it_back(bob: Washington) -> None:
    for _ in range(3):
        bob.send(a_report(bob))
    reply = bob.ask(Step.RETURN, places=(2,))
    assert [row["seq"] for row in reply.rows] == [3, 4]  # type: ignore[index,call-overload]
    opened = [open_own(bob.partner, part) for part in reply.parts]
    assert opened == [bob.jws(bob.sent[3]), bob.jws(bob.sent[4])]


def open_own(partner: Counterpart, part: bytes) -> bytes:
    from amana.exchange.envelope import open_sealed

    return open_sealed(part, partner.secrets.sealing_key)[1]


def test_a_partner_that_lost_the_end_of_the_link_gets_it_by_delivery(
    alice: User, omar: User, washington: Counterpart
) -> None:
    released(alice, omar, "washington")
    released(alice, omar, "washington")
    assert len(washington.fetch()) == 2
    before = list(MessageRow.objects.filter(direction="out").order_by("seq").values_list("hash", flat=True))
    bob = Washington.with_link(washington)
    bob.ask(Step.OPEN, statement=bob.statement(held=Head(1, before[0])))
    assert [one.seq for one in washington.fetch()] == [2, 3]


@pytest.mark.parametrize(
    "changes",
    [
        {"node": "third"},
        {"partner": "third"},
        {"at": cut(timezone.now() - timedelta(hours=1))},
        {"at": cut(timezone.now() + timedelta(hours=1))},
    ],
)
def test_a_statement_about_another_link_or_time_is_refused(bob: Washington, changes: dict[str, object]) -> None:
    with pytest.raises(StatementForeign):
        bob.ask(Step.OPEN, statement=bob.statement(**changes))  # type: ignore[arg-type]


def test_a_statement_that_another_signed_is_refused(bob: Washington, third: Counterpart) -> None:
    now = cut(timezone.now())
    made = Statement("washington", "rabat", now, Head(0, UNCOUNTED), Head(0, UNCOUNTED))
    with pytest.raises(AmanaError, match="not enrolled"):
        bob.ask(Step.OPEN, statement=sign_statement(made, third.secrets.signing))


def test_questions_before_the_beginning_are_refused(bob: Washington) -> None:
    from amana.services import reconcile_desk

    reconcile_desk._begun.clear()
    with pytest.raises(NotBegun):
        bob.ask(Step.FINGERPRINTS, side=Side.HELD, level=1, places=(0,))


def test_one_partner_learns_nothing_of_anothers_link(bob: Washington, third: Counterpart) -> None:
    bob.send(a_report(bob))
    now = cut(timezone.now())
    made = Statement("third", "rabat", now, Head(9, "a" * 64), Head(9, "a" * 64))
    bob.ask(Step.OPEN, node="third", statement=sign_statement(made, third.secrets.signing))
    assert bob.ask(Step.ITEMS, node="third", side=Side.HELD, places=(1, 2)).rows == ()
    assert bob.ask(Step.RETURN, node="third", places=(0,)).rows == ()
    parts = (bob.partner.sealed(bob.sent[2])[0],)
    assert bob.ask(Step.TAKE, node="third", parts=parts).rows == ("receive-tls-disagrees",)


def test_mending_and_agreeing_stand_in_the_log(bob: Washington) -> None:
    bob.send(a_report(bob))
    bob.send(a_report(bob))
    lose(2)
    bob.compare()
    bob.again(2)
    bob.compare()
    bob.ask(Step.CLOSE, statement=bob.statement(Tree(bob.items.values(), bob.partner.seq).root))
    words = " ".join(entry.event or "" for entry in LogEntry.objects.all())
    assert "report-received-again" in words
    assert "holdings-" in words
