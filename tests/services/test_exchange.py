"""The spine on one node: released to a partner, received from a partner, receipted, refused, recalled."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Handling, Purpose, Tlp
from amana.domain.report import Content, State
from amana.domain.statement import Entity, Nature, Statement
from amana.domain.vocabulary import Category, CrimeArea
from amana.exchange.canonical import encode
from amana.exchange.envelope import BodyUnreadable, unlock
from amana.exchange.protocol import (
    Accepted,
    CertificateBody,
    Effect,
    RecallBody,
    ReceiptBody,
    Refused,
    ReportBody,
    Step,
    Type,
    VoidBody,
)
from amana.records.models import (
    Certificate,
    EntityName,
    LogEntry,
    Message,
    Outbox,
    Quarantine,
    Report,
    User,
)
from amana.records.models import (
    Entity as EntityRow,
)
from amana.records.models import Statement as StatementRow
from amana.services import recalls, receipts, releases, reports
from amana.services.people import viewpoint_of
from amana.services.recalls import erase_held
from tests.counterpart import Counterpart, next_year


def drafted(alice: User, *to: str, **changes: object) -> Report:
    """A complete draft of Alice's, releasable to some nodes."""
    today = timezone.now().date()
    evaluation = Evaluation(Source.B, Information.CORROBORATED, today)
    given: dict[str, object] = {
        "title": "Meeting in Rabat",
        "text": "Yassine Berrada met an unknown man.",
        "language": "en",
        "evaluation": evaluation,
        "handling": Handling(
            tlp=Tlp.AMBER,
            releasable_to=frozenset(to),
            purposes=frozenset({Purpose.INVESTIGATION}),
            erase_by=next_year(),
        ),
        "crime_areas": frozenset({CrimeArea.TERRORISM}),
        "entities": [Entity("e1", "Person", Category.SUSPECT)],
        "statements": [
            Statement("s1", "e1", "Person", "name", "Yassine Berrada", Nature.FACT, evaluation, "fr", (0, 15))
        ],
        "by": alice,
    }
    return reports.draft_report(**(given | changes))  # type: ignore[arg-type]


def released(alice: User, omar: User, *to: str) -> Report:
    row = drafted(alice, *to)
    releases.propose_release(row.uid, by=alice)
    releases.release_report(row.uid, by=omar)
    row.refresh_from_db()
    return row


def held(washington: Counterpart, **changes: object) -> tuple[Report, Content]:
    content = washington.content(**changes)
    (answer,) = washington.send(washington.report(content))
    assert isinstance(answer, Accepted), answer
    return Report.objects.get(originator="washington", uid=content.report, version=content.version), content


# Out.
def test_what_was_previewed_is_byte_for_byte_what_the_partner_receives(
    alice: User, omar: User, washington: Counterpart
) -> None:
    row = drafted(alice, "washington")
    (preview,) = releases.preview_release(row.uid, by=alice)
    releases.propose_release(row.uid, by=alice)
    releases.release_report(row.uid, by=omar)
    (message,) = washington.fetch()
    assert isinstance(message.body, ReportBody)
    assert encode(message.body.content.to_json()) == preview.data


def test_each_recipient_learns_nothing_of_the_others(alice: User, omar: User, washington: Counterpart) -> None:
    paris = Counterpart.joined("paris", "FR", head=omar)
    released(alice, omar, "washington", "paris")
    for partner in (washington, paris):
        (message,) = partner.fetch()
        other = "paris" if partner is washington else "washington"
        assert message.recipients == (partner.node,)
        assert other.encode() not in encode(message.to_json())


def test_a_second_person_must_release(alice: User, omar: User, washington: Counterpart) -> None:
    row = drafted(omar, "washington")
    releases.propose_release(row.uid, by=omar)
    with pytest.raises(releases.SecondPersonNeeded):
        releases.release_report(row.uid, by=omar)
    assert washington.waiting() == 0


def test_without_an_agreement_nothing_leaves(alice: User, omar: User, third: Counterpart) -> None:
    row = drafted(alice, "third")
    with pytest.raises(Exception, match="without one nothing leaves"):
        releases.propose_release(row.uid, by=alice)
    assert third.waiting() == 0


def test_what_the_agreement_does_not_cover_is_refused_with_its_reason(
    alice: User, omar: User, washington: Counterpart
) -> None:
    row = drafted(alice, "washington", entities=[Entity("e1", "Person", Category.WITNESS)])
    with pytest.raises(releases.ReleaseForbidden, match="witness"):
        releases.propose_release(row.uid, by=alice)


def test_a_person_without_category_keeps_a_report_at_home(alice: User, washington: Counterpart) -> None:
    row = drafted(alice, "washington", entities=[Entity("e1", "Person")])
    with pytest.raises(Exception, match="category"):
        releases.propose_release(row.uid, by=alice)


def test_what_a_partner_entrusted_does_not_go_on_without_consent(
    alice: User, omar: User, washington: Counterpart
) -> None:
    paris = Counterpart.joined("paris", "FR", head=omar)
    foreign, _ = held(washington)
    row = drafted(alice, "paris", built_on=[foreign])
    with pytest.raises(releases.ThirdPartyMaterial):
        releases.propose_release(row.uid, by=alice)
    assert paris.waiting() == 0


def test_a_draft_changed_after_its_proposal_is_not_released(alice: User, omar: User, washington: Counterpart) -> None:
    row = drafted(alice, "washington")
    releases.propose_release(row.uid, by=alice)
    Report.objects.filter(pk=row.pk).update(title="Something else")
    with pytest.raises(releases.PreviewChanged):
        releases.release_report(row.uid, by=omar)
    row.refresh_from_db()
    assert row.state == State.AWAITING_RELEASE
    assert washington.waiting() == 0


def test_the_ladder_climbs_with_each_signed_receipt(alice: User, omar: User, washington: Counterpart) -> None:
    row = released(alice, omar, "washington")
    (message,) = washington.fetch()
    sent = Message.objects.get(pk=message.id)
    (answer,) = washington.send(
        washington.message(Type.RECEIPT, ReceiptBody(sent.hash, Step.READ, message.created, ""), agreement="")
    )
    assert isinstance(answer, Accepted)
    (ladder,) = receipts.ladders_of(row)
    reached = {rung.step for rung in ladder.rungs if rung.at}
    assert reached == {"queued", "sent", "received", "read"}


def test_a_refusal_by_the_partner_is_shown_here_with_its_code(alice: User, omar: User, washington: Counterpart) -> None:
    row = released(alice, omar, "washington")
    washington.fetch(refuse="receive-not-permitted")
    (ladder,) = receipts.ladders_of(row)
    assert ladder.problem == "receive-not-permitted"
    assert Quarantine.objects.get(outgoing=True).code == "receive-not-permitted"


def test_a_correction_supersedes_the_version_before(alice: User, omar: User, washington: Counterpart) -> None:
    row = released(alice, omar, "washington")
    second = reports.correct_report(row.uid, reason="wrong name", by=alice)
    reports.change_draft(second.uid, by=alice, title="Meeting in Rabat, corrected")
    releases.propose_release(second.uid, by=alice)
    releases.release_report(second.uid, by=omar)
    row.refresh_from_db()
    assert row.state == State.SUPERSEDED
    first, corrected = washington.fetch()
    assert isinstance(first.body, ReportBody)
    assert isinstance(corrected.body, ReportBody)
    assert (first.body.content.version, corrected.body.content.version) == (1, 2)


# In.
def test_a_partners_report_is_held_exactly_as_it_was_signed(alice: User, washington: Counterpart) -> None:
    row, content = held(washington)
    message = Message.objects.get(report=row)
    assert message.body is not None
    assert message.body_key is not None
    jws = unlock(bytes(message.body_key), bytes(message.body))
    signed = urlsafe_b64decode(jws.split(b".")[1] + b"==")
    assert encode(content.to_json()) in signed
    shown = reports.show_report(row.uid, viewpoint=viewpoint_of(alice))
    assert shown.content == content


def test_a_receipt_proves_the_entry_in_our_log(alice: User, washington: Counterpart) -> None:
    from amana.oversight.merkle import leaf_hash, verify_inclusion

    (answer,) = washington.send(washington.report())
    assert isinstance(answer, Accepted)
    entry = LogEntry.objects.get(pk=answer.log_index)
    verify_inclusion(
        leaf_hash(bytes(entry.commitment)),
        answer.log_index,
        answer.tree_size,
        [bytes.fromhex(step) for step in answer.proof],
        bytes.fromhex(answer.root),
    )


def test_the_same_message_twice_takes_effect_once(washington: Counterpart) -> None:
    data, _ = washington.sealed(washington.report())
    first, again = washington.send_bytes([data, data])
    assert isinstance(first, Accepted)
    assert isinstance(again, Accepted)
    assert (first.duplicate, again.duplicate) == (False, True)
    assert first.log_index == again.log_index
    assert Report.objects.filter(originator="washington").count() == 1


def test_a_gap_on_the_link_is_answered_with_the_number_expected(washington: Counterpart) -> None:
    (answer,) = washington.send_bytes([washington.sealed(replace(washington.report(), seq=washington.seq + 3))[0]])
    assert isinstance(answer, Refused)
    assert (answer.code, answer.expected) == ("protocol-gap", washington.seq + 1)
    assert not Report.objects.filter(originator="washington").exists()


def test_a_message_under_another_origin_than_the_line_is_refused(washington: Counterpart, third: Counterpart) -> None:
    (answer,) = third.send_bytes([washington.sealed(washington.report())[0]])
    assert isinstance(answer, Refused)
    assert answer.code == "receive-tls-disagrees"


def test_what_the_agreement_does_not_permit_goes_to_quarantine_and_the_link_goes_on(washington: Counterpart) -> None:
    content = washington.content()
    strict = replace(content, handling=replace(content.handling, tlp=Tlp.RED))
    refused, accepted = [washington.send(washington.report(one))[0] for one in (strict, content)]
    assert isinstance(refused, Refused)
    assert refused.code == "receive-not-permitted"
    assert isinstance(accepted, Accepted)
    assert Quarantine.objects.get().code == "receive-not-permitted"
    assert LogEntry.objects.filter(event__contains='"message-refused"').count() == 1


def test_a_message_once_refused_is_refused_the_same_way_again(washington: Counterpart) -> None:
    content = washington.content()
    strict = replace(content, handling=replace(content.handling, tlp=Tlp.RED))
    data, _ = washington.sealed(washington.report(strict))
    first, again = washington.send_bytes([data, data])
    assert isinstance(first, Refused)
    assert isinstance(again, Refused)
    assert (first.code, first.sentence) == (again.code, again.sentence)
    assert Quarantine.objects.count() == 1


def test_people_without_a_category_are_refused_from_a_partner_too(washington: Counterpart) -> None:
    (answer,) = washington.send(washington.report(washington.content(entities=(Entity("e1", "Person"),))))
    assert isinstance(answer, Refused)


def test_an_unknown_node_is_refused(washington: Counterpart, node: object) -> None:
    from amana.exchange.identity import new_identity

    stranger = Counterpart(new_identity("stranger", "X", "XX", ("https://127.0.0.1:1",), timezone.now()))
    (answer,) = stranger.send_bytes([stranger.sealed(replace(stranger.report(), agreement=washington.agreement))[0]])
    assert isinstance(answer, Refused)
    assert answer.code == "partner-unknown"


def test_a_suspended_partner_is_not_heard(washington: Counterpart) -> None:
    from amana.records.models import Partner

    Partner.objects.filter(pk="washington").update(state=Partner.State.SUSPENDED)
    (answer,) = washington.send(washington.report())
    assert isinstance(answer, Refused)
    assert answer.code == "partner-not-confirmed"


# Back.
def test_a_recalled_report_is_found_nowhere_at_its_holder(alice: User, washington: Counterpart) -> None:
    row, content = held(washington)
    look = viewpoint_of(alice)
    assert reports.list_reports(viewpoint=look, words="belkadi")
    recall = washington.message(Type.RECALL, RecallBody(content.report, (1,), "source withdrawn"), agreement="")
    (answer,) = washington.send(recall)
    assert isinstance(answer, Accepted)
    row.refresh_from_db()
    assert row.state == State.WITHDRAWN
    assert reports.list_reports(viewpoint=look, words="belkadi") == []
    assert reports.show_report(row.uid, viewpoint=look).content is None
    for table in (StatementRow, EntityName, EntityRow):
        assert not table.objects.exists(), table
    message = Message.objects.get(report=row)
    assert message.body is None
    assert message.body_key is None
    (certificate,) = [one for one in washington.fetch() if one.type is Type.CERTIFICATE]
    assert isinstance(certificate.body, CertificateBody)
    assert certificate.body.effect is Effect.WITHDRAWN
    assert certificate.body.key_destroyed
    assert certificate.body.withdrawn_statements == 1
    assert certificate.body.versions == (1,)


def test_a_body_without_its_key_says_nothing(washington: Counterpart) -> None:
    row, _ = held(washington)
    body = Message.objects.get(report=row).body
    assert body is not None
    with pytest.raises(BodyUnreadable):
        unlock(bytes(32), bytes(body))


def test_recall_takes_only_what_came_from_its_originator(alice: User, washington: Counterpart) -> None:
    _, content = held(washington)
    own = drafted(alice, "washington")
    washington.send(washington.message(Type.RECALL, RecallBody(content.report, (1,), "withdrawn"), agreement=""))
    assert reports.show_report(own.uid, viewpoint=viewpoint_of(alice)).content is not None
    assert list(EntityRow.objects.values_list("originator", flat=True)) == ["rabat"]


def test_nobody_recalls_what_another_entrusted(alice: User, omar: User, washington: Counterpart) -> None:
    paris = Counterpart.joined("paris", "FR", head=omar)
    row, content = held(washington)
    paris.send(paris.message(Type.RECALL, RecallBody(content.report, (1,), "not mine"), agreement=""))
    row.refresh_from_db()
    assert row.state == State.HELD
    (certificate,) = [one for one in paris.fetch() if one.type is Type.CERTIFICATE]
    assert isinstance(certificate.body, CertificateBody)
    assert certificate.body.effect is Effect.NOT_HELD


def test_recalling_twice_is_recalling_once(alice: User, washington: Counterpart) -> None:
    row, content = held(washington)
    body = RecallBody(content.report, (1,), "withdrawn")
    washington.send(washington.message(Type.RECALL, body, agreement=""))
    before = Report.objects.filter(pk=row.pk).values().get()
    washington.send(washington.message(Type.RECALL, body, agreement=""))
    assert Report.objects.filter(pk=row.pk).values().get() == before


def test_drafts_built_on_a_recalled_report_are_stopped(alice: User, washington: Counterpart) -> None:
    row, content = held(washington)
    draft = drafted(alice, "washington", built_on=[row])
    washington.send(washington.message(Type.RECALL, RecallBody(content.report, (1,), "withdrawn"), agreement=""))
    draft.refresh_from_db()
    assert draft.state == State.STOPPED
    assert (draft.title, draft.text) == ("", "")


def test_a_draft_built_on_what_was_erased_before_its_recall_is_stopped_too(
    alice: User, washington: Counterpart
) -> None:
    row, content = held(washington)
    draft = drafted(alice, "washington", built_on=[row])
    erase_held([row], State.WITHDRAWN, reason="retention")
    washington.send(washington.message(Type.RECALL, RecallBody(content.report, (1,), "withdrawn"), agreement=""))
    draft.refresh_from_db()
    assert draft.state == State.STOPPED


def test_a_correction_replaces_the_held_version_and_destroys_its_key(alice: User, washington: Counterpart) -> None:
    row, content = held(washington)
    second, _ = held(washington, report=content.report, version=2, title="Corrected")
    row.refresh_from_db()
    assert (row.state, second.state) == (State.SUPERSEDED, State.HELD)
    assert Message.objects.filter(report__isnull=False, body_key__isnull=False).count() == 1
    found = reports.list_reports(viewpoint=viewpoint_of(alice), words="belkadi")
    assert [one.pk for one in found] == [second.pk]


def test_the_originator_sees_who_confirmed_and_who_is_silent(alice: User, omar: User, washington: Counterpart) -> None:
    paris = Counterpart.joined("paris", "FR", head=omar)
    row = released(alice, omar, "washington", "paris")
    washington.fetch()
    paris.fetch()
    recalls.recall_report(row.uid, reason="source withdrawn", by=omar)
    (message,) = washington.fetch()
    assert isinstance(message.body, RecallBody)
    digest = Message.objects.get(pk=message.id).hash
    certificate = CertificateBody(
        report=str(row.uid),
        versions=(1,),
        recall=digest,
        effect=Effect.WITHDRAWN,
        at=message.created,
        withdrawn_statements=1,
        key_destroyed=True,
        drafts_stopped=0,
        passed_on=(),
        log_index=7,
    )
    washington.send(washington.message(Type.CERTIFICATE, certificate, agreement=""))
    ((_, branches),) = recalls.recall_tree(row.uid, by=alice)
    assert [(branch.partner, branch.effect) for branch in branches] == [("paris", ""), ("washington", "withdrawn")]


def test_a_certificate_that_answers_nothing_is_refused(alice: User, washington: Counterpart) -> None:
    certificate = CertificateBody(
        report="00000000-0000-4000-8000-000000000000",
        versions=(1,),
        recall="a" * 64,
        effect=Effect.WITHDRAWN,
        at=washington.report().created,
        withdrawn_statements=1,
        key_destroyed=True,
        drafts_stopped=0,
        passed_on=(),
        log_index=7,
    )
    (answer,) = washington.send(washington.message(Type.CERTIFICATE, certificate, agreement=""))
    assert isinstance(answer, Refused)
    assert answer.code == "certificate-unexpected"


def test_what_was_recalled_before_it_was_sent_is_never_sent(alice: User, omar: User, washington: Counterpart) -> None:
    row = released(alice, omar, "washington")
    recalls.recall_report(row.uid, reason="too early", by=omar)
    (message,) = washington.fetch()
    assert isinstance(message.body, VoidBody)
    certificate = Certificate.objects.get()
    assert certificate.effect == recalls.NEVER_SENT
    later = released(alice, omar, "washington")
    (next_message,) = washington.fetch()
    assert isinstance(next_message.body, ReportBody)
    assert next_message.body.content.report == str(later.uid)
    assert next_message.prev == message.body.voids


def test_a_row_whose_sending_is_in_doubt_is_voided_and_recalled(
    alice: User, omar: User, washington: Counterpart
) -> None:
    from amana.services.delivery import take_batch

    row = released(alice, omar, "washington")
    assert take_batch("washington", batch=10, at=timezone.now())
    recalls.recall_report(row.uid, reason="too late?", by=omar)
    Outbox.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    void, recall = washington.fetch()
    assert isinstance(void.body, VoidBody)
    assert isinstance(recall.body, RecallBody)


def test_a_void_takes_the_number_of_what_it_voids(washington: Counterpart) -> None:
    report = washington.report()
    _, digest = washington.sealed(report)
    void = replace(report, type=Type.VOID, body=VoidBody(digest), agreement="")
    (answer,) = washington.send(void)
    assert isinstance(answer, Accepted)
    (late,) = washington.send_bytes([washington.sealed(report)[0]])
    assert not Report.objects.filter(originator="washington").exists()
    (after,) = washington.send(washington.report())
    assert isinstance(after, Accepted)
    assert late is not None


def test_only_the_originator_recalls_or_corrects(alice: User, omar: User, washington: Counterpart) -> None:
    row, _ = held(washington)
    with pytest.raises(reports.ReportNotOurs):
        recalls.recall_report(row.uid, reason="not ours", by=omar)
    with pytest.raises(reports.ReportNotOurs):
        reports.correct_report(row.uid, reason="not ours", by=alice)


def test_a_recall_needs_a_reason(alice: User, omar: User, washington: Counterpart) -> None:
    row = released(alice, omar, "washington")
    with pytest.raises(recalls.ReasonMissing):
        recalls.recall_report(row.uid, reason="  ", by=omar)


def test_an_unknown_report_is_not_found(alice: User, omar: User) -> None:
    with pytest.raises(reports.ReportUnknown):
        recalls.recall_report(UUID(int=1), reason="why", by=omar)


# What came before its turn.
def test_what_came_before_its_turn_leaves_quarantine_when_it_is_taken_in(washington: Counterpart) -> None:
    first = washington.report()
    second = replace(washington.report(), seq=first.seq + 1, prev=washington.sealed(first)[1])
    rows = [washington.sealed(message)[0] for message in (second, first, second, second)]
    refused, *taken = washington.send_bytes(rows)
    assert isinstance(refused, Refused)
    assert [answer.duplicate for answer in taken if isinstance(answer, Accepted)] == [False, False, True]
    assert not Quarantine.objects.exists()


def test_a_refusal_that_is_final_is_given_again_and_stays_in_quarantine(washington: Counterpart) -> None:
    unreleased = washington.content(handling=replace(washington.content().handling, releasable_to=frozenset()))
    data, _ = washington.sealed(washington.report(unreleased))
    answers = washington.send_bytes([data, data])
    assert [answer.code for answer in answers if isinstance(answer, Refused)] == ["receive-not-permitted"] * 2
    assert Quarantine.objects.get().code == "receive-not-permitted"


def test_an_entity_is_not_called_any_more_what_only_a_recalled_report_called_it(washington: Counterpart) -> None:
    _, content = held(washington)
    grade = content.evaluation
    other = Statement("s1", "e1", "Person", "name", "K. B.", Nature.FACT, grade)
    held(washington, report="00000000-0000-4000-8000-00000000000b", statements=(other,), text="K. B. was seen.")
    assert EntityRow.objects.get().caption == "Karim Belkadi"
    washington.send(washington.message(Type.RECALL, RecallBody(content.report, (1,), "withdrawn"), agreement=""))
    assert EntityRow.objects.get().caption == "K. B."
