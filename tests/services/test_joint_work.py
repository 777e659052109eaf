"""Joint work over the one exchange: cases with stubs, meetings with actions on both desks, communiqués, the shelf."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from amana.domain.handling import Handling, Purpose, Tlp
from amana.domain.joint import CaseSheet, Lesson, Meeting, Member, Notice, Shelf, Task
from amana.domain.report import Kind, ReportIncomplete, State
from amana.domain.times import cut
from amana.domain.vocabulary import CrimeArea
from amana.exchange.canonical import encode
from amana.exchange.protocol import RecallBody, ReportBody, Type
from amana.records.models import LogEntry, Report, User
from amana.services import case_pages, cases, expertise, meetings, releases, reports, tasks
from amana.services.people import viewpoint_of
from tests.counterpart import Counterpart, next_year
from tests.services.test_exchange import drafted, held, released

AREAS = frozenset({CrimeArea.DRUG_TRAFFICKING})


def marking(*to: str) -> Handling:
    return Handling(
        tlp=Tlp.AMBER,
        releasable_to=frozenset(to),
        purposes=frozenset({Purpose.INVESTIGATION}),
        erase_by=next_year(),
    )


def go(row: Report, alice: User, omar: User) -> None:
    releases.propose_release(row.uid, by=alice)
    releases.release_report(row.uid, by=omar)


def opened(alice: User, *to: str) -> tuple[Report, UUID]:
    row = cases.open_case("Atlas", handling=marking(*to), crime_areas=AREAS, by=alice)
    return row, UUID(row.details["case"])  # type: ignore[index]


def sheet_of(washington: Counterpart, case: UUID, **changes: object) -> CaseSheet:
    return replace(CaseSheet(case=str(case), node="washington"), **changes)  # type: ignore[arg-type]


# Cases.
def test_a_case_is_the_sum_of_both_sheets_and_shows_stubs_for_what_was_not_released(
    alice: User, omar: User, washington: Counterpart
) -> None:
    ours = released(alice, omar, "washington")
    row, case = opened(alice, "washington")
    cases.add_report(case, ours.uid, by=alice)
    go(row, alice, omar)
    (_, message) = washington.fetch()
    assert isinstance(message.body, ReportBody)
    assert message.body.content.kind is Kind.CASE
    theirs, _ = held(washington)
    hidden = Member("washington", str(uuid4()))
    sheet = sheet_of(washington, case, members=(Member("washington", str(theirs.uid)), hidden))
    held(washington, kind=Kind.CASE, title="Atlas", text="", statements=(), entities=(), details=sheet)
    seen = cases.show_case(case, viewpoint=viewpoint_of(alice))
    assert {one.row.originator for one in seen.sheets} == {"rabat", "washington"}
    rows = {one.member.report: one.row for one in seen.members}
    assert rows[str(ours.uid)] == ours
    assert rows[str(theirs.uid)] == theirs
    assert rows[hidden.report] is None


def test_a_sheet_does_not_tell_one_partner_of_the_other(alice: User, omar: User, washington: Counterpart) -> None:
    paris = Counterpart.joined("paris", "FR", head=omar)
    foreign = paris.content()
    paris.send(paris.report(foreign))
    row, case = opened(alice, "washington", "paris")
    cases.add_report(case, UUID(foreign.report), by=alice)
    cases.add_task(case, "Ask for the manifests", node="paris", person="Claire", due=date(2027, 1, 9), by=alice)
    go(row, alice, omar)
    (to_washington,) = washington.fetch()
    (to_paris,) = paris.fetch()
    assert isinstance(to_washington.body, ReportBody)
    assert isinstance(to_paris.body, ReportBody)
    assert b"paris" not in encode(to_washington.body.to_json())
    assert isinstance(to_paris.body.content.details, CaseSheet)
    assert len(to_paris.body.content.details.members) == len(to_paris.body.content.details.tasks) == 1


def test_what_is_added_to_a_released_sheet_goes_out_as_its_next_version(
    alice: User, omar: User, washington: Counterpart
) -> None:
    row, case = opened(alice, "washington")
    go(row, alice, omar)
    changed = cases.add_task(case, "Watch the yard", node="rabat", person="Alice", due=date(2027, 1, 9), by=alice)
    assert (changed.version, changed.state) == (2, State.DRAFT)
    go(changed, alice, omar)
    assert [one.body.content.version for one in washington.fetch() if isinstance(one.body, ReportBody)] == [1, 2]
    (seen,) = cases.list_cases(viewpoint=viewpoint_of(alice))
    assert [row.version for row in seen.rows] == [2]


def test_a_request_becomes_a_case_in_one_step(alice: User, washington: Counterpart) -> None:
    theirs, content = held(washington)
    row = cases.case_from_report(theirs.uid, by=alice)
    assert row.title == content.title
    assert CaseSheet.from_json(row.details).members == (Member("washington", str(theirs.uid)),)
    assert Handling.from_json(row.handling).releasable_to == frozenset()


def test_a_case_beyond_the_clearance_is_unknown_and_a_member_beyond_it_a_stub(
    alice: User, nadia: User, washington: Counterpart
) -> None:
    secret = drafted(alice, "washington")
    row, case = opened(alice, "washington")
    cases.add_report(case, secret.uid, by=alice)
    with pytest.raises(cases.CaseUnknown):
        cases.show_case(case, viewpoint=viewpoint_of(nadia))
    assert cases.list_cases(viewpoint=viewpoint_of(nadia)) == []
    reports.change_draft(row.uid, by=alice, handling=replace(marking(), tlp=Tlp.GREEN))
    (member,) = cases.show_case(case, viewpoint=viewpoint_of(nadia)).members
    assert member.row is None


def test_a_node_joins_with_one_sheet_and_adds_to_none_it_has_not(alice: User, washington: Counterpart) -> None:
    case = uuid4()
    held(washington, kind=Kind.CASE, text="", statements=(), entities=(), details=sheet_of(washington, case))
    with pytest.raises(cases.SheetMissing):
        cases.add_report(case, drafted(alice).uid, by=alice)
    cases.open_case("Atlas", handling=marking("washington"), crime_areas=AREAS, case=case, by=alice)
    with pytest.raises(cases.SheetExists):
        cases.open_case("Atlas", handling=marking("washington"), crime_areas=AREAS, case=case, by=alice)


def test_a_recalled_sheet_takes_its_members_and_tasks_along(alice: User, washington: Counterpart) -> None:
    case = uuid4()
    task = Task("t1", "Send the list", "rabat", "Alice", date(2027, 1, 9))
    sheet = sheet_of(washington, case, tasks=(task,))
    row, content = held(washington, kind=Kind.CASE, text="", statements=(), entities=(), details=sheet)
    look = viewpoint_of(alice)
    assert [one.task for one in tasks.open_tasks(viewpoint=look)] == [task]
    washington.send(washington.message(Type.RECALL, RecallBody(content.report, (1,), "wrong"), agreement=""))
    assert tasks.open_tasks(viewpoint=look) == []
    with pytest.raises(cases.CaseUnknown):
        cases.show_case(case, viewpoint=look)
    row.refresh_from_db()
    assert row.details is None


# Meetings and tasks.
def met(alice: User, *to: str, actions: tuple[Task, ...] = ()) -> Report:
    return meetings.draft_meeting(
        "Rabat, September",
        place="Rabat",
        starts=timezone.now(),
        agenda=("Ports",),
        participants=("Head of desk, Rabat", "Legal attaché, Washington"),
        decisions=("Manifests are compared every week",),
        actions=actions,
        language="en",
        handling=marking(*to),
        crime_areas=AREAS,
        by=alice,
    )


def test_an_action_stands_on_both_desks_until_who_owes_it_says_that_it_is_done(
    alice: User, omar: User, washington: Counterpart
) -> None:
    day = timezone.now().date() + timedelta(days=9)
    ours = meetings.action("Send the list of yards", node="rabat", person="Alice", due=day)
    theirs = meetings.action("Send the vessels", node="washington", person="Bob", due=day - timedelta(days=1))
    row = met(alice, "washington", actions=(ours, theirs))
    go(row, alice, omar)
    look = viewpoint_of(alice)
    assert [(one.task, one.ours) for one in tasks.open_tasks(viewpoint=look)] == [(theirs, False), (ours, True)]
    (message,) = washington.fetch()
    assert isinstance(message.body, ReportBody)
    assert isinstance(message.body.content.details, Meeting)
    assert message.body.content.details.actions == (ours, theirs)
    notice = tasks.tell_done(row.uid, ours.id, note="Sent on Monday.", by=alice)
    go(notice, alice, omar)
    (told,) = washington.fetch()
    assert isinstance(told.body, ReportBody)
    assert told.body.content.details == Notice(report=str(row.uid), task=ours.id)
    held(washington, kind=Kind.NOTICE, entities=(), statements=(), details=Notice(str(row.uid), theirs.id))
    assert tasks.open_tasks(viewpoint=look) == []


def test_nobody_says_for_another_that_a_task_is_done(alice: User, omar: User, washington: Counterpart) -> None:
    theirs = meetings.action("Send the vessels", node="washington", person="Bob", due=date(2027, 1, 9))
    ours = meetings.action("Send the yards", node="rabat", person="Alice", due=date(2027, 1, 9))
    row = met(alice, "washington", actions=(theirs, ours))
    with pytest.raises(cases.TaskUnknown):
        tasks.tell_done(row.uid, theirs.id, note="", by=alice)
    held(washington, kind=Kind.NOTICE, entities=(), statements=(), details=Notice(str(row.uid), ours.id))
    assert len(tasks.open_tasks(viewpoint=viewpoint_of(alice))) == 2


@pytest.mark.parametrize(
    ("language", "word"), [("en", "They agreed"), ("de", "vereinbar"), ("fr", "convenu"), ("ar", "اتفق")]
)
def test_a_communique_is_drafted_in_each_language_without_actions_or_people(
    alice: User, washington: Counterpart, language: str, word: str
) -> None:
    task = meetings.action("Watch Karim", node="rabat", person="Alice", due=date(2027, 1, 9))
    row = meetings.draft_communique(met(alice, "washington", actions=(task,)).uid, language=language, by=alice)
    assert (row.kind, row.state, row.language) == (Kind.NOTICE, State.DRAFT, language)
    assert word in row.text
    assert "Manifests are compared every week" in row.text
    assert "Karim" not in row.text
    assert "attaché" not in row.text


def test_a_communique_from_a_partners_record_does_not_leave_without_its_consent(
    alice: User, omar: User, washington: Counterpart
) -> None:
    paris = Counterpart.joined("paris", "FR", head=omar)
    record = Meeting("Rabat", cut(timezone.now()), participants=("Attaché",), decisions=("Go on",))
    row, _ = held(washington, kind=Kind.MEETING, entities=(), statements=(), details=record)
    draft = meetings.draft_communique(row.uid, language="en", by=alice)
    reports.change_draft(draft.uid, by=alice, handling=marking("paris"))
    with pytest.raises(releases.ThirdPartyMaterial):
        releases.propose_release(draft.uid, by=alice)
    assert paris.waiting() == 0


def test_only_a_meeting_gives_a_communique(alice: User) -> None:
    with pytest.raises(meetings.NotAMeeting):
        meetings.draft_communique(drafted(alice).uid, language="en", by=alice)


def test_a_record_without_place_or_participants_stays_at_home(alice: User, washington: Counterpart) -> None:
    row = met(alice, "washington")
    reports.change_draft(row.uid, by=alice, details=Meeting(" ", cut(timezone.now())))
    with pytest.raises(ReportIncomplete, match="place, participants"):
        releases.propose_release(row.uid, by=alice)


# The shelf.
LESSONS = {
    "en": ("Reading seals at the quay", "Look at the rivets first."),
    "de": ("Plomben am Kai", "Zuerst die Nieten ansehen."),
    "fr": ("Lire les scellés", "Regarder d'abord les rivets."),
    "ar": ("قراءة الأختام على الرصيف", "انظر إلى المسامير أولا."),
}


@pytest.mark.parametrize(
    ("words", "languages"),
    [
        ("rivets", {"en", "fr"}),
        ("scelles", {"fr"}),
        ("الاختام", {"ar"}),
        ("Drogenhandel", set(LESSONS)),
        ("trafic de drogue", set(LESSONS)),
        ("", set(LESSONS)),
        ("murder", set()),
    ],
)
def test_the_shelf_is_searched_in_four_languages(alice: User, words: str, languages: set[str]) -> None:
    for language, (title, text) in LESSONS.items():
        expertise.draft_lesson(
            title, text, shelf=Shelf.LESSON, language=language, handling=marking(), crime_areas=AREAS, by=alice
        )
    found = expertise.search_shelf(words, viewpoint=viewpoint_of(alice))
    assert {one.row.language for one in found} == languages


def test_experts_of_a_partner_stand_on_our_shelf_and_are_found_by_topic(
    alice: User, nadia: User, washington: Counterpart
) -> None:
    expert = Lesson(Shelf.EXPERT, ("reefer containers",), "Port desk, Washington")
    held(washington, kind=Kind.LESSON, title="Who knows reefers", entities=(), statements=(), details=expert)
    found = expertise.search_shelf("reefer", shelf=Shelf.EXPERT, viewpoint=viewpoint_of(alice))
    assert [one.lesson for one in found] == [expert]
    assert expertise.search_shelf("reefer", shelf=Shelf.METHOD, viewpoint=viewpoint_of(alice)) == []
    assert expertise.search_shelf("reefer", viewpoint=viewpoint_of(nadia)) == []


def test_looking_at_joint_work_stands_in_the_log(alice: User) -> None:
    _, case = opened(alice)
    look = viewpoint_of(alice)
    cases.show_case(case, viewpoint=look)
    cases.list_cases(viewpoint=look)
    tasks.open_tasks(viewpoint=look)
    expertise.search_shelf("x", viewpoint=look)
    said = " ".join(filter(None, LogEntry.objects.values_list("event", flat=True)))
    for verb in ("case-opened", "cases-listed", "tasks-listed", "shelf-searched"):
        assert f'"{verb}"' in said
    assert "Atlas" not in said


# What a partner said stays its own, whatever is drawn from it.
def test_a_case_from_a_partners_report_does_not_carry_its_title_to_a_third(
    alice: User, omar: User, washington: Counterpart
) -> None:
    paris = Counterpart.joined("paris", "FR", head=omar)
    theirs, _ = held(washington)
    row = cases.case_from_report(theirs.uid, by=alice)
    reports.change_draft(row.uid, by=alice, handling=marking("paris"))
    with pytest.raises(releases.ThirdPartyMaterial):
        releases.propose_release(row.uid, by=alice)
    assert paris.waiting() == 0
    reports.change_draft(row.uid, by=alice, handling=marking("washington"))
    go(row, alice, omar)
    assert len(washington.fetch()) == 1


def test_that_a_partners_task_is_done_is_told_to_that_partner_only(
    alice: User, omar: User, washington: Counterpart
) -> None:
    Counterpart.joined("paris", "FR", head=omar)
    task = Task("t1", "Watch the yard of Karim Belkadi", "rabat", "Alice", date(2027, 1, 9))
    sheet = sheet_of(washington, uuid4(), tasks=(task,))
    row, _ = held(washington, kind=Kind.CASE, text="", statements=(), entities=(), details=sheet)
    notice = tasks.tell_done(row.uid, "t1", note="Done.", by=alice)
    reports.change_draft(notice.uid, by=alice, handling=marking("paris"))
    with pytest.raises(releases.ThirdPartyMaterial):
        releases.propose_release(notice.uid, by=alice)


def test_a_task_stays_on_our_desk_until_a_second_person_has_let_the_notice_go(
    alice: User, omar: User, washington: Counterpart
) -> None:
    ours = meetings.action("Send the list of yards", node="rabat", person="Alice", due=date(2027, 1, 9))
    row = met(alice, "washington", actions=(ours,))
    go(row, alice, omar)
    notice = tasks.tell_done(row.uid, ours.id, note="", by=alice)
    look = viewpoint_of(alice)
    assert len(tasks.open_tasks(viewpoint=look)) == 1
    releases.propose_release(notice.uid, by=alice)
    assert len(tasks.open_tasks(viewpoint=look)) == 1
    releases.release_report(notice.uid, by=omar)
    assert tasks.open_tasks(viewpoint=look) == []
    reports.correct_report(notice.uid, reason="a word", by=alice)
    assert tasks.open_tasks(viewpoint=look) == [], "what was let go stands until its correction is let go too"


def test_a_partner_knows_of_the_tasks_that_it_was_sent_and_not_of_what_a_draft_says(
    alice: User, omar: User, washington: Counterpart
) -> None:
    Counterpart.joined("paris", "FR", head=omar)
    ours = meetings.action("Send the list of yards", node="rabat", person="Alice", due=date(2027, 1, 9))
    row = met(alice, "washington", actions=(ours,))
    look = viewpoint_of(alice)
    assert tasks.due_tasks(partner="washington", viewpoint=look) == []
    go(row, alice, omar)
    assert [one.task for one in tasks.due_tasks(partner="washington", viewpoint=look)] == [ours]
    assert tasks.due_tasks(partner="paris", viewpoint=look) == []
    again = reports.correct_report(row.uid, reason="a word", by=alice)
    found = tasks.due_tasks(partner="washington", viewpoint=look)
    assert [(one.task, one.row.version) for one in found] == [(ours, again.version - 1)]


def test_the_tasks_of_a_case_are_those_of_all_tasks_that_stand_on_its_sheets(
    alice: User, washington: Counterpart
) -> None:
    _, case = opened(alice, "washington")
    cases.add_task(case, "Ask for the manifests", node="rabat", person="Alice", due=date(2027, 1, 9), by=alice)
    task = Task(str(uuid4()), "Look at the yard", "washington", "Bob", date(2026, 12, 1))
    held(
        washington,
        kind=Kind.CASE,
        title="Atlas",
        statements=(),
        entities=(),
        details=sheet_of(washington, case, tasks=(task,)),
    )
    _, other = opened(alice, "washington")
    cases.add_task(other, "Another case's", node="rabat", person="Alice", due=date(2027, 1, 9), by=alice)
    look = viewpoint_of(alice)
    sheets = {sheet.row.pk for sheet in cases.show_case(case, viewpoint=look).sheets}
    among_all = [one for one in tasks.due_tasks(until=date.max, viewpoint=look) if one.row.pk in sheets]
    assert [one.task.what for one in among_all] == ["Look at the yard", "Ask for the manifests"]
    assert [one.task for one in case_pages.open_case_page(case, viewpoint=look).open] == [one.task for one in among_all]
