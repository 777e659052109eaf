"""A text cut at the places that statements or suggestions point to, so that a page can mark them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; `mark` names what points to it, empty for plain text."""

    text: str
    mark: str = ""


def pieces(text: str, places: Iterable[tuple[int, int, str]]) -> list[Piece]:
    """Cut the text at (start, end, name) places. Where places overlap, the first and longest is marked."""
    found: list[Piece] = []
    at = 0
    for start, end, name in sorted(places, key=lambda one: (one[0], -one[1])):
        if start < at or end > len(text):
            continue
        if start > at:
            found.append(Piece(text[at:start]))
        found.append(Piece(text[start:end], name))
        at = end
    if at < len(text):
        found.append(Piece(text[at:]))
    return found
