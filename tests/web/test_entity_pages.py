"""The pages of entities: search, profile, leads, side by side, judgement and undo, and the evidence drawer."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from amana.domain.handling import Tlp
from amana.domain.judgement import Verdict
from amana.domain.statement import Entity
from amana.records.models import Judgement, LogEntry, User
from amana.services.judgements import judge
from tests.services.asking import look
from tests.services.test_entities import holds, number_of, someone
from tests.services.test_exchange import drafted
from tests.services.test_judgements import decide, several
from tests.signing import signed_in
from tests.web.test_pages import XSS

HTMX = {"HTTP_HX_REQUEST": "true"}
MOST_ANSWERING = 26  # queries of a whole page, whatever the node holds: frame, log and rights too


def asked(officer: User, **given: str) -> tuple[int, str]:
    answer = signed_in(officer).post(reverse("entities"), given)
    return answer.status_code, answer.content.decode()


def opened(officer: User, name: str, *at: object, **headers: str) -> str:
    answer = signed_in(officer).get(reverse(name, args=at), **headers)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def test_a_name_is_found_in_another_script_with_its_reasons_and_report(alice: User) -> None:
    person = someone()
    row = holds(alice, (person, "name", "Karim Belkadi"), (person, "birthDate", "1980-05-17"))
    status, page = asked(alice, q="كريم بلقاضي", birth="1980")
    assert status == 200
    for words in ("Karim Belkadi", "sound alike across scripts", "Both were born in 1980", "of 100", "strong"):
        assert words in page
    assert reverse("report-version", args=[row.uid, 1]) in page
    assert reverse("entity", args=[number_of(person)]) in page
    assert LogEntry.objects.filter(event__contains="entities-searched").count() == 1


def test_an_address_with_a_question_is_understood_and_the_old_one_too(alice: User) -> None:
    holds(alice, (someone("Phone"), "number", "+212661234567"))
    for name in ("entities", "match"):
        page = signed_in(alice).get(reverse(name), {"q": "+212 661 234567"}).content.decode()
        assert "Both have the identifier" in page
        assert 'value="+212 661 234567"' in page


def test_typing_asks_for_the_answer_alone(alice: User) -> None:
    holds(alice, (someone(), "name", "Karim Belkadi"))
    client = signed_in(alice)
    part = client.post(reverse("entities"), {"q": "Karim Bel"}, **HTMX).content.decode()  # type: ignore[arg-type]
    assert "<html" not in part
    assert "Karim Belkadi" in part
    assert "These are like “Karim”" in part
    assert "Type on" in client.post(reverse("entities"), {"q": "K"}, **HTMX).content.decode()  # type: ignore[arg-type]
    wrong = client.post(reverse("entities"), {"q": "Karim", "birth": "May"}, **HTMX)  # type: ignore[arg-type]
    assert (wrong.status_code, 'role="alert"' in wrong.content.decode()) == (200, True)


def test_what_one_may_not_read_is_like_nothing(alice: User, nadia: User) -> None:
    holds(alice, (someone(), "name", "Karim Belkadi"))
    _, page = asked(nadia, q="Karim Belkadi")
    assert "Nobody and nothing that you may see is like that." in page
    assert "of 100" not in page


@pytest.mark.parametrize(
    "given",
    [
        {"q": "x" * 301},
        {"q": "X", "birth": "May 1980"},
        {"q": "X", "country": "M1"},
        {"q": "X", "group": "nobody"},
        {"q": "X", "page": "0"},
        {"q": "X", "beside": "1" * 40},
    ],
)
def test_a_search_that_is_not_in_order_is_answered_with_its_reason(alice: User, given: dict[str, str]) -> None:
    status, _page = asked(alice, **given)
    assert status == 422
    assert not LogEntry.objects.filter(event__contains="entities-searched").exists()


@pytest.mark.once
@pytest.mark.parametrize("hostile", [one for one in XSS if "<" in one])
def test_nothing_typed_or_held_becomes_markup(alice: User, hostile: str) -> None:
    person, other = someone(), someone()
    row = holds(alice, (person, "name", f"Karim Belkadi {hostile}"), (person, "birthDate", "1980"), title=hostile)
    holds(alice, (other, "name", f"Karim Belkadi {hostile}"), (person, "birthDate", "1981"))
    judge(number_of(person), number_of(other), Verdict.DIFFERENT, reason=hostile, viewpoint=look(alice), by=alice)
    pages = [
        asked(alice, q=f"Karim Belkadi {hostile}")[1],
        opened(alice, "entity", number_of(person)),
        opened(alice, "entity-leads", number_of(person)),
        opened(alice, "entity-beside", number_of(person), number_of(other)),
        opened(alice, "evidence", row.uid, "s1"),
    ]
    for page in pages:
        assert hostile not in page
    assert all("Karim Belkadi" in page for page in (pages[0], pages[1], pages[3], pages[4]))


def test_a_search_comes_in_pages_without_an_address_that_holds_a_name(alice: User) -> None:
    for number in range(25):
        holds(alice, (someone(), "name", f"Karim Belkadi {number}"))
    _, first = asked(alice, q="Karim Belkadi")
    assert "Page 1 of 2" in first
    assert 'form="search" name="page" value="2"' in first
    assert "q=Karim" not in first
    _, second = asked(alice, q="Karim Belkadi", page="2")
    assert "Page 2 of 2" in second


def test_before_anything_is_asked_the_newest_are_there(alice: User, nadia: User) -> None:
    holds(alice, (someone(), "name", "Karim Belkadi"))
    assert "Karim Belkadi" in opened(alice, "entities")
    assert "Nothing is named yet in what you may read." in opened(nadia, "entities")


def test_a_profile_shows_sources_contradictions_and_its_marking(alice: User, nadia: User) -> None:
    person = someone()
    holds(alice, (person, "name", "Karim Belkadi"), (person, "birthDate", "1980-05-17"), title="Crew list")
    row = holds(alice, (person, "birthDate", "1981"), (person, "name", "K"), title="Source 14", tlp=Tlp.RED)
    page = opened(alice, "entity", number_of(person))
    assert "the sources contradict each other" in page
    for words in ("1980-05-17", "1981", "Crew list", "Source 14", "TLP:RED", "B3", "nature-fact", 'id="drawer"'):
        assert words in page
    assert reverse("evidence", args=[row.uid, "s1"]) in page
    assert signed_in(nadia).get(reverse("entity", args=[number_of(person)])).status_code == 404


def test_pages_of_entities_are_closed_to_who_reads_no_content(alice: User, rachid: User, salma: User) -> None:
    person, other = several(alice, 2)
    row = drafted(alice)
    addresses = [
        reverse("entities"),
        reverse("entity", args=[number_of(person)]),
        reverse("entity-leads", args=[number_of(person)]),
        reverse("entity-beside", args=[number_of(person), number_of(other)]),
        reverse("evidence", args=[row.uid, "s1"]),
    ]
    for address in addresses:
        assert signed_in(rachid).get(address).status_code in (403, 404)
        assert signed_in(salma).get(address).status_code in (403, 404)
        assert Client().get(address).status_code == 302


def test_leads_lead_to_the_two_side_by_side(alice: User) -> None:
    one, other = several(alice, 2)
    page = opened(alice, "entity-leads", number_of(one), **HTMX)
    assert "<html" not in page
    assert reverse("entity-beside", args=[number_of(one), number_of(other)]) in page
    assert "Only the name speaks for it" in page


def test_deciding_and_undoing_go_by_the_pages(alice: User) -> None:
    one, other = several(alice, 2)
    client, address = signed_in(alice), reverse("entity-beside", args=[number_of(one), number_of(other)])
    assert "Are they the same?" in client.get(address).content.decode()
    assert not Judgement.objects.exists()
    refused = client.post(address, {"verdict": "same", "reason": " "})
    assert (refused.status_code, "Not kept." in refused.content.decode()) == (422, True)
    answer = client.post(address, {"verdict": "same", "reason": "The same passport."}, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain[-1][0] == reverse("entity", args=[number_of(one)])
    assert "2 entries judged the same" in page
    assert "The same passport." in page
    row = Judgement.objects.get()
    undone = client.post(
        reverse("judgement-undo", args=[number_of(one), row.uid]), {"reason": "Another man."}, follow=True
    ).content.decode()
    assert "entries judged the same" not in undone
    assert "Another man." in undone
    again = client.post(reverse("judgement-undo", args=[number_of(one), row.uid]), {"reason": "x"})
    assert again.status_code == 409


def test_a_refused_judgement_keeps_the_reason_on_the_page(alice: User) -> None:
    a, b, c = several(alice, 3)
    decide(alice, a, b)
    decide(alice, b, c)
    address = reverse("entity-beside", args=[number_of(a), number_of(c)])
    answer = signed_in(alice).post(address, {"verdict": "different", "reason": "Brothers."})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Other judgements make one profile of these two" in page
    assert "Brothers." in page


def test_the_evidence_is_a_part_in_the_drawer_and_a_page_without_scripts(alice: User, nadia: User) -> None:
    row = drafted(alice)
    part = opened(alice, "evidence", row.uid, "s1", **HTMX)
    page = opened(alice, "evidence", row.uid, "s1")
    assert "<html" not in part
    assert "<html" in page
    for words in ('<mark dir="auto">Yassine Berrada</mark>', "not known personally, corroborated", "This look: entry"):
        assert words in part
        assert words in page
    address = reverse("evidence", args=[row.uid, "s1"])
    assert signed_in(nadia).get(address).status_code == 404
    assert signed_in(alice).get(address, {"version": "2"}).status_code == 404
    assert signed_in(alice).get(reverse("evidence", args=[uuid4(), "s1"])).status_code == 404


def test_a_statement_with_a_strange_number_does_not_break_a_profile(alice: User) -> None:
    from dataclasses import replace

    from tests.services.asking import about
    from tests.services.test_cross_checks import GRADE

    person = someone()
    made = about(GRADE, (person, "name", "Karim Belkadi"), (person, "alias", "Abu Karim"))
    said = made["statements"]
    assert isinstance(said, list)
    made["statements"] = [replace(said[0], id="a/b c?"), replace(said[1], id="x\ny")]
    row = drafted(alice, text="", **made)
    page = opened(alice, "entity", number_of(person))
    assert "Abu Karim" in page
    assert "Karim Belkadi" in opened(alice, "evidence", row.uid, "a/b c?")


@pytest.fixture
def crowded(alice: User) -> Entity:
    """Somebody of whom twelve reports speak, with a vessel, an event, a judgement and people of the same name."""
    person, vessel, event = someone(), someone("Vessel"), someone("Event")
    for number in range(12):
        holds(
            alice,
            (person, "name", "Karim Belkadi"),
            (person, "birthDate", f"19{number + 60}"),
            (vessel, "name", "Amal Star"),
            (vessel, "owner", person.id),
            (event, "name", "Loading"),
            (event, "involved", person.id),
            (event, "involved", vessel.id),
        )
    for other in several(alice, 12):
        decide(alice, person, other) if number_of(other) % 2 else decide(alice, person, other, Verdict.DIFFERENT)
    return person


@pytest.mark.parametrize("name", ["entity", "entity-leads", "evidence", "entities", "entity-beside"])
def test_a_page_asks_the_database_a_bounded_number_of_times(
    crowded: Entity, alice: User, name: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client, number = signed_in(alice), number_of(crowded)
    other = several(alice, 1)[0]
    row = drafted(alice)
    places: dict[str, list[object]] = {
        "entity": [number],
        "entity-leads": [number],
        "evidence": [row.uid, "s1"],
        "entities": [],
        "entity-beside": [number_of(other), number],
    }
    at = places[name]
    client.get(reverse("entities"), {"q": "warm"})
    with django_assert_max_num_queries(MOST_ANSWERING * (2 if name == "entity-beside" else 1)):
        given = {"q": "Karim Belkadi"} if name == "entities" else {}
        assert client.get(reverse(name, args=at), given).status_code == 200
