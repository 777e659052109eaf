"""The sign-ins of a demo's fictional people: kept in the demo's folder, so that it can be entered within a minute.

Invariant: codes are made from this file alone, never from a node; a folder without it, or whose nodes were not made for
an exercise, gives none. Codes are those of RFC 6238 with SHA-1, 6 digits and 30 seconds, as authenticator apps show.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import struct
import time
from collections.abc import Mapping
from pathlib import Path
from secrets import token_bytes

from amana.domain.errors import NotFound, gettext_noop

FILE = "sign-ins.json"
PERIOD_S = 30


class DemoMissing(NotFound):
    """The folder holds no demo, or nobody of that name in it."""

    code = "demo-no-sign-in"
    sentence = gettext_noop("There is no demo in %(folder)s with somebody called “%(name)s”.")


def new_secret() -> str:
    """A secret for an authenticator app: base32 of 20 bytes."""
    return base64.b32encode(token_bytes(20)).decode()


def keep_secrets(folder: Path, secrets: Mapping[str, str]) -> None:
    """Write the secrets of the demo's people into its folder, for its owner only."""
    descriptor = os.open(folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        json.dump({"exercise": True, "secrets": dict(secrets)}, file, indent=1)


def current_code(folder: Path, name: str) -> tuple[str, int]:
    """The code of a demo's person now, and how many seconds it is still shown. Raises DemoMissing."""
    try:
        kept = json.loads((folder / FILE).read_text(encoding="ascii"))
    except (FileNotFoundError, NotADirectoryError):
        kept = {}
    secret = kept.get("secrets", {}).get(name)
    if not secret or kept.get("exercise") is not True or not (folder / "demo").exists():
        raise DemoMissing(folder=folder, name=name)
    return code_at(secret, time.time()), PERIOD_S - int(time.time()) % PERIOD_S


def code_at(secret: str, at: float) -> str:
    """The code that an authenticator shows at a time in seconds since 1970."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(at) // PERIOD_S), hashlib.sha1).digest()
    place = digest[-1] & 15
    number: int = struct.unpack(">I", digest[place : place + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"
