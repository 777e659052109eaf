"""`python -m tests.web.laced_node`: fill AMANA_HOME's node “rabat” with payloads; print whom to come as, and where."""

from __future__ import annotations

import json
import os
import sys

import django


def main() -> None:
    """Fill the node and print {officer: [session, [address, …]]}."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.quick_settings"
    django.setup()
    from django.conf import settings
    from django.test.utils import override_settings

    from tests.conftest import officer
    from tests.counterpart import Counterpart
    from tests.signing import signed_in
    from tests.web.laced import lace
    from tests.web.rooms import Cast

    alice, omar = officer("alice", "author", "analyst"), officer("omar", "releasing-officer", "head")
    cast = [alice, omar, officer("salma", "overseer"), officer("rachid", "operator")]
    lace(Cast(*cast), Counterpart.joined("washington", "US", head=omar))
    told = {}
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        for one in cast:
            client = signed_in(one)
            told[one.username] = (client.cookies[settings.SESSION_COOKIE_NAME].value, tour(client))
    json.dump(told, sys.stdout)


def tour(client: object) -> list[str]:
    """The pages that links lead to, up to two of each kind."""
    from django.test import Client

    from tests.web.crawler import walk

    assert isinstance(client, Client)
    return [
        address
        for _name, address, answer in walk(client, most=2)
        if answer.headers.get("Content-Type", "").startswith("text/html")
    ]


if __name__ == "__main__":
    main()
