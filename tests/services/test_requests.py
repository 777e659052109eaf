"""Requests on one node: asked, answered, clarified, extended, refused, withdrawn; one clock for both desks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models import Q
from django.utils import timezone

from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Handling, Tlp
from amana.domain.report import ReportIncomplete, State
from amana.domain.request import Access, Outcome, Question, RefusalGround, RequestState, Urgency, UrgencyUnreasoned
from amana.domain.statement import Entity
from amana.domain.times import cut
from amana.domain.vocabulary import Category
from amana.exchange.protocol import Accepted, RecallBody, Refused, Type
from amana.records.models import Message, Quarantine, Receipt, Report, Request, RequestAnswer, User
from amana.services import desk, recalls, releases, replies, reports, requests
from amana.services.standings import Pace, clock_in_words
from tests.counterpart import Counterpart
from tests.services.asking import (
    QUESTION,
    URGENT,
    WORDS,
    Asking,
    about,
    answers,
    ask,
    asked,
    asks,
    entrusted,
    fold,
    last_content,
    look,
    released,
    reply_of,
    stood,
)
from tests.services.test_exchange import drafted, held
from tests.services.test_exchange import released as released_report

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
GRADE = Evaluation(Source.B, Information.CORROBORATED, timezone.now().date())


# Asking.
def test_a_complete_request_is_proposed_in_the_same_step_and_leaves_by_a_second_person(
    alice: User, omar: User, washington: Counterpart
) -> None:
    made = ask(alice, "washington")
    assert (made.row.state, made.missing) == (State.AWAITING_RELEASE, ())
    assert not Request.objects.exists()
    with pytest.raises(releases.SecondPersonNeeded):
        releases.release_report(made.row.uid, by=_heads(alice))
    releases.release_report(made.row.uid, by=omar)
    assert stood(made.row.uid).standing.state is RequestState.SENT
    washington.fetch()
    assert last_content(washington).details == QUESTION


def _heads(alice: User) -> User:
    alice.roles = [*alice.roles, "head"]
    alice.save()
    return alice


def test_a_request_without_grounds_stays_a_draft_and_says_so(alice: User, washington: Counterpart) -> None:
    made = ask(alice, "washington", question=Question(" "))
    assert (made.row.state, made.missing) == (State.DRAFT, ("grounds-to-believe",))
    with pytest.raises(ReportIncomplete):
        releases.propose_release(made.row.uid, by=alice)


@pytest.mark.parametrize(("urgency", "why"), [(Urgency.LIFE, ""), (Urgency.NONE, "quickly please")])
def test_urgency_without_an_admitted_reason_writes_nothing(alice: User, urgency: Urgency, why: str) -> None:
    with pytest.raises(UrgencyUnreasoned):
        ask(alice, "washington", question=Question("known there", urgency, why))
    assert not Report.objects.exists()


def test_a_request_asks_about_the_entities_of_a_report_of_ours(
    alice: User, omar: User, washington: Counterpart
) -> None:
    from amana.services.subjects import take_from_reports

    own = drafted(alice)
    taken = take_from_reports([own.uid], viewpoint=look(alice), reason="request")
    row = asked(alice, omar, washington, taken=taken)
    (statement,) = last_content(washington).statements
    assert (statement.value, statement.place) == ("Yassine Berrada", None)
    assert list(row.built_on.all()) == [own]


def test_a_request_cannot_ask_about_what_a_partner_entrusted(alice: User, washington: Counterpart) -> None:
    from amana.services.subjects import take_from_reports

    foreign, _ = held(washington)
    with pytest.raises(reports.ReportNotOurs):
        take_from_reports([foreign.uid], viewpoint=look(alice), reason="request")


# One clock.
CLOCKS = [
    (QUESTION, 168),
    (URGENT, 8),
    (replace(URGENT, access=Access.INDIRECT), 72),
]


@pytest.mark.parametrize(("question", "hours"), CLOCKS)
@pytest.mark.parametrize("ours", [True, False])
def test_both_desks_see_the_same_state_and_due_second_under_a_moved_clock(
    alice: User, omar: User, washington: Counterpart, question: Question, hours: int, ours: bool
) -> None:
    clock = timedelta(hours=hours)
    if ours:
        uid = str(asked(alice, omar, washington, question=question).uid)
        received = washington.received[str(Message.objects.get(request__uid=uid).pk)]
    else:
        asking = asks(washington, question)
        uid, received = asking.content.report, asking.received_at
    for moved in (0 * HOUR, clock - SECOND, clock, clock + SECOND, 3 * clock):
        here = stood(uid, at=received + moved)
        there = fold(clock, received, [], withdrawn_at=None, at=received + moved)
        assert here.standing == there
        assert here.standing.due == received + clock
        assert here.standing.overdue(here.at) is (moved > clock)


def test_a_repeated_receipt_names_the_first_instant(washington: Counterpart) -> None:
    message = washington.report(reply_of(washington, washington.content(), Outcome.FULL))
    message = washington.report(replace(washington.content(), kind=asks(washington).content.kind, details=QUESTION))
    sealed, _ = washington.sealed(message)
    first, again = (washington.send_bytes([sealed])[0] for _round in range(2))
    assert isinstance(first, Accepted)
    assert isinstance(again, Accepted)
    assert (again.at, again.duplicate) == (first.at, True)
    assert stood(message.body.content.report).received_at == first.at  # type: ignore[union-attr]


def test_the_agreements_own_clock_counts(alice: User, omar: User, washington: Counterpart) -> None:
    from amana.exchange.canonical import decode, encode
    from amana.records.models import Agreement

    agreement = Agreement.objects.get(pk=washington.agreement)
    terms = decode(agreement.terms.encode())
    assert isinstance(terms, dict)
    terms["clocks"]["other"] = 5
    Agreement.objects.filter(pk=agreement.pk).update(terms=encode(terms).decode())
    row = asked(alice, omar, washington)
    asking = asks(washington)
    for uid in (row.uid, asking.content.report):
        here = stood(uid)
        assert here.received_at is not None
        assert here.standing.due == here.received_at + 5 * HOUR


def test_a_judicial_authorisation_stops_the_clock_on_both_desks_and_asking_back_does_not(
    alice: User, omar: User, washington: Counterpart
) -> None:
    asking = asks(washington, URGENT)
    released(requests.clarify_request(asking.report.uid, WORDS, viewpoint=look(alice), by=alice), omar)
    released(requests.extend_request(asking.report.uid, 30, WORDS, viewpoint=look(alice), by=alice), omar)
    sent = washington.fetch()
    for moved in (0 * HOUR, 8 * HOUR, 29 * HOUR, 31 * HOUR, 38 * HOUR, 38 * HOUR + SECOND):
        at = asking.received_at + moved
        here = stood(asking.content.report, at=at)
        assert here.standing == fold(8 * HOUR, asking.received_at, sent, withdrawn_at=None, at=at)
    assert here.standing.due == asking.received_at + 38 * HOUR
    assert here.asked_back
    assert not here.waits_for_us
    assert here.pace is Pace.OVERDUE


def test_the_clock_is_said_in_words(washington: Counterpart) -> None:
    asking = asks(washington, URGENT)

    def words(moved: timedelta) -> str:
        return clock_in_words(stood(asking.content.report, at=asking.received_at + moved))

    assert words(5 * HOUR + timedelta(minutes=50)) == "2 h 10 min left of 8 h"
    assert words(9 * HOUR + timedelta(minutes=5)) == "overdue by 1 h 5 min; it had 8 h"
    paces = [stood(asking.content.report, at=asking.received_at + hours * HOUR).pace for hours in (5, 6, 9)]
    assert paces == [Pace.RUNNING, Pace.SOON, Pace.OVERDUE]


# Answering.
def test_a_full_reply_carries_statements_of_our_report_and_ends_the_request(
    alice: User, omar: User, washington: Counterpart
) -> None:
    own, asking = drafted(alice), asks(washington)
    made = requests.reply_to_request(
        asking.report.uid, WORDS, full=True, sources=[own.uid], viewpoint=look(alice), by=alice
    )
    assert set(made.row.built_on.all()) == {own, asking.report}
    released(made, omar)
    (message,) = washington.fetch()
    content = last_content(washington)
    assert [one.value for one in content.statements] == ["Yassine Berrada"]
    assert content.handling.erase_by == asking.content.handling.erase_by
    here = stood(asking.content.report)
    assert here.standing.state is RequestState.ANSWERED
    assert here.standing == fold(168 * HOUR, asking.received_at, [message], withdrawn_at=None, at=here.at)
    assert here.standing.answered_in_time()


def test_a_reply_is_marked_by_the_strictest_it_rests_on(alice: User, omar: User, washington: Counterpart) -> None:
    strict = drafted(alice)
    reports.change_draft(strict.uid, by=alice, handling=replace(_handling(strict), tlp=Tlp.AMBER_STRICT))
    asking = asks(washington)
    made = requests.reply_to_request(
        asking.report.uid, WORDS, full=False, sources=[strict.uid], viewpoint=look(alice), by=alice
    )
    assert _handling(made.row).tlp is Tlp.AMBER_STRICT
    assert _handling(made.row).releasable_to == {"washington"}


def _handling(row: Report) -> Handling:
    row.refresh_from_db()
    return Handling.from_json(row.handling)


def test_a_refusal_names_a_ground_that_the_agreement_admits(alice: User, omar: User, washington: Counterpart) -> None:
    asking = asks(washington)
    made = requests.refuse_request(
        asking.report.uid, RefusalGround.ONGOING_INVESTIGATION, WORDS, viewpoint=look(alice), by=alice
    )
    released(made, omar)
    here = stood(asking.content.report)
    assert here.standing.state is RequestState.REFUSED
    assert [one.ground for one in here.answers] == ["ongoing-investigation-or-safety"]


def test_asked_back_and_clarified_each_on_its_side(alice: User, omar: User, washington: Counterpart) -> None:
    row = asked(alice, omar, washington)
    with pytest.raises(requests.NothingAsked):
        requests.clarify_request(row.uid, WORDS, viewpoint=look(alice), by=alice)
    request = last_content(washington)
    back, _ = answers(washington, reply_of(washington, request, Outcome.CLARIFICATION))
    assert stood(row.uid).standing.state is RequestState.CLARIFYING
    assert stood(row.uid).waits_for_us
    released(requests.clarify_request(row.uid, WORDS, viewpoint=look(alice), by=alice), omar)
    (said,) = washington.fetch()
    here = stood(row.uid)
    assert here.standing.state is RequestState.OPEN
    received = here.received_at
    assert received is not None
    assert here.standing == fold(168 * HOUR, received, [back, said], withdrawn_at=None, at=here.at)


def test_only_the_partner_that_was_asked_can_answer(alice: User, omar: User, washington: Counterpart) -> None:
    row = asked(alice, omar, washington)
    with pytest.raises(requests.RequestOfOurs):
        requests.reply_to_request(row.uid, WORDS, full=True, viewpoint=look(alice), by=alice)


def test_a_request_beyond_the_clearance_is_not_even_there(alice: User, nadia: User, washington: Counterpart) -> None:
    asking = asks(washington)
    for uid in (asking.report.uid, uuid4()):
        with pytest.raises(requests.RequestUnknown):
            requests.open_request(uid, viewpoint=look(nadia))
    assert requests.list_requests(viewpoint=look(nadia)) == []


@pytest.mark.parametrize("category", [Category.WITNESS, Category.VICTIM])
def test_a_reply_about_a_witness_or_victim_carries_no_content_byte(
    alice: User, omar: User, washington: Counterpart, category: Category
) -> None:
    own = drafted(alice, entities=[Entity("e1", "Person", category)])
    asking = asks(washington)
    before = Report.objects.count()
    with pytest.raises(releases.ReleaseForbidden, match="hit or no hit only"):
        requests.reply_to_request(
            asking.report.uid, WORDS, full=True, sources=[own.uid], viewpoint=look(alice), by=alice
        )
    assert (washington.waiting(), Report.objects.count()) == (0, before)


def test_who_is_a_witness_in_one_source_stays_a_witness(alice: User, washington: Counterpart) -> None:
    from amana.services.subjects import take_from_reports

    first, second = drafted(alice), drafted(alice, entities=[Entity("e1", "Person", Category.WITNESS)])
    for order in ([first.uid, second.uid], [second.uid, first.uid]):
        taken = take_from_reports(order, viewpoint=look(alice), reason="reply")
        assert [one.category for one in taken.entities] == [Category.WITNESS]


def test_a_reply_about_a_minor_carries_no_content_byte(alice: User, omar: User, washington: Counterpart) -> None:
    child = Entity("e1", "Person", Category.SUSPECT)
    today = timezone.now().date()
    own = drafted(alice, text="", **about(GRADE, (child, "birthDate", str(today.year - 17))))
    asking = asks(washington)
    with pytest.raises(releases.ReleaseForbidden, match="Minors"):
        requests.reply_to_request(
            asking.report.uid, WORDS, full=True, sources=[own.uid], viewpoint=look(alice), by=alice
        )
    assert washington.waiting() == 0


def test_a_partners_reply_about_a_witness_is_not_taken_in(alice: User, omar: User, washington: Counterpart) -> None:
    row = asked(alice, omar, washington)
    content = reply_of(
        washington, last_content(washington), Outcome.FULL, entities=(Entity("e1", "Person", Category.WITNESS),)
    )
    _, receipt = answers(washington, content)
    assert isinstance(receipt, Refused)
    assert receipt.code == "receive-not-permitted"
    assert stood(row.uid).standing.state is RequestState.OPEN


def test_a_reply_that_rests_on_a_third_nodes_report_does_not_leave(
    alice: User, omar: User, washington: Counterpart
) -> None:
    paris = Counterpart.joined("paris", "FR", head=omar)
    foreign = entrusted(paris)
    asking = asks(washington)
    made = requests.reply_to_request(asking.report.uid, WORDS, full=True, viewpoint=look(alice), by=alice)
    releases.decline_release(made.row.uid, reason="look again", by=omar)
    made.row.built_on.add(foreign)
    with pytest.raises(releases.ThirdPartyMaterial):
        releases.propose_release(made.row.uid, by=alice)


# What does not fit is refused, by the receiver with a stable code …
MISFITS = {
    "request-reply-unknown": {"request": str(uuid4())},
    "request-reply-hash": {"request_sha256": "0" * 64},
    "request-reply-side": {"outcome": Outcome.CLARIFIED},
}


@pytest.mark.parametrize("code", MISFITS)
def test_an_answer_that_does_not_fit_stands_in_quarantine_with_its_code(
    alice: User, omar: User, washington: Counterpart, code: str
) -> None:
    row = asked(alice, omar, washington)
    content = reply_of(washington, last_content(washington), Outcome.FULL)
    content = replace(content, details=replace(content.details, **MISFITS[code]))  # type: ignore[type-var,arg-type]
    _, receipt = answers(washington, content)
    assert isinstance(receipt, Refused)
    assert receipt.code == code
    assert Quarantine.objects.get().code == code
    assert stood(row.uid).standing.state is RequestState.OPEN
    assert not Report.objects.filter(originator="washington").exists()


def test_an_answer_to_a_request_that_went_to_another_is_unknown(
    alice: User, omar: User, washington: Counterpart
) -> None:
    paris = Counterpart.joined("paris", "FR", head=omar)
    asked(alice, omar, washington)
    _, receipt = answers(paris, reply_of(paris, last_content(washington), Outcome.FULL))
    assert isinstance(receipt, Refused)
    assert receipt.code == "request-reply-unknown"


@pytest.mark.parametrize("first", [Outcome.FULL, Outcome.PARTIAL])
def test_a_second_final_answer_is_refused(alice: User, omar: User, washington: Counterpart, first: Outcome) -> None:
    row = asked(alice, omar, washington)
    request = last_content(washington)
    answers(washington, reply_of(washington, request, first))
    _, receipt = answers(washington, reply_of(washington, request, Outcome.REFUSED, RefusalGround.MINOR_OFFENCE))
    assert isinstance(receipt, Refused)
    assert receipt.code == "request-reply-ended"
    assert RequestAnswer.objects.get(request__uid=row.uid).outcome == first


def test_an_answer_made_after_the_withdrawal_is_refused_and_one_made_before_counts(
    alice: User, omar: User, washington: Counterpart
) -> None:
    row = asked(alice, omar, washington)
    request = last_content(washington)
    made_before = cut(timezone.now())
    recalls.recall_report(row.uid, reason="settled", by=omar)
    _, late = answers(washington, reply_of(washington, request, Outcome.FULL), at=cut(timezone.now()) + SECOND)
    assert isinstance(late, Refused)
    assert late.code == "request-reply-ended"
    assert stood(row.uid).standing.state is RequestState.WITHDRAWN
    _, early = answers(washington, reply_of(washington, request, Outcome.FULL), at=made_before)
    assert isinstance(early, Accepted)
    assert stood(row.uid).standing.state is RequestState.ANSWERED


def test_a_clarification_nobody_asked_for_is_refused(washington: Counterpart) -> None:
    asking = asks(washington)
    _, receipt = answers(washington, reply_of(washington, asking.content, Outcome.CLARIFIED))
    assert isinstance(receipt, Refused)
    assert receipt.code == "request-reply-not-asked"


def test_an_extension_after_the_clock_has_run_out_is_refused(alice: User, omar: User, washington: Counterpart) -> None:
    row = asked(alice, omar, washington, question=URGENT)
    Receipt.objects.filter(message__request__uid=row.uid, step="received").update(at=timezone.now() - 9 * HOUR)
    _, receipt = answers(washington, reply_of(washington, last_content(washington), Outcome.EXTENSION, hours=5))
    assert isinstance(receipt, Refused)
    assert receipt.code == "request-reply-extension-late"


def test_a_correction_mends_the_words_and_leaves_outcome_and_time(
    alice: User, omar: User, washington: Counterpart
) -> None:
    row = asked(alice, omar, washington)
    first = reply_of(washington, last_content(washington), Outcome.PARTIAL)
    answers(washington, first)
    ended = stood(row.uid).standing.ended_at
    _, receipt = answers(washington, replace(first, version=2, title="Mended"))
    assert isinstance(receipt, Accepted)
    assert stood(row.uid).standing.ended_at == ended
    assert [one.report.title for one in stood(row.uid).answers] == ["Mended"]
    other = replace(first.details, outcome=Outcome.FULL)  # type: ignore[type-var]
    _, receipt = answers(washington, replace(first, version=3, details=other))
    assert isinstance(receipt, Refused)
    assert receipt.code == "request-reply-changed"


# … and by the sender before anything leaves.
def test_the_sender_refuses_what_the_receiver_would(alice: User, omar: User, washington: Counterpart) -> None:
    asking = asks(washington)
    given = {"viewpoint": look(alice), "by": alice}
    waiting = requests.reply_to_request(asking.report.uid, WORDS, full=False, **given)  # type: ignore[arg-type]
    released(requests.reply_to_request(asking.report.uid, WORDS, full=True, **given), omar)  # type: ignore[arg-type]
    with pytest.raises(replies.ReplyEnded):
        releases.release_report(waiting.row.uid, by=omar)
    with pytest.raises(replies.ReplyEnded):
        requests.extend_request(asking.report.uid, 5, WORDS, **given)  # type: ignore[arg-type]
    assert washington.waiting() == 1


def test_the_sender_binds_an_answer_to_the_bytes_it_holds(alice: User, omar: User, washington: Counterpart) -> None:
    asking = asks(washington)
    made = requests.reply_to_request(asking.report.uid, WORDS, full=True, viewpoint=look(alice), by=alice)
    releases.decline_release(made.row.uid, reason="look again", by=omar)
    details = reply_of(washington, replace(asking.content, title="Another"), Outcome.FULL).details
    reports.change_draft(made.row.uid, by=alice, details=details)
    with pytest.raises(replies.ReplyHashWrong):
        releases.propose_release(made.row.uid, by=alice)


def test_an_answer_that_the_partner_refused_does_not_count_and_stands_in_quarantine_here(
    alice: User, omar: User, washington: Counterpart
) -> None:
    asking = asks(washington)
    released(requests.reply_to_request(asking.report.uid, WORDS, full=True, viewpoint=look(alice), by=alice), omar)
    washington.fetch(refuse="request-reply-ended")
    assert stood(asking.content.report).standing.state is RequestState.OPEN
    assert Quarantine.objects.get(outgoing=True).code == "request-reply-ended"


# Taking back.
def test_a_withdrawn_request_ends_on_both_desks_at_the_same_instant_and_stops_the_drafts(
    alice: User, omar: User, washington: Counterpart
) -> None:
    asking = asks(washington)
    made = requests.reply_to_request(asking.report.uid, WORDS, full=True, viewpoint=look(alice), by=alice)
    recall = washington.message(Type.RECALL, RecallBody(asking.content.report, (1,), "settled"), agreement="")
    washington.send(recall)
    made.row.refresh_from_db()
    assert made.row.state == State.STOPPED
    here = stood(asking.content.report)
    assert here.standing == fold(168 * HOUR, asking.received_at, [], withdrawn_at=recall.created, at=here.at)
    assert here.standing.state is RequestState.WITHDRAWN


def test_the_askers_recall_is_the_withdrawal(alice: User, omar: User, washington: Counterpart) -> None:
    row = asked(alice, omar, washington)
    recalls.recall_report(row.uid, reason="settled", by=omar)
    (recall,) = washington.fetch()
    here = stood(row.uid)
    received = here.received_at
    assert received is not None
    assert here.standing == fold(168 * HOUR, received, [], withdrawn_at=recall.created, at=here.at)


def test_a_recalled_answer_opens_the_request_again(alice: User, omar: User, washington: Counterpart) -> None:
    row = asked(alice, omar, washington)
    content = reply_of(washington, last_content(washington), Outcome.FULL)
    answers(washington, content)
    assert stood(row.uid).standing.state is RequestState.ANSWERED
    washington.send(washington.message(Type.RECALL, RecallBody(content.report, (1,), "wrong man"), agreement=""))
    assert stood(row.uid).standing.state is RequestState.OPEN


def test_a_corrected_request_ends_the_version_before_on_receipt(
    alice: User, omar: User, washington: Counterpart
) -> None:
    asking = asks(washington)
    second = replace(asking.content, version=2, title="Whose phone is this, really?")
    (receipt,) = washington.send(washington.report(second))
    assert isinstance(receipt, Accepted)
    made = requests.reply_to_request(asking.report.uid, WORDS, full=True, viewpoint=look(alice), by=alice)
    released(made, omar)
    assert RequestAnswer.objects.get().request.version == 2
    here = stood(asking.content.report)
    assert here.standing.due == receipt.at + 168 * HOUR
    (one,) = requests.read_requests(requests.list_requests(viewpoint=look(alice)), viewpoint=look(alice))
    assert one.row.version == 2


def test_a_request_is_listed_as_open_as_long_as_no_final_answer_counts(
    alice: User, omar: User, washington: Counterpart
) -> None:
    def is_open() -> bool:
        standing = stood(asking.content.report).standing
        listed = requests.open_requests(Q(), at=timezone.now(), viewpoint=look(alice))
        assert [one.standing for one in listed] == ([standing] if standing.open else [])
        assert requests.count_open_requests(viewpoint=look(alice)) == standing.open
        return standing.open

    asking = asks(washington)
    released(requests.clarify_request(asking.report.uid, WORDS, viewpoint=look(alice), by=alice), omar)
    washington.fetch()
    assert is_open(), "a question back ends nothing"
    made = requests.reply_to_request(asking.report.uid, WORDS, full=True, viewpoint=look(alice), by=alice)
    released(made, omar)
    assert not is_open()
    washington.fetch(refuse="request-reply-ended")
    assert is_open(), "what the partner refused never counted"
    released(requests.reply_to_request(asking.report.uid, WORDS, full=True, viewpoint=look(alice), by=alice), omar)
    washington.fetch()
    assert not is_open()
    recalls.recall_report(last_answer(asking).uid, reason="wrong man", by=omar)
    assert is_open(), "what was recalled counts no more"


def last_answer(asking: Asking) -> Report:
    return RequestAnswer.objects.filter(request__uid=asking.content.report).latest("pk").report


# The desk.
def test_the_desk_shows_what_waits_and_what_runs_out(alice: User, omar: User, washington: Counterpart) -> None:
    late = asks(washington, URGENT)
    Message.objects.filter(request__uid=late.content.report).update(received_at=timezone.now() - 9 * HOUR)
    calm = asks(washington)
    ours = asked(alice, omar, washington)
    found = desk.open_desk(viewpoint=look(alice), by=alice).requests
    assert [str(one.row.uid) for one in found] == [late.content.report, calm.content.report]
    assert [one.pace for one in found] == [Pace.OVERDUE, Pace.RUNNING]
    Receipt.objects.filter(message__request__uid=ours.uid).update(at=timezone.now() - timedelta(days=6))
    found = desk.open_desk(viewpoint=look(alice), by=alice).requests
    assert (str(ours.uid), Pace.SOON) in [(str(one.row.uid), one.pace) for one in found]


def test_information_is_no_request(alice: User, omar: User, washington: Counterpart) -> None:
    row = released_report(alice, omar, "washington")
    with pytest.raises(requests.RequestUnknown):
        requests.open_request(row.uid, viewpoint=look(alice))


def test_of_two_final_answers_released_in_one_go_only_the_first_leaves(
    alice: User, omar: User, washington: Counterpart
) -> None:
    asking = asks(washington)
    given = {"full": True, "viewpoint": look(alice), "by": alice}
    first, second = (requests.reply_to_request(asking.report.uid, WORDS, **given).row.uid for _round in range(2))  # type: ignore[arg-type]
    outcomes = releases.release_reports([first, second], by=omar)
    assert [one.refusal.code if one.refusal else "" for one in outcomes] == ["", "request-reply-ended"]
    assert [one.body.content.report for one in washington.fetch() if one.type is Type.REPORT] == [str(first)]  # type: ignore[union-attr]
    assert Report.objects.get(uid=second).state == State.AWAITING_RELEASE
    assert list(RequestAnswer.objects.values_list("uid", flat=True)) == [first]
