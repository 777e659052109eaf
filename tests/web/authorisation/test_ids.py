"""A nested id that belongs to something else is not there: never another's content, never another's act."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.signing import signed_in
from tests.web.authorisation.scene import ABOVE, FITS, WORD, Scene

pytestmark = [pytest.mark.django_db, pytest.mark.once]

# (address, the object in it, the part in it, who asks: somebody who may do it with the right part)
NESTED = (
    ("assess", "draft", "statement", "maker"),
    ("task-done", "meeting", "task", "maker"),
    ("see-flag", "draft", "flag", "maker"),
)
# (address, words after the id, what is posted; None for a page that is read)
WITH_ID: tuple[tuple[str, tuple[str, ...], dict[str, str] | None], ...] = (
    ("report", (), None),
    ("preview", (), None),
    ("case", (), None),
    ("document", (), None),
    ("decide", (), {"decide": "all"}),
    ("draw", (), {}),
    ("answer", ("reply",), {"text": "t", "full": "full"}),
    ("answer-consent", (), {"deed": "grant", "reason": "r"}),
    ("accept", (), {}),
    ("act", ("recall",), {"reason": "r"}),
)
REPORTS = {"draft", "proposed", "released", "meeting", "held", "request", "composed"}
# What each address takes; all other ids of the scene are foreign to it.
TAKES = {
    "report": REPORTS,
    "preview": REPORTS,
    "case": {"case"},
    "document": {"document"},
    "decide": {"document"},
    "draw": {"document"},
    "answer": {"request"},
    "answer-consent": {"consent"},
    "accept": set(),
    "act": REPORTS,
}


@pytest.mark.parametrize(("name", "kind", "part", "who"), NESTED)
def test_a_part_of_one_is_not_found_under_another(scene: Scene, name: str, kind: str, part: str, who: str) -> None:
    client = signed_in(scene.people[who])
    one, other = scene.things[kind][FITS], scene.things[kind][ABOVE]
    parts = scene.parts[part]
    for parent, nested in ((one, parts[ABOVE]), (other, parts[FITS]), (scene.things["proposed"][FITS], parts[FITS])):
        answer = client.post(reverse(name, args=[parent, nested]), {"reason": "r"})
        assert answer.status_code in (404, 422), (parent, nested)
        assert WORD[ABOVE].encode() not in answer.content
    assert client.post(reverse(name, args=[one, parts[FITS]]), {"reason": "r"}).status_code == 302


@pytest.mark.parametrize(("name", "words", "data"), WITH_ID, ids=[f"{name}-{'-'.join(w)}" for name, w, _ in WITH_ID])
def test_an_id_of_another_kind_is_not_there(
    scene: Scene, name: str, words: tuple[str, ...], data: dict[str, str] | None
) -> None:
    client = signed_in(scene.people["second"])
    for kind, found in scene.things.items():
        if kind in TAKES[name] or isinstance(found[FITS], int):
            continue
        address = reverse(name, args=[found[FITS], *words])
        answer = client.get(address) if data is None else client.post(address, data)
        assert answer.status_code in (403, 404, 422), (kind, answer.status_code)
        assert WORD[FITS].encode() not in answer.content, kind


def test_a_version_that_is_not_there_and_a_place_that_is_not_there(scene: Scene) -> None:
    client = signed_in(scene.people["second"])
    assert client.get(reverse("report-version", args=[scene.things["draft"][FITS], 9])).status_code == 404
    asked = reverse("blind-request", args=[scene.things["draft"][FITS], 1])
    assert client.post(asked, {"crime_area": "terrorism"}).status_code == 404


def test_a_session_is_ended_only_under_its_own_person(scene: Scene) -> None:
    client, session = signed_in(scene.people["operator"]), scene.fixed["session"]
    for person, wanted in (("author", 404), ("victim", 302)):
        address = reverse("person-session", args=[person, session])
        assert client.post(address, {"reason": "r"}).status_code == wanted


def test_what_is_read_within_another_is_not_there(scene: Scene) -> None:
    client = signed_in(scene.people["maker"])
    drafts, composed = scene.things["draft"], scene.things["composed"]
    statements, files = scene.parts["statement"], scene.parts["sha256"]
    for address in (
        reverse("evidence", args=[drafts[FITS], statements[ABOVE]]),
        reverse("evidence", args=[drafts[ABOVE], statements[FITS]]),
        reverse("original", args=[composed[FITS], 1, files[ABOVE]]),
        reverse("original", args=[drafts[FITS], 1, files[FITS]]),
        reverse("original", args=[composed[FITS], 2, files[FITS]]),
        reverse("letter", args=[scene.things["released"][FITS], 2]) + "?to=washington",
    ):
        answer = client.get(address)
        assert answer.status_code == 404, address
        assert WORD[ABOVE].encode() not in answer.content
    assert client.get(reverse("evidence", args=[drafts[FITS], statements[FITS]])).status_code == 200
    assert client.get(reverse("original", args=[composed[FITS], 1, files[FITS]])).status_code == 200


def test_a_judgement_is_undone_only_on_a_profile_that_it_speaks_of(scene: Scene) -> None:
    client = signed_in(scene.people["maker"])
    for entity, wanted in ((scene.fixed["other"], 404), (scene.things["entity"][FITS], 302)):
        address = reverse("judgement-undo", args=[entity, scene.fixed["judgement"]])
        assert client.post(address, {"reason": "r"}).status_code == wanted


def test_a_drawn_entry_is_found_only_in_its_own_check(scene: Scene) -> None:
    client, check = signed_in(scene.people["overseer"]), scene.fixed["check"]
    for number, place, wanted in ((check, 9, 404), (check + 1, 1, 404), (check, 1, 302)):
        address = reverse("oversight-finding", args=[number, place])
        assert client.post(address, {"finding": "in-order"}).status_code == wanted


def test_nobody_asks_an_originator_about_a_report_that_the_search_did_not_find(scene: Scene) -> None:
    client = signed_in(scene.people["second"])
    address = reverse("oversight-access-act", args=[scene.fixed["access"], "ask"])
    for kind, wanted in (("request", 404), ("held", 302)):
        answer = client.post(address, {"report": str(scene.things[kind][FITS])})
        assert answer.status_code == wanted, kind
