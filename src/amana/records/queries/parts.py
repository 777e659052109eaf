"""Long lists of keys, part by part: a database takes only so many values in one question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

AT_ONCE = 500

Key = TypeVar("Key")


def in_parts(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    """The keys in their order, at most `AT_ONCE` of them at a time."""
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))
