"""`python -m tests.web.furnished_node`: fill AMANA_HOME's node “rabat”; print whom to come as, and where."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

import django
from django.urls.converters import get_converters

if TYPE_CHECKING:
    from django.test import Client
    from django.urls import URLResolver


def main() -> None:
    """Fill the node and print {tours: {officer: [session, {name of an address: address}]}, left: [names]}."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.quick_settings"
    django.setup()
    from django.conf import settings
    from django.test.utils import override_settings

    from tests.conftest import officer
    from tests.counterpart import Counterpart
    from tests.signing import signed_in
    from tests.web.furnished import fill
    from tests.web.rooms import Cast

    alice, omar = officer("alice", "author", "analyst"), officer("omar", "releasing-officer", "head")
    cast = Cast(alice, omar, officer("salma", "overseer"), officer("rachid", "operator"))
    officer("newcomer", "author")
    washington = Counterpart.joined("washington", "US", head=omar)
    Counterpart.joined("paris", "FR", head=omar)
    fill(cast, washington)
    told: dict[str, object] = {}
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        windows = {one.username: signed_in(one) for one in (cast.alice, cast.omar, cast.salma, cast.rachid)}
        tours = {name: tour(window, unlinked()) for name, window in windows.items()}
        walked = {name for found in tours.values() for name in found}
        told["left"] = sorted(left(walked, list(windows.values())))
    told["tours"] = {
        name: (window.cookies[settings.SESSION_COOKIE_NAME].value, tours[name]) for name, window in windows.items()
    }
    json.dump(told, sys.stdout)


def unlinked() -> list[str]:
    """Addresses to which only a key, a script or the fourth link of a list leads."""
    from django.urls import reverse

    from tests.web.furnished import titled

    names = ("find", "keys", "mfa_add_webauthn", "mfa_generate_recovery_codes", "mfa_activate_totp")
    compared, known = titled("It was corrected", 2), titled("A draft")
    return [*map(reverse, names), reverse("compare", args=[compared.uid]), reverse("compose-known", args=[known.uid])]


def tour(client: Client, more: list[str]) -> dict[str, str]:
    """The first page of each name that links lead to, and of some more addresses."""
    from django.http import HttpResponse

    from tests.web.crawler import walk

    found: dict[str, str] = {}
    answers: list[HttpResponse] = [answer for _name, _address, answer in walk(client, most=4)]
    for answer in [*answers, *(client.get(address, follow=True) for address in more)]:
        if answer.status_code == 200 and answer.headers.get("Content-Type", "").startswith("text/html"):
            asked = answer.wsgi_request  # type: ignore[attr-defined]
            found.setdefault(str(asked.resolver_match.url_name), asked.get_full_path())
    return found


def left(walked: set[str], windows: list[Client]) -> set[str]:
    """Names of addresses that nobody came to though they answer GET: with anything but “no such method”."""
    from django.urls import get_resolver, reverse

    values = {"uuid": uuid4(), "int": 987654, "str": "x", "path": "x"}
    found = set()
    for name, converters in addresses(get_resolver()):
        if name not in walked:
            address = reverse(name, kwargs={key: values[kind] for key, kind in converters.items()})
            found |= set() if any(one.get(address).status_code == 405 for one in windows) else {name}
    return found


def addresses(resolver: URLResolver) -> Iterator[tuple[str, dict[str, str]]]:
    """Every address: its name, and the kind of each part of it that changes."""
    from django.urls import URLPattern

    for one in resolver.url_patterns:
        if isinstance(one, URLPattern):
            kinds = {type(kind): word for word, kind in get_converters().items()}
            yield str(one.name), {key: kinds[type(kind)] for key, kind in one.pattern.converters.items()}
        else:
            yield from addresses(one)


if __name__ == "__main__":
    main()
