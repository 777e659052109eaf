"""Signing in as people do, through both steps: for Django's client and for a browser.

`signed_in(alice)` is a client that went through the real door with a real second factor; nothing is switched off. A
test that wants the steps one by one uses `enrolled`, `code_of` and the pages.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time
from typing import TYPE_CHECKING, Any

from django.test import Client
from django.urls import reverse

if TYPE_CHECKING:
    from amana.records.models import User

PASSWORD = "a-long-passphrase-7"


def secret_of(name: str) -> str:
    """The secret of a test officer's authenticator: always the same, base32 of 20 bytes."""
    return base64.b32encode(hashlib.sha1(f"authenticator of {name}".encode(), usedforsecurity=False).digest()).decode()


def code_of(secret: str, *, steps: int = 0, at: float | None = None) -> str:
    """The six digits that an authenticator with this secret shows (RFC 6238), `steps` periods of 30 s away from now."""
    counter = int((time.time() if at is None else at) // 30) + steps
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", counter), hashlib.sha1).digest()
    place = digest[-1] & 15
    number: int = struct.unpack(">I", digest[place : place + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def enrolled(officer: User) -> str:
    """Give an officer the authenticator of the tests, unless one is there; returns its secret."""
    from allauth.mfa.models import Authenticator

    from amana.services.factor_key import lock_secret

    secret = secret_of(officer.username)
    data = {"secret": lock_secret(secret)}
    Authenticator.objects.get_or_create(user=officer, type="totp", defaults={"data": data})
    return secret


def fresh_code(officer: User) -> str:
    """A code that the door takes now, though this officer came in by the same one a moment ago in another window."""
    from allauth.mfa.models import Authenticator
    from django.core.cache import cache

    code = code_of(enrolled(officer))
    wrapped = Authenticator.objects.get(user=officer, type="totp").wrap()
    cache.delete(wrapped._get_used_cache_key(code))
    return code


def signed_in(officer: User, *, password: str = PASSWORD, **options: Any) -> Client:
    """A client of this officer, signed in with name, password and code; `options` are the client's."""
    client = Client(**options)
    enter(client, officer, password=password)
    return client


def enter(client: Client, officer: User, *, password: str = PASSWORD) -> None:
    """Go through both steps of the door with a client."""
    enrolled(officer)
    checks = client.handler.enforce_csrf_checks
    client.handler.enforce_csrf_checks = False
    try:
        first = client.post(reverse("sign-in"), {"login": officer.username, "password": password})
        assert first["Location"] == reverse("mfa_authenticate"), first.content.decode()[-1500:]
        second = client.post(reverse("mfa_authenticate"), {"code": fresh_code(officer)})
        assert second.status_code == 302, second.content.decode()[-1500:]
    finally:
        client.handler.enforce_csrf_checks = checks
