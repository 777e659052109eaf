"""New keys: partners learn them in order; what a stolen key signed goes out of use, and comes back signed again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from amana.domain.report import Content, State
from amana.exchange.envelope import kid_of, open_sealed
from amana.exchange.identity import Card, read_card, reissue, rotate, signing_key_at
from amana.exchange.protocol import Accepted, CardBody, Refused, ReportBody, Type, read_message
from amana.oversight.checkpoint import COSIGNATURE_KEY, VerifierKey, cosign
from amana.records.models import LogEntry, Outbox, Partner, Quarantine, Report, User, WitnessedOrigin
from amana.services import reports, rotation
from amana.services.delivery import take_batch
from amana.services.journal import sign_head
from amana.services.keys import keys_folder, log_origin, own_card, secrets, witness_name
from amana.services.partners import renew_card
from amana.services.people import viewpoint_of
from amana.services.roster import SecondPersonMissing
from amana.services.witnesses import note_cosignature
from tests.counterpart import Counterpart
from tests.services.test_exchange import held, released


def turn(rachid: User, omar: User, *, since: timedelta | None = None) -> Card:
    """Rachid proposes new keys, Omar confirms them."""
    if since is None:
        rotation.propose_rotation(reason="it is time", by=rachid)
    else:
        rotation.propose_compromised(timezone.now() - since, reason="laptop lost", by=rachid)
    return rotation.confirm_rotation(by=omar)


# Our own keys.
def test_new_keys_take_two_officers(rachid: User, omar: User, washington: Counterpart) -> None:
    before = secrets()
    rotation.propose_rotation(reason="it is time", by=rachid)
    with pytest.raises(SecondPersonMissing):
        rotation.confirm_rotation(by=rachid)
    assert secrets().signing.kid == before.signing.kid
    rotation.confirm_rotation(by=omar)
    after = secrets()
    assert after.signing.kid != before.signing.kid
    assert after.sealing.kid != before.sealing.kid
    assert after.card.serial == before.card.serial + 1
    assert not (keys_folder() / rotation.BESIDE).exists()


def test_a_partner_that_knows_only_the_old_card_can_read_everything_in_order(
    alice: User, rachid: User, omar: User, washington: Counterpart
) -> None:
    known = own_card()
    released(alice, omar, "washington")
    turn(rachid, omar)
    released(alice, omar, "washington")
    kinds = []
    for _, sealed in take_batch("washington", batch=9, at=timezone.now()):
        outer, jws = open_sealed(sealed, washington.secrets.sealing_key)
        key_of = partial(signing_key_at, known, at=timezone.now())
        message = read_message(jws, key_of=key_of, me="washington", outer=outer, now=timezone.now())
        kinds.append(message.type)
        if isinstance(message.body, CardBody):
            known = read_card(message.body.card)
    assert kinds == [Type.REPORT, Type.CARD, Type.REPORT]
    assert known == own_card()


def test_what_was_sealed_to_the_old_key_still_opens(rachid: User, omar: User, washington: Counterpart) -> None:
    report = washington.report()
    sealed, _ = washington.sealed(report)
    turn(rachid, omar)
    (answer,) = washington.send_bytes([sealed])
    assert isinstance(answer, Accepted), answer


def test_a_crash_between_decision_and_new_keys_loses_neither(
    rachid: User, omar: User, washington: Counterpart, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = secrets().signing.kid
    with monkeypatch.context() as patched:
        patched.setattr(rotation, "put_next_keys", lambda: (_ for _ in ()).throw(SystemExit(9)))
        rotation.propose_rotation(reason="it is time", by=rachid)
        with pytest.raises(SystemExit):
            rotation.confirm_rotation(by=omar)
    assert secrets().signing.kid == before
    assert rotation.put_next_keys()
    assert secrets().signing.kid != before
    assert rotation.put_next_keys() is False


def test_keys_that_were_never_decided_on_are_dropped(rachid: User, omar: User, washington: Counterpart) -> None:
    from amana.exchange.identity import save

    before = secrets().signing.kid
    save(rotate(secrets(), timezone.now()), keys_folder() / rotation.BESIDE)
    assert rotation.put_next_keys() is False
    assert secrets().signing.kid == before
    assert not (keys_folder() / rotation.BESIDE).exists()


def test_a_key_is_not_compromised_in_the_future(rachid: User) -> None:
    with pytest.raises(rotation.SinceInFuture):
        rotation.propose_compromised(timezone.now() + timedelta(hours=1), reason="laptop lost", by=rachid)


def test_what_our_stolen_key_signed_is_signed_and_sent_again(
    alice: User, rachid: User, omar: User, washington: Counterpart
) -> None:
    row = released(alice, omar, "washington")
    (first,) = washington.fetch()
    stolen = secrets().signing.kid
    turn(rachid, omar, since=timedelta(minutes=5))
    assert rotation.reconfirm("washington", by=omar) == 1
    sealed = [one for _, one in take_batch("washington", batch=9, at=timezone.now())]
    signers = [kid_of(open_sealed(one, washington.secrets.sealing_key)[1]) for one in sealed]
    assert signers == [stolen, secrets().signing.kid]  # the card, by the key that is still known; then the report
    again = washington.open(sealed[1])
    assert again.body == first.body
    assert again.body.content.report == str(row.uid)  # type: ignore[union-attr]
    assert rotation.reconfirm("washington", by=omar) == 0


def test_what_a_partner_refuses_because_of_the_key_is_voided_and_goes_again(
    alice: User, rachid: User, omar: User, washington: Counterpart
) -> None:
    released(alice, omar, "washington")
    turn(rachid, omar, since=timedelta(minutes=5))
    Outbox.objects.filter(state="queued").update(problem="identity-key-compromised")
    rotation.reconfirm("washington", by=omar)
    kinds = [washington.open(one).type for _, one in take_batch("washington", batch=9, at=timezone.now())]
    assert kinds == [Type.VOID, Type.VOID, Type.REPORT, Type.CARD]


# A partner's keys.
def card_message(washington: Counterpart, jws: str) -> object:
    (answer,) = washington.send(washington.message(Type.CARD, CardBody(jws), agreement=""))
    return answer


def test_a_partners_new_card_comes_as_a_message_and_its_new_key_counts(washington: Counterpart) -> None:
    turned = rotate(washington.secrets, timezone.now())
    assert isinstance(card_message(washington, turned.card_jws), Accepted)
    assert Partner.objects.get(pk="washington").serial == 2
    washington.secrets = turned
    (answer,) = washington.send(washington.report())
    assert isinstance(answer, Accepted), answer


def test_card_and_what_the_new_key_signs_may_come_in_one_batch(washington: Counterpart) -> None:
    turned = rotate(washington.secrets, timezone.now())
    first = washington.message(Type.CARD, CardBody(turned.card_jws), agreement="")
    sealed, digest = washington.sealed(first)
    washington.seq, washington.prev, washington.secrets = first.seq, digest, turned
    second, _ = washington.sealed(washington.report())
    answers = washington.send_bytes([sealed, second])
    assert [type(one) for one in answers] == [Accepted, Accepted]


def test_an_older_card_is_refused_and_the_partner_is_told(washington: Counterpart) -> None:
    old = washington.secrets.card_jws
    turned = rotate(washington.secrets, timezone.now())
    card_message(washington, turned.card_jws)
    answer = card_message(washington, old)
    assert isinstance(answer, Refused)
    assert answer.code == "identity-not-successor"
    assert Partner.objects.get(pk="washington").serial == 2


def test_another_nodes_card_is_refused(washington: Counterpart, third: Counterpart) -> None:
    answer = card_message(washington, reissue(third.secrets, timezone.now()).card_jws)
    assert isinstance(answer, Refused)
    assert answer.code == "identity-not-successor"


def witnessed(washington: Counterpart, *, ago: timedelta) -> None:
    """Bob's node co-signs our log as it stands, and did so that long ago."""
    at = timezone.now() - ago
    head = sign_head(at=at)
    assert head is not None
    name = witness_name("washington")
    key = VerifierKey(name, COSIGNATURE_KEY, washington.secrets.checkpoint.public.raw)
    note = cosign(head.note, key, washington.secrets.checkpoint.sign, at=at)
    note_cosignature(name, head.size, note.strip().splitlines()[-1], at=at)


def stolen(washington: Counterpart, *, since: timedelta) -> None:
    """Bob's node says that its signing key was stolen, and takes new ones."""
    turned = rotate(washington.secrets, timezone.now(), compromised_since=timezone.now() - since)
    assert isinstance(card_message(washington, turned.card_jws), Accepted)
    washington.secrets = turned


@pytest.fixture
def doubted(washington: Counterpart) -> tuple[Report, Report, Content]:
    """Two reports of Bob's: a witness saw the first before the key was stolen, and nobody saw the second."""
    first, _ = held(washington)
    witnessed(washington, ago=timedelta(minutes=2))
    second, content = held(washington, title="Container at Agadir")
    stolen(washington, since=timedelta(minutes=1))
    first.refresh_from_db()
    second.refresh_from_db()
    return first, second, content


def test_what_no_witness_saw_before_the_theft_goes_out_of_use(
    alice: User, doubted: tuple[Report, Report, Content]
) -> None:
    first, second, _ = doubted
    assert (first.state, second.state) == (State.HELD, State.DOUBTED)
    found = reports.list_reports(viewpoint=viewpoint_of(alice), words="belkadi")
    assert [row.pk for row in found] == [first.pk]
    assert reports.show_report(second.uid, viewpoint=viewpoint_of(alice)).content is None
    (quarantined,) = Quarantine.objects.filter(outgoing=False)
    assert quarantined.code == "identity-key-compromised"
    assert "messages-doubted" in "".join(entry.event or "" for entry in LogEntry.objects.all())


def test_without_any_witness_all_that_the_stolen_key_signed_is_doubted(washington: Counterpart) -> None:
    first, _ = held(washington)
    stolen(washington, since=timedelta(seconds=0))
    first.refresh_from_db()
    assert first.state == State.DOUBTED


def test_the_stolen_key_signs_nothing_more_here(washington: Counterpart) -> None:
    thief = washington.secrets
    stolen(washington, since=timedelta(minutes=1))
    renewed, washington.secrets = washington.secrets, thief
    (answer,) = washington.send_bytes([washington.sealed(washington.report())[0]])
    assert isinstance(answer, Refused)
    assert answer.code == "identity-key-compromised"
    washington.secrets = renewed
    (answer,) = washington.send(washington.report())
    assert isinstance(answer, Accepted), answer


def test_a_doubted_report_comes_back_when_it_is_signed_again(
    alice: User, washington: Counterpart, doubted: tuple[Report, Report, Content]
) -> None:
    _, second, content = doubted
    (answer,) = washington.send(washington.report(content))
    assert isinstance(answer, Accepted), answer
    second.refresh_from_db()
    assert second.state == State.HELD
    assert len(reports.list_reports(viewpoint=viewpoint_of(alice), words="agadir")) == 1
    assert not Quarantine.objects.filter(outgoing=False).exists()


def test_the_originators_word_replaces_what_the_thief_wrote(
    alice: User, washington: Counterpart, doubted: tuple[Report, Report, Content]
) -> None:
    _, second, content = doubted
    washington.send(washington.report(replace(content, title="Container at Tarfaya")))
    second.refresh_from_db()
    assert (second.state, second.title) == (State.HELD, "Container at Tarfaya")


def test_the_same_version_with_another_content_is_refused(washington: Counterpart) -> None:
    _, content = held(washington)
    (other,) = washington.send(washington.report(replace(content, title="Another")))
    assert isinstance(other, Refused)
    assert other.code == "receive-version-taken"


def test_the_same_words_come_again_only_under_a_later_key(washington: Counterpart) -> None:
    """As when an originator signs all anew, and not all of it is in doubt here."""
    row, content = held(washington)
    (same,) = washington.send(washington.report(content))
    assert isinstance(same, Refused)
    assert same.code == "receive-version-taken"
    stolen(washington, since=timedelta(seconds=0))
    Report.objects.filter(pk=row.pk).update(state=State.HELD)
    (signed_again,) = washington.send(washington.report(content))
    assert isinstance(signed_again, Accepted), signed_again
    (other,) = washington.send(washington.report(replace(content, title="Another")))
    assert isinstance(other, Refused)
    assert Report.objects.get(uid=content.report).title == content.title


def test_a_doubted_report_can_still_be_recalled(
    washington: Counterpart, doubted: tuple[Report, Report, Content]
) -> None:
    from amana.exchange.protocol import RecallBody

    _, second, content = doubted
    washington.send(washington.message(Type.RECALL, RecallBody(content.report, (1,), "not ours"), agreement=""))
    second.refresh_from_db()
    assert second.state == State.WITHDRAWN
    (answer,) = washington.send(washington.message(Type.REPORT, ReportBody(content)))
    assert isinstance(answer, Refused)
    assert answer.code == "receive-version-taken"


def test_a_new_log_key_begins_the_witnessing_anew_and_says_what_was_seen_before(washington: Counterpart) -> None:
    origin = log_origin("washington")
    WitnessedOrigin.objects.create(origin=origin, size=41, root="ab" * 32, at=timezone.now())
    card_message(washington, rotate(washington.secrets, timezone.now()).card_jws)
    assert WitnessedOrigin.objects.get(pk=origin).size == 41
    washington.secrets = rotate(rotate(washington.secrets, timezone.now()), timezone.now(), checkpoint=True)
    renew_card(Partner.objects.get(pk="washington"), washington.secrets.card_jws, at=timezone.now())
    assert not WitnessedOrigin.objects.exists()
    (told,) = [entry.event for entry in LogEntry.objects.all() if "witnessed-log-begun-anew" in (entry.event or "")]
    assert '"41"' in str(told)
    assert "ab" * 32 in str(told)


def test_the_same_card_again_changes_nothing(washington: Counterpart) -> None:
    before = Partner.objects.get(pk="washington").card
    assert isinstance(card_message(washington, washington.secrets.card_jws), Accepted)
    assert Partner.objects.get(pk="washington").card == before
