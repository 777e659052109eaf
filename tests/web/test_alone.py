"""Every page by itself, as the door serves it: outside of the transaction in which other tests run.

What a page locks without a transaction of its own is refused by PostgreSQL, and only there.
"""

from __future__ import annotations

import pytest
from django.utils import timezone

from amana.exchange.identity import NodeSecrets
from bench.filling import fill
from bench.holdings import Clock
from bench.page_table import pages
from bench.page_walk import PEOPLE, clients, opened
from tests.conftest import officer

FEW = 40


@pytest.mark.django_db(transaction=True)
def test_every_page_opens_without_a_transaction_around_it(node: NodeSecrets) -> None:
    clock = Clock(timezone.now())
    people = {name: officer(f"officer-{name}", *map(str, roles)) for name, roles in PEOPLE.items()}
    with clock.running():
        fill(FEW, people["author"], people["head"])
    browsers = clients()
    unopened = set()
    for page in pages(browsers["head"]):
        if page.name != "letter":  # takes long, and tests of its own open it
            answers = {opened(client, page.path)[1] for client in browsers.values()}
            assert max(answers) < 500, page
            unopened |= {page.name} if 200 not in answers else set()
    assert not unopened
