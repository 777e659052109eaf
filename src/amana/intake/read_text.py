"""Plain text and Markdown.

Invariant: the text is the file's characters and nothing else, so that every place in it is a place in the file.
"""

from __future__ import annotations

from amana.intake.decoding import decode
from amana.intake.found import Found
from amana.intake.limits import Limits

_LONGEST_TITLE = 160


def sample() -> bytes:
    """A small text that makes everything needed be loaded."""
    return b"# A\n"


def read_text(data: bytes, _limits: Limits) -> Found:
    """Plain text; its title is its first line when that is short. Raises WrongEncoding."""
    text, warnings = decode(data)
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return Found(text=text, title=first if len(first) <= _LONGEST_TITLE else "", warnings=warnings)


def read_markdown(data: bytes, _limits: Limits) -> Found:
    """Markdown as it is written; its title is the first heading. Raises WrongEncoding."""
    text, warnings = decode(data)
    heading = next((line.lstrip("#").strip() for line in text.splitlines() if line.startswith("#")), "")
    return Found(text=text, title=heading, warnings=warnings)
