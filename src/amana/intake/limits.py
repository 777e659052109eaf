"""How much a file may cost: bytes, text, time, memory, parts.

Invariant: every limit is a number here and nowhere else; the child gets the same limits as its parent.
"""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one file may cost; each field says its unit."""

    max_bytes: int = 50 * MIB
    """Size of the file, bytes."""
    max_text: int = 2_000_000
    """Length of the text, characters."""
    seconds: int = 8
    """Wall clock and processor time of the child, seconds."""
    memory_bytes: int = 448 * MIB
    """Address space of the child, bytes."""
    max_pages: int = 2_000
    """Pages of a PDF."""
    max_parts: int = 1_000
    """Entries of an archive, or parts of a mail."""
    max_depth: int = 16
    """Parts within parts of a mail."""
    max_unpacked: int = 128 * MIB
    """Sum of an archive's entries when unpacked, bytes."""
    max_ratio: int = 100
    """Unpacked to packed size of an entry larger than 1 MiB."""


SEARCHED = 200_000
"""Characters from the beginning of a text in which suggestions are looked for."""

DEFAULT_LIMITS = Limits()
