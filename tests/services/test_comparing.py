"""Versions side by side, the history in words, and the originals that are handed out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.statement import Nature
from amana.exchange.protocol import ReceiptBody, Step, Type
from amana.records.models import Document, LogEntry, User
from amana.services import comparing, composing, drafting, history, originals, recalls, releases, reports
from amana.services.comparing import ADDED, CHANGED, REMOVED, SAME, stretches
from amana.services.drafting import NewStatement, Revision, Said
from amana.services.keys import home
from tests.counterpart import Counterpart, next_year
from tests.services.test_composing import view
from tests.services.test_exchange import drafted, held, released


@given(st.text(alphabet="ab \n.", max_size=40), st.text(alphabet="ab \n.", max_size=40))
def test_the_pieces_are_both_texts(old: str, new: str) -> None:
    found = stretches(old, new)
    assert "".join(one.text for one in found if one.state != ADDED) == old
    assert "".join(one.text for one in found if one.state != REMOVED) == new


def test_only_the_words_that_changed_are_marked() -> None:
    found = stretches("He met a man.\nIn Rabat.", "He met a woman.\nIn Rabat.")
    assert [(one.state, one.text) for one in found] == [
        (SAME, "He met a "),
        (REMOVED, "man"),
        (ADDED, "woman"),
        (SAME, ".\nIn Rabat."),
    ]


def test_a_stretch_too_long_to_compare_is_shown_as_a_whole_between_its_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "MOST_PAIRS", 8)
    found = stretches("same one two three end", "same one 2 three four end")
    assert [(one.state, one.text) for one in found] == [
        (SAME, "same one "),
        (REMOVED, "two three"),
        (ADDED, "2 three four"),
        (SAME, " end"),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a " * 5000, "a b " * 5000),
        ("x\ny\n" * 4000, "y\nx\n" * 4000),
        ("\n" * 9000, "a\n\n" * 9000),
        ("a" * 200_000, "b" * 200_000),
    ],
)
def test_texts_that_repeat_themselves_are_compared_as_any(old: str, new: str) -> None:
    found = stretches(old, new)
    assert "".join(one.text for one in found if one.state != ADDED) == old
    assert "".join(one.text for one in found if one.state != REMOVED) == new


def test_statements_of_two_versions_are_paired(alice: User, omar: User, washington: Counterpart) -> None:
    first = released(alice, omar, "washington")
    row = reports.correct_report(first.uid, reason="He was named wrongly.", by=alice)
    grade = Evaluation(Source.A, Information.ACCURATE, next_year())
    new = NewStatement("alias", Said("The tailor", grade), entity="e1")
    drafting.revise_draft(
        row.uid,
        Revision(text="Yassine Berradi met a man.", said={"s1": Said("Yassine Berradi", grade)}, added=[new]),
        by=alice,
    )
    found = comparing.compare_versions(row.uid, 2, 1, viewpoint=view(alice))
    assert [(one.state, one.name) for one in found.statements] == [
        (CHANGED, "Yassine Berradi"),
        (ADDED, "Yassine Berradi"),
    ]
    assert not found.marking_changed
    drafting.revise_draft(row.uid, Revision(removed=frozenset({"s1"})), by=alice)
    found = comparing.compare_versions(row.uid, 1, 2, viewpoint=view(alice))
    assert sorted(one.state for one in found.statements) == [ADDED, REMOVED]
    assert LogEntry.objects.filter(event__contains='"comparing"').count() == 4


def test_a_version_whose_content_is_gone_is_not_compared(alice: User, omar: User, washington: Counterpart) -> None:
    first = released(alice, omar, "washington")
    reports.correct_report(first.uid, reason="wrong", by=alice)
    with pytest.raises(reports.ReportUnknown):
        comparing.compare_versions(first.uid, 1, 7, viewpoint=view(alice))


def test_versions_above_the_clearance_are_not_compared(
    alice: User, omar: User, nadia: User, washington: Counterpart
) -> None:
    first = released(alice, omar, "washington")
    reports.correct_report(first.uid, reason="wrong", by=alice)
    with pytest.raises(reports.ReportUnknown):
        comparing.compare_versions(first.uid, 1, 2, viewpoint=view(nadia))


def test_the_history_says_who_did_what(alice: User, omar: User, washington: Counterpart) -> None:
    row = drafted(alice, "washington")
    releases.propose_release(row.uid, by=alice)
    releases.decline_release(row.uid, reason="Say which man.", by=omar)
    releases.propose_release(row.uid, by=alice)
    releases.release_report(row.uid, by=omar)
    (message,) = washington.fetch()
    from django.utils import timezone

    digest = row.messages.get().hash
    body = ReceiptBody(message=digest, step=Step.READ, at=timezone.now(), note="")
    washington.send(washington.message(Type.RECEIPT, body, agreement=""))
    recalls.recall_report(row.uid, reason="The wrong man.", by=omar)
    found = history.history_of(row, viewpoint=view(alice))
    assert message
    assert [str(one.what) for one in found] == [
        "omar recalled it from all holders.",
        "washington has read version 1.",
        "washington signed that it has version 1.",
        "Version 1 was sent to washington.",
        "omar released version 1 to washington.",
        "alice proposed version 1 for washington.",
        "alice wrote version 1.",
    ]
    assert found[0].why == "The wrong man."


def test_the_history_of_a_held_report_tells_nothing_of_its_authors(alice: User, washington: Counterpart) -> None:
    row, _ = held(washington)
    assert [one.what.code for one in history.history_of(row, viewpoint=view(alice))] == ["arrived"]


def test_an_original_is_handed_out_as_it_came_and_that_is_logged(alice: User) -> None:
    data = b"The container CSQU3054383 left Casablanca in the night."
    row = composing.compose_from_file(data, filename="note.txt", viewpoint=view(alice), by=alice)
    shown = reports.show_report(row.uid, viewpoint=view(alice))
    (one,) = originals.attachments_of(shown, viewpoint=view(alice))
    assert one.filename == "note.txt"
    _, given = originals.hand_out_original(shown, one.sha256, viewpoint=view(alice))
    assert given == data
    assert LogEntry.objects.filter(event__contains="original-handed-out").count() == 1


def test_an_original_above_the_clearance_or_of_another_report_is_not_handed_out(alice: User, nadia: User) -> None:
    row = composing.compose_from_file(b"Some words of a file.", filename="a.txt", viewpoint=view(alice), by=alice)
    shown = reports.show_report(row.uid, viewpoint=view(alice))
    sha256 = originals.attachments_of(shown, viewpoint=view(alice))[0].sha256
    assert originals.attachments_of(shown, viewpoint=view(nadia))[0].filename == ""
    other = reports.show_report(
        composing.compose_from_words("Words.", viewpoint=view(alice), by=alice).uid, viewpoint=view(alice)
    )
    for opened, officer in ((shown, nadia), (other, alice)):
        with pytest.raises(originals.OriginalUnknown):
            originals.hand_out_original(opened, sha256, viewpoint=view(officer))


def test_a_damaged_original_is_not_handed_out(alice: User) -> None:
    row = composing.compose_from_file(b"Some words of a file.", filename="a.txt", viewpoint=view(alice), by=alice)
    shown = reports.show_report(row.uid, viewpoint=view(alice))
    sha256 = Document.objects.get().original_id
    path = home() / "originals" / sha256[:2] / sha256
    path.chmod(0o600)
    path.write_bytes(b"other")
    with pytest.raises(originals.OriginalDamaged):
        originals.hand_out_original(shown, sha256, viewpoint=view(alice))
    path.unlink()
    with pytest.raises(originals.OriginalDamaged):
        originals.hand_out_original(shown, sha256, viewpoint=view(alice))
    assert not LogEntry.objects.filter(event__contains="original-handed-out").exists()


def test_a_nature_that_changed_is_a_change(alice: User, omar: User, washington: Counterpart) -> None:
    first = released(alice, omar, "washington")
    row = reports.correct_report(first.uid, reason="wrong", by=alice)
    content = reports.show_report(row.uid, viewpoint=view(alice)).content
    assert content is not None
    said = content.statements[0]
    reports.grade_statement(row.uid, said.id, said.evaluation, Nature.ASSESSMENT, by=alice)
    found = comparing.compare_versions(row.uid, 1, 2, viewpoint=view(alice))
    assert [one.state for one in found.statements] == [CHANGED]
