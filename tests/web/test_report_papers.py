"""The report's page and what leaves it on paper: preview and decision, versions, originals, letters, history."""

from __future__ import annotations

import re
from dataclasses import replace

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from amana.domain.handling import Portion
from amana.domain.report import Original, State
from amana.domain.statement import Entity
from amana.domain.vocabulary import Category
from amana.records.models import Agreement, LogEntry, Release, Report, User
from amana.services import drafting, releases, reports
from amana.services.contents import content_of
from amana.services.drafting import Revision
from amana.web.places import pieces
from tests.counterpart import Counterpart
from tests.services.test_exchange import drafted, held, released
from tests.signing import signed_in
from tests.web.test_pages import XSS


def page(officer: User, name: str, row: Report, **query: str) -> str:
    answer = signed_in(officer).get(reverse(name, args=[row.uid]), query)
    assert answer.status_code == 200, answer.content.decode()[-600:]
    return answer.content.decode()


def test_the_second_person_decides_on_the_preview_and_the_author_cannot(
    alice: User, omar: User, washington: Counterpart
) -> None:
    row = drafted(alice, "washington")
    releases.propose_release(row.uid, by=alice)
    mine, theirs = page(alice, "preview", row), page(omar, "preview", row)
    assert "A releasing officer who neither wrote nor proposed it decides here." in mine
    assert "Entrust to washington" not in mine
    assert "Entrust to washington" in theirs
    assert reverse("act", args=[row.uid, "decline"]) in theirs
    head = signed_in(omar)
    head.post(reverse("act", args=[row.uid, "decline"]), {"reason": "Say which man."})
    assert "Say which man." in page(alice, "report", row)
    releases.propose_release(row.uid, by=alice)
    assert head.post(reverse("act", args=[row.uid, "release"]), {"reason": "Checked."}).status_code == 302
    assert Release.objects.get().reason == "Checked."
    assert "decide-reason" not in page(omar, "preview", row)


def test_a_head_who_wrote_it_reads_that_somebody_else_decides(omar: User, washington: Counterpart) -> None:
    row = drafted(omar, "washington")
    releases.propose_release(row.uid, by=omar)
    assert "You wrote or proposed this yourself" in page(omar, "preview", row)


def test_the_preview_shows_bytes_hash_hints_and_what_is_missing(
    alice: User, omar: User, washington: Counterpart
) -> None:
    row = drafted(alice, "washington", entities=[Entity("e1", "Person", Category.INFORMANT)])
    (preview,) = releases.preview_release(row.uid, by=alice)
    text = page(alice, "preview", row)
    assert preview.sha256 in text
    assert preview.data.decode().replace('"', "&quot;").replace("'", "&#x27;") in text
    assert "The name of somebody who must be protected stands in the text." in text
    assert "It may be another person of the same name." in text


def test_one_recipient_without_an_agreement_does_not_hide_the_others(
    alice: User, washington: Counterpart, third: Counterpart
) -> None:
    text = page(alice, "preview", drafted(alice, "washington", "third"))
    assert "There is no agreement in force with “third”" in text
    assert "What washington will hold" in text
    assert 'href="#to-third"' in text


def test_a_draft_for_nobody_says_what_to_do(alice: User) -> None:
    assert "Releasable to nobody" in page(alice, "preview", drafted(alice))


def test_the_preview_tells_which_statements_are_kept_from_a_recipient(alice: User, washington: Counterpart) -> None:
    row = drafted(alice, "washington")
    assert "Kept from them" not in page(alice, "preview", row)
    (said,) = content_of(row).statements
    stays = replace(said, handling=Portion(releasable_to=frozenset()))
    reports.change_draft(row.uid, statements=(stays,), by=alice)
    text = page(alice, "preview", row)
    assert "Kept from them" in text
    assert "stays here" in text
    assert "[…] met an unknown man." in text


def test_of_a_partners_report_there_is_no_preview_of_our_own(alice: User, washington: Counterpart) -> None:
    row, _ = held(washington)
    assert signed_in(alice).get(reverse("preview", args=[row.uid])).status_code == 403


def test_each_statement_of_a_report_leads_to_its_evidence(alice: User, washington: Counterpart) -> None:
    row, _ = held(washington)
    window = signed_in(alice)
    page = window.get(reverse("report", args=[row.uid])).content.decode()
    for one in row.statements.all():
        address = reverse("evidence", args=[row.uid, one.uid])
        assert f"{address}?version={row.version}" in page
        assert window.get(address).status_code == 200


def test_a_report_that_waits_when_its_agreement_ends_stays_readable_and_says_why(alice: User, omar: User) -> None:
    Counterpart.joined("paris", "FR", head=omar)
    row = drafted(alice, "paris")
    releases.propose_release(row.uid, by=alice)
    Agreement.objects.update(state="ended")
    window = signed_in(omar)
    address = reverse("report", args=[row.uid])
    assert "There is no agreement in force with “paris”" in window.get(address).content.decode()
    window.post(reverse("language"), {"language": "de", "next": address})
    german = window.get(address)
    assert german.status_code == 200
    assert "There is no agreement" not in german.content.decode()


def test_two_versions_stand_side_by_side(alice: User, omar: User, washington: Counterpart) -> None:
    first = released(alice, omar, "washington")
    row = reports.correct_report(first.uid, reason="wrong", by=alice)
    drafting.revise_draft(
        row.uid, Revision(text="Yassine Berrada met a known man.", removed=frozenset({"s1"})), by=alice
    )
    text = page(alice, "compare", row)
    assert re.search(r"<del><span[^>]*>removed: </span>unknown</del>", text, re.DOTALL)
    assert re.search(r"<ins><span[^>]*>added: </span>known</ins>", text, re.DOTALL)
    assert "− removed" in text
    assert page(alice, "compare", row, old="2", new="1").count("Version 1 and version 2")
    again = signed_in(alice).get(reverse("compare", args=[row.uid]), {"old": "2", "new": "2"})
    assert again.status_code == 302
    assert signed_in(alice).get(reverse("compare", args=[row.uid]), {"old": "1", "new": "9"}).status_code == 404
    assert "Compare versions" in page(alice, "report", row)


def test_the_original_is_saved_and_never_shown(alice: User, omar: User, washington: Counterpart) -> None:
    client = signed_in(alice)
    data = b"<html><body><p>The container left Casablanca.</p><script>alert(1)</script></body></html>"
    client.post(reverse("compose"), {"file": SimpleUploadedFile("note.html", data), "tlp": "TLP:AMBER"})
    row = Report.objects.get()
    sha256 = row.originals[0]["sha256"]
    address = reverse("original", args=[row.uid, 1, sha256])
    assert address in page(alice, "report", row)
    answer = client.get(address)
    assert answer.content == data
    assert answer["Content-Disposition"] == 'attachment; filename="note.html"'
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert LogEntry.objects.filter(event__contains="original-handed-out").count() == 1
    assert client.get(reverse("original", args=[row.uid, 1, "0" * 64])).status_code == 404
    assert client.get(reverse("original", args=[row.uid, 1, "..%2Fkeys"])).status_code == 404


def test_an_original_that_a_partner_names_and_we_do_not_keep_is_only_named(
    alice: User, washington: Counterpart
) -> None:
    row, _ = held(washington, originals=(Original("a" * 64, 7, "text/plain"),))
    text = page(alice, "report", row)
    assert "This node does not keep the file, or not for you." in text
    assert signed_in(alice).get(reverse("original", args=[row.uid, 1, "a" * 64])).status_code == 404


@pytest.mark.once
@pytest.mark.parametrize("language", ["de", "fr", "ar", "en"])
def test_the_letter_is_a_pdf_to_be_saved(alice: User, omar: User, washington: Counterpart, language: str) -> None:
    row = released(alice, omar, "washington")
    assert "Save the PDF" in page(alice, "report", row)
    client = signed_in(alice)
    query = {"to": "washington", "language": language}
    answer = client.get(reverse("letter", args=[row.uid, 1]), query)
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    assert len(pypdfium2.PdfDocument(answer.content)) >= 3
    for wrong, status in (({"to": "nobody"}, 409), ({"language": "xx"}, 422), ({"to": ""}, 409)):
        assert client.get(reverse("letter", args=[row.uid, 1]), query | wrong).status_code == status


def test_without_a_release_no_letter_is_offered(alice: User, washington: Counterpart) -> None:
    assert "Save the PDF" not in page(alice, "report", drafted(alice, "washington"))
    assert "Save the PDF" not in page(alice, "report", held(washington)[0])


def test_the_history_stands_on_the_page_in_words(alice: User, omar: User, washington: Counterpart) -> None:
    text = page(alice, "report", released(alice, omar, "washington"))
    assert "omar released version 1 to washington." in text
    assert "alice wrote version 1." in text


def test_statements_that_share_words_all_lead_to_them() -> None:
    first, second, third = pieces("Yassine Berrada met", [(0, 15, "s1"), (8, 15, "s2"), (16, 19, "s3")])[0:3]
    assert (first.text, first.marks, first.hidden) == ("Yassine Berrada", "s1 s2", ("s2",))
    assert (second.text, second.at) == (" ", 15)
    assert third.mark == "s3"


@pytest.mark.once
@pytest.mark.parametrize("payload", XSS)
def test_what_people_type_never_becomes_markup_in_comparison_preview_and_history(
    alice: User, omar: User, washington: Counterpart, payload: str
) -> None:
    first = drafted(alice, "washington", title=payload, text="Before.", statements=[])
    releases.propose_release(first.uid, by=alice)
    releases.release_report(first.uid, reason=payload, by=omar)
    row = reports.correct_report(first.uid, reason=payload, by=alice)
    drafting.revise_draft(row.uid, Revision(text=f"After. {payload}"), by=alice)
    for name in ("compare", "report", "preview", "compose-draft"):
        text = page(alice, name, row)
        assert "alert(1)>" not in text.replace("&gt;", "")
        assert "<script>" not in text
        assert "onerror=alert(1)>" not in text


def test_the_pages_ask_the_database_a_bounded_number_of_times(
    alice: User, omar: User, washington: Counterpart, django_assert_max_num_queries: object
) -> None:
    first = released(alice, omar, "washington")
    row = reports.correct_report(first.uid, reason="wrong", by=alice)
    client = signed_in(alice)
    for name, most in (("report", 62), ("preview", 55), ("compare", 34)):
        with django_assert_max_num_queries(most):  # type: ignore[operator]
            assert client.get(reverse(name, args=[row.uid])).status_code == 200


def test_a_superseded_version_keeps_its_letter_and_a_recalled_one_has_none(
    alice: User, omar: User, washington: Counterpart
) -> None:
    first = released(alice, omar, "washington")
    row = reports.correct_report(first.uid, reason="wrong", by=alice)
    releases.propose_release(row.uid, by=alice)
    releases.release_report(row.uid, by=omar)
    first.refresh_from_db()
    assert first.state == State.SUPERSEDED
    query = {"to": "washington", "language": "fr"}
    assert signed_in(alice).get(reverse("letter", args=[row.uid, 1]), query).status_code == 200
