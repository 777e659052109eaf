"""Composing by the pages: nothing typed is lost, every button keeps the page first, and nothing states by itself."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from amana.domain.evaluation import Source
from amana.domain.handling import Code, Portion
from amana.domain.report import State
from amana.domain.statement import Entity
from amana.records.models import Document, Report, User
from amana.services import composing
from amana.services.contents import content_of
from tests.counterpart import Counterpart, next_year
from tests.services.test_cross_checks import SUSPECT, holds
from tests.services.test_exchange import drafted, held, released
from tests.signing import signed_in
from tests.web.test_pages import XSS

WORDS = "The container CSQU3054383 left Casablanca. Pay to IBAN DE89370400440532013000 was seen. " * 2


def begun(client: Client, text: str = WORDS) -> Report:
    answer = client.post(reverse("compose"), {"text": text, "tlp": "TLP:AMBER"})
    assert answer.status_code == 302, answer.content.decode()[-800:]
    return Report.objects.get(uid=answer["Location"].rstrip("/").rsplit("/", 1)[-1])


def fields(row: Report, **changes: object) -> dict[str, object]:
    """What the page posts for a draft, with changes."""
    row.refresh_from_db()
    content = content_of(row)
    given: dict[str, object] = {
        "edition": row.edition,
        "title": content.title,
        "text": content.text,
        "language": content.language,
        "kind": str(content.kind),
        "source": str(content.evaluation.source),
        "information": str(content.evaluation.information),
        "as_of": content.evaluation.as_of.isoformat(),
        "tlp": str(content.handling.tlp),
        "codes": sorted(map(str, content.handling.codes)),
        "recipients": sorted(content.handling.releasable_to),
        "purposes": sorted(map(str, content.handling.purposes)),
        "crime_areas": sorted(map(str, content.crime_areas)),
        "erase_by": str(content.handling.erase_by),
        "caveats": "",
    }
    return given | changes


def page_of(client: Client, row: Report) -> str:
    answer = client.get(reverse("compose-draft", args=[row.uid]))
    assert answer.status_code == 200
    return answer.content.decode()


def post(client: Client, row: Report, **changes: object) -> int:
    return client.post(reverse("compose-draft", args=[row.uid]), fields(row, **changes)).status_code


def test_words_become_a_draft_with_suggestions_that_state_nothing(alice: User) -> None:
    client = signed_in(alice)
    row = begun(client)
    page = page_of(client, row)
    assert "CSQU3054383" in page
    assert 'value="accept:' in page
    assert not row.statements.exists()


def test_what_is_known_here_is_marked_beside_the_page_and_only_for_who_may_see_it(alice: User, nadia: User) -> None:
    holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    row = begun(signed_in(alice), "Mr Kareem Belkadhi met Mr Hassan Ouazzani in Casablanca.")
    (offer,) = (one for one in composing.offers_of(row, content_of(row)) if one.value == "Kareem Belkadhi")
    beside = reverse("compose-known", args=[row.uid])
    shown = page_of(signed_in(alice), row)
    assert f'hx-get="{beside}" hx-trigger="load"' in shown
    assert f'<span id="k-{offer.key}" class="chip" hidden>known here</span>' in shown
    part = signed_in(alice).get(beside, HTTP_HX_REQUEST="true").content.decode()
    assert re.findall(r'data-known="([^"]*)"', part) == [f"k-{offer.key} "]
    whole = signed_in(alice).get(beside).content.decode()
    assert "Kareem Belkadhi" in whole
    assert "Ouazzani" not in whole
    assert signed_in(nadia).get(beside).status_code == 404


def test_a_file_is_taken_in_and_becomes_a_draft(alice: User) -> None:
    client = signed_in(alice)
    file = SimpleUploadedFile("note.txt", WORDS.encode())
    answer = client.post(reverse("compose"), {"file": file, "tlp": "TLP:AMBER", "title": "A container"})
    assert answer.status_code == 302
    row = Report.objects.get()
    assert (row.title, row.document_id) == ("A container", Document.objects.get().pk)


def test_a_refused_file_says_why_and_the_words_typed_stay(alice: User) -> None:
    client = signed_in(alice)
    file = SimpleUploadedFile("x.pdf", b"not a pdf at all")
    answer = client.post(reverse("compose"), {"file": file, "tlp": "TLP:AMBER", "title": "My own title"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This file was not taken in." in page
    assert "My own title" in page
    assert not Report.objects.exists()
    both = client.post(
        reverse("compose"),
        {"file": SimpleUploadedFile("x.txt", b"words"), "text": "My long text", "tlp": "TLP:AMBER"},
    )
    assert both.status_code == 422
    assert "My long text" in both.content.decode()
    assert client.post(reverse("compose"), {"tlp": "TLP:AMBER"}).status_code == 422


def test_a_suggestion_is_accepted_and_another_rejected_and_typed_text_is_kept_with_it(alice: User) -> None:
    client = signed_in(alice)
    row = begun(client)
    keys = re.findall(r'value="(accept:[0-9a-f]{64})"', page_of(client, row))
    assert post(client, row, do=keys[0], title="Typed meanwhile") == 302
    row.refresh_from_db()
    assert row.title == "Typed meanwhile"
    assert row.statements.exists()
    left = list(dict.fromkeys(re.findall(r'value="(drop:[0-9a-f]{64})"', page_of(client, row))))
    assert post(client, row, do=left[0]) == 302
    assert left[0] not in page_of(client, row)
    assert post(client, row, do="accept:") == 302
    assert 'value="accept:' not in page_of(client, row)


def test_a_suggestion_that_is_gone_is_told_and_the_page_stays(alice: User) -> None:
    client = signed_in(alice)
    row = begun(client)
    answer = client.post(reverse("compose-draft", args=[row.uid]), fields(row, do=f"accept:{'0' * 64}", title="Kept"))
    assert answer.status_code == 404
    assert "does not suggest this any more" in answer.content.decode()
    row.refresh_from_db()
    assert row.title == "Kept"


def test_what_is_missing_leads_to_where_it_is_mended_until_it_may_be_proposed(
    alice: User, washington: Counterpart
) -> None:
    client = signed_in(alice)
    row = begun(client)
    page = page_of(client, row)
    assert 'href="#recipients"' in page
    assert 'href="#crime_areas"' in page
    assert post(client, row, recipients=["washington"], crime_areas=["terrorism"], erase_by=str(next_year())) == 302
    page = page_of(client, row)
    assert "Nothing is missing." in page
    assert post(client, row, do="propose") == 302
    row.refresh_from_db()
    assert row.state == State.AWAITING_RELEASE
    answer = client.get(reverse("compose-draft", args=[row.uid]))
    assert answer["Location"] == reverse("report", args=[row.uid])


def test_proposing_too_early_says_why_and_keeps_the_page(alice: User, washington: Counterpart) -> None:
    client = signed_in(alice)
    row = begun(client)
    assert post(client, row, do="propose", title="Typed meanwhile") == 422
    row.refresh_from_db()
    assert (row.state, row.title) == (State.DRAFT, "Typed meanwhile")


def test_a_draft_may_be_kept_with_nothing_chosen(alice: User) -> None:
    client = signed_in(alice)
    row = begun(client)
    assert post(client, row, title="", purposes=[], crime_areas=[], erase_by="", codes=[]) == 302
    assert "It has no title yet." in page_of(client, row)


def test_what_cannot_be_kept_stays_on_the_page_as_typed(alice: User, washington: Counterpart) -> None:
    client = signed_in(alice)
    row = drafted(alice, "washington")
    address = reverse("compose-draft", args=[row.uid])
    for wrong in (
        {"as_of": "some day"},
        {"new-value": "soon", "new-entity": "e1", "new-property": "birthDate"},
        {"new-value": "X", "new-entity": "new:Person", "new-property": "name", "new-passage": "not in the text"},
        {"category-e1": "about-to-offend"},
        {"purposes": ["prevention"]},
        {"edition": 5},
        {"tlp": "TLP:NONE"},
        {"st-s1-value": ""},
    ):
        answer = client.post(address, fields(row, text="My new words, typed for an hour.", **wrong))
        assert answer.status_code in (409, 422), wrong
        page = answer.content.decode()
        assert "My new words, typed for an hour." in page, wrong
        assert 'role="alert"' in page
        row.refresh_from_db()
        assert row.text == "Yassine Berrada met an unknown man."


def test_who_keeps_an_overtaken_page_again_has_seen_that_it_was_overtaken(alice: User, omar: User) -> None:
    mine, others = signed_in(alice), signed_in(omar)
    row = begun(mine)
    old = fields(row, title="Mine")
    assert post(others, row, title="Another's") == 302
    answer = mine.post(reverse("compose-draft", args=[row.uid]), old)
    assert answer.status_code == 409
    edition = re.search(r'name="edition" value="(\d+)"', answer.content.decode())
    assert edition
    assert mine.post(reverse("compose-draft", args=[row.uid]), old | {"edition": edition[1]}).status_code == 302
    row.refresh_from_db()
    assert row.title == "Mine"


def test_statements_are_added_graded_concluded_and_removed_by_the_page(alice: User, washington: Counterpart) -> None:
    client = signed_in(alice)
    row = drafted(alice, "washington")
    new = {"new-value": "unknown man", "new-entity": "new:Person", "new-property": "name", "new-passage": "unknown man"}
    assert post(client, row, **new) == 302
    one = row.statements.get(value="unknown man")
    assert (one.start, one.end) == (23, 34)
    assert f"category-{one.entity.uid}" in page_of(client, row)
    changed = {
        f"st-{one.uid}-value": "tall man",
        f"st-{one.uid}-source": "A",
        f"st-{one.uid}-information": "1",
        f"st-{one.uid}-assessment": "on",
        f"category-{one.entity.uid}": "contact",
    }
    assert post(client, row, **changed) == 302
    one = row.statements.get(value="tall man")
    assert (one.evaluation["source"], one.nature) == (Source.A, "assessment")
    assert row.entity_links.get(entity=one.entity).category == "contact"
    assert post(client, row, do=f"remove:{one.uid}") == 302
    assert row.statements.count() == 1
    assert post(client, row, do="remove-entity:e1") == 302
    assert row.statements.count() == 0


def test_a_page_that_was_only_kept_changes_no_statement(alice: User, washington: Counterpart) -> None:
    client = signed_in(alice)
    row = drafted(alice, "washington")
    before = content_of(row)
    page = page_of(client, row)
    shown = dict(re.findall(r'<textarea[^>]*name="(st-[^"]+)"[^>]*>([^<]*)</textarea>', page))
    assert shown
    assert post(client, row, **shown) == 302
    row.refresh_from_db()
    assert content_of(row) == before


def test_a_statement_gets_a_handling_of_its_own_on_the_page_and_loses_it_there(
    alice: User, washington: Counterpart
) -> None:
    client = signed_in(alice)
    row = drafted(alice, "washington")
    value = {"st-s1-value": row.statements.get().value}
    own = {"st-s1-only": ["washington"], "st-s1-codes": ["H1", "H9"], "st-s1-caveats": "Ask us.\nBy day."}
    assert post(client, row, **value, **own) == 302
    (said,) = content_of(Report.objects.get(pk=row.pk)).statements
    assert said.handling == Portion(
        frozenset({Code.H1}), frozenset({"Ask us.", "By day."}), releasable_to=frozenset({"washington"})
    )
    page = page_of(client, row)
    assert "only for washington" in page
    ticked = re.findall(r'name="st-s1-(only|codes)" value="([^"]+)" checked', page)
    assert sorted(ticked) == [("codes", "H1"), ("only", "washington")]
    assert "Ask us.&#10;By day.</textarea>" in page
    assert post(client, row, **value, **{"st-s1-only": ["-", "washington"]}) == 302
    assert content_of(Report.objects.get(pk=row.pk)).statements[0].handling == Portion(
        releasable_to=frozenset({"washington"})
    )
    assert post(client, row, **value, **{"st-s1-only": ["-"]}) == 302
    assert content_of(Report.objects.get(pk=row.pk)).statements[0].handling == Portion(releasable_to=frozenset())
    assert "stays here" in page_of(client, row)
    assert post(client, row, **value, **{"st-s1-only": ["nobody we know"]}) == 302
    assert content_of(Report.objects.get(pk=row.pk)).statements[0].handling == Portion(releasable_to=frozenset())
    assert post(client, row, **value) == 302
    assert content_of(Report.objects.get(pk=row.pk)).statements[0].handling is None


def test_a_kind_with_parts_of_its_own_keeps_them(alice: User) -> None:
    from amana.domain.joint import Notice
    from amana.domain.report import Kind

    row = drafted(alice, kind=Kind.NOTICE, details=Notice())
    client = signed_in(alice)
    assert post(client, row, title="A notice") == 302
    row.refresh_from_db()
    assert (row.kind, row.details) == ("notice", {"report": "", "task": ""})


def test_nobody_composes_on_what_they_may_not_see_or_what_is_no_draft(
    alice: User, omar: User, nadia: User, rachid: User, washington: Counterpart
) -> None:
    row = drafted(alice, "washington")
    assert signed_in(nadia).get(reverse("compose-draft", args=[row.uid])).status_code == 404
    assert signed_in(nadia).post(reverse("compose-draft", args=[row.uid]), fields(row)).status_code == 404
    assert signed_in(rachid).get(reverse("compose")).status_code == 403
    for other in (held(washington)[0], released(alice, omar, "washington")):
        answer = signed_in(alice).get(reverse("compose-draft", args=[other.uid]))
        assert answer.status_code == 302
    assert signed_in(alice).get(reverse("compose-draft", args=[uuid4()])).status_code == 404
    assert Client().get(reverse("compose")).status_code == 302


def test_a_draft_begins_from_a_document_that_was_taken_in(alice: User) -> None:
    client = signed_in(alice)
    client.post(reverse("take-in"), {"file": SimpleUploadedFile("note.txt", WORDS.encode()), "tlp": "TLP:AMBER"})
    document = Document.objects.get()
    assert (
        reverse("compose-from", args=[document.pk])
        in client.get(reverse("document", args=[document.pk])).content.decode()
    )
    answer = client.post(reverse("compose-from", args=[document.pk]))
    assert answer["Location"].startswith("/compose/")
    assert Report.objects.get().document == document


@pytest.mark.once
@pytest.mark.parametrize("payload", XSS)
def test_what_people_type_never_becomes_markup_here(alice: User, payload: str) -> None:
    client = signed_in(alice)
    row = begun(client, f"{payload} {WORDS}")
    new = {"new-value": payload, "new-entity": "new:Person", "new-property": "summary", "new-passage": payload}
    pages = [page_of(client, row)]
    assert post(client, row, **new) == 302
    pages.append(page_of(client, row))
    pages.append(
        client.post(reverse("compose-draft", args=[row.uid]), fields(row, **new, as_of=payload)).content.decode()
    )
    pages.append(client.post(reverse("compose"), {"text": payload, "tlp": payload}).content.decode())
    for page in pages:
        assert "alert(1)>" not in page.replace("&gt;", "")
        assert "<script>" not in page
        assert "onerror=alert(1)>" not in page


def test_the_page_asks_the_database_no_more_for_a_long_draft(
    alice: User, washington: Counterpart, django_assert_max_num_queries: object
) -> None:
    client = signed_in(alice)
    row = drafted(
        alice,
        "washington",
        text=WORDS + " ".join(f"Container number {n}." for n in range(40)),
        entities=[Entity(f"e{n}", "Person") for n in range(40)],
        statements=[],
    )
    with django_assert_max_num_queries(45):  # type: ignore[operator]
        page_of(client, row)
