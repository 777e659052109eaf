"""No page asks the database more often because the node holds more.

Every address of the urlconf that answers GET is opened by the roles that differ, with few holdings and with three times
as many; the number of queries may differ by `SLACK` at most. To add a page, do nothing where its address has no
parameter or only such as bench/page_table.py knows; else give its name a line in `BY_NAME` there. A page that may ask
more often for a reason stands in `MORE` with how often and why.
"""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from amana.exchange.identity import NodeSecrets
from bench.filling import fill, go_on
from bench.holdings import Clock
from bench.page_table import EXCEPT, PageNotInTable, named, pages
from bench.page_walk import NOBODY, PEOPLE, clients, counted, opened
from tests.conftest import officer

pytestmark = pytest.mark.once

FEW, MORE_REPORTS = 100, 200
SLACK = 2
ROLES = ("author", "head", "overseer", "operator", NOBODY)
# Name of the address, and (how many queries more it may take, why).
MORE: dict[str, tuple[int, str]] = {
    "request": (5, "what a reply may take from is read only where something was found"),
    "oversight-register": (4, "256 entries of the log are counted once, and those around a period's ends are read"),
}

Asked = dict[tuple[str, str, str], int]


def test_no_exception_outlives_its_page() -> None:
    names = {name for name, _ in named()}
    assert set(EXCEPT) | set(MORE) <= names


def test_a_page_that_is_not_in_the_table_is_said(node: NodeSecrets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.page_table.BY_NAME", {})
    monkeypatch.setattr("bench.page_table.BY_PARAMETER", {})
    with pytest.raises(PageNotInTable, match="compose-draft"):
        pages(Client())


def test_pages_ask_as_often_with_many_holdings_as_with_few(node: NodeSecrets) -> None:
    clock = Clock(timezone.now())
    people = {name: officer(f"officer-{name}", *map(str, roles)) for name, roles in PEOPLE.items()}
    with clock.running():
        season = fill(FEW, people["author"], people["head"])
    few = asked()
    with clock.running():
        go_on(season, MORE_REPORTS, days=2)
    many = asked()
    assert set(few) <= set(many), "what could be opened cannot be opened any more"
    grown = {key: (few[key], many[key]) for key in few if many[key] > few[key] + SLACK + MORE.get(key[0], (0, ""))[0]}
    assert not grown


def asked() -> Asked:
    """How many queries each page takes, by its name, what is opened and the role."""
    browsers, found = clients(), Asked()
    opening = pages(browsers["head"])
    for page in opening:
        for role in ROLES:
            client = browsers[role]
            with counted() as queries:
                _, status = opened(client, page.path)
            assert status < 500, page
            if status == 200:
                found[page.name, page.label, role] = queries()
    unopened = {page.name for page in opening} - {name for name, _, _ in found}
    assert not unopened, "nobody may open these"
    return found
