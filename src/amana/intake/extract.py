"""A file becomes text: what it is, whether it is safe to read, and its words with their places.

Invariant: the same bytes and name always give the same text, and offsets in that text are the provenance of every
suggestion and statement; the bytes themselves are never changed and only ever parsed in a fenced child.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from typing import Any

from amana.intake.found import Attachment
from amana.intake.kinds import kind_of
from amana.intake.limits import DEFAULT_LIMITS, MIB, SEARCHED, Limits
from amana.intake.refusals import EmptyFile, ReaderCrashed, Refused, TooLarge
from amana.intake.runner import read_in_child

__all__ = ["Attachment", "Extracted", "Limits", "Refused", "extract"]


@dataclass(frozen=True, slots=True)
class Extracted:
    """A file's text and what stands beside it.

    `text` is NFC with LF newlines, free of invisible signs; `size` is in bytes; `language_hint` is the two letters the
    file itself states, or empty; `warnings` are stable words such as "bidi-controls-removed".
    """

    sha256: str
    size: int
    media_type: str
    text: str
    title: str
    language_hint: str
    metadata: tuple[tuple[str, str], ...]
    attachments: tuple[Attachment, ...]
    warnings: tuple[str, ...]


def extract(data: bytes, *, filename: str, limits: Limits = DEFAULT_LIMITS) -> Extracted:
    """Read a file's text. Raises a subclass of Refused for every file that is not read, or ReaderUnavailable."""
    if not data:
        raise EmptyFile
    if len(data) > limits.max_bytes:
        raise TooLarge(limit=limits.max_bytes // MIB)
    media_type = kind_of(data, filename=filename, limits=limits)
    answer = read_in_child(data, media_type=media_type, limits=limits)
    warnings = [] if "seccomp" in answer.fences else ["reader-less-fenced"]
    if len(str(answer.result.get("text", ""))) > SEARCHED:
        warnings.append("only-beginning-searched")
    return _extracted(data, media_type, answer.result, warnings, limits)


def _extracted(data: bytes, media_type: str, said: dict[str, Any], warnings: list[str], limits: Limits) -> Extracted:
    """The child's answer as a value; it parsed hostile bytes, so its form is checked."""
    try:
        found = Extracted(
            sha256=hashlib.sha256(data).hexdigest(),
            size=len(data),
            media_type=media_type,
            text=str(said["text"]),
            title=str(said["title"]),
            language_hint=str(said["language_hint"]),
            metadata=tuple((str(name), str(value)) for name, value in said["metadata"]),
            attachments=tuple(Attachment(str(a), str(b), str(c), int(d)) for a, b, c, d in said["attachments"]),
            warnings=(*(str(one) for one in said["warnings"]), *warnings),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ReaderCrashed from error
    if len(found.text) > limits.max_text or not unicodedata.is_normalized("NFC", found.text):
        raise ReaderCrashed
    return found
