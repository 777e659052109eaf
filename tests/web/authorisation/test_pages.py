"""Every address for everybody: with each role, at each step of the door, on ours and theirs, with each marking."""

from __future__ import annotations

from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.web.authorisation.scene import ABOVE, ELSEWHERE, FITS, VARIANTS, WORD, Scene
from tests.web.authorisation.table import AT_THE_DOOR, PAGES, READERS, ROLES, Page

pytestmark = [pytest.mark.django_db, pytest.mark.once]
METHODS = ("get", "post")
DONE, REFUSED, SHUT = (200, 302), (409, 422, 503), (403, 404)  # 503: no witness has co-signed the log here
DEVELOPMENT = {"style"}


def names(found: URLResolver, prefix: str = "") -> set[str]:
    """Every name in the addresses."""
    told = set()
    for one in found.url_patterns:
        told |= {str(one.name)} if isinstance(one, URLPattern) else names(one)
    return told


def test_every_address_is_in_the_table_and_every_row_has_its_address() -> None:
    assert names(get_resolver()) - DEVELOPMENT == {page.name for page in PAGES}


def asked(client: Client, method: str, address: str, page: Page, scene: Scene) -> Any:
    """One request, undone; the session's cookie stays as it was."""
    cookies = SimpleCookie(client.cookies)
    data = dict(page.data() if callable(page.data) else page.data)
    data |= {name: str(scene.things["held"][FITS]) for name, value in data.items() if value == "HELD"}
    try:
        with transaction.atomic():
            answer = client.get(address) if method == "get" else client.post(address, data)
            transaction.set_rollback(True)
    finally:
        client.cookies = cookies
    return answer


def address_of(page: Page, scene: Scene, kind: str, variant: str, uid: object = None) -> str:
    """The address of a row for one object of the scene."""
    first, query = [uid or scene.things[kind][variant]] if kind else [], f"?{page.query}" if page.query else ""
    return reverse(page.name, args=[*first, *(_part(one, scene, variant) for one in page.args)]) + query


def _part(one: Any, scene: Scene, variant: str) -> Any:
    if one in scene.parts:
        return scene.parts[one][variant]
    return scene.fixed.get(one, one.removeprefix("=") if isinstance(one, str) else one)


def nowhere(number: UUID | int) -> UUID | int:
    """A number of the same sort that nothing has."""
    return uuid4() if isinstance(number, UUID) else 10**9


def objects(page: Page, scene: Scene) -> Iterator[tuple[str, str, bool]]:
    """(kind, variant, whether the address works on it) of every object that a row names; one empty for none."""
    kinds = [(page.ours, True), (page.theirs, True), (page.not_theirs, False)]
    found = [(kind, works) for kind, works in kinds if kind]
    if not found:
        yield "", FITS, True
    for kind, works in found:
        for variant in VARIANTS:
            if variant in scene.things[kind]:
                yield kind, variant, works


def judged(answer: HttpResponse, page: Page) -> str:
    """What an answer amounts to: sent to a step of the door, done, refused as things stand, shut, or no such method."""
    where = answer.get("Location", "").split("?")[0]
    if answer.status_code == 302 and where in AT_THE_DOOR.values() and where != page.leads_to:
        return where
    kinds = {"done": DONE, "refused": REFUSED, "shut": SHUT, "no method": (405,)}
    return next((word for word, codes in kinds.items() if answer.status_code in codes), "broken")


def expected(page: Page, person: str, method: str, variant: str, works: bool) -> set[str]:
    """What the table says of one cell."""
    who = page.get if method == "get" else page.post
    if person in AT_THE_DOOR and person not in page.door:
        return {AT_THE_DOOR[person]} | ({"done"} if page.leads_to == AT_THE_DOOR[person] else set())
    if who is None:
        return {"no method"}
    if person in AT_THE_DOOR:
        return {"done", "refused", *AT_THE_DOOR.values()}
    hidden = variant == ABOVE or (variant == ELSEWHERE and (page.purpose_binds or method == "get"))
    if person not in who:
        return {"shut"} if works else {"shut", "refused"}
    if hidden:
        return {"shut", "refused"} if method == "post" else {"shut"}
    if not works:  # a form may be shown there; what it asks for is not done
        return {"shut", "refused"} if method == "post" else {"done", "shut", "refused"}
    return {"done", "refused"}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_only_who_may_passes(scene: Scene, page: Page) -> None:
    wrong = []
    for kind, variant, works in objects(page, scene):
        address = address_of(page, scene, kind, variant)
        # Whoever stands at the door has seen no object yet: one is enough for them.
        for person in (*(AT_THE_DOOR if (variant, works) == (FITS, True) else ()), *ROLES):
            for method in METHODS:
                if (page.get if method == "get" else page.post) is None and (variant, works) != (FITS, True):
                    continue  # a method that is not there is not there on any object
                answer = asked(scene.windows[person], method, address, page, scene)
                found, wanted = judged(answer, page), expected(page, person, method, variant, works)
                if found not in wanted:
                    wrong.append(f"{person} {method} {kind} {variant}: {found} ({answer.status_code}), not {wanted}")
                wrong += [f"{person} {method} {address} shows {word}" for word in leaked(answer, person)]
    assert not wrong, "\n".join(wrong)


def leaked(answer: HttpResponse, person: str) -> list[str]:
    """Words of objects that this person may not read, where an answer shows one."""
    hidden = [WORD[ABOVE], WORD[ELSEWHERE]] if person in READERS else list(WORD.values())
    return [word for word in hidden if word.encode() in answer.content]


@pytest.mark.parametrize("page", [one for one in PAGES if one.ours or one.theirs], ids=str)
def test_what_one_may_not_read_is_answered_like_what_is_not_there(scene: Scene, page: Page) -> None:
    wrong, missing = [], {}
    for kind, variant, works in objects(page, scene):
        if variant == FITS or not works:
            continue
        for person in READERS:
            for method in METHODS:
                if (page.get if method == "get" else page.post) is None:
                    continue
                if variant == ELSEWHERE and method == "post" and not page.purpose_binds:
                    continue
                client = scene.windows[person]
                if (person, method) not in missing:
                    away = address_of(page, scene, kind, variant, uid=nowhere(scene.things[kind][variant]))
                    missing[person, method] = asked(client, method, away, page, scene).status_code
                hidden = asked(client, method, address_of(page, scene, kind, variant), page, scene).status_code
                if hidden != missing[person, method]:
                    wrong.append(f"{person} {method} {kind} {variant}: {hidden}, {missing[person, method]}")
    assert not wrong, "\n".join(wrong)
