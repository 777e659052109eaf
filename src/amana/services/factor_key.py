"""The node's key over people's second factors: their secrets lie in the memory only under it.

Invariant: a secret of a second factor is never written in clear; whoever has the database without the key folder holds
no factor. AES-256-GCM (NIST SP 800-38D) with a fresh 96-bit nonce for each secret.
"""

from __future__ import annotations

import contextlib
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from amana.domain.errors import Unavailable, gettext_noop
from amana.services.keys import keys_folder

_NAME = "factor-key"
_MARK = "1."
_FOR = b"amana second factor"
_NONCE = 12


class FactorUnreadable(Unavailable):
    """A second factor was locked under another key than the node has now."""

    code = "factor-unreadable"
    sentence = gettext_noop(
        "This second factor cannot be read with the node's key; have an operator reset it and set up a new one."
    )


def lock_secret(text: str) -> str:
    """A secret, locked under the node's key; a node without the key makes one first."""
    nonce = token_bytes(_NONCE)
    return _MARK + urlsafe_b64encode(nonce + AESGCM(_key()).encrypt(nonce, text.encode(), _FOR)).decode()


def unlock_secret(locked: str) -> str:
    """What `lock_secret` locked. Raises FactorUnreadable."""
    try:
        if not locked.startswith(_MARK):
            raise FactorUnreadable
        data = urlsafe_b64decode(locked.removeprefix(_MARK))
        return AESGCM(_key()).decrypt(data[:_NONCE], data[_NONCE:], _FOR).decode()
    except (InvalidTag, ValueError) as error:
        raise FactorUnreadable from error


def _key() -> bytes:
    file = keys_folder() / _NAME
    if not file.exists():
        _make(file)
    return urlsafe_b64decode(file.read_text(encoding="ascii").strip())


def _make(file: Path) -> None:
    """Write a new key under its name at once and whole; where two do so, the first one's stays."""
    own = file.with_name(f"{_NAME}.{os.getpid()}.{token_bytes(4).hex()}")
    descriptor = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as new:
        new.write(urlsafe_b64encode(token_bytes(32)))
        new.flush()
        os.fsync(new.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(own, file)
    own.unlink()
