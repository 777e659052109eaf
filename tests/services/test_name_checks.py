"""The names of a partner's request are compared across scripts soon after it came in; each hit says why."""

from __future__ import annotations

import pytest
from django.utils import timezone

from amana import matching
from amana.domain.statement import Entity
from amana.exchange.protocol import RecallBody, Type
from amana.records.models import CrossHit, LogEntry, Request, User
from amana.services import name_checks, requests
from amana.services.name_checks import compare_waiting_names
from tests.counterpart import Counterpart
from tests.services.asking import entrusted, look
from tests.services.test_cross_checks import SUSPECT, asks_about, hits, holds


def compare() -> int:
    return compare_waiting_names(at=timezone.now())


@pytest.mark.parametrize("asked", ["كريم بلقاضي", "Kareem Bel Kadhi", "BELKADI Karim"])
def test_a_name_in_another_script_or_spelling_is_found_with_its_reasons(
    alice: User, washington: Counterpart, asked: str
) -> None:
    row = holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    asking = asks_about(washington, (SUSPECT, "name", asked))
    compare()
    assert hits(asking, alice) == [(asked, "Karim Belkadi", row)]
    (hit,) = requests.open_request(asking.report.uid, viewpoint=look(alice)).hits
    assert hit.likeness == 100 or hit.because


def test_a_request_is_compared_once_and_one_that_broke_off_is_taken_up_again(
    alice: User, washington: Counterpart, monkeypatch: pytest.MonkeyPatch
) -> None:
    holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    asks_about(washington, (SUSPECT, "name", "كريم بلقاضي"))

    def broken(*_: object, **__: object) -> int:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(name_checks, "record", broken)
        with pytest.raises(OSError):
            compare()
    assert CrossHit.objects.count() == 0
    assert compare() == 1
    assert compare() == 0
    assert CrossHit.objects.count() == 1


def test_what_is_found_exactly_is_not_shown_twice(alice: User, washington: Counterpart) -> None:
    holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    asks_about(washington, (SUSPECT, "name", "karim belkadi"))
    assert compare() == 1
    assert CrossHit.objects.count() == 1


def test_birth_dates_count_too_and_a_contradiction_is_said(alice: User, washington: Counterpart) -> None:
    holds(alice, (SUSPECT, "name", "Karim Bel Kadhi"), (SUSPECT, "birthDate", "1980-05-17"))
    for born in ("1980-05-17", "1955-02-03"):
        asks_about(washington, (SUSPECT, "name", "Karim Belkadi"), (SUSPECT, "birthDate", born))
        compare()
    same, other = CrossHit.objects.order_by("request")
    assert same.likeness > other.likeness
    assert "birth-same" in {why.code for why in same.because}
    assert "birth-differs" in {why.code for why in other.because}


def test_what_came_from_the_asker_and_people_without_a_category_are_not_compared(
    alice: User, washington: Counterpart
) -> None:
    entrusted(washington)
    holds(alice, (Entity("e1", "Person"), "name", "Karim Belkadi"))
    asks_about(washington, (SUSPECT, "name", "كريم بلقاضي"))
    compare()
    assert CrossHit.objects.count() == 0


def test_nothing_is_kept_for_a_request_or_a_report_that_was_taken_back(
    alice: User, omar: User, washington: Counterpart
) -> None:
    paris = Counterpart.joined("paris", "FR", head=omar)
    theirs = entrusted(paris)
    asking = asks_about(washington, (SUSPECT, "name", "كريم بلقاضي"))
    paris.send(paris.message(Type.RECALL, RecallBody(str(theirs.uid), (1,), "source withdrawn"), agreement=""))
    assert compare() == 1
    again = asks_about(washington, (SUSPECT, "name", "كريم بلقاضي"))
    for one in (asking, again):
        washington.send(washington.message(Type.RECALL, RecallBody(one.content.report, (1,), "settled"), agreement=""))
    compare()
    assert CrossHit.objects.count() == 0
    assert not Request.objects.filter(compared_at=None).exists()


def test_statements_that_go_while_names_are_compared_are_left_out(
    alice: User, washington: Counterpart, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    asks_about(washington, (SUSPECT, "name", "كريم بلقاضي"))
    compared = matching.compare

    def and_then_gone(one: matching.Subject, other: matching.Subject) -> matching.Score:
        row.statements.all().delete()
        return compared(one, other)

    monkeypatch.setattr(matching, "compare", and_then_gone, raising=False)
    assert compare() == 1
    assert CrossHit.objects.count() == 0


def test_the_log_says_that_names_were_compared_and_the_same_with_and_without_a_hit(
    alice: User, washington: Counterpart
) -> None:
    asks_about(washington, (SUSPECT, "name", "كريم بلقاضي"))
    compare()
    holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    asks_about(washington, (SUSPECT, "name", "كريم بلقاضي"))
    compare()
    assert CrossHit.objects.count() == 1
    events = [one.event or "" for one in LogEntry.objects.filter(event__contains="request-names-compared")]
    assert len(events) == 2
    assert len(events[0]) == len(events[1])
