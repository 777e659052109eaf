"""An overseer's orders bind every service: the restricted is not used, the stopped stays, only an overseer lifts."""

from __future__ import annotations

import json
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from amana.domain.errors import AmanaError
from amana.domain.handling import Purpose
from amana.domain.report import State
from amana.domain.viewpoint import Role
from amana.domain.vocabulary import Category
from amana.exchange.protocol import ConsentRequestBody, ReportBody, Type
from amana.matching.record import Subject
from amana.records.models import (
    Erasure,
    LegalHold,
    LogEntry,
    Message,
    Outbox,
    OversightOrder,
    Partner,
    Recall,
    Report,
    Statement,
    User,
)
from amana.services import consent_answers, holds, matching, mending, orders, recalls, releases, reports, rotation
from amana.services.blind_asking import ask_blindly
from amana.services.blind_subjects import asked_of
from amana.services.orders import Ground, OrderDone, What
from amana.services.people import viewpoint_of
from amana.services.rights import OverseerNotApart, RoleMissing
from amana.services.standing_orders import NodeStopped, PartnerStopped, ReportRestricted, ReportStopped
from tests.conftest import officer
from tests.counterpart import Counterpart
from tests.services.test_exchange import drafted, held, released


def order(what: OversightOrder.What, by: User, **about: object) -> OversightOrder:
    return orders.give_order(
        what,
        ground=Ground.UNLAWFUL,
        reason="no legal basis was found",
        addressee="the head of the desk",
        by=by,
        **about,  # type: ignore[arg-type]
    )


def proposed(alice: User, *to: str) -> Report:
    row = drafted(alice, *to)
    return releases.propose_release(row.uid, by=alice)


# Stop.
@pytest.mark.parametrize(
    ("about", "error"), [("report", ReportStopped), ("partner", PartnerStopped), ("node", NodeStopped)]
)
def test_a_stop_keeps_a_proposed_report_at_home_until_it_is_lifted(
    alice: User, omar: User, salma: User, washington: Counterpart, about: str, error: type[AmanaError]
) -> None:
    row = proposed(alice, "washington")
    reaches: dict[str, dict[str, object]] = {"report": {"report": row.uid}, "partner": {"partner": "washington"}}
    reach = reaches.get(about, {})
    stop = order(What.STOP, salma, **reach)
    with pytest.raises(error):
        releases.release_report(row.uid, by=omar)
    row.refresh_from_db()
    assert row.state == State.AWAITING_RELEASE
    assert washington.waiting() == 0
    orders.lift_order(stop.pk, reason="the basis was shown", by=salma)
    releases.release_report(row.uid, by=omar)
    assert washington.waiting() == 1


def test_a_stop_takes_what_is_on_its_way_off_it_and_sends_it_again_when_lifted(
    alice: User, omar: User, salma: User, washington: Counterpart
) -> None:
    row = released(alice, omar, "washington")
    stop = order(What.STOP, salma, partner="washington")
    (nothing,) = washington.fetch()
    assert nothing.type is Type.VOID
    assert len(stop.held_back) == 1
    orders.lift_order(stop.pk, reason="the basis was shown", by=salma)
    (message,) = washington.fetch()
    assert isinstance(message.body, ReportBody)
    assert message.body.content.report == str(row.uid)


def test_what_was_recalled_during_a_stop_is_not_sent_when_it_is_lifted(
    alice: User, omar: User, salma: User, washington: Counterpart
) -> None:
    row = released(alice, omar, "washington")
    stop = order(What.STOP, salma)
    recalls.recall_report(row.uid, reason="wrong man", by=omar)
    washington.fetch()
    orders.lift_order(stop.pk, reason="done", by=salma)
    assert washington.waiting() == 0


def test_of_two_stops_the_second_still_holds_back_what_the_first_gives_free(
    alice: User, omar: User, salma: User, washington: Counterpart
) -> None:
    released(alice, omar, "washington")
    first, second = order(What.STOP, salma, partner="washington"), order(What.STOP, salma)
    orders.lift_order(first.pk, reason="one is enough", by=salma)
    assert {message.type for message in washington.fetch()} == {Type.VOID}
    orders.lift_order(second.pk, reason="done", by=salma)
    (message,) = washington.fetch()
    assert message.type is Type.REPORT


def test_a_stop_lets_a_recall_go(alice: User, omar: User, salma: User, washington: Counterpart) -> None:
    row = released(alice, omar, "washington")
    washington.fetch()
    order(What.STOP, salma, partner="washington")
    recalls.recall_report(row.uid, reason="wrong man", by=omar)
    (message,) = washington.fetch()
    assert message.type is Type.RECALL


def test_a_stopped_report_leaves_by_no_export(alice: User, salma: User, node: object) -> None:
    row = drafted(alice)
    shown = reports.show_report(row.uid, viewpoint=viewpoint_of(alice))
    order(What.STOP, salma, report=row.uid)
    with pytest.raises(ReportStopped):
        reports.export_ftm(shown, viewpoint=viewpoint_of(alice))


def test_reconciling_and_reconfirming_disclose_nothing_that_is_stopped(
    alice: User, omar: User, salma: User, washington: Counterpart
) -> None:
    released(alice, omar, "washington")
    washington.fetch()
    stop = order(What.STOP, salma, partner="washington")
    partner = Partner.objects.get(pk="washington")
    mending.queue_again(partner, after=0, at=timezone.now())
    again = Outbox.objects.get(partner=partner, message__type=Type.REPORT)
    assert again.void
    stop.refresh_from_db()
    assert stop.held_back == [str(again.pk)]
    with pytest.raises(PartnerStopped):
        rotation.reconfirm("washington", by=omar)


def test_consent_is_not_given_to_a_step_of_a_stopped_report(
    alice: User, omar: User, salma: User, washington: Counterpart, third: Counterpart
) -> None:
    row = released(alice, omar, "washington")
    washington.fetch()
    asked = ConsentRequestBody(str(uuid4()), str(row.uid), 1, "third", Purpose.INVESTIGATION, "a joint case")
    washington.send(washington.message(Type.CONSENT_REQUEST, asked, agreement=""))
    order(What.STOP, salma, report=row.uid)
    with pytest.raises(ReportStopped):
        consent_answers.answer_consent(UUID(asked.consent), grant=True, reason="useful", by=omar)
    consent_answers.answer_consent(UUID(asked.consent), grant=False, reason="stopped", by=omar)


def test_nothing_is_asked_blindly_while_the_node_is_stopped(alice: User, salma: User, washington: Counterpart) -> None:
    order(What.STOP, salma)
    subject = asked_of(Subject(names=("Karim Belkadi",), birth_dates=("1980-05-17",)), Category.SUSPECT, label="one")
    with pytest.raises(NodeStopped):
        ask_blindly([subject], partner="washington", purpose=Purpose.INVESTIGATION, case="7", ground="law", by=alice)


# Restrict.
def test_a_restricted_report_is_in_no_list_search_or_match(alice: User, salma: User, washington: Counterpart) -> None:
    row, _ = held(washington)
    look = viewpoint_of(alice)
    subject = Subject(names=("Karim Belkadi",))
    assert matching.match_subject(subject, viewpoint=look)
    order(What.RESTRICT, salma, report=row.uid)
    assert reports.list_reports(viewpoint=look) == []
    assert reports.list_reports(viewpoint=look, words="Karim") == []
    assert matching.match_subject(subject, viewpoint=look) == ()
    row.refresh_from_db()
    assert row.state == State.HELD
    assert Statement.objects.filter(report=row).exists()


def test_a_restricted_report_is_opened_as_evidence_only(alice: User, salma: User, node: object) -> None:
    row = drafted(alice)
    order(What.RESTRICT, salma, report=row.uid)
    with pytest.raises(ReportRestricted):
        reports.show_report(row.uid, viewpoint=viewpoint_of(alice))
    with pytest.raises(reports.ReportUnknown):  # the purpose of the report's own marking binds the evidence too
        reports.show_report(row.uid, viewpoint=viewpoint_of(alice, purpose=Purpose.PROSECUTION))
    Report.objects.filter(pk=row.pk).update(purposes="")
    shown = reports.show_report(row.uid, viewpoint=viewpoint_of(alice, purpose=Purpose.PROSECUTION))
    assert shown.content is not None
    assert [one.what for one in shown.orders] == [What.RESTRICT]
    assert LogEntry.objects.filter(event__contains='"verb":"evidence-opened"').exists()


def test_a_restricted_report_is_neither_changed_nor_corrected_nor_released(
    alice: User, omar: User, salma: User, washington: Counterpart
) -> None:
    draft, waiting, out = drafted(alice), proposed(alice, "washington"), released(alice, omar, "washington")
    for row in (draft, waiting, out):
        order(What.RESTRICT, salma, report=row.uid)
    with pytest.raises(ReportRestricted):
        reports.change_draft(draft.uid, title="Another", by=alice)
    with pytest.raises(ReportRestricted):
        releases.release_report(waiting.uid, by=omar)
    with pytest.raises(ReportRestricted):
        reports.correct_report(out.uid, reason="x", by=alice)


def test_what_rests_on_a_restricted_report_does_not_leave(
    alice: User, omar: User, salma: User, washington: Counterpart
) -> None:
    source = drafted(alice)
    row = drafted(alice, "washington", built_on=[source])
    releases.propose_release(row.uid, by=alice)
    order(What.RESTRICT, salma, report=source.uid)
    with pytest.raises(ReportRestricted):
        releases.release_report(row.uid, by=omar)


# Erase.
def test_an_erasure_takes_our_report_back_from_its_holders_and_leaves_nothing_here(
    alice: User, omar: User, salma: User, washington: Counterpart
) -> None:
    row = released(alice, omar, "washington")
    washington.fetch()
    done = order(What.ERASE, salma, report=row.uid)
    row.refresh_from_db()
    assert (row.title, row.text, row.state) == ("", "", State.RECALLED)
    assert not Statement.objects.filter(report=row).exists()
    assert not Message.objects.filter(report=row, body_key__isnull=False).exists()
    assert Erasure.objects.filter(uid=row.uid).exists()
    assert Recall.objects.filter(report_uid=row.uid).exists()
    (message,) = washington.fetch()
    assert message.type is Type.RECALL
    entry = json.loads(LogEntry.objects.get(index=done.log_index or -1).event or "{}")
    assert (entry["act"], entry["verb"]) == ("erasure", "order-erase")


def test_a_held_report_is_erased_and_what_lies_under_a_legal_hold_leaves_use(
    omar: User, salma: User, washington: Counterpart
) -> None:
    (row, _), (kept, _) = held(washington), held(washington)
    holds.hold_report(kept.uid, reason="trial", by=omar)
    for one in (row, kept):
        order(What.ERASE, salma, report=one.uid)
        one.refresh_from_db()
        assert one.state == State.WITHDRAWN
        assert one.text == ""
    assert not Message.objects.filter(report=row, body_key__isnull=False).exists()
    assert Message.objects.filter(report=kept, body_key__isnull=False).exists()
    assert LegalHold.objects.filter(lifted_at__isnull=True).count() == 1


def test_an_erasure_is_not_lifted(alice: User, salma: User, node: object) -> None:
    done = order(What.ERASE, salma, report=drafted(alice).uid)
    with pytest.raises(OrderDone):
        orders.lift_order(done.pk, reason="sorry", by=salma)


# Who.
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OVERSEER])
def test_nobody_but_an_overseer_gives_or_lifts_an_order(salma: User, role: Role) -> None:
    other = officer("other", role)
    stop = order(What.STOP, salma)
    with pytest.raises(RoleMissing):
        orders.lift_order(stop.pk, reason="in the way", by=other)
    with pytest.raises(RoleMissing):
        order(What.STOP, other)


def test_a_head_or_operator_who_makes_themselves_overseer_lifts_nothing(salma: User) -> None:
    stop = order(What.STOP, salma)
    for role in ("head", "operator"):
        both = officer(f"both-{role}", role, "overseer")
        both.is_superuser = True
        with pytest.raises(OverseerNotApart):
            orders.lift_order(stop.pk, reason="in the way", by=both)


def test_an_order_needs_a_reason_an_addressee_and_something_to_be_about(salma: User, washington: Counterpart) -> None:
    with pytest.raises(recalls.ReasonMissing):
        orders.give_order(What.STOP, ground=Ground.COURT, reason=" ", addressee="head", by=salma)
    with pytest.raises(orders.OrderMalformed):
        order(What.ERASE, salma, partner="washington")
    with pytest.raises(reports.ReportUnknown):
        order(What.STOP, salma, report=uuid4())
    order(What.STOP, salma)
    with pytest.raises(orders.OrderExists):
        order(What.STOP, salma)


def test_an_order_stands_in_the_log_with_its_ground(salma: User) -> None:
    stop = order(What.STOP, salma)
    entry = json.loads(LogEntry.objects.get(index=stop.log_index or -1).event or "{}")
    assert entry["person"] == "salma"
    assert ["ground", "unlawful-processing"] in entry["details"]


def test_a_void_in_the_place_of_what_was_held_back_is_delivered_in_turn(
    alice: User, omar: User, salma: User, washington: Counterpart
) -> None:
    released(alice, omar, "washington")
    order(What.STOP, salma)
    washington.fetch()
    assert not Outbox.objects.filter(state__in=[Outbox.State.QUEUED, Outbox.State.SENDING]).exists()
