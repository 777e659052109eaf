"""What an overseer does: reads the log, draws checks, opens content under a mandate, decides on access; all logged."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import OperationalError, connection
from django.db.models import Count
from django.utils import timezone

from amana.config.node_settings import NodeSettings
from amana.domain.handling import Purpose, Tlp
from amana.domain.report import State
from amana.domain.statement import Entity
from amana.domain.viewpoint import Role
from amana.domain.vocabulary import Category
from amana.exchange.protocol import ReportBody
from amana.oversight.draw import draw, seed_of
from amana.records.models import AccessFinding, ContentOpening, LogEntry, Mandate, Report, ReportEntity, SpotCheck, User
from amana.services import (
    access_requests,
    accounts,
    holds,
    log_proofs,
    log_reading,
    mandates,
    register,
    releases,
    reports,
    retention,
    spot_checks,
)
from amana.services.access_requests import Ground, Outcome, a_month_after
from amana.services.contents import close_report, content_of
from amana.services.log_reading import Wanted
from amana.services.people import viewpoint_of
from amana.services.recalls import ReasonMissing
from amana.services.rights import Deed, RoleMissing, may
from amana.services.spot_checks import Finding
from tests.conftest import officer
from tests.counterpart import Counterpart, idris
from tests.services.test_exchange import drafted, held
from tests.services.witnessing import witnessed


def event_of(verb: str) -> dict[str, object]:
    found = LogEntry.objects.filter(event__contains=f'"verb":"{verb}"').order_by("-index").first()
    assert found is not None
    read: dict[str, object] = json.loads(found.event or "{}")
    return read


def mandate(salma: User, omar: User) -> Mandate:
    made = mandates.propose_mandate("salma", ground="Act on oversight, section 4", until=date.max, by=omar)
    return mandates.confirm_mandate(made.pk, by=idris())


# The log.
def test_the_log_is_filtered_by_act_officer_report_and_period(alice: User, omar: User, salma: User) -> None:
    row, today = drafted(alice), timezone.localdate()
    drafted(omar)
    reports.show_report(row.uid, viewpoint=viewpoint_of(alice))

    def verbs(**wanted: object) -> list[str]:
        found = log_reading.find_entries(Wanted(**wanted), by=salma)  # type: ignore[arg-type]
        return [event.verb for _, event in found.rows]

    assert verbs(officer="alice") == ["report-opened", "report-drafted"]
    assert verbs(officer="alice", act="collection") == ["report-drafted"]
    assert verbs(report=str(row.uid)) == ["report-opened", "report-drafted"]
    assert verbs(officer="alice", first=today, last=today) == ["report-opened", "report-drafted"]
    assert verbs(officer="alice", last=today - timedelta(days=2)) == []
    assert verbs(officer='al"ice') == []


def test_the_log_is_read_on_where_it_was_left(alice: User, salma: User) -> None:
    for _ in range(5):
        drafted(alice)
    first = log_reading.find_entries(Wanted(officer="alice"), most=3, by=salma)
    rest = log_reading.find_entries(Wanted(officer="alice"), most=3, before=first.before, by=salma)
    assert (len(first.rows), len(rest.rows), rest.before) == (3, 2, None)
    assert first.rows[-1][0].index > rest.rows[0][0].index


def test_a_look_that_reads_its_fill_says_where_to_go_on(
    alice: User, salma: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        drafted(alice)
    wanted = Wanted(officer="alice")
    whole = [entry.index for entry, _ in log_reading.find_entries(wanted, by=salma).rows]
    monkeypatch.setattr(log_reading, "MOST_READ", 2)
    found, before = list[int](), None
    for _ in range(20):
        some = log_reading.find_entries(wanted, before=before, by=salma)
        found += [entry.index for entry, _ in some.rows]
        before = some.before
        if before is None:
            break
    assert before is None
    assert found == whole != []


def test_an_entry_opens_with_the_proof_that_verifies_without_a_node(alice: User, salma: User, tmp_path: Path) -> None:
    drafted(alice)
    head = witnessed()
    index = head.size - 1
    shown = log_reading.show_entry(index, by=salma)
    assert shown.checkpoint is not None
    assert [name for name, _ in shown.witnesses] == ["inspectorate"]
    path = tmp_path / "proof.json"
    path.write_bytes(log_reading.proof_file(index, by=salma))
    checked = log_proofs.verify_file(path, origin_vkey=log_proofs.log_vkey())
    assert checked.event == shown.event
    path.write_bytes(log_reading.bundle_file(by=salma))
    assert log_proofs.verify_file(path, origin_vkey=log_proofs.log_vkey()).entries >= head.size


# Spot checks.
def test_a_draw_follows_from_the_witnessed_root_and_the_overseers_number(alice: User, salma: User) -> None:
    row = drafted(alice)
    for _ in range(6):
        reports.show_report(row.uid, viewpoint=viewpoint_of(alice))
    head = witnessed()
    reports.show_report(row.uid, viewpoint=viewpoint_of(alice))  # after the checkpoint: not in the population
    check = spot_checks.draw_check("readings", 3, "4711", by=salma)
    found, drawn = spot_checks.show_check(check.pk, by=salma)
    readings = [
        entry.index
        for entry in LogEntry.objects.filter(index__lt=head.size).order_by("index")
        if json.loads(entry.event or "{}")["verb"] == "report-opened"
    ]
    assert found.population == 6
    assert [one.row.index for one in drawn] == draw(readings, 3, seed_of(bytes.fromhex(head.root), "4711"))
    assert drawn[0].report == str(row.uid)
    assert drawn[0].details["purpose"] == "investigation"


def test_the_draw_stands_in_the_log_before_anybody_sees_it(alice: User, salma: User) -> None:
    head = witnessed()
    check = spot_checks.draw_check("readings", 5, "12", by=salma)
    said = dict(event_of("check-drawn")["details"])  # type: ignore[call-overload]
    assert (said["number"], said["size"], said["root"]) == ("12", str(head.size), head.root)
    assert said["what"] == check.what


def test_a_draw_that_cannot_be_kept_leaves_neither_check_nor_entry(alice: User, salma: User) -> None:
    reports.show_report(drafted(alice, "washington").uid, viewpoint=viewpoint_of(alice))
    witnessed()
    before = LogEntry.objects.count()

    def fail(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if "records_drawnentry" in sql:
            raise OperationalError("disk full")
        return execute(sql, *rest)

    with connection.execute_wrapper(fail), pytest.raises(OperationalError):
        spot_checks.draw_check("readings", 5, "12", by=salma)
    assert (SpotCheck.objects.count(), LogEntry.objects.count()) == (0, before)


def test_a_number_too_long_is_refused_and_not_cut(salma: User) -> None:
    witnessed()
    with pytest.raises(spot_checks.CheckMalformed):
        spot_checks.draw_check("readings", 5, "7" * 101, by=salma)
    assert spot_checks.draw_check("readings", 5, "7" * 100, by=salma).number == "7" * 100


def test_without_a_witness_nothing_is_drawn(salma: User) -> None:
    with pytest.raises(spot_checks.CheckUnwitnessed):
        spot_checks.draw_check("readings", 5, "12", by=salma)


def drawn_reading(alice: User, salma: User) -> int:
    row = drafted(alice)
    reports.show_report(row.uid, viewpoint=viewpoint_of(alice))
    witnessed()
    return spot_checks.draw_check("readings", 1, "12", by=salma).pk


def test_a_question_goes_to_the_officer_who_acted_and_the_head_sees_it(alice: User, omar: User, salma: User) -> None:
    number = drawn_reading(alice, salma)
    with pytest.raises(ReasonMissing):
        spot_checks.give_finding(number, 1, Finding.QUESTION, " ", by=salma)
    row = spot_checks.give_finding(number, 1, Finding.QUESTION, "For which case?", by=salma)
    assert row.asked == "alice"
    assert [one.row.pk for one in spot_checks.questions_for(alice)] == [row.pk]
    assert [one.row.pk for one in spot_checks.open_questions(by=omar)] == [row.pk]
    with pytest.raises(spot_checks.CheckUnknown):
        spot_checks.answer_question(number, 1, "Case 7", by=omar)
    answered = spot_checks.answer_question(number, 1, "Case 7, opened that day", by=alice)
    assert (answered.answered_by, spot_checks.open_questions(by=omar)) == ("alice", [])
    for again in (lambda: spot_checks.answer_question(number, 1, "Case 8", by=alice), lambda: _again(number, salma)):
        with pytest.raises(spot_checks.FindingGiven):
            again()
    assert {event_of(verb)["reason"] for verb in ("check-finding", "check-answered")} == {
        "For which case?",
        "Case 7, opened that day",
    }


def _again(number: int, salma: User) -> None:
    spot_checks.give_finding(number, 1, Finding.IN_ORDER, "", by=salma)


# Content.
def test_without_a_mandate_an_overseer_opens_no_word(alice: User, salma: User) -> None:
    number = drawn_reading(alice, salma)
    uid = Report.objects.get().uid
    with pytest.raises(mandates.MandateMissing):
        mandates.open_content(uid, check=number, by=salma)


def test_a_mandate_needs_two_officers_a_ground_and_an_end(omar: User, rachid: User, salma: User, alice: User) -> None:
    today = timezone.localdate()
    with pytest.raises(RoleMissing):
        mandates.propose_mandate("salma", ground="x", until=today, by=salma)
    with pytest.raises(mandates.MandateUnfit):
        mandates.propose_mandate("salma", ground="x", until=today - timedelta(days=1), by=omar)
    with pytest.raises(mandates.MandateUnfit):
        mandates.propose_mandate("alice", ground="x", until=today, by=omar)
    made = mandates.propose_mandate("salma", ground="section 4", until=today, by=omar)
    assert mandates.mandate_of(salma) is None
    with pytest.raises(mandates.MandateSecondPerson):
        mandates.confirm_mandate(made.pk, by=omar)
    mandates.confirm_mandate(made.pk, by=rachid)
    assert mandates.mandate_of(salma) is not None
    Mandate.objects.update(until=today - timedelta(days=1))
    assert mandates.mandate_of(salma) is None


def test_a_mandate_opens_only_what_its_check_is_about_and_the_head_sees_it(
    alice: User, omar: User, salma: User
) -> None:
    mandate(salma, omar)
    number = drawn_reading(alice, salma)
    uid, other = Report.objects.get().uid, drafted(alice).uid
    with pytest.raises(reports.ReportUnknown):
        mandates.open_content(other, check=number, by=salma)
    shown = mandates.open_content(uid, check=number, by=salma)
    assert shown.content is not None
    assert [one.report_uid for one in mandates.list_openings(by=omar)] == [uid]
    event = event_of("opened-under-mandate")
    assert (event["person"], event["reason"]) == ("salma", f"check:{number}")


def test_a_mandate_reads_no_higher_than_the_accounts_clearance(alice: User, omar: User, node: object) -> None:
    low = officer("lowly", "overseer", clearance="TLP:GREEN")
    made = mandates.propose_mandate("lowly", ground="section 4", until=date.max, by=omar)
    mandates.confirm_mandate(made.pk, by=idris())
    number = drawn_reading(alice, low)
    with pytest.raises(reports.ReportUnknown):
        mandates.open_content(Report.objects.get().uid, check=number, by=low)
    assert not ContentOpening.objects.exists()


# Access.
def test_the_deadline_is_a_month_and_is_extended_once(salma: User) -> None:
    assert a_month_after(date(2026, 1, 31)) == date(2026, 2, 28)
    assert a_month_after(date(2026, 12, 1)) == date(2027, 1, 1)
    today = timezone.localdate()
    row = access_requests.record_access(name="Karim Belkadi", identity="passport seen", asked_on=today, by=salma)
    assert row.due == a_month_after(today)
    row = access_requests.extend_access(row.pk, reason="many holdings", by=salma)
    assert row.due == a_month_after(today, 2)
    with pytest.raises(access_requests.AccessDecided):
        access_requests.extend_access(row.pk, reason="still many", by=salma)


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"identity": ""}, {"born": "in 1980"}, {"asked_on": date.max}], ids=str
)
def test_a_request_for_access_is_recorded_whole(salma: User, wrong: dict[str, object]) -> None:
    given = {"name": "Karim Belkadi", "identity": "passport seen", "asked_on": timezone.localdate()}
    with pytest.raises(access_requests.AccessIncomplete):
        access_requests.record_access(**(given | wrong), by=salma)  # type: ignore[arg-type]


def asked(salma: User, name: str = "Karim Belkadi") -> int:
    today = timezone.localdate()
    return access_requests.record_access(name=name, identity="passport seen", asked_on=today, by=salma).pk


def test_the_search_needs_the_mandate_and_finds_what_is_held(salma: User, omar: User, washington: Counterpart) -> None:
    row, _ = held(washington)
    number = asked(salma)
    with pytest.raises(mandates.MandateMissing):
        access_requests.search_access(number, by=salma)
    mandate(salma, omar)
    access_requests.search_access(number, by=salma)
    (found,) = AccessFinding.objects.all()
    assert (found.report_uid, found.originator) == (row.uid, "washington")
    assert mandates.open_content(row.uid, access=number, by=salma).content is not None


def test_a_partners_data_are_given_only_with_its_word_asked_by_a_notice(
    alice: User, omar: User, salma: User, washington: Counterpart
) -> None:
    row, _ = held(washington)
    mandate(salma, omar)
    number = asked(salma)
    access_requests.search_access(number, by=salma)
    with pytest.raises(access_requests.AccessOriginatorUnasked):
        access_requests.decide_access(number, Outcome.GIVEN, reason="no objection", by=salma)
    notice = access_requests.ask_originator(
        number, row.uid, title="Access", text="May we tell?", language="en", by=omar
    )
    with pytest.raises(access_requests.AccessNoticeMissing):
        access_requests.note_originator(number, row.uid, consented=True, words="they agree", by=salma)
    releases.propose_release(notice.uid, by=omar)
    other = officer("jamila", "releasing-officer")
    releases.release_report(notice.uid, by=other)
    (message,) = washington.fetch()
    assert isinstance(message.body, ReportBody)
    assert message.body.content.text == "May we tell?"
    access_requests.note_originator(number, row.uid, consented=True, words="they agree", by=salma)
    decided = access_requests.decide_access(number, Outcome.GIVEN, reason="no objection", by=salma)
    assert access_requests.says_held(decided)


def test_a_refusal_does_not_tell_whether_anything_is_held(salma: User, omar: User, washington: Counterpart) -> None:
    held(washington)
    mandate(salma, omar)
    numbers = [asked(salma), asked(salma, "Nobody Atall")]
    for number in numbers:
        access_requests.search_access(number, by=salma)
        with pytest.raises(access_requests.AccessGroundMissing):
            access_requests.decide_access(number, Outcome.REFUSED, reason="x", by=salma)
    decided = [
        access_requests.decide_access(number, Outcome.REFUSED, ground=Ground.INQUIRY, reason="inquiry", by=salma)
        for number in numbers
    ]
    assert AccessFinding.objects.count() == 1
    assert [access_requests.says_held(one) for one in decided] == [False, False]
    with pytest.raises(access_requests.AccessDecided):
        access_requests.decide_access(numbers[0], Outcome.PARTLY, ground=Ground.INQUIRY, reason="x", by=salma)


def test_what_was_not_searched_for_is_decided_only_where_the_identity_is_not_shown(salma: User) -> None:
    number = asked(salma)
    with pytest.raises(access_requests.AccessNotSearched):
        access_requests.decide_access(number, Outcome.GIVEN, reason="nothing held", by=salma)
    access_requests.decide_access(number, Outcome.REFUSED, ground=Ground.IDENTITY, reason="no document", by=salma)


# Retention and the register.
def test_retention_shows_what_is_due_and_overdue_with_holds_and_no_content(
    alice: User, omar: User, salma: User, washington: Counterpart
) -> None:
    row, content = held(washington)
    holds.hold_report(row.uid, reason="trial in Rabat", by=omar)
    today = timezone.localdate()
    Report.objects.filter(pk=row.pk).update(erase_by=today + timedelta(days=5))
    late = drafted(alice)
    Report.objects.filter(pk=late.pk).update(erase_by=today - timedelta(days=1))
    found = retention.list_due(30, by=salma)
    assert [(one.uid, one.overdue, one.hold) for one in found.rows] == [
        (str(late.uid), True, ""),
        (str(row.uid), False, "trial in Rabat"),
    ]
    assert found.counts == (("rabat", "TLP:AMBER", 0, 1), ("washington", "TLP:AMBER", 1, 0))
    assert content.title not in repr(found)
    assert retention.list_due(3, by=salma).rows == found.rows[:1]


def test_the_register_counts_the_nodes_own_rows_and_log(alice: User, salma: User, washington: Counterpart) -> None:
    held(washington)
    drafted(alice)
    today = timezone.localdate()
    made = register.make_register(today, today, by=salma)
    sections = {one.name: dict(one.rows) for one in made.sections}
    assert sections["purposes"]["investigation"] == "2"
    assert sections["categories"] == {str(Category.SUSPECT): "2"}
    assert sections["originators"] == {"rabat": "1", "washington": "1"}
    assert sections["received-from"] == {"washington": "1"}
    assert int(sections["acts"]["collection"]) >= 2
    assert len(sections["agreements"]) == 1
    assert made.to_csv().splitlines()[0] == "section,item,figure"
    assert json.loads(json.dumps(made.to_json()))["purposes"]["investigation"] == "2"
    yesterday = today - timedelta(days=1)
    assert dict(register.make_register(yesterday, yesterday, by=salma).sections[0].rows)["investigation"] == "0"


# That nobody switches it off.
def test_no_setting_switches_oversight_off() -> None:
    words = ("oversight", "overseer", "log_off", "no_log", "audit", "journal", "inspect", "witness")
    named = [name for name in NodeSettings.model_fields if any(word in name for word in words)]
    assert named == []


def test_the_last_overseer_keeps_their_account(salma: User, rachid: User) -> None:
    changes: list[Callable[[], object]] = [
        lambda: accounts.close_account("salma", reason="in the way", by=rachid),
        lambda: accounts.change_account("salma", roles=[Role.AUTHOR], reason="in the way", by=rachid),
    ]
    for change in changes:
        with pytest.raises(accounts.AccountLast):
            change()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OVERSEER])
def test_no_other_role_does_what_an_overseer_does(node: object, role: Role) -> None:
    one = officer("one", role, clearance=str(Tlp.RED))
    today = timezone.localdate()
    assert not may(one, Deed.INSPECT)
    attempts: list[Callable[[], object]] = [
        lambda: spot_checks.draw_check("readings", 1, "1", by=one),
        lambda: spot_checks.give_finding(1, 1, Finding.IN_ORDER, "", by=one),
        lambda: access_requests.record_access(name="x", identity="x", asked_on=today, by=one),
        lambda: access_requests.decide_access(1, Outcome.GIVEN, reason="x", by=one),
        lambda: retention.list_due(1, by=one),
        lambda: register.make_register(today, today, by=one),
        lambda: mandates.open_content(Report().uid, check=1, by=one),
    ]
    for attempt in attempts:
        with pytest.raises(RoleMissing):
            attempt()


def test_what_an_overseer_restricted_they_still_open_under_the_mandate(alice: User, omar: User, salma: User) -> None:
    from amana.services import orders

    mandate(salma, omar)
    number = drawn_reading(alice, salma)
    row = Report.objects.get()
    orders.give_order(
        orders.What.RESTRICT,
        report=row.uid,
        ground=orders.Ground.INACCURATE,
        reason="contested",
        addressee="the head",
        by=salma,
    )
    assert mandates.open_content(row.uid, check=number, by=salma).content is not None
    row.refresh_from_db()
    assert row.state == State.DRAFT
    assert Purpose.INVESTIGATION in row.purposes


def by_category() -> dict[str, int]:
    """What the rows of people and things themselves say."""
    rows = ReportEntity.objects.exclude(category="").order_by("category").values_list("category")
    return dict(rows.annotate(Count("pk")))


def registered(salma: User) -> dict[str, int]:
    today = timezone.localdate()
    sections = {one.name: one.rows for one in register.make_register(today, today, by=salma).sections}
    return {category: int(figure) for category, figure in sections["categories"]}


def test_the_register_counts_people_as_they_are_held_after_changes_and_recalls(
    alice: User, salma: User, washington: Counterpart
) -> None:
    row = drafted(alice, "washington")
    assert registered(salma) == by_category() == {"suspect": 1}
    content = content_of(row)
    more = [Entity("e2", "Person", Category.CONTACT), Entity("e3", "Person", Category.SUSPECT)]
    said = [replace(one, id=f"{one.id}-{each.id}", entity=each.id) for each in more for one in content.statements[:1]]
    reports.change_draft(
        row.uid, by=alice, entities=(*content.entities, *more), statements=(*content.statements, *said)
    )
    assert registered(salma) == by_category() == {"contact": 1, "suspect": 2}
    Report.objects.update(categories={})  # as before there was the column
    import_module("amana.records.migrations.0013_categories").count_categories(apps, None)
    assert registered(salma) == by_category() == {"contact": 1, "suspect": 2}
    theirs, _ = held(washington)
    assert registered(salma) == by_category() == {"contact": 1, "suspect": 3}
    close_report(theirs, State.WITHDRAWN, reason="recalled")
    assert registered(salma) == by_category() == {"contact": 1, "suspect": 2}
