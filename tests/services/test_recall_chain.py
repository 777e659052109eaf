"""Recall and correction along a chain: down from the originator through each holder, certificates back up, one tree."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, connections
from django.utils import timezone

from amana.domain.errors import AmanaError
from amana.domain.handling import Code, Handling
from amana.domain.report import Content, State
from amana.exchange.protocol import (
    Accepted,
    CertificateBody,
    Effect,
    Message,
    RecallBody,
    Refused,
    RelayBody,
    ReportBody,
    RestrictionBody,
    Type,
    VoidBody,
    message_hash,
    read_signed,
)
from amana.records.models import Forwarded, OnwardCertificate, Partner, Release, Report, User
from amana.records.models import Message as Row
from amana.services import onward, recalls
from amana.services.chain import keys_of, relay_waiting
from amana.services.delivery import take_batch
from amana.services.restoring import open_without_reconciliation
from tests.counterpart import Counterpart
from tests.services.test_consents import granted, passed, relayed
from tests.services.test_exchange import held, released


@pytest.fixture
def paris(node: object, omar: User) -> Counterpart:
    return Counterpart.joined("paris", "FR", head=omar)


def recall_of(content: Content, washington: Counterpart, reason: str = "source withdrawn") -> tuple[Message, str]:
    """Washington's recall as the next message to Rabat, and the hash of its signed text."""
    message = washington.message(Type.RECALL, RecallBody(content.report, (1,), reason), agreement="")
    return message, message_hash(washington.signed(message).encode())


def passed_on(washington: Counterpart, paris: Counterpart, alice: User, omar: User) -> tuple[Report, Content]:
    """A report of Washington's that Rabat holds and Paris has received from Rabat."""
    row, content = held(washington)
    granted(row, content, washington, "paris", alice)
    passed(row, "paris", alice, omar)
    (message,) = paris.fetch()
    assert isinstance(message.body, RelayBody)
    washington.fetch()
    return row, content


# In the middle.
def test_a_recall_is_forwarded_as_its_originator_signed_it_and_the_certificate_says_to_whom(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    row, content = passed_on(washington, paris, alice, omar)
    recall, digest = recall_of(content, washington)
    washington.send(recall)
    row.refresh_from_db()
    assert row.state == State.WITHDRAWN
    (forwarded,) = paris.fetch()
    assert isinstance(forwarded.body, RelayBody)
    assert message_hash(forwarded.body.message.encode()) == digest
    inner = read_signed(forwarded.body.message, keys_of)
    assert (inner.origin, inner.type) == ("washington", Type.RECALL)
    (certificate,) = washington.fetch()
    assert isinstance(certificate.body, CertificateBody)
    assert (certificate.body.effect, certificate.body.passed_on) == (Effect.WITHDRAWN, ("paris",))
    assert not Row.objects.filter(report=row, body_key__isnull=False).exists()


def wait_to_be_reconciled(node: str) -> None:
    """As after a restore: nothing may go out on this link before both have compared what they hold."""
    Partner.objects.filter(pk=node).update(restored_at=timezone.now())


def test_an_order_waits_for_a_link_that_is_not_reconciled_and_goes_as_soon_as_it_is(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    _, content = passed_on(washington, paris, alice, omar)
    recall, digest = recall_of(content, washington)
    wait_to_be_reconciled("paris")
    washington.send(recall)
    (certificate,) = washington.fetch()
    assert isinstance(certificate.body, CertificateBody)
    assert (certificate.body.effect, certificate.body.passed_on) == (Effect.WITHDRAWN, ("paris",))
    assert (relay_waiting(at=timezone.now()), paris.fetch()) == (0, [])
    assert open_without_reconciliation("Paris says that it holds the same.") == ["paris"]
    (forwarded,) = paris.fetch()
    assert isinstance(forwarded.body, RelayBody)
    assert message_hash(forwarded.body.message.encode()) == digest
    assert relay_waiting(at=timezone.now()) == 0
    (answer,) = paris.send(paris.certificate(content.report, digest))
    assert isinstance(answer, Accepted)
    assert Forwarded.objects.get().effect == "withdrawn"


def test_a_certificate_from_below_waits_for_the_originators_link_to_be_reconciled(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    _, content = passed_on(washington, paris, alice, omar)
    recall, digest = recall_of(content, washington)
    washington.send(recall)
    washington.fetch()
    paris.fetch()
    certificate = paris.certificate(content.report, digest)
    wait_to_be_reconciled("washington")
    (answer,) = paris.send(certificate)
    assert isinstance(answer, Accepted)
    assert washington.fetch() == []
    Partner.objects.filter(pk="washington").update(restored_at=None)
    assert relay_waiting(at=timezone.now()) == 1
    (up,) = washington.fetch()
    assert isinstance(up.body, RelayBody)
    assert up.body.message == paris.signed(certificate)


def test_the_certificate_of_an_onward_holder_goes_up_in_its_own_signature(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    _, content = passed_on(washington, paris, alice, omar)
    recall, digest = recall_of(content, washington)
    washington.send(recall)
    washington.fetch()
    paris.fetch()
    certificate = paris.certificate(content.report, digest)
    (answer,) = paris.send(certificate)
    assert isinstance(answer, Accepted)
    (up,) = washington.fetch()
    assert isinstance(up.body, RelayBody)
    assert up.body.message == paris.signed(certificate)
    assert Forwarded.objects.get().effect == "withdrawn"


def test_what_waited_to_be_passed_on_when_the_recall_came_is_never_sent(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    row, content = held(washington)
    granted(row, content, washington, "paris", alice)
    passed(row, "paris", alice, omar)
    recall, _ = recall_of(content, washington)
    washington.send(recall)
    (void,) = paris.fetch()
    assert isinstance(void.body, VoidBody)
    certificate = washington.fetch()[-1].body
    assert isinstance(certificate, CertificateBody)
    assert certificate.passed_on == ()


def test_what_may_have_left_when_the_recall_came_is_voided_and_recalled(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    from amana.records.models import Outbox

    row, content = held(washington)
    granted(row, content, washington, "paris", alice)
    passed(row, "paris", alice, omar)
    assert take_batch("paris", batch=10, at=timezone.now())
    recall, _ = recall_of(content, washington)
    washington.send(recall)
    Outbox.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    void, forwarded = paris.fetch()
    assert isinstance(void.body, VoidBody)
    assert isinstance(forwarded.body, RelayBody)


def test_a_recall_reaches_an_onward_holder_even_after_the_report_was_erased_here(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    from amana.services.housekeeping import erase_due

    row, content = passed_on(washington, paris, alice, omar)
    erase_due(at=timezone.now() + timedelta(days=400))
    row.refresh_from_db()
    assert row.state == State.WITHDRAWN
    recall, _ = recall_of(content, washington)
    washington.send(recall)
    (forwarded,) = paris.fetch()
    assert isinstance(forwarded.body, RelayBody)
    (certificate,) = washington.fetch()
    assert isinstance(certificate.body, CertificateBody)
    assert (certificate.body.effect, certificate.body.passed_on) == (Effect.NOT_HELD, ("paris",))


def test_an_onward_holder_that_is_suspended_does_not_keep_the_recall_from_taking_effect(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    row, content = passed_on(washington, paris, alice, omar)
    Partner.objects.filter(pk="paris").update(state=Partner.State.SUSPENDED)
    recall, _ = recall_of(content, washington)
    (answer,) = washington.send(recall)
    assert isinstance(answer, Accepted)
    row.refresh_from_db()
    assert row.state == State.WITHDRAWN
    assert paris.waiting() == 1


def test_a_correction_follows_to_whoever_got_the_version_before(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    _, content = passed_on(washington, paris, alice, omar)
    second, corrected = held(washington, report=content.report, version=2, title="Corrected")
    (message,) = paris.fetch()
    assert isinstance(message.body, RelayBody)
    inner = read_signed(message.body.message, keys_of)
    assert isinstance(inner.body, ReportBody)
    assert inner.body.content == corrected
    assert Release.objects.get(report=second).state == Release.State.RELEASED


def test_a_correction_that_consent_or_agreement_do_not_cover_stands_stopped_with_the_reason(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    from amana.domain.handling import Purpose

    _, content = passed_on(washington, paris, alice, omar)
    other = replace(content.handling, purposes=frozenset({Purpose.DETECTION}))
    second, _ = held(washington, report=content.report, version=2, handling=other)
    assert paris.waiting() == 0
    stopped = Release.objects.get(report=second)
    assert (stopped.state, stopped.reason) == (Release.State.STOPPED, "consent-purpose")
    recall = washington.message(Type.RECALL, RecallBody(content.report, (1, 2), "wrong"), agreement="")
    washington.send(recall)
    (forwarded,) = paris.fetch()
    assert isinstance(forwarded.body, RelayBody)


def test_a_restriction_goes_on_to_onward_holders(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    _, content = passed_on(washington, paris, alice, omar)
    handling = replace(content.handling, releasable_to=frozenset(), codes=content.handling.codes | {Code.H1})
    order = washington.message(Type.RESTRICTION, RestrictionBody(content.report, (1,), "court", handling), agreement="")
    washington.send(order)
    (forwarded,) = paris.fetch()
    assert isinstance(forwarded.body, RelayBody)
    assert forwarded.body.message == washington.signed(order)
    (certificate,) = washington.fetch()
    assert isinstance(certificate.body, CertificateBody)
    assert (certificate.body.effect, certificate.body.passed_on) == (Effect.RESTRICTED, ("paris",))


def test_a_certificate_that_answers_nothing_we_forwarded_is_refused(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    _, content = passed_on(washington, paris, alice, omar)
    (answer,) = paris.send(paris.certificate(content.report, "a" * 64))
    assert isinstance(answer, Refused)
    assert answer.code == "certificate-unexpected"
    assert washington.waiting() == 0


# At the end.
def test_a_relayed_recall_is_obeyed_and_certified_to_who_relayed_it(
    alice: User, washington: Counterpart, paris: Counterpart
) -> None:
    content, report, token = relayed(washington, paris)
    washington.send(washington.relay(report, token, agreement=washington.agreement))
    recall = paris.ordered(Type.RECALL, RecallBody(content.report, (1,), "wrong man"), "washington")
    (answer,) = washington.send(washington.relay(recall))
    assert isinstance(answer, Accepted)
    row = Report.objects.get(uid=content.report)
    assert (row.state, row.ended_reason, row.text) == (State.WITHDRAWN, "wrong man", "")
    assert Row.objects.get(report=row).body_key is None
    (certificate,) = washington.fetch()
    assert isinstance(certificate.body, CertificateBody)
    assert certificate.body.recall == message_hash(recall.encode())
    assert certificate.body.effect is Effect.WITHDRAWN
    assert paris.waiting() == 0


def test_a_relayed_restriction_is_in_force_on_receipt(alice: User, washington: Counterpart, paris: Counterpart) -> None:
    content, report, token = relayed(washington, paris)
    washington.send(washington.relay(report, token, agreement=washington.agreement))
    handling = replace(content.handling, releasable_to=frozenset(), codes=content.handling.codes | {Code.H1})
    order = paris.ordered(Type.RESTRICTION, RestrictionBody(content.report, (1,), "court", handling), "washington")
    washington.send(washington.relay(order))
    row = Report.objects.get(uid=content.report)
    assert Code.H1 in Handling.from_json(row.handling).codes
    assert Handling.from_json(row.handling).releasable_to == frozenset({"rabat"})


def test_a_relaying_node_cannot_recall_what_is_not_its_own(
    alice: User, washington: Counterpart, paris: Counterpart
) -> None:
    content, report, token = relayed(washington, paris)
    washington.send(washington.relay(report, token, agreement=washington.agreement))
    own = washington.ordered(Type.RECALL, RecallBody(content.report, (1,), "not mine"), "rabat-2")
    washington.send(
        washington.relay(own), washington.message(Type.RECALL, RecallBody(content.report, (1,), "x"), agreement="")
    )
    assert Report.objects.get(uid=content.report).state == State.HELD


def test_a_relayed_correction_takes_the_place_of_the_version_before(
    alice: User, washington: Counterpart, paris: Counterpart
) -> None:
    content, report, token = relayed(washington, paris)
    washington.send(washington.relay(report, token, agreement=washington.agreement))
    second = paris.entrusted(replace(content, version=2, title="Corrected"), "washington")
    (answer,) = washington.send(washington.relay(second, token, agreement=washington.agreement))
    assert isinstance(answer, Accepted), answer
    states = dict(Report.objects.filter(uid=content.report).values_list("version", "state"))
    assert states == {1: State.SUPERSEDED, 2: State.HELD}


def test_a_relayed_recall_goes_on_down_and_the_last_certificate_comes_back_up(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    berlin = Counterpart.joined("berlin", "DE", head=omar)
    content, report, token = relayed(washington, paris)
    washington.send(washington.relay(report, token, agreement=washington.agreement))
    row = Report.objects.get(uid=content.report)
    granted(row, content, paris, "berlin", alice)
    passed(row, "berlin", alice, omar)
    berlin.fetch()
    recall = paris.ordered(Type.RECALL, RecallBody(content.report, (1,), "wrong man"), "washington")
    washington.send(washington.relay(recall))
    (further,) = berlin.fetch()
    assert isinstance(further.body, RelayBody)
    assert further.body.message == recall
    certificate = berlin.certificate(content.report, message_hash(recall.encode()))
    washington.fetch()
    berlin.send(certificate)
    (up,) = washington.fetch()
    assert isinstance(up.body, RelayBody)
    assert up.body.message == berlin.signed(certificate)


# At the originator.
def test_the_tree_shows_each_node_down_the_chain_confirmed_or_silent(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    row = released(alice, omar, "washington")
    washington.fetch()
    recalls.recall_report(row.uid, reason="source withdrawn", by=omar)
    (recall,) = washington.fetch()
    digest = Row.objects.get(pk=recall.id).hash
    washington.send(washington.certificate(str(row.uid), digest, passed_on=("paris",), products_flagged=2))
    ((_, (branch,)),) = recalls.recall_tree(row.uid, by=alice)
    assert (branch.partner, branch.effect, branch.details["products_flagged"]) == ("washington", "withdrawn", 2)
    assert [(one.partner, one.effect) for one in branch.below] == [("paris", "")]
    below = paris.certificate(str(row.uid), digest)
    signed = paris.signed(replace(below, recipients=("washington",)))
    (answer,) = washington.send(washington.relay(signed))
    assert isinstance(answer, Accepted), answer
    ((_, (branch,)),) = recalls.recall_tree(row.uid, by=alice)
    assert [(one.partner, one.effect) for one in branch.below] == [("paris", "withdrawn")]
    assert OnwardCertificate.objects.get().jws == signed


def test_the_tree_grows_as_deep_as_the_chain(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    berlin = Counterpart.introduced("berlin", "DE", head=omar)
    row = released(alice, omar, "washington")
    washington.fetch()
    recalls.recall_report(row.uid, reason="source withdrawn", by=omar)
    (recall,) = washington.fetch()
    digest = Row.objects.get(pk=recall.id).hash
    washington.send(washington.certificate(str(row.uid), digest, passed_on=("paris",)))
    from_paris = paris.certificate(str(row.uid), digest, passed_on=("berlin",))
    washington.send(washington.relay(paris.signed(replace(from_paris, recipients=("washington",)))))
    from_berlin = berlin.certificate(str(row.uid), digest)
    washington.send(washington.relay(berlin.signed(replace(from_berlin, recipients=("paris",)))))
    ((_, (branch,)),) = recalls.recall_tree(row.uid, by=alice)
    (below,) = branch.below
    (deepest,) = below.below
    assert [(one.partner, one.effect) for one in (branch, below, deepest)] == [
        ("washington", "withdrawn"),
        ("paris", "withdrawn"),
        ("berlin", "withdrawn"),
    ]


def test_a_holder_cannot_certify_for_a_node_further_down(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    row = released(alice, omar, "washington")
    washington.fetch()
    recalls.recall_report(row.uid, reason="source withdrawn", by=omar)
    (recall,) = washington.fetch()
    digest = Row.objects.get(pk=recall.id).hash
    washington.send(washington.certificate(str(row.uid), digest, passed_on=("paris",)))
    forged = washington.signed(
        replace(washington.certificate(str(row.uid), digest), origin="paris", recipients=("washington",))
    )
    (answer,) = washington.send(washington.relay(forged))
    assert isinstance(answer, Refused)
    assert answer.code == "envelope-unknown-key"
    assert OnwardCertificate.objects.get().effect == ""


# Both at once.
def together(*acts: Callable[[], object]) -> list[object]:
    """Run acts at the same moment, each in a thread with a connection of its own; their answers or errors, in order."""
    gate, found = threading.Barrier(len(acts)), [object()] * len(acts)

    def run(place: int, what: Callable[[], object]) -> None:
        gate.wait()
        try:
            found[place] = what()
        except AmanaError as error:
            found[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return found


@pytest.mark.django_db(transaction=True)
def test_a_recall_racing_a_pass_on_leaves_nothing_behind_in_20_rounds(
    transactional_db: None, alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time; the race is one of PostgreSQL's rows")
    sent = 0
    for _round in range(20):
        row, content = held(washington)
        granted(row, content, washington, "paris", alice)
        onward.propose_onward(row.uid, "paris", by=alice)
        recall, digest = recall_of(content, washington)
        release, _ = together(partial(onward.release_onward, row.uid, by=omar), partial(washington.send, recall))
        got = [message.body for message in paris.fetch()]
        row.refresh_from_db()
        assert row.state == State.WITHDRAWN
        if isinstance(release, list):
            sent += 1
            assert [type(body) for body in got] == [VoidBody], got
        else:
            assert got == []
        certificates = [one.body for one in washington.fetch() if isinstance(one.body, CertificateBody)]
        assert [one.recall for one in certificates] == [digest]
    assert Release.objects.filter(state=Release.State.PROPOSED).count() == 0
    assert 0 <= sent <= 20
