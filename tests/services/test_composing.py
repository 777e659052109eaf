"""Composing: a draft from a file or words, suggestions in its text, and writing on it by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils import timezone

from amana.domain.errors import AmanaError
from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Purpose
from amana.domain.report import Content, Kind, State
from amana.domain.statement import Entity, GroundsMissing, Nature
from amana.domain.viewpoint import Viewpoint
from amana.domain.vocabulary import Category, ValueRefused
from amana.records.models import Dropped, LogEntry, Report, User
from amana.services import composing, drafting, recalls, releases, reports
from amana.services.drafting import NewStatement, Revision, Said
from amana.services.people import viewpoint_of
from tests.counterpart import Counterpart
from tests.services.test_exchange import drafted

WORDS = "The container CSQU3054383 left Casablanca. Pay to IBAN DE89370400440532013000 was seen. " * 2


def view(officer: User) -> Viewpoint:
    return viewpoint_of(officer, purpose=Purpose.INVESTIGATION)


def shown(row: Report, officer: User) -> Content:
    content = reports.show_report(row.uid, viewpoint=view(officer)).content
    assert content is not None
    return content


def grade(letter: str = "B", number: str = "2") -> Evaluation:
    return Evaluation(Source(letter), Information(number), timezone.localdate())


def test_words_become_a_draft_that_states_nothing_and_goes_to_nobody(alice: User) -> None:
    row = composing.compose_from_words("A first line.\r\nA second.", viewpoint=view(alice), by=alice)
    content = shown(row, alice)
    assert (content.title, content.text) == ("A first line.", "A first line.\nA second.")
    assert not content.statements
    assert not content.handling.releasable_to
    assert content.evaluation.grade == "X4"


def test_a_file_becomes_a_draft_under_its_marking_and_keeps_its_original(alice: User) -> None:
    row = composing.compose_from_file(WORDS.encode(), filename="note.txt", viewpoint=view(alice), by=alice)
    content = shown(row, alice)
    assert "CSQU3054383" in content.text
    assert content.originals[0].size == len(WORDS)
    assert not content.statements


def test_an_accepted_suggestion_is_a_statement_with_its_place_and_is_suggested_no_more(alice: User) -> None:
    row = composing.compose_from_words(WORDS, viewpoint=view(alice), by=alice)
    (offer,) = [one for one in composing.offers_of(row, shown(row, alice)) if "CSQU" in one.value]
    composing.accept_offers(row.uid, [offer.key], by=alice)
    content = shown(row, alice)
    (said,) = [one for one in content.statements if one.value == "CSQU3054383"]
    assert said.place is not None
    assert content.text[said.place[0] : said.place[1]] == "CSQU3054383"
    assert offer.key not in {one.key for one in composing.offers_of(row, content)}


def test_what_was_rejected_is_not_suggested_again_until_its_report_ends(alice: User) -> None:
    row = composing.compose_from_words(WORDS, viewpoint=view(alice), by=alice)
    offers = composing.offers_of(row, shown(row, alice))
    composing.drop_offers(row.uid, [offers[0].key], by=alice)
    left = composing.offers_of(row, shown(row, alice))
    assert [one.key for one in left] == [one.key for one in offers[1:]]
    assert composing.dropped_passages(row, shown(row, alice)) == [offers[0].text]
    with pytest.raises(composing.OfferUnknown):
        composing.accept_offers(row.uid, [offers[0].key], by=alice)
    from amana.services.contents import close_report

    close_report(row, State.STOPPED, reason="over")
    assert not Dropped.objects.exists()


def test_accepting_all_leaves_no_suggestion_and_takes_topics_as_crime_areas(alice: User) -> None:
    text = "Cocaine was found. The drug traffickers met in Rabat. " + WORDS
    row = composing.compose_from_words(text, viewpoint=view(alice), by=alice)
    composing.accept_offers(row.uid, None, by=alice)
    content = shown(row, alice)
    assert composing.offers_of(row, content) == []
    assert all(one.evaluation == content.evaluation for one in content.statements)


def test_a_name_accepted_twice_is_one_person(alice: User) -> None:
    row = composing.compose_from_words(WORDS, viewpoint=view(alice), by=alice)
    composing.accept_offers(row.uid, None, by=alice)
    before = shown(row, alice)
    drafting.revise_draft(row.uid, Revision(text=before.text + " CSQU3054383 came back."), by=alice)
    composing.accept_offers(row.uid, None, by=alice)
    assert len(shown(row, alice).entities) == len(before.entities)


def test_editing_the_text_moves_places_and_forgets_those_whose_words_are_gone(
    alice: User, washington: Counterpart
) -> None:
    row = drafted(alice, "washington")
    drafting.revise_draft(row.uid, Revision(text="On Monday Yassine Berrada met a man."), by=alice)
    assert shown(row, alice).statements[0].place == (10, 25)
    drafting.revise_draft(row.uid, Revision(text="Somebody met a man."), by=alice)
    assert shown(row, alice).statements[0].place is None
    assert shown(row, alice).statements[0].value == "Yassine Berrada"


def test_a_statement_is_added_from_a_passage_changed_and_removed(alice: User, washington: Counterpart) -> None:
    row = drafted(alice, "washington")
    new = NewStatement("name", Said("Unknown man", grade("C", "3")), schema="Person", passage="unknown man")
    drafting.revise_draft(row.uid, Revision(added=[new]), by=alice)
    content = shown(row, alice)
    added = content.statements[-1]
    assert content.text[slice(*(added.place or (0, 0)))] == "unknown man"
    assert content.entities[-1].category is Category.UNKNOWN
    said = Said("Unknown tall man", grade("A", "1"), Nature.ASSESSMENT)
    drafting.revise_draft(row.uid, Revision(said={added.id: said}), by=alice)
    drafting.revise_draft(row.uid, Revision(said={added.id: replace(said, nature=Nature.FACT)}), by=alice)
    changed = shown(row, alice).statements[-1]
    assert (changed.value, changed.evaluation.grade, changed.nature) == ("Unknown tall man", "A1", Nature.ASSESSMENT)
    drafting.revise_draft(row.uid, Revision(removed=frozenset({added.id})), by=alice)
    assert [one.id for one in shown(row, alice).statements] == ["s1"]
    drafting.revise_draft(row.uid, Revision(removed_entities=frozenset({"e1"})), by=alice)
    assert (shown(row, alice).statements, len(shown(row, alice).entities)) == ((), 1)


def test_a_new_grade_reaches_the_statements_where_that_is_asked(alice: User, washington: Counterpart) -> None:
    row = drafted(alice, "washington")
    drafting.revise_draft(row.uid, Revision(evaluation=grade("A", "1")), by=alice)
    assert shown(row, alice).statements[0].evaluation.grade == "B3"
    drafting.revise_draft(row.uid, Revision(evaluation=grade("A", "1"), regrade=True), by=alice)
    assert shown(row, alice).statements[0].evaluation.grade == "A1"


REFUSED = {
    "a passage that is not there": (
        Revision(added=[NewStatement("name", Said("X", grade()), schema="Person", passage="nowhere")]),
        drafting.PassageAbsent,
    ),
    "a value that does not fit": (
        Revision(added=[NewStatement("birthDate", Said("soon", grade()), entity="e1")]),
        ValueRefused,
    ),
    "somebody about to offend without grounds": (
        Revision(categories={"e1": (Category.ABOUT_TO_OFFEND, "")}),
        GroundsMissing,
    ),
    "a statement of another report": (Revision(removed=frozenset({"s9"})), reports.StatementUnknown),
    "an entity of another report": (
        Revision(added=[NewStatement("name", Said("X", grade()), entity="e9")]),
        reports.StatementUnknown,
    ),
    "a kind with parts of its own": (Revision(kind=Kind.REQUEST), drafting.KindFixed),
    "an older edition": (Revision(edition=1, title="New"), drafting.DraftChanged),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_changes_nothing(alice: User, washington: Counterpart, name: str) -> None:
    row = drafted(alice, "washington")
    before = shown(row, alice)
    revision, error = REFUSED[name]
    with pytest.raises(error):
        drafting.revise_draft(row.uid, replace(revision, text="Something else."), by=alice)
    assert shown(row, alice) == before


def test_only_a_draft_is_written_on(alice: User, omar: User, washington: Counterpart) -> None:
    row = drafted(alice, "washington")
    releases.propose_release(row.uid, by=alice)
    with pytest.raises(reports.ReportNotDraft):
        drafting.revise_draft(row.uid, Revision(text="Other words."), by=alice)
    with pytest.raises(reports.ReportNotDraft):
        composing.accept_offers(row.uid, None, by=alice)
    releases.release_report(row.uid, by=omar)
    recalls.recall_report(row.uid, reason="wrong", by=omar)
    with pytest.raises(AmanaError):
        drafting.revise_draft(row.uid, Revision(text="Other words."), by=alice)


def test_writing_and_rejecting_stand_in_the_log_without_words(alice: User) -> None:
    row = composing.compose_from_words(WORDS, viewpoint=view(alice), by=alice)
    offers = composing.offers_of(row, shown(row, alice))
    composing.drop_offers(row.uid, [offers[0].key], by=alice)
    drafting.revise_draft(row.uid, Revision(title="A secret name"), by=alice)
    events = " ".join(str(one) for one in LogEntry.objects.values_list("event", flat=True))
    assert "suggestions-dropped" in events
    assert "draft-changed" in events
    assert "secret" not in events


def test_people_cleared_for_less_write_on_nothing_they_may_not_read(alice: User, nadia: User) -> None:
    row = composing.compose_from_words(WORDS, viewpoint=view(alice), by=alice)
    with pytest.raises(reports.ReportUnknown):
        drafting.revise_draft(row.uid, Revision(title="x"), by=nadia)
    with pytest.raises(reports.ReportUnknown):
        composing.accept_offers(row.uid, None, by=nadia)


def test_an_entity_may_be_a_thing(alice: User, washington: Counterpart) -> None:
    row = drafted(alice, "washington")
    new = NewStatement("containerCode", Said("CSQU3054383", grade()), schema="Container")
    drafting.revise_draft(row.uid, Revision(added=[new]), by=alice)
    assert shown(row, alice).entities[-1] == Entity(shown(row, alice).entities[-1].id, "Container")
