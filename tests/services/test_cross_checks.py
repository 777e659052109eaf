"""What our own holdings say to a partner's request: found at once, shown by viewpoint, gone with either side."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils import timezone

from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Tlp
from amana.domain.statement import Entity
from amana.domain.vocabulary import Category
from amana.exchange.protocol import RecallBody, Type
from amana.records.models import CrossHit, LogEntry, Report, User
from amana.services import reports, requests
from tests.counterpart import Counterpart
from tests.services.asking import Asking, about, asks, entrusted, look
from tests.services.test_exchange import drafted

GRADE = Evaluation(Source.B, Information.CORROBORATED, timezone.now().date())
SUSPECT = Entity("e1", "Person", Category.SUSPECT)
PHONE = Entity("e2", "Phone")
BOX = Entity("e3", "Container")


def asks_about(washington: Counterpart, *rows: tuple[Entity, str, str]) -> Asking:
    made = about(GRADE, *rows)
    return asks(
        washington,
        entities=tuple(made["entities"]),  # type: ignore[arg-type]
        statements=tuple(made["statements"]),  # type: ignore[arg-type]
        text="Who is this?",
    )


def holds(alice: User, *rows: tuple[Entity, str, str]) -> Report:
    return drafted(alice, text="", **about(GRADE, *rows))


def hits(asking: Asking, officer: User) -> list[tuple[str, str, Report]]:
    opened = requests.open_request(asking.report.uid, viewpoint=look(officer))
    return [(one.asked.value, one.found.value, one.found.report) for one in opened.hits]


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("KARIM Belkâdi", "Karim Belkadi"),
        ("أحمد بن علي", "احمد بن على"),
        ("Mueller, Jürgen", "mueller jurgen"),
    ],
)
def test_a_name_is_found_by_its_folded_words(alice: User, washington: Counterpart, asked: str, kept: str) -> None:
    row = holds(alice, (SUSPECT, "name", kept))
    assert hits(asks_about(washington, (SUSPECT, "name", asked)), alice) == [(asked, kept, row)]


def test_an_identifier_is_found_exactly_whatever_bears_it(alice: User, washington: Counterpart) -> None:
    row = holds(alice, (SUSPECT, "phone", "+212661234567"), (BOX, "containerCode", "CSQU3054383"))
    asking = asks_about(
        washington, (PHONE, "number", "+212661234567"), (BOX, "containerCode", "CSQU3054384"), (SUSPECT, "name", "X Y")
    )
    assert hits(asking, alice) == [("+212661234567", "+212661234567", row)]


def test_a_name_of_another_kind_of_thing_is_no_hit(alice: User, washington: Counterpart) -> None:
    holds(alice, (Entity("v1", "Vessel"), "name", "Karim Belkadi"))
    assert hits(asks_about(washington, (SUSPECT, "name", "Karim Belkadi")), alice) == []


def test_people_without_a_category_are_not_compared(alice: User, washington: Counterpart) -> None:
    holds(alice, (Entity("e1", "Person"), "name", "Karim Belkadi"))
    assert hits(asks_about(washington, (SUSPECT, "name", "Karim Belkadi")), alice) == []


def test_what_came_from_the_asker_is_no_hit(alice: User, omar: User, washington: Counterpart) -> None:
    paris = Counterpart.joined("paris", "FR", head=omar)
    entrusted(washington)
    theirs = entrusted(paris)
    asking = asks_about(washington, (SUSPECT, "name", "Karim Belkadi"))
    assert [row for _, _, row in hits(asking, alice)] == [theirs]


def test_a_hit_in_a_report_one_may_not_read_is_neither_shown_nor_counted_nor_hinted(
    alice: User, nadia: User, washington: Counterpart
) -> None:
    holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    green = replace(washington.content().handling, tlp=Tlp.GREEN)
    made = about(GRADE, (SUSPECT, "name", "Karim Belkadi"))
    asking = asks(
        washington,
        handling=green,
        text="Who is this?",
        entities=tuple(made["entities"]),  # type: ignore[arg-type]
        statements=tuple(made["statements"]),  # type: ignore[arg-type]
    )
    assert len(hits(asking, alice)) == 1
    assert hits(asking, nadia) == []
    entry = LogEntry.objects.get(event__contains="request-cross-checked")
    assert entry.event is not None
    assert '"act":"combination"' in entry.event.replace(" ", "")
    assert "hit" not in entry.event
    assert "found" not in entry.event


def test_the_comparison_writes_the_same_log_entry_with_and_without_a_hit(alice: User, washington: Counterpart) -> None:
    asks_about(washington, (SUSPECT, "name", "Karim Belkadi"))
    holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    asks_about(washington, (SUSPECT, "name", "Karim Belkadi"))
    assert CrossHit.objects.count() == 1
    events = [
        one.event or "" for one in LogEntry.objects.filter(event__contains="request-cross-checked").order_by("index")
    ]
    assert len(events) == 2
    assert len(events[0]) == len(events[1])


def test_a_hit_goes_with_the_recall_of_the_request(alice: User, washington: Counterpart) -> None:
    holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    asking = asks_about(washington, (SUSPECT, "name", "Karim Belkadi"))
    assert CrossHit.objects.count() == 1
    washington.send(washington.message(Type.RECALL, RecallBody(asking.content.report, (1,), "settled"), agreement=""))
    assert CrossHit.objects.count() == 0


def test_a_hit_goes_with_the_recall_of_the_report_it_lies_in(alice: User, omar: User, washington: Counterpart) -> None:
    paris = Counterpart.joined("paris", "FR", head=omar)
    theirs = entrusted(paris)
    asks_about(washington, (SUSPECT, "name", "Karim Belkadi"))
    assert CrossHit.objects.count() == 1
    paris.send(paris.message(Type.RECALL, RecallBody(str(theirs.uid), (1,), "source withdrawn"), agreement=""))
    assert CrossHit.objects.count() == 0


def test_the_certificate_counts_statements_and_not_the_hits_that_went_with_them(
    alice: User, omar: User, washington: Counterpart
) -> None:
    holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    asking = asks_about(washington, (SUSPECT, "name", "Karim Belkadi"))
    washington.send(washington.message(Type.RECALL, RecallBody(asking.content.report, (1,), "settled"), agreement=""))
    (certificate,) = washington.fetch()
    assert certificate.body.withdrawn_statements == 1  # type: ignore[union-attr]


def test_a_withdrawn_report_is_not_compared(alice: User, omar: User, washington: Counterpart) -> None:
    paris = Counterpart.joined("paris", "FR", head=omar)
    theirs = entrusted(paris)
    paris.send(paris.message(Type.RECALL, RecallBody(str(theirs.uid), (1,), "source withdrawn"), agreement=""))
    assert hits(asks_about(washington, (SUSPECT, "name", "Karim Belkadi")), alice) == []


def test_a_changed_draft_loses_the_hits_of_its_old_words(alice: User, washington: Counterpart) -> None:
    row = holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    asking = asks_about(washington, (SUSPECT, "name", "Karim Belkadi"))
    other = about(GRADE, (SUSPECT, "name", "Somebody Else"))
    reports.change_draft(row.uid, by=alice, statements=tuple(other["statements"]))  # type: ignore[arg-type]
    assert hits(asking, alice) == []
