"""What a reader hands back, before it is tidied.

Invariant: an attachment is listed by name, type, hash and size, never opened.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part of a mail or document that was listed and not read; size in bytes."""

    filename: str
    media_type: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Found:
    """A reader's raw result: the text, and what stands beside it."""

    text: str
    title: str = ""
    language_hint: str = ""
    metadata: tuple[tuple[str, str], ...] = ()
    attachments: tuple[Attachment, ...] = ()
    warnings: tuple[str, ...] = ()


def attachment(filename: str, media_type: str, content: bytes) -> Attachment:
    """An attachment of that content."""
    return Attachment(filename, media_type, hashlib.sha256(content).hexdigest(), len(content))


def language_code(tag: str | None) -> str:
    """The two letters of a language tag such as fr-MA, or nothing."""
    code = (tag or "").strip().replace("_", "-").partition("-")[0].casefold()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else ""
