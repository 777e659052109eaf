"""Whole numbers as they are typed into an address or a form.

Invariant: whatever is typed, nothing here raises, and no number is larger than a table's key may be.
"""

from __future__ import annotations

_LONGEST = 15  # digits: below what a row's key and an offset hold on both databases


def number_in(text: str) -> int | None:
    """The number that a text is; None where it is none, or too long to be one of ours."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST else None
