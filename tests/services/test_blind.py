"""Hit or no hit between two nodes over the exchange: found and not found, bounded, silent, and what the bytes show."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from amana.domain.handling import Purpose, Tlp
from amana.domain.report import Kind
from amana.domain.statement import Entity
from amana.domain.vocabulary import Category, CrimeArea
from amana.exchange.canonical import encode
from amana.exchange.protocol import Accepted, BlindAskBody, BlindFilterBody, Refused, Type
from amana.exchange.protocol import Message as Wire
from amana.matching import keys
from amana.matching.blind.scope import Side
from amana.records.models import BlindAlarm, BlindQuestion, BlindRound, BlindScope, LogEntry, Partner, Report, User
from amana.services import blind_desk, blind_working, reports
from amana.services.blind_asking import BlindGroundMissing, BlindNothingToAsk, ask_blindly
from amana.services.blind_scopes import EPOCH, GRACE, BlindNotPermitted, destroy_ended_keys
from amana.services.blind_subjects import Asked
from amana.services.blind_working import work_blindly
from tests.counterpart import Counterpart
from tests.services.asking import about, entrusted, look
from tests.services.blind_bob import BlindBob, person, tampered
from tests.services.test_cross_checks import GRADE, SUSPECT, holds

KARIM = person("Karim Belkadi")
OTHER = person("Omar Tazi", "1971-02-03")


@pytest.fixture
def bob(washington: Counterpart) -> BlindBob:
    return BlindBob(washington)


def ask(alice: User, *subjects: keys.Subject, **changes: object) -> BlindQuestion:
    given: dict[str, object] = {"partner": "washington", "purpose": Purpose.INVESTIGATION, "case": "case-7"}
    given |= {"ground": "an order of the court", "by": alice} | changes
    asked = [Asked(one.names[0] if one.names else "number", one) for one in subjects]
    return ask_blindly(asked, **given)  # type: ignore[arg-type]


def grades(alice: User, question: BlindQuestion) -> list[str]:
    opened = blind_desk.show_question(question.pk, viewpoint=look(alice), by=alice)
    return [one.grade for one in opened.compared]


def belkadi(alice: User, **changes: object) -> Report:
    row = holds(alice, (SUSPECT, "name", "كريم بلقاضي"), (SUSPECT, "birthDate", "1980-05-17"))
    return row if not changes else reports.change_draft(row.uid, by=alice, **changes)


# Rabat asks.
def test_a_subject_that_both_hold_hits_across_scripts_and_another_does_not(alice: User, bob: BlindBob) -> None:
    question = ask(alice, person("كريم بلقاضي"), OTHER)
    assert grades(alice, question) == ["", ""]
    receipts = bob.answer_all(KARIM)
    assert all(isinstance(one, Accepted) for one in receipts)
    assert grades(alice, question) == ["ask", "no-hit"]
    question.refresh_from_db()
    assert (question.state, question.secret) == (BlindQuestion.State.ANSWERED, None)


def test_a_hit_becomes_a_request_that_a_second_person_releases(alice: User, bob: BlindBob) -> None:
    question = ask(alice, KARIM, OTHER)
    bob.answer_all(KARIM)
    seen = {"crime_area": CrimeArea.TERRORISM, "viewpoint": look(alice), "by": alice}
    with pytest.raises(blind_desk.BlindNoHit):
        blind_desk.request_from_hit(question.pk, 2, **seen)  # type: ignore[arg-type]
    made = blind_desk.request_from_hit(question.pk, 1, **seen)  # type: ignore[arg-type]
    assert made.missing == ()
    assert (made.row.kind, made.row.state) == (Kind.REQUEST, "awaiting-release")
    assert [one.value for one in made.row.statements.all()] == ["Karim Belkadi"]
    assert bob.fetch() == []


def lengths(messages: list[Wire]) -> list[tuple[str, int]]:
    return [(str(one.type), len(encode(one.body.to_json()))) for one in messages]


def test_what_crosses_the_wire_is_of_one_size_with_and_without_a_hit(alice: User, bob: BlindBob) -> None:
    asked, answered = [], []
    for held in (KARIM, OTHER):
        question = ask(alice, KARIM)
        first = len(bob.seen)
        bob.answer_all(held)
        asked.append((grades(alice, question), lengths(bob.seen[first:])))
    belkadi(alice)
    for wanted in (KARIM, OTHER):
        mine = bob.question(wanted)
        first = len(bob.seen)
        bob.ask(mine)
        bob.fetch()
        answered.append([one for one in lengths(bob.seen[first:]) if one[0] != "blind-filter"])
    assert [one[0] for one in asked] == [["ask"], ["no-hit"]]
    assert asked[0][1] == asked[1][1]
    assert answered[0] == answered[1]


def test_no_message_holds_a_name_a_date_or_a_token(alice: User, bob: BlindBob) -> None:
    ask(alice, KARIM)
    bob.answer_all(KARIM)
    text = repr([one.to_json() for one in bob.seen])
    for word in ("Karim", "Belkadi", "1980", "belkadi"):
        assert word not in text
    events = "".join(one.event or "" for one in LogEntry.objects.all())
    assert "Belkadi" not in events


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        (person("Karim Belkadi", ""), "blind-no-birth-date"),
        (person("Karim", "1980-05-17"), "blind-name-short"),
        (person("Karim Belkadi", category=Category.VICTIM), "blind-category"),
        (keys.Subject(None, (), (), ((keys.TokenKind.IBAN, "MA00"),)), "blind-identifier"),
    ],
)
def test_what_cannot_be_compared_is_refused_or_told_with_its_reason(
    alice: User, bob: BlindBob, subject: keys.Subject, code: str
) -> None:
    with pytest.raises(BlindNothingToAsk):
        ask(alice, subject)
    assert bob.fetch() == []
    question = ask(alice, KARIM, subject)
    opened = blind_desk.show_question(question.pk, viewpoint=look(alice), by=alice)
    assert code in {why.code for why in opened.compared[1].because}


def test_without_case_ground_or_a_purpose_of_the_agreement_nothing_is_asked(alice: User, bob: BlindBob) -> None:
    for missing in ({"case": " "}, {"ground": ""}):
        with pytest.raises(BlindGroundMissing):
            ask(alice, KARIM, **missing)
    assert BlindQuestion.objects.count() == 0


def test_an_answer_whose_proof_does_not_hold_is_not_used(alice: User, bob: BlindBob) -> None:
    question = ask(alice, KARIM)
    (body,) = [one.body for one in bob.fetch() if isinstance(one.body, BlindAskBody)]
    key, published = bob.publish(bob.scope(), bob.held(KARIM))
    bob.send(Type.BLIND_FILTER, published)
    bob.send(Type.BLIND_ANSWER, tampered(bob.answer(body, key, bob.scope())))
    work_blindly(at=timezone.now())
    question.refresh_from_db()
    assert (question.state, question.code) == (BlindQuestion.State.REFUSED, "blind-proof")
    assert grades(alice, question) == [""]


def test_an_answer_that_nobody_waits_for_is_refused_on_both_sides(alice: User, bob: BlindBob) -> None:
    ask(alice, KARIM)
    (body,) = [one.body for one in bob.fetch() if isinstance(one.body, BlindAskBody)]
    key, published = bob.publish(bob.scope(), bob.held(KARIM))
    bob.send(Type.BLIND_FILTER, published)
    answer = bob.answer(body, key, bob.scope())
    assert isinstance(bob.send(Type.BLIND_ANSWER, answer)[0], Accepted)
    (again,) = bob.send(Type.BLIND_ANSWER, answer)
    assert isinstance(again, Refused)
    assert again.code == "blind-answer-unexpected"


def test_only_who_asked_and_the_head_see_whom_a_question_names(
    alice: User, omar: User, nadia: User, bob: BlindBob
) -> None:
    ask(alice, KARIM)
    assert len(blind_desk.list_questions(viewpoint=look(omar), by=omar)) == 1
    assert blind_desk.list_questions(viewpoint=look(nadia), by=nadia) == []


# Bob asks.
def test_bob_learns_which_of_his_own_tokens_rabat_holds(alice: User, bob: BlindBob) -> None:
    belkadi(alice)
    question = bob.question(KARIM, OTHER)
    bob.ask(question)
    hits, codes = bob.read(question)
    mine = {
        token.data
        for token in keys.question_keys(KARIM, bob.scope(holder="rabat"), categories=bob.terms.categories).tokens
    }
    assert codes == []
    assert hits
    assert hits <= mine


def test_third_parties_strict_markings_other_purposes_and_open_categories_are_not_compared(
    alice: User, omar: User, bob: BlindBob
) -> None:
    paris = Counterpart.joined("paris", "FR", head=omar)
    entrusted(paris)
    born = reports.born_restricted(purposes=[Purpose.INVESTIGATION], today=GRADE.as_of)
    belkadi(alice, handling=replace(born, tlp=Tlp.RED))
    belkadi(alice, handling=replace(born, purposes=frozenset({Purpose.PROSECUTION})))
    belkadi(alice, entities=(Entity("e1", "Person", Category.UNKNOWN),))
    belkadi(alice, entities=(Entity("e1", "Person", Category.WITNESS),))
    question = bob.question(KARIM)
    bob.ask(question)
    assert bob.read(question) == (set(), [])


def test_a_holding_that_came_or_went_is_in_the_next_version_only(alice: User, bob: BlindBob) -> None:
    question = bob.question(KARIM)
    bob.ask(question)
    assert bob.read(question)[0] == set()
    row = belkadi(alice)
    second = bob.question(KARIM)
    bob.ask(second)
    assert bob.read(second)[0]
    made = about(GRADE, (SUSPECT, "name", "Omar Tazi"), (SUSPECT, "birthDate", "1971-02-03"))
    reports.change_draft(row.uid, by=alice, statements=tuple(made["statements"]))  # type: ignore[arg-type]
    third = bob.question(KARIM)
    bob.ask(third)
    assert bob.read(third)[0] == set()
    assert BlindScope.objects.get(side="holdings").version == 3


def test_the_filter_travels_once_while_nothing_changes(alice: User, bob: BlindBob) -> None:
    belkadi(alice)
    for expected in (1, 0):
        bob.ask(bob.question(KARIM))
        pieces = [one for one in bob.fetch() if isinstance(one.body, BlindFilterBody)]
        assert len(pieces) == expected


def test_a_dictionary_is_stopped_by_the_budget_and_raises_the_alarm(alice: User, omar: User, bob: BlindBob) -> None:
    belkadi(alice)
    first = date(1960, 1, 1)
    dictionary = [person("Karim Belkadi", (first + timedelta(days=day)).isoformat()) for day in range(10_000)]
    question = bob.question(*dictionary)
    assert len(question.tokens) > 10_000
    bob.ask(question)
    hits, codes = bob.read(question)
    assert hits == set()
    assert set(codes) == {"blind-budget-month"}
    assert len(codes) == len(question.batches())
    alarms = {one.reason["code"] for one in blind_desk.open_alarms(by=omar)}
    assert "blind-alarm-refused" in alarms
    assert LogEntry.objects.filter(event__contains='"blind-alarm"').exists()
    assert blind_desk.see_alarms("washington", by=omar) > 0
    assert blind_desk.open_alarms(by=omar) == []


def test_small_rounds_end_with_the_day_and_stand_in_the_log_one_by_one(alice: User, bob: BlindBob) -> None:
    for _ in range(5):
        bob.ask(bob.question(OTHER))
    rows = BlindRound.objects.filter(ours=False, side="holdings").order_by("pk")
    assert [row.code for row in rows] == ["", "", "", "blind-budget-day", "blind-budget-day"]
    assert BlindAlarm.objects.exists()
    assert LogEntry.objects.filter(event__contains='"blind-asked"').count() == 5
    assert LogEntry.objects.filter(event__contains='"blind-answered"').count() == 5


def test_a_round_of_another_epoch_holder_or_name_is_refused(alice: User, bob: BlindBob) -> None:
    (batch,) = bob.question(KARIM).batches()
    rows = b64encode(batch.ask.elements).decode()
    right = bob.scope(holder="rabat")
    body = BlindAskBody(right.to_json(), "a" * 32, rows, "case-7", "an order")
    for scope in (replace(right, epoch=7), replace(right, holder="washington"), replace(right, agreement="x")):
        (answer,) = bob.send(Type.BLIND_ASK, replace(body, scope=scope.to_json()))
        assert isinstance(answer, Refused)
        assert answer.code == "blind-not-permitted"
    assert isinstance(bob.send(Type.BLIND_ASK, body)[0], Accepted)
    (again,) = bob.send(Type.BLIND_ASK, body)
    assert isinstance(again, Refused)
    assert again.code == "blind-round-taken"


def test_rows_that_are_no_elements_are_answered_with_their_reason(alice: User, bob: BlindBob) -> None:
    body = BlindAskBody(bob.scope(holder="rabat").to_json(), "b" * 32, b64encode(b"\xff" * 2048).decode(), "c", "g")
    bob.send(Type.BLIND_ASK, body)
    work_blindly(at=timezone.now())
    row = BlindRound.objects.get(ours=False)
    assert row.state == BlindRound.State.REFUSED
    assert row.code.startswith("blind-")


def test_charlie_without_an_agreement_is_refused(alice: User, third: Counterpart, bob: BlindBob) -> None:
    belkadi(alice)
    charlie = BlindBob(third)
    body = BlindAskBody(bob.scope(holder="rabat").to_json(), "c" * 32, b64encode(bytes(2048)).decode(), "c", "g")
    (answer,) = charlie.node.send(charlie.node.message(Type.BLIND_ASK, body, agreement=bob.terms.id))
    assert isinstance(answer, Refused)
    assert not BlindRound.objects.exists()


# Silent holdings.
def silence(alice: User, row: Report) -> None:
    uid = row.entity_links.get().entity.uid
    blind_desk.keep_silent(uid, silent=True, viewpoint=look(alice), by=alice)


def bob_answers_back(bob: BlindBob, *asked: keys.Subject) -> None:
    """Bob's node answers Rabat's question about its silent subjects from a filter of what Bob asked."""
    scope = bob.scope(Side.QUESTIONS)
    found = (keys.holding_keys(one, scope, categories=bob.terms.categories) for one in asked)
    key, published = bob.publish(scope, [token.data for one in found for token in one.tokens])
    bob.send(Type.BLIND_FILTER, published)
    for message in bob.fetch():
        if isinstance(message.body, BlindAskBody) and message.body.scope["side"] == "questions":
            bob.send(Type.BLIND_ANSWER, bob.answer(message.body, key, scope))
    work_blindly(at=timezone.now())


def test_a_silent_subject_is_no_hit_and_its_owner_learns_first(alice: User, nadia: User, bob: BlindBob) -> None:
    silence(alice, belkadi(alice))
    question = bob.question(KARIM)
    bob.ask(question)
    asks = BlindRound.objects.filter(ours=True, side="questions")
    assert asks.count() == 1
    bob_answers_back(bob, KARIM)
    (told,) = blind_desk.list_questions(viewpoint=look(alice), by=alice)
    assert told.row.automatic
    assert [one.grade for one in told.compared] == ["ask"]
    assert blind_desk.list_questions(viewpoint=look(nadia), by=nadia) == []


def test_the_round_back_looks_the_same_whether_anything_is_silent_or_not(alice: User, bob: BlindBob) -> None:
    sizes = []
    for silent in (False, True):
        if silent:
            silence(alice, belkadi(alice))
        bob.ask(bob.question(OTHER))
        back = [one.body for one in bob.fetch() if isinstance(one.body, BlindAskBody)]
        sizes.append([len(str(one.to_json())) for one in back])
    assert sizes[0] == sizes[1]
    assert len(sizes[0]) == 1


def test_rabat_lets_bob_compare_his_silent_subjects_with_its_questions(alice: User, bob: BlindBob) -> None:
    ask(alice, KARIM)
    scope = bob.scope(Side.QUESTIONS, holder="rabat")
    found = keys.question_keys(KARIM, scope, categories=bob.terms.categories)
    question = bob.question(KARIM)
    question = replace(question, scope=scope, tokens=tuple(token.data for token in found.tokens))
    bob.ask(question)
    hits, _ = bob.read(question)
    assert hits


# Broken off and ended.
def test_an_answer_that_broke_off_is_made_again_and_sent_once(
    alice: User, bob: BlindBob, monkeypatch: pytest.MonkeyPatch
) -> None:
    belkadi(alice)

    def broken(*_: object, **__: object) -> None:
        raise OSError

    question = bob.question(KARIM)
    with monkeypatch.context() as patch:
        patch.setattr(blind_working, "_ask_for_silent", broken)
        with pytest.raises(OSError):
            bob.ask(question)
    assert bob.fetch() == []
    assert work_blindly(at=timezone.now()) == 1
    assert work_blindly(at=timezone.now()) == 0
    assert bob.read(question)[0]


def test_keys_and_filters_are_destroyed_when_their_epoch_has_ended(alice: User, bob: BlindBob) -> None:
    belkadi(alice)
    bob.ask(bob.question(KARIM))
    now = timezone.now()
    assert destroy_ended_keys(at=now) == 0
    assert destroy_ended_keys(at=now + EPOCH + GRACE + timedelta(days=1)) == 1
    row = BlindScope.objects.get(side="holdings")
    assert (row.scalar, bytes(row.real), bytes(row.held)) == (None, b"", b"")


def test_a_purpose_outside_the_agreement_is_not_asked(alice: User, omar: User) -> None:
    from amana.services import blind_scopes

    bob = BlindBob(Counterpart.joined("washington", "US", head=omar))
    terms = replace(bob.terms, purposes=frozenset({Purpose.PREVENTION}))
    with pytest.raises(BlindNotPermitted):
        blind_scopes.scope_for(
            terms, holder="washington", purpose=Purpose.INVESTIGATION, side=Side.HOLDINGS, at=timezone.now()
        )


def test_a_suspended_partners_round_waits_and_holds_nobody_up(alice: User, omar: User, bob: BlindBob) -> None:
    belkadi(alice)
    charlie = BlindBob(Counterpart.joined("third", "FR", head=omar))
    for one in (bob, charlie):
        assert isinstance(one.put(one.question(KARIM))[0], Accepted)
    Partner.objects.filter(pk="washington").update(state=Partner.State.SUSPENDED)
    assert work_blindly(at=timezone.now()) == 1
    assert states() == {"washington": BlindRound.State.ASKED, "third": BlindRound.State.DONE}
    Partner.objects.filter(pk="washington").update(state=Partner.State.CONFIRMED)
    assert work_blindly(at=timezone.now()) == 1
    assert states()["washington"] == BlindRound.State.DONE


def states() -> dict[str, str]:
    return dict(BlindRound.objects.filter(ours=False).values_list("partner_id", "state"))
