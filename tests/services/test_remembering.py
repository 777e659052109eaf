"""What a restore forgot is known again from our own messages; what came by a third obeys its originator's lost key."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from amana.domain.handling import Handling, Purpose, Tlp
from amana.domain.report import State
from amana.exchange.envelope import unlock, untrusted
from amana.exchange.identity import rotate
from amana.exchange.protocol import (
    Accepted,
    CertificateBody,
    ConsentRequestBody,
    Effect,
    Message,
    RestrictionBody,
    Type,
)
from amana.records.models import Certificate, Consent, LogEntry, Outbox, Recall, Release, Report, Restriction, User
from amana.records.models import Message as MessageRow
from amana.services import recalls, restrictions
from amana.services.consent_answers import answer_consent
from amana.services.mending import take_again
from amana.services.remembering import remember_rest, remember_sent
from tests.counterpart import Counterpart
from tests.services.test_consents import relayed
from tests.services.test_exchange import held, released
from tests.services.test_rotation import card_message


@pytest.fixture
def paris(node: object, omar: User) -> Counterpart:
    """A third node with an agreement of its own with Rabat."""
    return Counterpart.joined("paris", "FR", head=omar)


def sent(kind: Type) -> tuple[MessageRow, Message]:
    """Our newest message of a type, as it comes back from a partner."""
    row = MessageRow.objects.filter(direction="out", type=kind).order_by("-seq")[0]
    assert row.body is not None
    assert row.body_key is not None
    return row, Message.from_json(untrusted(unlock(bytes(row.body_key), bytes(row.body))))


def test_a_release_that_a_restore_forgot_is_known_again_and_can_be_recalled(
    alice: User, omar: User, washington: Counterpart
) -> None:
    uid = released(alice, omar, "washington").uid
    washington.fetch()
    Report.objects.filter(uid=uid).delete()
    assert not Release.objects.exists()
    remember_sent(*sent(Type.REPORT))
    remember_sent(*sent(Type.REPORT))
    assert Release.objects.get().report.uid == uid
    recalls.recall_report(uid, reason="wrong person", by=omar)
    assert [one.type for one in washington.fetch()] == [Type.RECALL]


def test_a_recall_that_a_restore_forgot_still_waits_for_its_certificate(
    alice: User, omar: User, washington: Counterpart
) -> None:
    row = released(alice, omar, "washington")
    washington.fetch()
    recalls.recall_report(row.uid, reason="wrong person", by=omar)
    washington.fetch()
    Recall.objects.all().delete()
    remember_sent(*sent(Type.RECALL))
    remember_sent(*sent(Type.RECALL))
    assert Certificate.objects.get().effect == ""
    (answer,) = washington.send(washington.certificate(str(row.uid), sent(Type.RECALL)[0].hash))
    assert isinstance(answer, Accepted), answer
    assert Certificate.objects.get().effect == Effect.WITHDRAWN


def test_a_restriction_that_a_restore_forgot_is_in_force_again(
    alice: User, omar: User, washington: Counterpart
) -> None:
    row = released(alice, omar, "washington")
    before = Handling.from_json(row.handling)
    restrictions.restrict_report(row.uid, replace(before, tlp=Tlp.RED), reason="court", by=omar)
    washington.fetch()
    Restriction.objects.all().delete()
    Report.objects.filter(pk=row.pk).update(handling=before.to_json(), strictness=before.tlp.strictness)
    remember_sent(*sent(Type.RESTRICTION))
    remember_sent(*sent(Type.RESTRICTION))
    row.refresh_from_db()
    assert Handling.from_json(row.handling).tlp is Tlp.RED
    assert Restriction.objects.get().certificates.get().effect == ""


def test_a_consent_that_was_given_counts_once_its_question_is_back(
    alice: User, omar: User, washington: Counterpart
) -> None:
    Counterpart.introduced("paris", "FR", head=omar)
    row = released(alice, omar, "washington")
    washington.fetch()
    number = uuid4()
    body = ConsentRequestBody(str(number), str(row.uid), 1, "paris", Purpose.INVESTIGATION, "They search the yard.")
    washington.send(washington.message(Type.CONSENT_REQUEST, body, agreement=""))
    token = answer_consent(number, grant=True, reason="Same case.", by=omar).token
    washington.fetch()
    Consent.objects.filter(pk=number).update(state=Consent.State.ASKED, token="")
    Outbox.objects.filter(message__type=Type.CONSENT).update(sent_at=None)
    remember_rest()
    assert (Consent.objects.get().state, Consent.objects.get().token) == (Consent.State.GRANTED, token)


def test_what_another_passed_on_is_in_doubt_when_its_originators_key_was_stolen(
    alice: User, washington: Counterpart, paris: Counterpart
) -> None:
    content, report, token = relayed(washington, paris)
    washington.send(washington.relay(report, token, agreement=washington.agreement))
    own, _ = held(washington)
    turned = rotate(paris.secrets, timezone.now(), compromised_since=timezone.now() - timedelta(minutes=1))
    assert isinstance(card_message(paris, turned.card_jws), Accepted)
    paris.secrets = turned
    row = Report.objects.get(uid=content.report)
    own.refresh_from_db()
    assert (row.state, own.state) == (State.DOUBTED, State.HELD)
    (answer,) = paris.send(paris.report(content))
    assert isinstance(answer, Accepted), answer
    row.refresh_from_db()
    assert (row.state, row.via) == (State.HELD, "")


def test_a_report_in_doubt_comes_back_under_the_restrictions_of_before(alice: User, washington: Counterpart) -> None:
    row, content = held(washington)
    narrowed = replace(content.handling, tlp=Tlp.RED, releasable_to=frozenset())
    body = RestrictionBody(content.report, (1,), "court", handling=narrowed)
    assert isinstance(washington.send(washington.message(Type.RESTRICTION, body, agreement=""))[0], Accepted)
    turned = rotate(washington.secrets, timezone.now(), compromised_since=timezone.now() - timedelta(minutes=1))
    card_message(washington, turned.card_jws)
    washington.secrets = turned
    row.refresh_from_db()
    assert row.state == State.DOUBTED
    (answer,) = washington.send(washington.report(content))
    assert isinstance(answer, Accepted), answer
    row.refresh_from_db()
    assert (row.state, Handling.from_json(row.handling).tlp) == (State.HELD, Tlp.RED)


def test_a_certificate_that_comes_again_changes_nothing(alice: User, omar: User, washington: Counterpart) -> None:
    row = released(alice, omar, "washington")
    washington.fetch()
    recalls.recall_report(row.uid, reason="wrong person", by=omar)
    washington.fetch()
    certificate = washington.certificate(str(row.uid), sent(Type.RECALL)[0].hash)
    assert isinstance(certificate.body, CertificateBody)
    washington.send(certificate)
    kept = Certificate.objects.values().get()
    entries = LogEntry.objects.count()
    assert take_again([washington.sealed(certificate)[0]], node="washington", at=timezone.now()) == [""]
    assert Certificate.objects.values().get() == kept
    assert LogEntry.objects.count() == entries + 1  # that it came again, and nothing else


def test_a_consent_request_that_comes_again_is_still_one_question(
    alice: User, omar: User, washington: Counterpart
) -> None:
    Counterpart.introduced("paris", "FR", head=omar)
    row = released(alice, omar, "washington")
    washington.fetch()
    body = ConsentRequestBody(str(uuid4()), str(row.uid), 1, "paris", Purpose.INVESTIGATION, "They search the yard.")
    question = washington.message(Type.CONSENT_REQUEST, body, agreement="")
    washington.send(question)
    MessageRow.objects.filter(type=Type.CONSENT_REQUEST).delete()
    assert take_again([washington.sealed(question)[0]], node="washington", at=timezone.now()) == [""]
    assert (Consent.objects.count(), MessageRow.objects.filter(type=Type.CONSENT_REQUEST).count()) == (1, 1)
